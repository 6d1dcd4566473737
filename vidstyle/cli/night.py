"""How long several paintings will take, one after the other, of which only the one at work is known well."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING

from vidstyle.jobs.time_estimate import Typical, steady_change

if TYPE_CHECKING:
    from vidstyle.jobs.progress import Progress


# The share of all of them that what is expected of a typical clip weighs, beside what was seen of these.
_WEIGHT = 0.5
# The share by which what is told may differ from what was told before, so that it doesn't jump.
_STEP = 0.02


class Night:
    """Tells of each painting how long all will take.

    How much slower this machine is than a typical one, an evaluation tells. What a clip takes besides, since it moves a
    lot or little, says only something of the others.

    Parameters
    ----------
    expected
        Of each painting in turn, how long it takes on a typical machine, once it is begun; None: it is done.
    now
        The clock, in seconds.
    """

    def __init__(self, expected: Sequence[Typical | None], now: Callable[[], float] = time.monotonic) -> None:
        self._expected, self._now = [each or Typical(0.0, 0.0) for each in expected], now
        self._weight = _WEIGHT * sum(each.seconds for each in self._expected)
        self._slower = 1.0  # than a typical machine
        self._place, self._begun = -1, 0.0
        self._taken = self._taken_of = 0.0
        self._ahead: float | None = None  # seconds until it is told how long a painting takes, the least so far
        self._left: tuple[float, float] | None = None

    def over(self, place: int, run: Generator[Progress, None, None]) -> Generator[Progress, None, None]:
        """The news of a painting, with how long all will take."""
        self._place, self._begun, told = place, self._now(), False
        with contextlib.closing(run):
            for news in run:
                if not told and news.seconds_left is not None:
                    told, before, self._begun = True, self._begun, self._now()
                    ahead = self._begun - before
                    self._ahead = ahead if self._ahead is None else min(ahead, self._ahead)
                if news.evaluation_seconds and self._expected[place].evaluation:
                    self._slower = news.evaluation_seconds / self._expected[place].evaluation
                left = self._all_left(news.seconds_left)
                yield dataclasses.replace(news, clip_number=place + 1, clips=len(self._expected), all_seconds_left=left)
        self._taken += self._now() - self._begun
        self._taken_of += self._expected[place].seconds

    def _all_left(self, left: float | None) -> float | None:
        now = self._now()
        if left is None:  # as it was said last, less the time since
            return None if self._left is None else max(self._left[0] - (now - self._left[1]), 0.0)
        taken = self._taken + now - self._begun + left
        of = self._taken_of + self._expected[self._place].seconds
        later = [each.seconds for each in self._expected[self._place + 1 :] if each.seconds]
        each = (self._weight * self._slower + taken) / (self._weight + of) if of else self._slower
        found = left + sum(later) * each + len(later) * (self._ahead or 0.0)
        if self._left is not None:
            passed = now - self._left[1]
            due = max(self._left[0] - passed, 0.0)
            found = due + steady_change(found - due, _STEP * max(due, found), passed)
        self._left = found, now
        return found
