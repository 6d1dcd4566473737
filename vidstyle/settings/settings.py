"""All settings of a run in one value, and how they are read from tables and text."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from vidstyle.errors import UsageError
from vidstyle.settings.groups import (
    HALF_WEIGHT,
    FrameWeights,
    MediaSettings,
    MotionSettings,
    NetworkSettings,
    ObjectiveSettings,
    RunSettings,
    SolveSettings,
)
from vidstyle.settings.keys import Keys, value_at, values_of
from vidstyle.settings.objectives import OBJECTIVES

SWITCH = ("off", "on")
"""The values of a setting that is a switch on the command line, and false or true in a file."""


@dataclass(frozen=True)
class Settings:
    """All settings of a run.

    Raises
    ------
    UsageError
        A value out of its range, or two that contradict each other.
    """

    network: NetworkSettings = field(default_factory=NetworkSettings)
    objective: ObjectiveSettings = field(default_factory=ObjectiveSettings)
    solve: SolveSettings = field(default_factory=SolveSettings)
    motion: MotionSettings = field(default_factory=MotionSettings)
    media: MediaSettings = field(default_factory=MediaSettings)
    run: RunSettings = field(default_factory=RunSettings)

    def __post_init__(self) -> None:
        if not self.motion.max_inbetweens:
            return
        if self.objective.objective == "ruder2016":
            raise UsageError(
                "max_inbetweens must be 0 with the objective ruder2016, which solves every frame as published."
            )
        if self.objective.temporal_frames[0] != 1:
            raise UsageError(
                "temporal_frames must begin with 1 where max_inbetweens is above 0: what lies between two solved "
                "frames is carried from both. Take 1,2,4, or max_inbetweens = 0."
            )

    def replace(self, **values: Any) -> Settings:
        """The settings with some values replaced, each named by its unique key.

        >>> Settings().replace(steps=20, flow="none").solve.steps
        20
        """
        if values.get("objective", self.objective.objective) != self.objective.objective:
            # Weights mean nothing across objectives: each brings its own.
            values = {**OBJECTIVES.get(str(values["objective"]), {}), **values}
        if values.get("flow") == "none" != self.motion.flow:
            values = {"max_inbetweens": 0, **values}  # without motion nothing can be warped
        groups: dict[str, Any] = {}
        for key, value in values.items():
            group = GROUP_OF.get(key)
            if group is None:
                raise UsageError(f"there is no setting named '{key}'{did_you_mean(key, GROUP_OF)}.")
            groups.setdefault(group, {})[key] = _coerce(group, key, value)
        return dataclasses.replace(
            self, **{name: dataclasses.replace(getattr(self, name), **changes) for name, changes in groups.items()}
        )

    def at(self, index: int) -> FrameWeights:
        """The weights of the frame with that index in the clip; keys must stand at frames (:meth:`mapped_keys`)."""
        objective, strongest = self.objective, self.strongest_weights
        return dataclasses.replace(
            strongest,
            content=value_at(objective.content_weight, index, strongest.style / HALF_WEIGHT),
            style=value_at(objective.style_weight, index, strongest.content * HALF_WEIGHT),
        )

    @property
    def strongest_weights(self) -> FrameWeights:
        """Those with which there is most style: its greatest weight, and the content's least."""
        objective = self.objective
        return FrameWeights(
            content=min(values_of(objective.content_weight)),
            style=max(values_of(objective.style_weight)),
            temporal=objective.temporal_weight,
            tv=objective.tv_weight,
            detail=objective.detail_weight,
        )

    def mapped_keys(self, change: Callable[[Keys], Keys]) -> Settings:
        """The settings with `change` made to all keys, such as :meth:`Keys.in_frames`.

        Raises
        ------
        UsageError
            That of `change`, with the setting named.
        """
        changed = {}
        for key in GROUP_OF:
            if isinstance(value := self.get(key), Keys):
                try:
                    changed[key] = change(value)
                except UsageError as error:
                    raise UsageError(f"{key}: {error}") from error
        return self.replace(**changed)

    def get(self, key: str) -> Any:
        """The value of a setting by its unique key."""
        return getattr(getattr(self, GROUP_OF[key]), key)

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Plain tables of plain values, as JSON and TOML take them; None is left out."""
        return {
            group.name: {
                key: list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Keys) else value
                for key, value in vars(getattr(self, group.name)).items()
                if value is not None
            }
            for group in dataclasses.fields(self)
        }


def flatten(tables: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in tables such as :meth:`Settings.to_dict` makes, by their unique key.

    Keys may also stand outside a table.

    Raises
    ------
    UsageError
        An unknown table or key.
    """
    flat: dict[str, Any] = {}
    for name, value in tables.items():
        if isinstance(value, Mapping):
            if name not in {group.name for group in dataclasses.fields(Settings)}:
                raise UsageError(f"there is no settings table named [{name}].")
            for key, inner in value.items():
                if GROUP_OF.get(key) != name:
                    raise UsageError(f"there is no setting '{key}' in [{name}]{did_you_mean(key, GROUP_OF)}.")
                flat[key] = inner
        elif name not in GROUP_OF:
            raise UsageError(f"there is no setting named '{name}'{did_you_mean(name, GROUP_OF)}.")
        else:
            flat[name] = value
    return flat


def from_dict(tables: Mapping[str, Any]) -> Settings:
    """Settings from tables, with defaults for the others; see :func:`flatten`.

    Raises
    ------
    UsageError
        An unknown table or key, a value of the wrong type or out of range.
    """
    return Settings().replace(**flatten(tables))


GROUP_OF: Mapping[str, str] = types.MappingProxyType(
    {
        key.name: group.name
        for group in dataclasses.fields(Settings)
        for key in dataclasses.fields(typing.get_type_hints(Settings)[group.name])
    }
)
"""The group each setting belongs to."""

_HINTS = {name: typing.get_type_hints(cls) for name, cls in typing.get_type_hints(Settings).items()}


def choices(key: str) -> tuple[str, ...]:
    """The values of a setting, if it takes only a few; else empty.

    >>> choices("pooling")
    ('max', 'average')
    """
    hint = _HINTS[GROUP_OF[key]][key]
    return typing.get_args(hint) if typing.get_origin(hint) is Literal else ()


def _coerce(group: str, key: str, value: Any) -> Any:
    """The value in its setting's type, from text or from what TOML made of it."""
    hint = _HINTS[group][key]
    options = typing.get_args(hint) if typing.get_origin(hint) is types.UnionType else (hint,)
    if value is None and types.NoneType in options:
        return None
    hint = options[0]
    if Keys in options and (isinstance(value, Keys) or (isinstance(value, str) and "@" in value)):
        try:
            return value if isinstance(value, Keys) else Keys.parse(value)
        except UsageError as error:
            raise UsageError(f"{key} = '{value}': {error}") from None
    try:
        if typing.get_origin(hint) is Literal:
            if isinstance(value, bool) and typing.get_args(hint) == SWITCH:
                value = SWITCH[value]
            if value not in typing.get_args(hint):
                raise UsageError(f"{key} = '{value}' is not known: take {', '.join(map(str, typing.get_args(hint)))}.")
            return value
        if typing.get_origin(hint) is tuple:
            inner = typing.get_args(hint)[0]
            parts = [part.strip() for part in value.split(",") if value.strip()] if isinstance(value, str) else value
            return tuple(inner(part) for part in parts)
        if isinstance(value, bool) or (hint is int and isinstance(value, float) and not value.is_integer()):
            raise ValueError
        if hint is str and isinstance(value, (list, dict)):
            raise ValueError
        return hint(value)
    except (TypeError, ValueError, OverflowError):
        wanted = {int: "a whole number", float: "a number", str: "a text"}.get(hint, "a list")
        raise UsageError(f"{key} = {value!r} is not usable: it must be {wanted}.") from None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """What to put after an unknown word in a sentence: the known one that it is most like, if there is such."""
    import difflib  # only on the way to an error

    close = difflib.get_close_matches(word, list(known), 1)
    return f" (did you mean '{close[0]}'?)" if close else ""
