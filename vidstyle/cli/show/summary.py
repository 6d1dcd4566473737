"""Summaries: what a run will do, and what it did."""

from collections.abc import Iterator
from pathlib import Path

from vidstyle.cli.config import Choices
from vidstyle.cli.flags import text_of
from vidstyle.cli.show.words import byte_count, duration, plural
from vidstyle.jobs.progress import Progress
from vidstyle.settings import Settings


def summary(clip: Path, choices: Choices, output: Path, *, verbose: bool) -> Iterator[str]:
    """Lines about the clip, the styles, the output, and the settings: those that are not default, or all."""
    yield f"clip      {clip}"
    for style in choices.styles:
        yield f"style     {style.path}" + (f" × {style.weight:g}" if len(choices.styles) > 1 else "")
    yield f"output    {output}"
    yield f"settings  {', '.join([choices.preset, *_settings(choices.settings, verbose)])}"
    if verbose and choices.sources:
        yield f"from      {', '.join(choices.sources)}"


def finished(done: Progress, seconds: float) -> str:
    """The output, its size, and how long it took."""
    size, frames = byte_count(done.bytes or 0), plural(done.frames_total, "frame")
    return f"{done.output}: {size}, {frames}, in {duration(seconds)}"


def _settings(settings: Settings, everything: bool) -> list[str]:
    defaults, chosen = Settings().to_dict(), settings.to_dict()
    return [
        f"{key} {text_of(value)}"
        for group, table in chosen.items()
        for key, value in table.items()
        if everything or defaults[group].get(key) != value
    ]
