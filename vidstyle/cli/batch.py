"""A batch: a TOML file with clips × styles × settings, each to be planned as a job."""

from __future__ import annotations

import fnmatch
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidstyle.cli.config import Layer, data_settings, read_toml
from vidstyle.cli.names import parse_style
from vidstyle.errors import UsageError


@dataclass(frozen=True)
class Entry:
    """A clip to be painted in one way; `name` is unique in its batch."""

    name: str
    clip: Path
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
    tables = read_toml(path)
    home = path.resolve().parent
    _check_keys(path, "the file", tables, {"jobs", "output", "defaults", "paint", "override"})
    paint, overrides = tables.get("paint", []), tables.get("override", [])
    if not paint or not isinstance(paint, list) or not isinstance(overrides, list):
        raise UsageError(f"{path}: it needs tables [[paint]], each with clips and styles.")
    folder = home / str(tables.get("jobs", path.stem))
    output = home / str(tables.get("output", "."))
    if folder == path.resolve():
        raise UsageError(f'{path}: a file without a suffix needs a name for its folder: jobs = "night".')
    try:
        entries = tuple(
            entry for table in paint for entry in _entries(table, tables.get("defaults", {}), overrides, home, output)
        )
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error
    names = sorted(entry.name for entry in entries)
    for name, other in itertools.pairwise(names):
        if name == other:
            raise UsageError(f"{path}: two results would be named '{name}': give a variant of each another name.")
    return Batch(folder, output, entries)


def overlay(below: Layer, above: Layer) -> Layer:
    """Two layers as one; what both say, the upper one says."""
    return Layer(
        above.source,
        {**below.settings, **above.settings},
        above.preset or below.preset,
        above.styles or below.styles,
        above.output or below.output,
    )


def _entries(
    table: Mapping[str, Any], defaults: Mapping[str, Any], overrides: list[Any], home: Path, output: Path
) -> Iterator[Entry]:
    from vidstyle.media.encode.encoders import VIDEO_SUFFIXES

    _check_keys("[[paint]]", "it", table, {"clips", "styles", "variants", "settings"})
    blends = _listed(table, "styles") if "styles" in table else [None]
    variants = table.get("variants", {"": {}})
    for clip in _clips(_listed(table, "clips"), home):
        written = str(clip.relative_to(home)) if clip.is_relative_to(home) else str(clip)
        for blend, (variant, changes) in itertools.product(blends, variants.items()):
            layer = _layer("[defaults]", defaults, home)
            layer = overlay(layer, _layer("settings", table.get("settings", {}), home))
            if blend is not None:
                words = [blend] if isinstance(blend, str) else blend
                layer = overlay(layer, Layer("styles", styles=tuple(parse_style(str(word), home) for word in words)))
            layer = overlay(layer, _layer(f"[paint.variants.{variant}]", changes, home))
            for override in overrides:
                if any(fnmatch.fnmatch(written, pattern) for pattern in _listed(override, "clips")):
                    rest = {key: value for key, value in override.items() if key != "clips"}
                    layer = overlay(layer, _layer("[[override]]", rest, home))
            styles = "+".join(style.path.stem for style in layer.styles or ())
            name = ".".join(filter(None, (clip.stem, styles, variant)))
            suffix = clip.suffix.lower() if clip.suffix.lower() in VIDEO_SUFFIXES else ".mp4"
            yield Entry(name, clip, overlay(layer, Layer("", output=str(output / f"{name}{suffix}"))))


def _layer(where: str, table: Any, home: Path) -> Layer:
    """A table with settings as in ``vidstyle.toml``, a preset, and styles to be blended."""
    if not isinstance(table, Mapping):
        raise UsageError(f"{where} must be a table.")
    rest = dict(table)
    style, name = rest.pop("style", None), rest.pop("preset", None)
    words = [style] if isinstance(style, str) else style
    try:
        styles = tuple(parse_style(str(word), home) for word in words) if words else None
        return Layer(where, data_settings(rest), name, styles)
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from error


def _clips(patterns: list[Any], home: Path) -> list[Path]:
    """The files that names and globs stand for, each once, in the order of the patterns."""
    found: dict[Path, None] = {}
    for pattern in map(str, patterns):
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


def _listed(table: Any, key: str) -> list[Any]:
    value = table.get(key) if isinstance(table, Mapping) else None
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not values:
        raise UsageError(f"{key} must be a name or a list of names.")
    return values


def _check_keys(where: object, whose: str, table: Any, known: set[str]) -> None:
    unknown = sorted(set(table) - known) if isinstance(table, Mapping) else ["it"]
    if unknown:
        raise UsageError(f"{where}: {whose} may hold {', '.join(sorted(known))}, not {', '.join(unknown)}.")
