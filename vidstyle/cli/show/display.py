"""How a run is shown while it goes: a live bar, lines, or what a render farm reads."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from vidstyle.cli.show.console import Voice
from vidstyle.cli.show.failures import Interrupted, explain
from vidstyle.cli.show.words import duration
from vidstyle.errors import UsageError

if TYPE_CHECKING:
    from vidstyle.jobs.progress import Progress

Show = Callable[["Progress"], None]


def display(name: str, voice: Voice) -> AbstractContextManager[Show]:
    """A way of showing progress, by its name.

    Within the context, an error that ends the run is passed on to whoever reads the data.

    Raises
    ------
    UsageError
        There is no such way.
    """
    if name not in DISPLAYS:
        raise UsageError(f"--progress {name} is not known: take {', '.join(['auto', *DISPLAYS])}.")
    return DISPLAYS[name](voice)


@contextlib.contextmanager
def live(voice: Voice) -> Iterator[Show]:
    """A bar that moves with every evaluation."""
    from vidstyle.cli.show.live import LiveBar  # Rich's progress bars, for terminals only

    with LiveBar(voice.console) as bar:
        yield bar.show


@contextlib.contextmanager
def lines(voice: Voice) -> Iterator[Show]:
    """A dated line for each finished frame, for logs."""

    def show(progress: Progress) -> None:
        if progress.kind == "frame":
            voice.say(frame_line(progress, voice.verbose))

    yield show


@contextlib.contextmanager
def json_lines(voice: Voice) -> Iterator[Show]:
    """All there is to know, as a JSON object a line."""
    try:
        yield lambda progress: emit(progress.to_dict())
    except (Exception, Interrupted) as error:
        sentence, code = explain(error)
        emit({"type": "error", "message": sentence, "exit_code": code})
        raise


@contextlib.contextmanager
def openjd(voice: Voice) -> Iterator[Show]:
    """Open Job Description's progress, status and failure lines."""
    risen = _Rise()

    def show(progress: Progress) -> None:
        if risen.to(progress):
            _write(f"openjd_progress: {risen.percent}")
        if progress.kind == "frame":
            _write(f"openjd_status: {frame_line(progress)}")
        elif progress.message:
            _write(f"openjd_status: {progress.message}")

    try:
        yield show
    except Exception as error:
        _write(f"openjd_fail: {explain(error)[0]}")
        raise


def percentage(template: str) -> Callable[[Voice], AbstractContextManager[Show]]:
    """The line that a farm manager looks for: all read a percentage, each after a word of its own."""

    @contextlib.contextmanager
    def lines(voice: Voice) -> Iterator[Show]:
        risen = _Rise()

        def show(progress: Progress) -> None:
            if risen.to(progress):
                _write(template.format(risen.percent))

        yield show

    return lines


@contextlib.contextmanager
def nothing(voice: Voice) -> Iterator[Show]:
    """No sign of life."""
    yield lambda progress: None


DISPLAYS: Mapping[str, Callable[[Voice], AbstractContextManager[Show]]] = {
    "rich": live,
    "plain": lines,
    "json": json_lines,
    "openjd": openjd,
    "farm": percentage("Progress: {}%"),  # Deadline 10, and who reads any such line
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
        parts.append(f"{duration(progress.seconds_left)} left")
    return ", ".join(parts)


class _Rise:
    """The percentage of a run, which never falls: encoding follows painting, and starts at 0 again."""

    def __init__(self) -> None:
        self.percent = -1

    def to(self, progress: Progress) -> bool:
        """Take in what happened; whether the percentage rose."""
        before = self.percent
        if progress.kind == "done":
            self.percent = 100
        elif progress.frames_total:
            self.percent = max(before, 100 * progress.frames_done // progress.frames_total)
        return self.percent > before


def emit(value: Mapping[str, object]) -> None:
    """A JSON object on a line of stdout."""
    _write(json.dumps(value))


def _write(line: str) -> None:
    # A line of its own in a file's name must not be taken for one of ours, nor end the program if it is no UTF-8.
    shown = " ".join(line.splitlines()).encode(errors="backslashreplace").decode()
    print(shown, file=sys.stdout, flush=True)
