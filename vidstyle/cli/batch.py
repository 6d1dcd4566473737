"""A batch: a TOML file with clips × styles × settings, each to be planned as a job."""

from __future__ import annotations

import fnmatch
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from vidstyle.cli.config import Layer, data_settings, read_toml
from vidstyle.cli.names import kept_apart, parse_style
from vidstyle.errors import InputError, UsageError
from vidstyle.schema import checked

_Names = str | Annotated[list[str], Meta(min_length=1)]


class _Paint(msgspec.Struct, forbid_unknown_fields=True):
    """Clips, and the ways in which each is painted: styles (several names are a blend) × variants of settings."""

    clips: _Names
    styles: Annotated[list[_Names], Meta(min_length=1)] | None = None
    variants: dict[str, dict[str, Any]] = msgspec.field(default_factory=lambda: {"": {}})
    settings: dict[str, Any] = {}


class _File(msgspec.Struct, forbid_unknown_fields=True):
    paint: Annotated[list[_Paint], Meta(min_length=1)]
    jobs: str = ""
    output: str = "."
    defaults: dict[str, Any] = {}
    override: list[dict[str, Any]] = []


@dataclass(frozen=True)
class Entry:
    """A clip to be painted in one way; `name` is unique in its batch."""

    name: str
    clip: Path
    output: Path
    layer: Layer


@dataclass(frozen=True)
class Batch:
    """What a batch's file asks for: where the job folders go, and where the results."""

    folder: Path
    output: Path
    entries: tuple[Entry, ...]


def read_batch(path: Path) -> Batch:
    """Read a batch's file. Relative paths start from the folder it is in.

    Raises
    ------
    UsageError
        The file is not TOML, holds a key or value that makes no sense, names no clip, or gives two results one name.
    """
    try:
        asked = checked(read_toml(path), _File, path, "is no batch")
    except InputError as error:
        raise UsageError(str(error)) from error
    home = path.resolve().parent
    folder, output = home / (asked.jobs or path.stem), home / asked.output
    if folder == path.resolve():
        raise UsageError(f'{path}: a file without a suffix needs a name for its folder: jobs = "night".')
    try:
        entries = [entry for paint in asked.paint for entry in _entries(paint, asked, home)]
        names = kept_apart([entry.output.name for entry in entries], [entry.clip for entry in entries])
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error
    placed = []
    for entry, name in zip(entries, names, strict=True):
        target = output / name
        layer = overlay(entry.layer, Layer("", output=str(target)))
        placed.append(Entry("-".join((*name.parent.parts, entry.name)), entry.clip, target, layer))
    return Batch(folder, output, tuple(placed))


def overlay(below: Layer, above: Layer) -> Layer:
    """Two layers as one; what both say, the upper one says."""
    return Layer(
        above.source,
        {**below.settings, **above.settings},
        above.preset or below.preset,
        above.styles or below.styles,
        above.output or below.output,
        {**below.shares, **above.shares},
    )


def _entries(paint: _Paint, asked: _File, home: Path) -> Iterator[Entry]:
    from vidstyle.media.encode.encoders import VIDEO_SUFFIXES
    from vidstyle.media.images.pattern import unpatterned
    from vidstyle.media.images.pictures import IMAGE_SUFFIXES
    from vidstyle.media.images.stills import WRITABLE_SUFFIXES

    blends: Sequence[_Names | None] = paint.styles or (None,)
    for clip in _clips(_listed(paint.clips), home):
        written = str(clip.relative_to(home)) if clip.is_relative_to(home) else str(clip)
        for blend, (variant, changes) in itertools.product(blends, paint.variants.items()):
            layer = overlay(_layer("[defaults]", asked.defaults, home), _layer("settings", paint.settings, home))
            if blend is not None:
                styles = tuple(parse_style(word, home) for word in _listed(blend))
                layer = overlay(layer, Layer("styles", styles=styles))
            layer = overlay(layer, _layer(f"[paint.variants.{variant}]", changes, home))
            for override in asked.override:
                rest = dict(override)
                if any(fnmatch.fnmatch(written, pattern) for pattern in _listed(rest.pop("clips", []))):
                    layer = overlay(layer, _layer("[[override]]", rest, home))
            named = "+".join(style.path.stem for style in layer.styles or ())
            name = ".".join(filter(None, (clip.stem, named, variant)))
            suffix = clip.suffix.lower()
            still = suffix in IMAGE_SUFFIXES and suffix not in VIDEO_SUFFIXES and clip.is_file()
            writable, usual = (WRITABLE_SUFFIXES, ".png") if still else (VIDEO_SUFFIXES, ".mp4")
            yield Entry(name, clip, Path(unpatterned(f"{name}{suffix if suffix in writable else usual}")), layer)


def _layer(where: str, table: Mapping[str, Any], home: Path) -> Layer:
    """A table with settings as in ``vidstyle.toml``, a preset, styles to be blended, and a file of keys."""
    rest = dict(table)
    style, name, keys = (rest.pop(key, None) for key in ("style", "preset", "keys"))
    try:
        styles = tuple(parse_style(str(word), home) for word in _listed(style)) if style else None
        layer = Layer(where, data_settings(rest, home), None if name is None else str(name), styles)
        return layer.with_keys(None if keys is None else home / str(keys))
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from error


def _clips(patterns: Iterable[str], home: Path) -> list[Path]:
    """The files that names and globs stand for, each once, in the order of the patterns."""
    found: dict[Path, None] = {}
    for pattern in patterns:
        path = home / pattern
        if path.exists():
            found[path] = None
            continue
        root = Path(path.anchor)
        matches = sorted(root.glob(str(path.relative_to(root)))) if set(pattern) & set("*?[") else []
        if not matches:
            raise UsageError(f"clips: nothing is named '{pattern}'.")
        found.update(dict.fromkeys(matches))
    return list(found)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
