"""What the studio asks of the command line, which is above it and hands itself in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vidstyle.settings import Settings, StyleImage


@dataclass(frozen=True)
class CommandLine:
    """The command line's own ways, so that both do the same.

    Attributes
    ----------
    program
        What runs it in a process of its own.
    preset
        The one that holds where none is asked for.
    words
        The words of the command that paints a clip in these styles, with a preset and settings by their keys.
    resolve
        The settings that such a command has, files and environment included; UsageError where one makes no sense.
    name_output
        What such a command calls its output, of a clip and styles; of a single picture if `still`.
    help
        What a setting does, by its key.
    duration
        Seconds in words.
    """

    program: tuple[str, ...]
    preset: str
    words: Callable[[Path, Sequence[StyleImage], Mapping[str, str], str], list[str]]
    resolve: Callable[[Mapping[str, str], str], Settings]
    name_output: Callable[[Path, Sequence[StyleImage], bool], str]
    help: Callable[[str], str]
    duration: Callable[[float], str]
