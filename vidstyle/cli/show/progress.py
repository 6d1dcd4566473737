"""Styles of showing progress: a live bar, lines, or what a render farm reads."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from vidstyle.cli.show.failures import Interrupted, explain
from vidstyle.cli.show.reporter import Reporter
from vidstyle.cli.show.words import duration
from vidstyle.errors import UsageError
from vidstyle.printable import printable

if TYPE_CHECKING:
    from vidstyle.jobs.progress import Progress

Show = Callable[["Progress"], None]


def show_progress(reporter: Reporter) -> AbstractContextManager[Show]:
    """Show progress in the reporter's style.

    Within the context, an error that ends the run is passed on to whoever reads the data.

    Raises
    ------
    UsageError
        There is no such style.
    """
    name = reporter.progress
    if name not in PROGRESS_DISPLAYS:
        raise UsageError(f"--progress {name} is not known: take {', '.join(['auto', *PROGRESS_DISPLAYS])}.")
    return PROGRESS_DISPLAYS[name](reporter)


@contextlib.contextmanager
def live(reporter: Reporter) -> Iterator[Show]:
    """A bar that moves with every evaluation."""
    from vidstyle.cli.show.live import LiveBar  # Rich's progress bars, for terminals only

    with LiveBar(reporter.console) as bar:
        yield bar.show


@contextlib.contextmanager
def lines(reporter: Reporter) -> Iterator[Show]:
    """A line for each finished frame, with the time of day, for logs."""

    def show(progress: Progress) -> None:
        if progress.kind == "frame":
            reporter.say(frame_line(progress, reporter.verbose))

    yield show


@contextlib.contextmanager
def json_lines(reporter: Reporter) -> Iterator[Show]:
    """Every value of the progress, as a JSON object a line, with the clip where there is more than one."""
    about = {"clip": reporter.label} if reporter.label else {}
    try:
        yield lambda progress: emit(progress.to_dict() | about)
    except (Exception, Interrupted) as error:
        lines, code = explain(error)
        emit({"type": "error", "message": "\n".join(lines), "exit_code": code} | about)
        raise


@contextlib.contextmanager
def openjd(reporter: Reporter) -> Iterator[Show]:
    """Open Job Description's progress, status and failure lines."""
    percent = Percent()

    def show(progress: Progress) -> None:
        if percent.update(progress):
            _write(f"openjd_progress: {percent.value}")
        if progress.kind == "frame":
            _write(f"openjd_status: {frame_line(progress)}")
        elif progress.message:
            _write(f"openjd_status: {progress.message}")

    try:
        yield show
    except Exception as error:
        _write(f"openjd_fail: {' '.join(explain(error)[0])}")
        raise


def percentage(template: str) -> Callable[[Reporter], AbstractContextManager[Show]]:
    """The lines that a farm manager looks for: a percentage, in the manager's own wording."""

    @contextlib.contextmanager
    def lines(reporter: Reporter) -> Iterator[Show]:
        percent = Percent()

        def show(progress: Progress) -> None:
            if percent.update(progress):
                _write(template.format(percent.value))

        yield show

    return lines


@contextlib.contextmanager
def nothing(reporter: Reporter) -> Iterator[Show]:
    """Show no progress."""
    yield lambda progress: None


PROGRESS_DISPLAYS: Mapping[str, Callable[[Reporter], AbstractContextManager[Show]]] = {
    "rich": live,
    "plain": lines,
    "json": json_lines,
    "openjd": openjd,
    "farm": percentage("Progress: {}%"),  # Deadline 10, and managers that read any such line
    "afanasy": percentage("PROGRESS: {}%"),
    "tractor": percentage("ALF_PROGRESS {}%"),
    "none": nothing,
}


def frame_line(progress: Progress, verbose: bool = False) -> str:
    """A finished frame in words."""
    parts = [f"[{progress.frames_done}/{progress.frames_total}] frame {progress.frame}"]
    if progress.shots > 1:
        parts.append(f"shot {progress.shot} of {progress.shots}")
    parts.append(duration(progress.seconds))
    if progress.losses:
        parts.append(f"loss {sum(progress.losses.values()):.4g}")
        if verbose:
            parts += [f"{name} {value:.3g}" for name, value in progress.losses.items()]
            parts.append(f"{progress.evaluations:.3g} evaluations")
    if progress.seconds_left:
        parts.append(f"{duration(progress.seconds_left)} left{_in_all(progress)}")
    return ", ".join(parts)


def _in_all(progress: Progress) -> str:
    """How long all clips will take, where there are more than one."""
    return f", {duration(progress.all_seconds_left)} for all {progress.clips}" if progress.all_seconds_left else ""


class Percent:
    """The percentage of a run. It never falls, though encoding, which follows painting, counts from 0 again."""

    def __init__(self) -> None:
        self.value = -1

    def update(self, progress: Progress) -> bool:
        """Take this progress into account, and say whether the percentage rose."""
        before = self.value
        if progress.kind == "done":
            self.value = 100
        elif progress.frames_total:
            self.value = max(before, 100 * progress.frames_done // progress.frames_total)
        return self.value > before


def emit(value: Mapping[str, object]) -> None:
    """A JSON object on a line of stdout."""
    _write(json.dumps(value).replace("\x7f", "\\u007f"))  # the one control character that JSON leaves as it is


def _write(line: str) -> None:
    print(printable(line), file=sys.stdout, flush=True)
