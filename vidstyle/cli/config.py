"""Where settings come from: flags, above the environment, ./vidstyle.toml, the user's file, and a preset."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import typer

from vidstyle.cli.flags import flag_name
from vidstyle.cli.names import painted_in, parse_style
from vidstyle.errors import UsageError
from vidstyle.paths import exists, read_regular
from vidstyle.settings import GROUP_OF, Keys, Settings, StyleImage, did_you_mean, flatten, preset

PREFIX = "VIDSTYLE_"
KNOWN_VARIABLES = tuple(PREFIX + key.upper() for key in (*GROUP_OF, "preset", "config", "work_dir", "progress"))
"""Every environment variable that vidstyle reads."""
_LARGEST = 1 << 20
"""Bytes of a file that people write."""
KEYED = ("strength", "style_weight", "content_weight")
"""The settings that may change over time."""
LOCAL_FILE = Path("vidstyle.toml")
PROGRAMS = frozenset({"ffmpeg"})
"""Settings that name a program to run. They are never read from a file that may have come with somebody's footage."""


@dataclass(frozen=True)
class Layer:
    """The choices of one source, by the settings' own keys; the others are None where it names none.

    `shares` are those of styles that change over time, by the names of their pictures.
    """

    source: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    preset: str | None = None
    styles: tuple[StyleImage, ...] | None = None
    output: str | None = None
    shares: Mapping[str, Keys] = field(default_factory=dict)

    def with_keys(self, path: Path | None) -> Layer:
        """The layer with the keys of a file, above which its own settings stand."""
        if path is None:
            return self
        settings, shares = read_keys(path)
        return replace(self, settings={**settings, **self.settings}, shares={**shares, **self.shares})


@dataclass(frozen=True)
class Choices:
    """The choices of all sources together."""

    settings: Settings
    preset: str
    styles: tuple[StyleImage, ...]
    output: str | None
    sources: tuple[str, ...]


def resolve(flags: Layer, config: Path | None = None) -> Choices:
    """Merge the flags with the sources below them; a `config` file is read instead of ``./vidstyle.toml``.

    Raises
    ------
    UsageError
        A file that can't be read, an unknown key, a value that makes no sense; the source is named.
    """
    layers = [*map(read_file, config_files(config)), from_environment(os.environ), flags]
    name = next((layer.preset for layer in reversed(layers) if layer.preset is not None), "standard")
    merged = {key: value for layer in layers for key, value in layer.settings.items()}
    try:
        settings = preset(name).replace(**merged)
    except UsageError as error:
        raise _blame(error, layers) from error
    styles: tuple[StyleImage, ...] = next((layer.styles for layer in reversed(layers) if layer.styles), ())
    return Choices(
        settings=settings,
        preset=name,
        styles=_with_shares(styles, {name: keys for layer in layers for name, keys in layer.shares.items()}),
        output=next((layer.output for layer in reversed(layers) if layer.output is not None), None),
        sources=tuple(layer.source for layer in layers if layer != Layer(layer.source)),
    )


def _with_shares(styles: tuple[StyleImage, ...], shares: Mapping[str, Keys]) -> tuple[StyleImage, ...]:
    """The styles with shares that change over time, given by the names of their pictures."""
    names = [style.path.name for style in styles]
    for name in shares:
        if name not in names:
            raise UsageError(f"keys of the style '{name}': there is none of that name{did_you_mean(name, names)}.")
    return tuple(replace(style, weight=shares.get(style.path.name, style.weight)) for style in styles)


def read_keys(path: Path) -> tuple[dict[str, Keys], dict[str, Keys]]:
    """Keys of settings, and of styles' shares by the names of their pictures, from a TOML file.

    Raises
    ------
    UsageError
        The file can't be read, names what does not change over time, or has keys that make no sense.
    """
    if not _is_file(path):
        raise UsageError(f"the file of keys '{path}' does not exist, or may not be looked at.")
    tables = read_toml(path)
    shares = tables.pop("styles", {})
    for name in tables:
        if name not in KEYED:
            raise UsageError(
                f"{path}: '{name}' has no keys{did_you_mean(name, (*KEYED, 'styles'))}; "
                f"those that may change over time are {', '.join(KEYED)} and styles."
            )
    if not isinstance(shares, Mapping):
        raise UsageError(f"{path}: styles must be a table with a picture's name and its keys on each line.")
    settings, weights = ({name: _keys(path, name, table) for name, table in each.items()} for each in (tables, shares))
    return settings, weights


def _keys(path: Path, name: str, table: Any) -> Keys:
    try:
        if isinstance(table, str):
            return Keys.parse(table)
        if isinstance(table, Mapping):
            return Keys(table)
    except UsageError as error:
        raise UsageError(f"{path}: {name}: {error}") from error
    raise UsageError(f'{path}: {name} needs values by time, such as {name} = {{ "0s" = 0, "1s" = 1 }}.')


def user_file() -> Path:
    """The user's own config file, which need not exist."""
    return Path(typer.get_app_dir("vidstyle")) / "config.toml"


def user_programs() -> dict[str, Any]:
    """The programs that the user's file and the environment name, by their settings' keys."""
    path = user_file()
    layers = [*([read_file(path)] if _is_file(path) else []), from_environment(os.environ)]
    return {key: value for layer in layers for key, value in layer.settings.items() if key in PROGRAMS}


def data_settings(tables: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The settings in a file's tables. The paths of painted frames start from the file's folder.

    Raises
    ------
    UsageError
        A table or key is unknown, or names a program.
    """
    settings = _flat(tables, folder)
    for key in PROGRAMS & set(settings):
        raise UsageError(
            f"{key} may not stand here: a program is named by {flag_name(key)}, {PREFIX}{key.upper()} or {user_file()}."
        )
    return settings


def config_files(config: Path | None = None) -> list[Path]:
    """The config files that exist, in rising order of precedence."""
    if config is not None and not _is_file(config):
        raise UsageError(f"the config file '{config}' does not exist, or may not be looked at.")
    return [path for path in (user_file(), config or LOCAL_FILE) if _is_file(path)]


def _is_file(path: Path) -> bool:
    return exists(path) and path.is_file()


def read_file(path: Path) -> Layer:
    """The choices of a config file. The paths of style pictures start from the file's folder.

    Raises
    ------
    UsageError
        The file is not TOML, holds a key or value that makes no sense, or names a program and is not the user's.
    """
    tables = read_toml(path)
    style, output, name, keys = (tables.pop(key, None) for key in ("style", "output", "preset", "keys"))
    styles = [style] if isinstance(style, str) else style
    if styles is not None and not (isinstance(styles, list) and all(isinstance(text, str) for text in styles)):
        raise UsageError(f'{path}: style must be a list of pictures, such as ["wave.jpg", "night.jpg:0.5"].')
    for key, value in {"output": output, "preset": name, "keys": keys}.items():
        if value is not None and not isinstance(value, str):
            raise UsageError(f"{path}: {key} = {value!r} is not usable: it must be a text.")
    is_users = _is_file(user_file()) and path.samefile(user_file())
    try:
        return Layer(
            str(path),
            _user_settings(tables, path.parent) if is_users else data_settings(tables, path.parent),
            name,
            tuple(parse_style(text, path.parent) for text in styles) if styles is not None else None,
            output,
        ).with_keys(None if keys is None else path.parent / keys)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file.

    Raises
    ------
    UsageError
        The file can't be read, or is not valid TOML.
    """
    try:
        return tomllib.loads(read_regular(path, _LARGEST).decode("utf-8-sig"))
    except RecursionError:
        raise UsageError(f"{path}: not valid TOML: it is nested too deep.") from None
    except ValueError as error:
        raise UsageError(f"{path}: not valid TOML: {error}.") from error
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}.") from error


def _flat(tables: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    settings = flatten(tables)
    return settings | {key: painted_in(settings[key], folder) for key in ("painted",) if key in settings}


def _user_settings(tables: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Settings of the user's file, with relative paths of programs made absolute."""
    settings = _flat(tables, folder)
    for key in PROGRAMS & set(settings):
        name = settings[key]
        if isinstance(name, str) and len(Path(name).parts) > 1:
            settings[key] = str(folder / Path(name).expanduser())
    return settings


def from_environment(environment: Mapping[str, str]) -> Layer:
    """The choices of ``VIDSTYLE_STEPS``, ``VIDSTYLE_PRESET`` and the like; an empty variable counts as unset."""
    values = {key: environment.get(PREFIX + key.upper(), "") for key in (*GROUP_OF, "preset")}
    given = {key: value for key, value in values.items() if value}
    return Layer("the environment", given, given.pop("preset", None))


def _blame(error: UsageError, layers: list[Layer]) -> UsageError:
    """The same error, with the source named that causes it by itself."""
    for layer in layers:
        try:
            preset(layer.preset or "standard").replace(**layer.settings)
        except UsageError as cause:
            if layer is layers[-1]:  # its user wrote --style-weight, not style_weight
                keys = "|".join(layer.settings)
                return UsageError(re.sub(rf"\b({keys})(?= =)", lambda match: flag_name(match[1]), str(cause)))
            return UsageError(f"{layer.source}: {cause}")
    return error
