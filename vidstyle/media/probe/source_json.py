"""A clip's Source as JSON, so that a clip is probed once and not by every process."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import typing
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from vidstyle.errors import InputError
from vidstyle.media import demuxer
from vidstyle.media.color.display import DisplayTransform
from vidstyle.media.color.tags import Color, Mastering
from vidstyle.media.images.sequence import list_pictures, names_many_files, with_numbers
from vidstyle.media.source import Source, Stream

Stamp = list[int | str]
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
    return [size, max(status.st_mtime_ns for _, status in found), total.hexdigest()]


def to_dict(source: Source) -> dict[str, Any]:
    """What is known of a clip as plain values, but for where it lies."""
    values = dataclasses.asdict(source)
    del values["path"], values["files"]
    values |= {name: str(values[name]) for name in _fractions()}
    steps = [later - earlier for earlier, later in itertools.pairwise(source.pts)]
    # A clip of two hours has 200,000 times, mostly with one step between them.
    runs = [[step, len(list(run))] for step, run in itertools.groupby(steps)]
    return values | {"pts": {"first": source.pts[0], "steps": runs}}


def from_dict(values: dict[str, Any], path: Path) -> Source:
    """What :func:`to_dict` wrote, of a clip that lies at `path` now.

    Raises
    ------
    InputError
        The record is damaged.
    """
    try:
        pts = [values["pts"]["first"]]
        for step, count in values["pts"]["steps"]:
            pts.extend(range(pts[-1] + step, pts[-1] + step * (count + 1), step))
        read = values | {name: Fraction(values[name]) for name in _fractions()}
        return Source(
            **read
            | {
                "path": path,
                "files": with_numbers(list_pictures(path), values["numbers"])
                if values["kind"] == "sequence"
                else (path,) * (values["kind"] == "still"),
                "pts": tuple(pts),
                "warnings": tuple(values["warnings"]),
                "color": Color(**values["color"]),
                "display": DisplayTransform(**values["display"] | {"primaries": tuple(values["display"]["primaries"])}),
                "numbers": tuple(values["numbers"]),
                "window": values["window"] and tuple(values["window"]),
                "streams": tuple(Stream(**stream) for stream in values["streams"]),
                "tags": tuple((key, text) for key, text in values["tags"]),
                "metadata": tuple((key, text) for key, text in values["metadata"]),
                "mastering": Mastering(**{name: tuple(units) for name, units in values["mastering"].items()}),
            }
        )
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, OSError) as error:
        raise InputError(f"what was known of '{path}' is damaged: {error}") from error


@cache
def _fractions() -> tuple[str, ...]:
    """The names of a source's values that are fractions."""
    return tuple(name for name, hint in typing.get_type_hints(Source).items() if hint is Fraction)
