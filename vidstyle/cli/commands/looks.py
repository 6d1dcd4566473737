"""``vidstyle looks``: frames of a clip in many looks, to choose one by."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from vidstyle.cli import options
from vidstyle.cli.config import Layer, config_files, resolve
from vidstyle.cli.flags import FILES, FLAGS, LOOK, RUN, SOLVER
from vidstyle.cli.names import parse_style
from vidstyle.cli.painting_words import painting_words
from vidstyle.errors import UsageError
from vidstyle.printable import shell_words
from vidstyle.settings import GROUP_OF, did_you_mean

if TYPE_CHECKING:
    from vidstyle.jobs.progress import Progress
    from vidstyle.looks.board import Look

_OF_CLIPS = ("size", "fps", "colorspace", "ocio", "max_megapixels")
_VARIED = tuple(key for key, flag in FLAGS.items() if flag.panel in (LOOK, SOLVER) and key != "steps")
"""Settings that show in a single frame."""
LOOK_SETTINGS = {
    key: flag for key, flag in options.SETTINGS.items() if key in _OF_CLIPS or FLAGS[key].panel in (LOOK, SOLVER, RUN)
}


@options.command(LOOK_SETTINGS)
def looks(
    clip: Annotated[Path, options.path_argument("CLIP", "A video, numbered pictures, or a picture.")],
    *,
    style: options.Style = None,
    vary: Annotated[
        list[str] | None,
        options.option(
            "--vary", "KEY=V,V,…", "What to try, such as style_weight=5,20,60; of several, every combination.", LOOK
        ),
    ] = None,
    at: Annotated[
        list[str] | None,
        options.option("--at", "TIME", "Which frame: 1.5s, a timecode or a number; without it, the middle.", FILES),
    ] = None,
    output: Annotated[
        Path | None, options.path_option("--output -o", "FILE", "The sheet; without it, clip.looks.png here.", FILES)
    ] = None,
    report: Annotated[
        Path | None, options.path_option("--report", "FILE", "A page to compare the looks in.", FILES)
    ] = None,
    preset: options.Preset = None,
    yes: options.Yes = False,
    config: options.Config = None,
    display: options.Display,
    **settings: str,
) -> None:
    """Paint a frame in every combination of styles and settings, to choose a look by.

    It is small, coarse at first and then fine: --size 320. What is chosen looks like that in any size.
    """
    from vidstyle.cli.follow import follow
    from vidstyle.cli.show.failures import Interrupted
    from vidstyle.cli.show.progress import show_progress
    from vidstyle.cli.show.words import duration, plural
    from vidstyle.looks.looks import paint_looks
    from vidstyle.media.output.destination import check_not_input

    reporter = display.reporter()
    with show_progress(reporter) as show:
        words = style or []
        if not words:
            above = resolve(Layer("the command line", settings, preset), config)
            if not above.styles:
                raise UsageError("no style is named: add --style and a picture, several times for several.")
            words = [str(one.path) for one in above.styles]
        axes = _axes(vary or [])
        grid = _grid(clip, words, axes, Layer("the command line", settings, preset), config)
        sheet = output or Path(f"{clip.stem}.looks.png")
        check_not_input([path for path in (sheet, report) if path], config_files(config))
        shown = [values for _, values in axes if len(values) > 1]
        columns = len(shown[-1]) if shown and len(grid) > len(shown[-1]) and len(shown[-1]) <= 6 else None
        run = paint_looks(clip, grid, at or [], sheet, report=report, columns=columns, overwrite=yes)
        names, count = " and ".join(str(path) for path in (sheet, report) if path), plural(len(grid), "look")
        seen = False

        def told(news: Progress) -> None:
            nonlocal seen
            seen = seen or news.kind == "look"
            show(news)

        try:
            last = follow(run, told, reporter, grace=0)
        except Interrupted as stopped:
            where = f"{names} as far as {count} had come, and whole" if seen else "before there was a look to be seen"
            again = ". The same command with -y begins anew." if seen else "."
            raise Interrupted(stopped.exit_code, f"stopped: {where}{again}") from None
        if last is not None and last.output is not None:
            reporter.say(f"{names}: {count}, in {duration(last.seconds)}", "bold green")


def _axes(vary: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """The settings to try, with their values."""
    axes: dict[str, tuple[str, ...]] = {}
    for text in vary:
        name, equals, listed = text.partition("=")
        key = name.strip().lstrip("-").replace("-", "_")
        values = tuple(dict.fromkeys(value.strip() for value in listed.split(",") if value.strip()))
        if not equals or not values:
            raise UsageError(f"--vary '{text}' is not understood: write style_weight=5,20,60.")
        if key in axes:
            raise UsageError(f"--vary {key} is there twice: write all of its values in one.")
        if key != "preset" and key not in _VARIED:
            known = (*_VARIED, "preset")
            why = "does not show in a single frame" if key in GROUP_OF else f"is no setting{did_you_mean(key, known)}"
            raise UsageError(f"--vary {text}: '{key}' {why}.")
        axes[key] = values
    return list(axes.items())


def _grid(
    clip: Path, styles: Sequence[str], axes: Sequence[tuple[str, tuple[str, ...]]], flags: Layer, config: Path | None
) -> list[Look]:
    """Every combination, with the command that paints the film so."""
    from vidstyle.looks.board import Look

    found = []
    for word, *values in itertools.product(dict.fromkeys(styles), *(values for _, values in axes)):
        changes = dict(zip((key for key, _ in axes), values, strict=True))
        picture = parse_style(word)
        if picture.mask is not None:
            raise UsageError(f"--style {word}: a look is of the whole frame, so name the picture without its mask.")
        preset = changes.get("preset", flags.preset)
        asked = {**flags.settings, **{key: value for key, value in changes.items() if key != "preset"}}
        choices = resolve(Layer(flags.source, asked, preset, (picture,)), config)
        words = (picture.path.name, *(f"{key.replace('_', ' ')} {value}" for key, value in changes.items()))
        shown = words[1:] if len(styles) == 1 and len(words) > 1 else words
        asked_of_films = {key: value for key, value in asked.items() if key != "size" and FLAGS[key].panel != RUN}
        command = shell_words(painting_words(clip, [picture], asked_of_films, preset, config))
        found.append(Look((picture,), choices.settings, shown, command))
    return found
