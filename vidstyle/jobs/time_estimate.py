"""How far a run has come, and how long the rest will take.

The work is counted in evaluations of the objective at full size, whose time is measured as they come. What else a frame
takes is measured too. What nothing is known of yet is as expected: see :class:`Expected`.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vidstyle.settings import Settings

FIRST, LATER = "first", "later"

# Evaluations at a half and a quarter of the size that a later keyframe takes for what is newly uncovered, in full-size
# ones, by the long side from which on there is that size; and those at the full size for what usually is new.
_COARSE, _NEW = ((192, 1.75), (384, 1.25)), 0.5
OVERHEAD = 1500
"""An evaluation takes as long as if its image had so many pixels more."""
# So many observations weigh as much as what was expected.
_PRIOR = 1.5
# The same of what an interval takes beside its keyframe, where the clip was looked at and where it was not.
_LOOKED, _GUESSED = 6.0, 2.0
# Intervals whose motion is found ahead of their being painted.
_AHEAD = 2
# How much of an observation's weight is left after each later one.
_MEMORY = 0.93
# Seconds a frame, and a pixel, for encoding and checking the output, and seconds for beginning and ending it.
_FRAME, _PIXEL, _ENDS = 0.003, 0.26e-6, 0.6
# Seconds: nothing is measured to take less.
_TICK = 1e-6
# A step that takes as many times what is expected is something else: a machine that slept.
_OUTLIER = 20
# The share of what is left over which an estimate that was wrong is put right, so that it doesn't jump, and the least
# and the most that it comes to, in seconds.
_SETTLING, _SETTLES = 0.1, (0.5, 60.0)


@dataclass(frozen=True)
class Expected:
    """What is expected of a job before its frames tell.

    Attributes
    ----------
    evaluation
        Seconds of an evaluation at full size; None where nothing was timed.
    interval
        Frames from a keyframe to the next one, that one counted.
    mending
        Evaluations, in full-size ones, that what neither keyframe shows takes in a frame between.
    motion
        Seconds a frame for its motion and all else beside the evaluations.
    """

    evaluation: float | None = None
    interval: float = 6.0
    mending: float = 0.8
    motion: float = 0.1


class _Mean:
    """A mean of what was observed, in which the latest counts most and what was expected counts a little."""

    def __init__(self, expected: float, weight: float = _PRIOR, memory: float = _MEMORY) -> None:
        self._sum, self._weight, self._memory = expected * weight, weight, memory

    def add(self, value: float, weight: float = 1.0) -> None:
        """Observe a value."""
        self._sum = self._sum * self._memory**weight + value * weight
        self._weight = self._weight * self._memory**weight + weight

    @property
    def value(self) -> float:
        """The mean."""
        return self._sum / self._weight


class TimeEstimator:
    """Counts frames and times evaluations, of this run only: an earlier one may have been on another machine.

    Parameters
    ----------
    settings, size
        The job's, with width and height in pixels.
    assembling
        How many frames the output will have that is written once all are painted; 0: none is.
    now
        The clock, in seconds.
    """

    def __init__(
        self,
        settings: Settings,
        size: tuple[int, int],
        assembling: int = 0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.total = self.run_total = self.run_done = 0
        self._now, self._assembling, self._pixels = now, assembling, size[0] * size[1]
        self._overhead = OVERHEAD / self._pixels
        self._most = settings.motion.max_inbetweens
        steps, coarse = settings.solve, sum(share for side, share in _COARSE if max(size) >= side)
        self._first = _Mean(1.1 * steps.first_frame_steps)
        self._key = _Mean(steps.steps + coarse + _NEW)
        self._left = {FIRST: 0, LATER: 0}
        self._at = FIRST
        self._rate: _Mean | None = None
        self._interval, self._mending, self._waiting = _Mean(1.0), _Mean(0.0), _Mean(0.0)
        # Evaluations of the frames that are solved or being solved, and not finished, in their order.
        self._solving: deque[float] = deque()
        self._waits: deque[float] = deque()  # before their first evaluations, in seconds
        self._mended = 0.0
        self._frames = 0  # of the interval at work that are finished
        self._follows = False  # whether a keyframe is being painted that isn't a shot's first
        self._at_end = True  # of a frame, as far as its evaluations tell
        self._last = now()
        self._ends = _ENDS if assembling else 0.0
        self._encoding = _Mean(_FRAME + _PIXEL * self._pixels, 20, 0.99)
        self._said: tuple[float, float] | None = None

    def begin(self, total: int, first: int, later: int, expected: Expected | None = None) -> None:
        """Of the `total` of frames so many `first` ones of shots and so many `later` ones are still to be painted."""
        self.total, self.run_total, self.run_done = total, first + later, 0
        self._left = {FIRST: first, LATER: later}
        self._at = FIRST if first else LATER
        expected = expected or Expected()
        interval = min(expected.interval, self._most + 1) if self._most else 1.0
        self._interval = _Mean(interval, 2)
        rate = expected.evaluation
        if rate is not None:
            self._rate = _Mean(rate, 0.5)
        motion = expected.motion / rate if rate else expected.mending / 4
        weight = _LOOKED if rate else _GUESSED
        self._mending = _Mean((expected.mending if self._most else 0.0) * (1 - 1 / interval), weight)
        self._waiting = _Mean(motion, weight)
        self._last = self._now()

    def detour(self, first: int, later: int) -> None:
        """Expect frames that are there already, and are painted again on the way to a missing one."""
        self._left[FIRST] += first
        self._left[LATER] += later

    def evaluated(self, kind: str, evaluations: float) -> None:
        """Note an evaluation: how many this frame has had, in full-size ones."""
        passed, begun = max(self._passed(), _TICK), self._at_end or evaluations <= self._solving[-1]
        before = 0.0 if begun else self._solving[-1]
        counted = evaluations - before + self._overhead
        self._at, self._at_end, self._follows = kind, False, kind == LATER
        if begun:  # its motion was waited for, and much is made ready
            self._solving.append(evaluations)
            self._waits.append(max(passed - (counted * self._rate.value if self._rate else passed), 0.0))
            return
        self._solving[-1] = evaluations
        if self._rate is None:
            self._rate = _Mean(passed / counted, counted)
        else:
            self._rate.add(min(passed / counted, _OUTLIER * self._rate.value), counted)

    def finished(self, kind: str, *, solved: bool = True, again: bool = False) -> None:
        """Note a finished frame: a keyframe that was `solved`, or one between two of them.

        `again`: it was painted before, and so isn't counted.
        """
        self._left[kind] = max(self._left[kind] - 1, 0)
        self.run_done += not again
        self._mended += self._passed()
        self._frames += 1
        if not (solved and self._solving):
            return
        evaluations, waited = self._solving.popleft(), self._waits.popleft()
        self._at_end = not self._solving
        if kind == FIRST:
            self._first.add(evaluations)
        elif self._rate is not None:
            self._key.add(evaluations)
            self._interval.add(self._frames)
            self._mending.add(self._mended / self._rate.value / self._frames, self._frames / 3)
            self._waiting.add(waited / self._rate.value / self._frames, self._frames / 3)
        self._mended, self._frames = 0.0, 0

    def assembled(self) -> None:
        """Note a frame of the output."""
        passed = self._passed()
        self._assembling = max(self._assembling - 1, 0)
        self._encoding.add(min(passed, _OUTLIER * self._encoding.value))

    def counts(self) -> dict[str, Any]:
        """The counting fields of a `Progress`."""
        return {
            "frames_done": self.total - self.run_total + self.run_done,
            "frames_total": self.total,
            "run_done": self.run_done,
            "run_total": self.run_total,
            "seconds_left": self.seconds_left(),
        }

    def seconds_left(self) -> float | None:
        """Until all is done, in seconds; None where nothing was timed."""
        painting = self._painting()
        if painting is None:
            return None
        left = painting + self._assembling * self._encoding.value + self._ends
        now = self._now()
        if self._said is not None and left:
            before, at = self._said
            due = max(before - (now - at), 0.0)
            settling = min(max(_SETTLING * left, _SETTLES[0]), _SETTLES[1])
            left = due + (left - due) * (1 - math.exp(-(now - at) / settling))
        self._said = left, now
        return left

    def _painting(self) -> float | None:
        """The same of painting alone, as it is told now."""
        if not any(self._left.values()):
            return 0.0
        if self._rate is None:
            return None
        key = self._key.value / self._interval.value
        whole = self._left[FIRST] * self._first.value + self._left[LATER] * (key + self._mending.value)
        # Once keyframes are painted, the motion of the next ones is found beside them.
        ahead = _AHEAD * self._interval.value if self._follows else 0.0
        whole += max(self._left[LATER] - ahead, 0.0) * self._waiting.value
        if not self._left[self._at]:
            return whole * self._rate.value
        # A frame that takes longer than expected takes nothing off those that come after it.
        most = self._first.value if self._at == FIRST else self._key.value
        spent = sum(min(solved, most) for solved in self._solving) - self._frames * key
        # Keyframes themselves take no mending: those between have taken it for them.
        spent += min(self._frames / max(self._interval.value - 1, 1), 1) * self._mending.value
        return max(whole - max(spent, 0.0), 0.0) * self._rate.value

    def _passed(self) -> float:
        """Seconds since this was last asked."""
        before, self._last = self._last, self._now()
        return self._last - before
