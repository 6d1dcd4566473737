"""How far a run has come, and how long the rest will take."""

from collections import deque
from typing import Any

from vidstyle.settings import Settings

FIRST, LATER = "first", "later"
# An evaluation of at least this share of the frame's pixels tells what a full-size one takes.
_NEARLY_FULL_SIZE = 0.5
# What a frame takes before one of its kind is done, over its full-size steps: the coarse sizes come on top.
_GUESS = {FIRST: 1.15, LATER: 1.5}
# In-betweens from keyframe to keyframe, as a share of the most, before it is known how the clip moves.
_USUAL = 0.4


class TimeEstimator:
    """Counts frames and times evaluations, of this run only: an earlier one may have been on another machine.

    Of the `total` of frames, so many `first` frames of shots and so many `later` ones are still to be painted.
    """

    def __init__(self, total: int, first: int, later: int, settings: Settings) -> None:
        self.total = total
        self.run_total = first + later
        self.run_done = 0
        self._left = {FIRST: first, LATER: later}
        steps = {FIRST: settings.solve.first_frame_steps, LATER: settings.solve.steps}
        self._expected = {kind: _GUESS[kind] * steps[kind] for kind in steps}
        self._solved = {FIRST: 1.0, LATER: 1 / (1 + _USUAL * settings.motion.max_inbetweens)}
        # The latest frames say most about the next.
        self._seconds: dict[str, deque[float]] = {kind: deque(maxlen=24) for kind in steps}
        self._rate: float | None = None
        self._warm, self._spent, self._counted = False, 0.0, 0.0
        self._at = FIRST if first else LATER

    def detour(self, first: int, later: int) -> None:
        """Expect frames that are there already, and are painted again on the way to a missing one."""
        self._left[FIRST] += first
        self._left[LATER] += later

    def evaluated(self, kind: str, evaluations: float, expected: float, seconds: float) -> None:
        """Note an evaluation: how many this frame has had, of how many, in how many seconds."""
        self._expected[kind] = expected
        passed, counted = seconds - self._spent, evaluations - self._counted
        # The very first evaluation sets things up, and a coarse one takes more than its share of the time.
        if self._warm and counted > _NEARLY_FULL_SIZE:
            self._rate = passed / counted
        elif self._rate is None and evaluations > 2:
            self._rate = seconds / evaluations
        self._warm, self._spent, self._counted = True, seconds, evaluations
        self._at = kind

    def finished(self, kind: str, seconds: float, *, again: bool = False) -> None:
        """Note a finished frame and the seconds it took; `again`: it was painted before, and so isn't counted."""
        self._left[kind] = max(self._left[kind] - 1, 0)
        self.run_done += not again
        self._seconds[kind].append(seconds)
        self._spent = self._counted = 0.0

    def counts(self) -> dict[str, Any]:
        """The counting fields of a `Progress`."""
        return {
            "frames_done": self.total - self.run_total + self.run_done,
            "frames_total": self.total,
            "run_done": self.run_done,
            "run_total": self.run_total,
            "seconds_left": self._seconds_left(),
        }

    def _seconds_left(self) -> float | None:
        if self._rate is None:
            return None
        whole = sum(count * self._per_frame(kind, self._rate) for kind, count in self._left.items())
        # A frame that takes longer than expected takes nothing off those that come after it.
        at_work = self._per_frame(self._at, self._rate) if self._left[self._at] else 0.0
        return whole - min(at_work, self._spent)

    def _per_frame(self, kind: str, rate: float) -> float:
        timed = self._seconds[kind]
        return sum(timed) / len(timed) if timed else self._expected[kind] * rate * self._solved[kind]
