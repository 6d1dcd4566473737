"""What will be done, before it starts, and what was done, once it is over."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table

from vidstyle.cli.config import Choices
from vidstyle.cli.options import text_of
from vidstyle.cli.words import duration, file_size, plural
from vidstyle.settings import Settings


def summary(clip: Path, choices: Choices, output: Path, *, verbose: bool) -> Table:
    """The clip, the styles, the output, and the settings that are not the usual ones (all, if `verbose`)."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row("clip", str(clip))
    for number, style in enumerate(choices.styles):
        share = f" × {style.weight:g}" if len(choices.styles) > 1 else ""
        table.add_row("" if number else "style", f"{style.path}{share}")
    table.add_row("output", str(output))
    table.add_row("settings", ", ".join([choices.preset, *_settings(choices.settings, verbose)]))
    if verbose and choices.sources:
        table.add_row("from", ", ".join(choices.sources))
    return table


def finished(output: Path, frames: int, seconds: float) -> str:
    """Where the output is, how large, and how long it took."""
    return f"{output}: {file_size(output)}, {plural(frames, 'frame')}, in {duration(seconds)}"


def _settings(settings: Settings, everything: bool) -> list[str]:
    usual, chosen = Settings().to_dict(), settings.to_dict()
    return [
        f"{key} {text_of(value)}"
        for group, table in chosen.items()
        for key, value in table.items()
        if everything or usual[group].get(key) != value
    ]
