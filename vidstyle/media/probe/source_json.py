"""A clip's Source as JSON, so that a clip is probed once and not by every process."""

import dataclasses
import hashlib
import itertools
import typing
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from vidstyle.errors import InputError
from vidstyle.media import demuxer
from vidstyle.media.color.transfer import CURVES
from vidstyle.media.images.sequence import list_pictures, names_many_files, with_numbers
from vidstyle.media.source import Source
from vidstyle.schema import MOST_FRAMES, Number, Ticks, checked

Stamp = tuple[int, int, str]
"""Changes with a clip's files: their size in bytes, the latest change in nanoseconds, a hash of names and both."""


def stamp(path: Path) -> Stamp:
    """The stamp of a clip, without reading it.

    Raises
    ------
    InputError
        The clip isn't there, or can't be looked at.
    """
    try:
        files = list_pictures(path) if names_many_files(path) else (path,)
        found = [(file.name, file.stat()) for file in files]
    except OSError as error:
        raise demuxer.input_error(path, error) from error
    total = hashlib.blake2b(digest_size=8)
    if len(found) > 1:
        for name, status in found:
            total.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode(errors="surrogateescape"))
    size = sum(status.st_size for _, status in found)
    return size, max(status.st_mtime_ns for _, status in found), total.hexdigest()


def to_dict(source: Source) -> dict[str, Any]:
    """What is known of a clip as plain values, but for where it lies."""
    values = dataclasses.asdict(source)
    del values["path"], values["files"]
    values |= {name: str(values[name]) for name in _fractions()}
    steps = [later - earlier for earlier, later in itertools.pairwise(source.pts)]
    # A clip of two hours has 200,000 times, mostly with one step between them.
    runs = [[step, len(list(run))] for step, run in itertools.groupby(steps)]
    return values | {"pts": {"first": source.pts[0], "steps": runs}}


class _Times(msgspec.Struct):
    """Presentation times: the first, and steps from each to the next with how many there are of each."""

    first: Ticks
    steps: tuple[tuple[Annotated[int, Meta(ge=1, le=2**62)], Number], ...]


def from_dict(values: dict[str, Any], path: Path) -> Source:
    """What :func:`to_dict` wrote, of a clip that lies at `path` now.

    Raises
    ------
    InputError
        The record is damaged.
    """
    times = checked(values.get("pts"), _Times, path)
    if sum(count for _, count in times.steps) > MOST_FRAMES:
        raise InputError(f"what was known of '{path}' is damaged: it has too many frames.")
    steps = itertools.chain.from_iterable(itertools.repeat(step, count) for step, count in times.steps)
    pts = tuple(itertools.accumulate(steps, initial=times.first))
    source = checked(values | {"path": path, "files": (), "pts": pts}, Source, path)
    if source.kind == "sequence":
        files = with_numbers(list_pictures(path), source.numbers)
    else:
        files = (path,) * (source.kind == "still")
    rates = source.time_base, source.frame_rate, source.sample_aspect_ratio, source.frame_shape
    if min(rates) <= 0 or source.display.transfer not in CURVES:
        raise InputError(f"what was known of '{path}' is damaged: its times or its colours are none.")
    if len(files) not in (0, len(pts)) or len(source.numbers) not in (0, len(pts)):
        raise InputError(f"what was known of '{path}' is damaged: it has not as many pictures as times.")
    return dataclasses.replace(source, files=files)


@cache
def _fractions() -> tuple[str, ...]:
    """The names of a source's values that are fractions."""
    return tuple(name for name, hint in typing.get_type_hints(Source).items() if hint is Fraction)
