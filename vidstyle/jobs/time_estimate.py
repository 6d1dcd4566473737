"""How far a run has come, and how long the rest will take.

What is left is counted in evaluations of the objective at full size: those of first frames and of keyframes, what makes
a frame ready for its first one, the motion that is found beside keyframes, and what frames between take. How long an
evaluation takes is measured as first frames are painted, and over keyframes how much longer all of it takes than was
expected, since there other threads are at work, too. What is mended between keyframes is counted apart, since one shot
may have far more of it than another. What nothing is known of yet is as expected: see :class:`Expected`.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from vidstyle.settings import Settings

FIRST, LATER = "first", "later"

# Of an evaluation's time at full size, what one takes at any size.
_OVERHEAD = 0.05
# Evaluations that a first frame has for each full-size step, and a keyframe besides: those at smaller sizes.
_FIRST_EVALUATIONS, _COARSE = 1.15, 1.0
# Evaluations' time that a frame takes besides: its priors are warped, an objective is made at each size. A first
# frame's are the first of their sizes, which takes so many seconds besides, and the style is looked at in them. A frame
# between is written at least, and made ready where it is mended.
_READY, _SET_UP = {FIRST: 2.2, LATER: 2.0}, 0.4
_WRITTEN, _MADE_READY = 0.3, 1.0
# The share of an interval's motion that making its frames takes, once no keyframe is solved beside.
_MAKING = 0.15
# The least share of a frame's size at which an evaluation tells how long one at full size takes.
_TELLING = 0.2
# Seconds a pixel of an evaluation, and of a frame's motion, on some machine; and the share of these pixels that a frame
# with a longer side costs, since it is seen in shallow layers alone.
_TYPICAL, _LARGE, _SHALLOW = (1e-5, 6e-6), 512, 0.6
# So many observations weigh as much as what was expected: of evaluations, of those that are needed of a keyframe's, of
# intervals, of what is made ready.
_EVALUATIONS, _NEEDED, _INTERVALS, _FIRSTS = 2.0, 0.5, 2.0, 0.7
# The same in seconds, of what was timed beforehand, of what keyframes take, and of what mending does; and what is
# foreseen of mending, as a share of all of it. A job that is soon done is learned of sooner: of what it is expected to
# take, they are no more than a share.
_TIMED, _KEYS, _MENDED, _FORESEEN = 1.5, 4.0, 2.0, 0.7
_SOON = 0.1
# How much of an observation's weight is left after each later one.
_MEMORY = 0.93
# How fast a machine is over some time is best told from as much time before: the share of what is left over which it is
# remembered, and the least and the most, in seconds.
_REMEMBERED, _REMEMBERS = 0.5, (10.0, 600.0)
# Seconds a frame, and a pixel, for encoding and checking the output, and seconds for beginning and ending it. Where the
# frames' motion was timed, that share of it tells more of the machine than the pixels do.
_FRAME, _PIXEL, _ENDS, _OF_MOTION = 0.006, 0.1e-6, 0.15, 0.01
# Seconds until the program has ended once all is done.
_EXIT = 0.4
# Seconds: nothing is measured to take less.
_TICK = 1e-6
# A step that takes as many times what is expected is something else: a machine that slept.
_OUTLIER = 20
# A frame between that takes as many times longer than expected was waited for: it was being made.
_WAITED = 4
# The share of what is left over which an estimate that was wrong is put right, the least and the most that it comes to,
# in seconds; and the share, the seconds, or the share of the time since then, by which one that is told may differ from
# the one before, so as not to jump.
_SETTLING, _SETTLES, _STEP, _LEAST_STEP, _PASSING = 0.15, (0.5, 60.0), 0.04, 0.2, 0.3


@dataclass(frozen=True)
class Expected:
    """What is expected of a job before its frames tell.

    Attributes
    ----------
    evaluation
        Seconds of an evaluation at full size; None where nothing was timed.
    overhead
        Of these, the share that an evaluation takes at any size.
    first, key
        How many of them a shot's first frame takes, and a later keyframe; None: as the settings say.
    interval
        Frames from a keyframe to the next one, that one counted.
    mending
        Evaluations that what neither keyframe shows takes in a frame between, in as many equal parts of the job's
        frames.
    motion
        Seconds a frame for its motion and all else beside the evaluations.
    motion_alone
        The same where nothing else is done at the time; None where nothing was timed.
    """

    evaluation: float | None = None
    overhead: float = _OVERHEAD
    first: float | None = None
    key: float | None = None
    interval: float = 6.0
    mending: tuple[float, ...] = (0.8,)
    motion: float = 0.1
    motion_alone: float | None = None


class _Mean:
    """A mean of what was observed, in which the latest counts most and what was expected counts a little."""

    def __init__(self, expected: float, weight: float, memory: float = _MEMORY) -> None:
        self._sum, self._weight, self._memory = expected * weight, weight, memory

    def add(self, value: float, weight: float = 1.0, memory: float | None = None) -> None:
        """Observe a value."""
        left = self._memory**weight if memory is None else memory
        self._sum = self._sum * left + value * weight
        self._weight = self._weight * left + weight

    def weigh_at_most(self, weight: float) -> None:
        """Let what is known so far count no more than so many observations."""
        share = min(weight / self._weight, 1.0)
        self._sum, self._weight = self._sum * share, self._weight * share

    @property
    def value(self) -> float:
        """The mean."""
        return self._sum / self._weight


@dataclass
class _Key:
    """A keyframe that is begun and not finished, so many `frames` after the one before.

    Evaluations that `mending` each of the frames between takes are told once their motion is found, first to last.
    Of its own those that it has had are told by their `pixels`, in full-size ones, by their `number`, and by
    what they take; `expected` is what all of them take, None before the first. The `share` is the latest one's size.
    """

    kind: str
    frames: int
    mending: deque[float] = field(default_factory=deque)
    waited: float = 0.0
    pixels: float = 0.0
    number: int = 0
    done: float = 0.0
    planned: float = 0.0
    expected: float | None = None
    share: float = 0.0
    beside: float = 0.0


def mending_time(evaluations: float, number: int, overhead: float) -> float:
    """Evaluations' time that it takes to mend a frame, of evaluations in full-size ones and by their number."""
    return evaluations + number * overhead + _MADE_READY if number else 0.0


class Typical(NamedTuple):
    """Seconds that so many frames take on a typical machine, and an evaluation of a whole one there."""

    seconds: float
    evaluation: float
    frames: int = 2


def typical(settings: Settings, size: tuple[int, int], frames: int) -> Typical:
    """How long a clip, or a picture of one frame, would take on a typical machine: to be compared with others.

    The size is that of its frames, width and height.
    """
    pixels = size[0] * size[1]
    evaluation = _TYPICAL[0] * pixels * (_SHALLOW if max(size) > _LARGE else 1.0)
    estimator = TimeEstimator(settings, size, frames if frames > 1 else 0)
    estimator.begin(frames, 1, frames - 1, Expected(evaluation, motion=_TYPICAL[1] * pixels))
    return Typical(estimator.seconds_left() or 0.0, evaluation, frames)


def steady_change(change: float, most: float, passed: float) -> float:
    """By how much the time left is told to differ from what was due, so as not to jump, in seconds.

    It is the `change`, and `most` at the most, once so many seconds have `passed`: to stand still is no jump.
    """
    return min(max(change, -most), most + passed)


def _encoding_mean(seconds: float) -> _Mean:
    return _Mean(_FRAME + seconds, 20, 0.99)


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
        self._now, self._assembling, self._settings = now, assembling, settings
        self._left = {FIRST: 0, LATER: 0}
        self._begun: deque[_Key] = deque()
        self._at: str | None = None
        self._last = now()
        self._ends = _EXIT + (_ENDS if assembling else 0.0)
        self._encoding = _encoding_mean(_PIXEL * size[0] * size[1])
        self._said: tuple[float, float] | None = None
        self._expect(Expected())

    def begin(self, total: int, first: int, later: int, expected: Expected | None = None) -> None:
        """Of the `total` of frames so many `first` ones of shots and so many `later` ones are still to be painted."""
        self.total, self.run_total, self.run_done = total, first + later, 0
        self._left = {FIRST: first, LATER: later}
        self._begun.clear()
        self._at = None
        self._expect(expected or Expected())
        self._last = self._now()

    def _expect(self, expected: Expected) -> None:
        if expected.motion_alone is not None:
            self._encoding = _encoding_mean(_OF_MOTION * expected.motion_alone)
        self._needed = {kind: _Mean(1.0, _NEEDED) for kind in (FIRST, LATER)}
        rate, solve, most = expected.evaluation, self._settings.solve, self._settings.motion.max_inbetweens
        self._rate = _Mean(rate, _TIMED / max(rate, _TICK)) if rate else None
        self._pace = _Mean(1.0, _KEYS)
        each = 1 + expected.overhead
        first, key = each * _FIRST_EVALUATIONS * solve.first_frame_steps, each * (solve.steps + _COARSE)
        self._overhead = expected.overhead
        self._evaluations = {
            FIRST: _Mean(expected.first or first, _EVALUATIONS),
            LATER: _Mean(expected.key or key, _EVALUATIONS),
        }
        self._ready = _Mean(_READY[FIRST] + (_SET_UP / rate if rate else 2 * _READY[FIRST]), _FIRSTS)
        interval = min(expected.interval, most + 1) if most else 1.0
        # A shot's last interval ends where the shot does.
        later, shots = self._left[LATER], max(self._left[FIRST], 1)
        self._interval = _Mean(later / (later / interval + (shots - 1) / 2) if later else interval, _INTERVALS)
        self._motion = expected.motion / rate if rate else 0.2
        alone = expected.motion_alone
        self._motion_alone = max(alone / rate, self._motion) if rate and alone is not None else self._motion
        between = 1 - 1 / interval
        self._profile = [(each + _WRITTEN) * between for each in expected.mending]
        self._mended = _Mean(1.0, _MENDED)
        # Over all frames, so that a shot in which little is mended says little of the others.
        self._foreseen = _Mean(1.0, max(_FORESEEN * self._foreseen_over(self.total or later), _TICK))
        soon = max(_SOON * (self._painting() or math.inf), _TICK)
        for mean in (self._pace, self._mended):
            mean.weigh_at_most(soon)

    def detour(self, first: int, later: int) -> None:
        """Expect frames that are there already, and are painted again on the way to a missing one."""
        self._left[FIRST] += first
        self._left[LATER] += later

    def begun(
        self, kind: str, frames: int = 1, mending: Iterable[tuple[float, int]] = (), *, follows: bool = True
    ) -> None:
        """Note that a keyframe is begun, its motion found, which is so many frames after the one before.

        It `follows` on none where a shot begins with the paint of another, so that there is no interval to learn from.
        Of those between are told the evaluations that mend them, in full-size ones and by their number, if known.
        """
        waited = self._passed()
        if kind == LATER and follows:
            self._interval.add(frames)
        later = self._later_ahead()
        foreseen = self._foreseen_over(later) - self._foreseen_over(later - frames)
        known = deque(_WRITTEN + mending_time(*each, self._overhead) for each in mending)
        if known and foreseen:
            self._foreseen.add(sum(known) / foreseen, foreseen, 1.0)
        elif kind == LATER:
            known.extend([foreseen * self._foreseen.value / max(frames - 1, 1)] * (frames - 1))
        # At a run's beginning nothing was found ahead.
        self._begun.append(_Key(kind, frames, known, waited if self._at else 0.0))
        self._at = kind

    def evaluated(self, pixels: float, number: int, all_pixels: float, all_number: int) -> None:
        """Note an evaluation of the keyframe begun last.

        Its evaluations, of all that are expected, are told by their pixels, in full-size ones, and by their number.
        """
        passed, key = max(self._passed(), _TICK), self._begun[-1]
        if number <= key.number:  # the frame is solved once more
            key.pixels, key.number = 0.0, 0
        share, steps = max(pixels - key.pixels, 0.0), max(number - key.number, 1)
        counted = share + self._overhead * steps
        is_first, other_size = key.expected is None, abs(share / steps - key.share) > _TICK
        key.share, key.pixels, key.number, key.done = share / steps, pixels, number, key.done + counted
        left = max(all_pixels - pixels, 0) + self._overhead * max(all_number - number, 0)
        key.planned = key.done + left
        key.expected = max(key.planned * self._needed[key.kind].value, key.done)
        if is_first:
            self._evaluations[key.kind].add(key.planned)
        if self._rate is None:
            if not other_size:
                self._rate = _Mean(passed / counted, counted)
        elif key.kind == LATER:
            before = key.waited + passed if is_first else passed
            self._compare(before, counted * self._beside(key) + (_READY[LATER] if is_first else 0.0))
        elif other_size:  # an objective was made
            key.beside += min(max(passed / self._rate.value - counted, 0.0), _OUTLIER * self._ready.value)
        elif key.share > _TELLING:
            rate = min(passed / counted, _OUTLIER * self._rate.value)
            self._rate.add(rate, counted, self._memory_over(passed))

    def _each(self, kind: str) -> float:
        """Evaluations that a keyframe of a kind is expected to need, of those that it is given."""
        return self._evaluations[kind].value * self._needed[kind].value

    def _beside(self, key: _Key) -> float:
        """How much longer a keyframe's evaluations take, since motion is found beside them."""
        return 1 + key.frames * self._motion / max(key.expected or self._each(LATER), _TICK)

    def _compare(self, passed: float, evaluations: float) -> None:
        """Learn how long keyframes take over what was expected of them."""
        assert self._rate is not None
        expected = max(evaluations * self._rate.value, _TICK)
        most = _OUTLIER * (self._each(LATER) + _READY[LATER]) * self._rate.value
        self._pace.add(min(passed, most) / expected, expected, self._memory_over(passed))

    def _note_mended(self, passed: float) -> None:
        """Learn how long mending takes over what was expected of it."""
        assert self._rate is not None
        known = self._begun[0].mending if self._begun else None
        expected = (known.popleft() if known else _WRITTEN) * self._rate.value
        self._mended.add(min(passed / expected, _WAITED), expected, self._memory_over(passed))

    def _foreseen_over(self, frames: int) -> float:
        """Evaluations that were foreseen to mend the last so many of the job's frames."""
        parts, total = len(self._profile), max(self.total, 1)
        begin = parts * (1 - min(frames, total) / total)
        return (
            sum(each * min(max(place + 1 - begin, 0.0), 1.0) for place, each in enumerate(self._profile))
            * total
            / parts
        )

    def _later_ahead(self) -> int:
        """Later frames whose keyframe isn't begun."""
        return max(self._left[LATER] - sum(key.frames for key in self._begun if key.kind == LATER), 0)

    def _memory_over(self, seconds: float) -> float:
        """How much of an observation's weight is left after so many seconds."""
        left = self._said[0] if self._said else 0.0
        return math.exp(-seconds / min(max(_REMEMBERED * left, _REMEMBERS[0]), _REMEMBERS[1]))

    def finished(self, kind: str, *, is_key: bool = True, again: bool = False) -> None:
        """Note a finished frame: the keyframe that was begun first, or one before it.

        `again`: it was painted before, and so isn't counted.
        """
        self._left[kind] = max(self._left[kind] - 1, 0)
        self.run_done += not again
        passed = self._passed()
        if not is_key and self._rate is not None:
            self._note_mended(passed)
        if is_key and self._begun:
            key = self._begun.popleft()
            if key.expected is not None:
                self._needed[key.kind].add(key.done / max(key.planned, _TICK))
                if key.kind == FIRST:
                    self._ready.add(key.beside)
        elif self._begun:
            self._begun[0].frames = max(self._begun[0].frames - 1, 1)

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
            "evaluation_seconds": self._rate.value if self._rate else None,
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
            passed = now - at
            due = max(before - passed, 0.0)
            settling = min(max(_SETTLING * left, _SETTLES[0]), _SETTLES[1])
            change = (left - due) * (1 - math.exp(-passed / settling))
            most = max(_STEP * max(due, left), _LEAST_STEP, _PASSING * passed)
            left = due + steady_change(change, most, passed)
        self._said = left, now
        return left

    def _painting(self) -> float | None:
        """The same of painting alone, as it is told now."""
        if not any(self._left.values()):
            return 0.0
        if self._rate is None:
            return None
        first = max(self._left[FIRST] - sum(key.kind == FIRST for key in self._begun), 0)
        later = self._later_ahead()
        at_first, at_keys = first * (self._each(FIRST) + self._ready.value), 0.0
        found = 0.0  # frames whose motion is found ahead
        if self._begun:
            key = self._begun[-1]
            most = self._each(key.kind) if key.expected is None else key.expected
            left = max(most - key.done, 0.0)
            if key.kind == LATER:
                at_keys = left * self._beside(key) + (_READY[LATER] if key.expected is None else 0.0)
                found = self._interval.value
            else:
                at_first += left + (max(self._ready.value - key.beside, 0.0) if key.share < 1 - _TICK else 0.0)
                found = self._interval.value * min(key.done / most, 1.0)
        at_keys += later / self._interval.value * (self._each(LATER) + _READY[LATER])
        at_keys += max(later - found, 0.0) * self._motion
        if self._at is None and not first:
            # It goes on with a shot: nothing is painted beside its first interval's motion.
            at_keys += min(self._interval.value, later) * (self._motion_alone - self._motion)
        if later or self._begun:
            at_keys += _MAKING * (self._interval.value - 1) * self._motion
        # A machine that takes longer over first frames does so over keyframes: their pace is that beyond it.
        known = sum(sum(key.mending) for key in self._begun)
        mended = known + self._foreseen_over(later) * self._foreseen.value
        return (at_first + at_keys * self._pace.value + mended * self._mended.value) * self._rate.value

    def _passed(self) -> float:
        """Seconds since this was last asked."""
        before, self._last = self._last, self._now()
        return self._last - before
