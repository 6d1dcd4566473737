"""``vidstyle measure``: how steady, sharp, well painted and true to its clip an output is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from vidstyle.cli import options
from vidstyle.cli.flags import FILES, JOB
from vidstyle.cli.names import parse_style
from vidstyle.cli.options import option, path_option
from vidstyle.settings import Settings

if TYPE_CHECKING:
    from rich.table import Table

    from vidstyle.cli.show.reporter import Reporter
    from vidstyle.jobs.progress import Progress
    from vidstyle.measure.results import Study


_SETTINGS = ("frames", "start", "limit", "max_megapixels", "style_scale", "flow", "cuts", "device", "threads")


@options.command({key: options.setting(key) for key in _SETTINGS})
def measure(
    output: Annotated[Path, options.path_argument("OUTPUT", "The painted video, or numbered pictures.")],
    against: Annotated[Path, path_option("--against", "CLIP", "The clip that was painted.", FILES)],
    style: Annotated[
        list[str] | None,
        option("--style -s", "IMG[:WEIGHT]", "Style picture; without it, that of the output's job folder.", FILES),
    ] = None,
    compare: Annotated[
        Path | None, path_option("--compare", "OTHER", "Second output, to compare with the first.", FILES)
    ] = None,
    report: Annotated[
        Path | None, path_option("--report", "FILE", "HTML page to write, with film, curves and pictures.", FILES)
    ] = None,
    first: Annotated[
        int | None, option("--first", "N", "Frame of the clip that the output begins with, if not the first.", FILES)
    ] = None,
    every: Annotated[
        int, option("--every", "N", "Measure style and content in every Nth frame. [dim](5)[/dim]", FILES)
    ] = 5,
    stills: Annotated[
        int, option("--stills", "N", "Paint N frames as stills, to compare what can be read in them.", FILES)
    ] = 0,
    yes: Annotated[bool, options.switch("--yes -y", "Replace the report if it exists.", FILES)] = False,
    work_dir: Annotated[
        Path | None, path_option("--work-dir", "DIR", "The output's job folder, if it is not beside it.", JOB)
    ] = None,
    progress: options.Progress = "auto",
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
    **settings: str,
) -> None:
    """Measure how steady, sharp, well painted and true to its clip an output is, whatever tool made it.

    docs/measures.md says what each figure means.
    """
    from vidstyle.cli.show.progress import json_lines, show_progress
    from vidstyle.cli.show.reporter import reporter_for
    from vidstyle.cli.show.words import byte_count

    reporter = reporter_for(progress, quiet=quiet)
    failures = json_lines(reporter) if json else contextlib.nullcontext()
    with failures, show_progress(reporter) as show:
        styles = tuple(map(parse_style, style or ()))

        from vidstyle.measure.measure import measure as run  # brings torch, which takes seconds

        study = _followed(
            run(
                output,
                against,
                styles,
                Settings().replace(**settings),
                compare=compare,
                first=first,
                every=every,
                stills=stills,
                work_dir=work_dir,
                report=report,
                overwrite=yes,
            ),
            show,
            reporter,
        )
    if json:
        _emit(study)
    else:
        _print(study)
    if report is not None:
        reporter.say(f"{report}: {byte_count(report.stat().st_size)}", "bold green")


def _followed(run: Generator[Progress, None, Study], show: Callable[[Progress], None], reporter: Reporter) -> Study:
    """Go through a measurement, tell people how far it is, and give what it found."""
    from vidstyle.generators import Run

    for news in (measuring := Run(run)):
        if news.message:
            reporter.say(news.message, "yellow" if news.kind == "warning" else "")
        show(news)
    return measuring.result


def _emit(study: Study) -> None:
    """All that was found, a JSON object a line: each frame, each shot, the whole clip, of one output after another."""
    from vidstyle.cli.show.progress import emit
    from vidstyle.measure.results import plain_values
    from vidstyle.measure.verdicts import verdicts

    for found in study.outputs:
        for frame in found.frames:
            emit({"type": "frame", "output": found.name, **plain_values(frame)})
        for number, shot in enumerate(found.shots, 1):
            emit({"type": "shot", "output": found.name, "shot": number, **plain_values(shot)})
        judged = [vars(verdict) for verdict in verdicts(found.whole)]
        emit({"type": "clip", "output": found.name, **plain_values(found.whole), "verdicts": judged})


def _print(study: Study) -> None:
    """The figures of the whole clip on stdout, and of its shots where there are several."""
    from vidstyle.cli.show.terminal import Terminal

    console = Terminal(stderr=False)
    console.print(_verdicts(study))
    console.print(_figures(study))
    if len(study.shots) > 1:
        console.print(_shots(study))


def _verdicts(study: Study) -> Table:
    from rich.table import Table
    from rich.text import Text

    from vidstyle.measure.verdicts import verdicts

    colours = {"good": "green", "fair": "yellow", "poor": "bold red"}
    table = Table.grid(padding=(0, 2))
    for label, found in zip(study.footage.labels[1:], study.outputs, strict=True):
        table.add_row(Text(label, "bold"))
        for verdict in verdicts(found.whole):
            table.add_row(
                f"  {verdict.aspect}", Text(verdict.word, colours[verdict.grade]), Text(verdict.sentence, "dim")
            )
    return table


def _figures(study: Study) -> Table:
    from rich.table import Table
    from rich.text import Text

    from vidstyle.measure.rows import ROWS

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", no_wrap=True)
    for label in study.footage.labels[1:]:
        table.add_column(label, justify="right", overflow="fold")
    table.add_column("", style="dim")
    group = ""
    for row in ROWS:
        texts = [row.text(found.whole) for found in study.outputs]
        if any(text is not None for text in texts):
            if row.group != group:
                table.add_row()
                table.add_row(Text(row.group, "bold"))
                group = row.group
            table.add_row(Text(f"  {row.label}"), *(text or "–" for text in texts), Text(row.hint))
    return table


def _shots(study: Study) -> Table:
    """The few figures that tell one shot from another."""
    from rich.table import Table
    from rich.text import Text

    from vidstyle.measure.rows import factor, plain, scientific, signed

    heads = ["shot", "frames", "warp error", "× carried", "difference", "sharpness"]
    heads += ["Wasserstein", "content", "drift L*"]
    table = Table(*heads, box=None, pad_edge=False, header_style="bold")
    for label, found in zip(study.footage.labels[1:], study.outputs, strict=True):
        if len(study.outputs) > 1:
            table.add_row(Text(label, "bold"))
        for number, shot in enumerate(found.shots, 1):
            cells = (
                scientific(shot.warp[1].output),
                factor(shot.warp[1].over_carried),
                plain(shot.difference),
                factor(shot.sharpness),
                plain(shot.style.wasserstein if shot.style else None),
                plain(shot.content),
                signed(shot.drift.lightness),
            )
            table.add_row(str(number), f"{shot.first}-{shot.last}", *(cell or "–" for cell in cells))
    return table
