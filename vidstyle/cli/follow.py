"""A run from beginning to end: shown while it goes, stopped where nothing is lost."""

from __future__ import annotations

import contextlib
import math
import shlex
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

if TYPE_CHECKING:
    from vidstyle.jobs.progress import Progress

EXIT_CODES: Mapping[signal.Signals, int] = types.MappingProxyType({signal.SIGINT: 130, signal.SIGTERM: 143})
"""What a run that was stopped by a signal ends with."""

_STYLES = {"warning": "yellow", "resume": "green", "wait": "yellow"}
# An estimate from less is mostly about what is done once. Quick frames spend their time on more than evaluations.
_ENOUGH_EVALUATIONS, _ENOUGH_SECONDS, _ENOUGH_FRAMES = 3, 2.0, 2


def follow(
    run: Generator[Progress, None, None],
    show: Show,
    reporter: Reporter,
    *,
    exit_codes: Mapping[signal.Signals, int] = EXIT_CODES,
    grace: float = math.inf,
) -> Progress | None:
    """Go through a run, and tell people about it.

    The first SIGINT or SIGTERM lets the frame at work be finished, if that takes no longer than `grace`; a
    second SIGINT, or a signal that comes while no frame is at work, ends it at once. Either way the command
    that goes on is printed.

    Parameters
    ----------
    run
        What a render function gave.
    show, reporter
        Where progress goes, and how people are talked to.
    exit_codes
        What to end with after a signal.
    grace
        Seconds after a signal until who sent it may kill the process.

    Returns
    -------
    Progress or None
        The last thing that was said.

    Raises
    ------
    Interrupted
        By a signal.
    """
    last: Progress | None = None
    timing = _Estimate(reporter)
    with contextlib.closing(run), _stoppable(reporter) as stop:
        try:
            for last in run:
                stop.busy = last.kind == "evaluation"
                if last.message:
                    shots = f", {last.shots} shots" if last.kind == "plan" and last.shots > 1 else ""
                    reporter.say(last.message + shots, _STYLES.get(last.kind, ""))
                timing.take(last)
                show(last)
                if stop.asked and last.kind != "done" and (not stop.busy or _left(last) > grace - stop.waited()):
                    raise _Stop(stop.asked)
        except _Stop as reason:
            done = (
                f"{last.frames_done} of {plural(last.frames_total, 'frame')} done. "
                if last and last.frames_total
                else ""
            )
            code = exit_codes[signal.Signals(reason.signum)]
            raise Interrupted(f"stopped. {done}To go on:\n  {command_again()}", code) from None
    return last


def stop_codes(code: int) -> dict[signal.Signals, int]:
    """Whatever the signal, one exit code."""
    return dict.fromkeys(EXIT_CODES, code)


def command_again() -> str:
    """The command that was given, to be pasted into a shell: it goes on where this one stopped."""
    as_module = Path(sys.argv[0]).name == "__main__.py"
    program = Path(sys.executable if as_module else sys.argv[0])
    found = shutil.which(program.name)
    name = program.name if found and Path(found).resolve() == program.resolve() else str(program)
    module = ["-m", "vidstyle"] if as_module else []
    return shlex.join([name, *module, *(word for word in sys.argv[1:] if word != "--restart")])


class _Stop(KeyboardInterrupt):
    def __init__(self, signum: int) -> None:
        self.signum = signum


@dataclass
class _Request:
    """Whether someone wants the run to stop, and whether a frame is at work that can be finished first."""

    asked: int = 0
    since: float = 0.0
    busy: bool = False

    def waited(self) -> float:
        """Seconds since it was asked for."""
        return time.monotonic() - self.since


@contextlib.contextmanager
def _stoppable(reporter: Reporter) -> Iterator[_Request]:
    request = _Request()

    def handle(signum: int, _: object) -> None:
        if not request.busy or (request.asked and signum == signal.SIGINT):
            raise _Stop(signum)
        if request.asked:  # schedulers tell every process of a job, some of them twice
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
    """Seconds that the frame at work still takes."""
    if not progress.evaluations:
        return 0.0
    return progress.seconds * max(progress.expected / progress.evaluations - 1, 0.0)


class _Estimate:
    """Says once how long it will take, as soon as that is known."""

    def __init__(self, reporter: Reporter) -> None:
        self._voice = reporter
        self._evaluations = self._frames = 0
        self._said = False

    def take(self, progress: Progress) -> None:
        self._evaluations += progress.kind == "evaluation"
        self._frames += progress.kind == "frame"
        timed = self._evaluations >= _ENOUGH_EVALUATIONS and progress.seconds >= _ENOUGH_SECONDS
        left, frames = progress.seconds_left, progress.run_total - progress.run_done
        if not self._said and left and frames > 0 and (timed or self._frames >= _ENOUGH_FRAMES):
            self._said = True
            self._voice.say(f"This will take about {duration(left)} ({duration(left / frames)} a frame).", "cyan")
