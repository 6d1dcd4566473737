"""How long several paintings will take, one after the other, of which only the one at work is known well."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING

from vidstyle.jobs.time_estimate import steady_change

if TYPE_CHECKING:
    from vidstyle.jobs.progress import Progress


# The share by which what is told may differ from what was told before, so that it doesn't jump.
_STEP = 0.02


class Night:
    """Tells of each painting how long all will take.

    Parameters
    ----------
    expected
        Of each painting in turn, how long it takes beside the others, once it is begun; 0: it is done.
    now
        The clock, in seconds.
    """

    def __init__(self, expected: Sequence[float], now: Callable[[], float] = time.monotonic) -> None:
        self._expected, self._now = expected, now
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
                left = self._all_left(news.seconds_left)
                yield dataclasses.replace(news, clip_number=place + 1, clips=len(self._expected), all_seconds_left=left)
        self._taken += self._now() - self._begun
        self._taken_of += self._expected[place]

    def _all_left(self, left: float | None) -> float | None:
        now = self._now()
        if left is None:  # as it was said last, less the time since
            return None if self._left is None else max(self._left[0] - (now - self._left[1]), 0.0)
        taken = self._taken + now - self._begun + left
        of = self._taken_of + self._expected[self._place]
        later = [each for each in self._expected[self._place + 1 :] if each]
        found = left + (sum(later) * taken / of if of else 0.0) + len(later) * (self._ahead or 0.0)
        if self._left is not None:
            passed = now - self._left[1]
            due = max(self._left[0] - passed, 0.0)
            found = due + steady_change(found - due, _STEP * max(due, found), passed)
        self._left = found, now
        return found
