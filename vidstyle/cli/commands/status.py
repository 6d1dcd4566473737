"""``vidstyle status``: what is done of each job and each shot."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from vidstyle.cli import options
from vidstyle.cli.flags import DISPLAY
from vidstyle.cli.show.work import account, work_rows

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import RenderableType

    from vidstyle.farm.status import JobStatus, Work

_COLOURS = {"done": "green", "running": "cyan", "failed": "bold red", "lost": "bold red", "stopped": "yellow"}


@options.command()
def status(
    folder: options.JobFolders,
    watch: Annotated[
        bool, options.switch("--watch", "Look again until everything is done; Ctrl-C ends it.", DISPLAY)
    ] = False,
    interval: Annotated[
        float, options.option("--interval", "SECONDS", "With --watch: how often. [dim](2)[/dim]", DISPLAY, min=0.1)
    ] = 2.0,
    page: options.Page = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Show what is done, running (where, and since when), failed (and why), and how long the rest will take.

    It reads files only, so any machine that sees the folder can tell, whatever engine is at work.
    """
    from vidstyle.cli.show.progress import emit

    looks = _looks(folder, watch, interval)
    if page is not None:
        looks = _paged(looks, folder, page)
    if json:
        seen: set[str] = set()
        for clips in looks:
            for line in (*itertools.chain.from_iterable(map(_lines, clips)), *_all_lines(clips)):
                if str(line) not in seen:  # with --watch, what is new
                    seen.add(str(line))
                    emit(line)
        return
    _show(looks, watch)


def _paged(looks: Iterator[list[JobStatus]], folder: Path, page: Path) -> Iterator[list[JobStatus]]:
    """The same looks, each of which is drawn on a page."""
    from vidstyle.cli.page.jobs import JobsPage

    shown: JobsPage | None = None
    try:
        for clips in looks:
            shown = shown or JobsPage(page, folder, [clip.job for clip in clips])
            shown.draw(clips)
            yield clips
    finally:
        if shown is not None:
            shown.close()


def _show(looks: Iterator[list[JobStatus]], watch: bool) -> None:
    from rich.live import Live

    from vidstyle.cli.show.terminal import Terminal

    console = Terminal()
    if watch and console.is_terminal:
        with Live(console=console, auto_refresh=False, vertical_overflow="visible") as live:
            for clips in looks:
                live.update(_table(clips), refresh=True)
        return
    before = None
    for clips in looks:
        if (now := [[shot.work.state for shot in clip.shots] + [clip.state] for clip in clips]) != before:
            console.print(_table(clips), soft_wrap=not console.is_terminal)
            before = now


def _looks(folder: Path, watch: bool, interval: float) -> Iterator[list[JobStatus]]:
    import time

    from vidstyle.farm.status import Watch

    looking = Watch(folder)
    while True:
        clips = looking.look()
        yield clips
        if not watch or all(clip.state == "done" for clip in clips):
            return
        time.sleep(interval)


def _lines(clip: JobStatus) -> Iterator[dict[str, Any]]:
    about = {"job": str(clip.job.folder)}
    for shot in clip.shots:
        numbers = {"shot": shot.number, "frames_done": shot.frames_done, "frames_total": shot.frames_total}
        yield {"type": "shot", **about, **numbers, **_facts(shot.work)}
    yield {"type": "assembly", **about, **_facts(clip.assembly)}
    yield {
        "type": "job",
        **about,
        "clip": str(clip.job.source_path),
        "output": str(clip.job.output),
        "state": clip.state,
        "shots": len(clip.shots),
        "shots_done": sum(shot.work.state == "done" for shot in clip.shots),
        "frames_done": clip.frames_done,
        "frames_total": clip.frames_total,
        "seconds_left": clip.seconds_left,
    }


def _all_lines(clips: Sequence[JobStatus]) -> Iterator[dict[str, Any]]:
    if len(clips) > 1:
        done = sum(clip.state == "done" for clip in clips)
        yield {"type": "all", "jobs": len(clips), "jobs_done": done, "seconds_left": _all_left(clips)}


def _facts(work: Work) -> dict[str, Any]:
    facts: dict[str, Any] = {"state": work.state}
    if work.holder is not None:
        process = work.holder.process
        facts |= {"host": process.host, "pid": process.pid, "attempt": work.holder.attempt}
        facts |= {"since": work.holder.since, "message": work.holder.message, "log": str(work.log)}
    return facts


def _table(clips: Sequence[JobStatus]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    from vidstyle.cli.show.words import duration

    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(overflow="fold")
    for clip in clips:
        left = clip.seconds_left
        after = f"{duration(left)} left" if left and clip.state == "running" else ""
        table.add_row(
            Text(clip.job.output.name, "bold"),
            Text(clip.state, _COLOURS.get(clip.state, "")),
            f"{clip.frames_done}/{clip.frames_total} frames",
            after or str(clip.job.folder),
        )
        for name, work, frames in work_rows(clip):
            table.add_row(f"  {name}", Text(work.state, _COLOURS.get(work.state, "")), frames, account(work))
    if len(clips) > 1:
        done, total = (sum(getattr(clip, key) for clip in clips) for key in ("frames_done", "frames_total"))
        ended, left = sum(clip.state == "done" for clip in clips), _all_left(clips)
        after = f"{duration(left)} left" if left else ""
        table.add_row(Text("all", "bold"), f"{ended} of {len(clips)} done", f"{done}/{total} frames", after)
    return table


def _all_left(clips: Sequence[JobStatus]) -> float | None:
    """How long all of them will take, while somebody is at work."""
    from vidstyle.farm.status import all_seconds_left

    return all_seconds_left(clips) if any(clip.state == "running" for clip in clips) else None
