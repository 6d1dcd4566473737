"""Follows a run: it shows progress, and stops the run at a checkpoint when a signal comes."""

from __future__ import annotations

import contextlib
import math
import shutil
import signal
import sys
import time
import types
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vidstyle.cli.show.failures import Interrupted
from vidstyle.cli.show.progress import Show
from vidstyle.cli.show.reporter import Reporter
from vidstyle.cli.show.words import duration, plural
from vidstyle.errors import StoppedAtCheckpoint, StorageError
from vidstyle.printable import shell_words

if TYPE_CHECKING:
    from vidstyle.jobs.progress import Progress

EXIT_CODES: Mapping[signal.Signals, int] = types.MappingProxyType({signal.SIGINT: 130, signal.SIGTERM: 143})
"""The exit codes of a run that a signal stopped."""
FARM_EXIT_CODES = dict.fromkeys(EXIT_CODES, StoppedAtCheckpoint.exit_code)
"""Those of the commands that a farm runs, to which every signal means the same."""

_STYLES = {"warning": "yellow", "resume": "green", "wait": "yellow"}
# From less, an estimate would mostly tell of what is done once. Quick frames take time for more than evaluations.
_ENOUGH_EVALUATIONS, _ENOUGH_SECONDS, _ENOUGH_FRAMES = 3, 2.0, 2


def follow(
    run: Generator[Progress, None, None],
    show: Show,
    reporter: Reporter,
    *,
    exit_codes: Mapping[signal.Signals, int] = EXIT_CODES,
    grace: float = math.inf,
    work: Path | None = None,
) -> Progress | None:
    """Go through a run, report it, and give its last progress.

    After a first SIGINT or SIGTERM the current frame is finished, if that takes no longer than `grace`, the seconds
    between a signal and the process being killed. A second SIGINT, or a signal that comes between frames, ends the run
    at once. Either way the command that resumes the run is printed, and the exit code is the signal's. `work` is the
    job folder, if there is one: people are told where the finished frames are.

    Raises
    ------
    Interrupted
        A signal stopped the run.
    """
    last: Progress | None = None
    timing = _Estimate(reporter)
    told = work is None
    with contextlib.closing(run), _stoppable(reporter) as stop:
        try:
            for last in run:
                stop.busy = last.kind == "evaluation"
                if last.message:
                    shots = f", {last.shots} shots" if last.kind == "plan" and last.shots > 1 else ""
                    reporter.say(last.message + shots, _STYLES.get(last.kind, ""))
                timing.take(last)
                if not told and work and last.kind == "frame" and last.frames_done < last.frames_total:
                    told = True
                    reporter.say(f"Finished frames lie in {work / 'shots'}. To see them as a film, meanwhile:")
                    reporter.say(f"  {_preview_of(work)}")
                show(last)
                if stop.asked and last.kind != "done" and (not stop.busy or _left(last) > grace - stop.waited()):
                    raise _Stop(stop.asked)
        except _Stop as reason:
            total = last.frames_total if last else 0
            done = (
                f"{last.frames_done} of {plural(total, 'frame')} done{_place(last, work)}. " if last and total else ""
            )
            code = exit_codes[signal.Signals(reason.signum)]
            raise Interrupted(code, f"stopped. {done}To go on:", f"  {command_again()}") from None
        except StorageError:
            if last and (place := _place(last, work)):
                reporter.say(
                    f"{last.frames_done} of {plural(last.frames_total, 'frame')} are finished{place}.", "yellow"
                )
            raise
    return last


def command_again() -> str:
    """The command line of this process, for a shell: it resumes what this one began."""
    return shell_words([*_program(), *(word for word in sys.argv[1:] if word != "--restart")])


def _program() -> list[str]:
    as_module = Path(sys.argv[0]).name == "__main__.py"
    program = Path(sys.executable if as_module else sys.argv[0])
    found = shutil.which(program.name)
    name = program.name if found and Path(found).resolve() == program.resolve() else str(program)
    return [name, *(["-m", "vidstyle"] if as_module else [])]


def _preview_of(work: Path) -> str:
    """The command that shows what is painted of a job."""
    return shell_words([*_program(), "assemble", str(work), "--partial", "-o", "preview.mp4"])


def _place(last: Progress, work: Path | None) -> str:
    """Where the finished frames lie, in words, if there are any."""
    return f", in {work / 'shots'}" if work is not None and last.frames_done else ""


class _Stop(KeyboardInterrupt):
    def __init__(self, signum: int) -> None:
        self.signum = signum


@dataclass
class _Request:
    """Whether a signal asked the run to stop, and whether a frame is being painted that is to be finished first."""

    asked: int = 0
    since: float = 0.0
    busy: bool = False

    def waited(self) -> float:
        """Seconds since the signal."""
        return time.monotonic() - self.since


@contextlib.contextmanager
def _stoppable(reporter: Reporter) -> Iterator[_Request]:
    request = _Request()

    def handle(signum: int, _: object) -> None:
        if not request.busy or (request.asked and signum == signal.SIGINT):
            raise _Stop(signum)
        if request.asked:  # schedulers signal every process of a job, some of them twice
            return
        request.asked, request.since = signum, time.monotonic()
        again = ", or press Ctrl-C again to stop at once" if signum == signal.SIGINT else ""
        with contextlib.suppress(RuntimeError):  # the signal came in the middle of another line
            reporter.say(f"Stopping after this frame{again} …", "yellow")

    before = _handlers(lambda _: handle)
    try:
        yield request
    finally:
        _handlers(before.__getitem__)


def _handlers(choose: Callable[[int], object]) -> dict[int, object]:
    return {signum: signal.signal(signum, choose(signum)) for signum in EXIT_CODES}  # type: ignore[arg-type]


def _left(progress: Progress) -> float:
    """Seconds that the current frame still takes."""
    if not progress.evaluations:
        return 0.0
    return progress.seconds * max(progress.expected / progress.evaluations - 1, 0.0)


class _Estimate:
    """Reports once how long the run will take, as soon as that can be estimated."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._evaluations = self._frames = 0
        self._said = False

    def take(self, progress: Progress) -> None:
        self._evaluations += progress.kind == "evaluation"
        self._frames += progress.kind == "frame"
        timed = self._evaluations >= _ENOUGH_EVALUATIONS and progress.seconds >= _ENOUGH_SECONDS
        timed = timed or progress.kind == "estimate"
        left, frames = progress.seconds_left, progress.run_total - progress.run_done
        if not self._said and left and frames > 0 and (timed or self._frames >= _ENOUGH_FRAMES):
            self._said = True
            each = f" ({duration(left / frames)} a frame)" if frames > 1 else ""
            self._reporter.say(f"This will take about {duration(left)}{each}.", "cyan")
