"""How long several paintings will take, one after the other, of which only the one at work is known well."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import TYPE_CHECKING

from vidstyle.jobs.time_estimate import Typical, steady_change

if TYPE_CHECKING:
    from vidstyle.jobs.progress import Progress


# The share of all of them that what is expected of a typical clip weighs, beside what was seen of these.
_WEIGHT = 0.5
# The share of all of them that may go into looking at those that are not begun, or so many seconds.
_LOOKING, _LOOKS = 0.02, 3.0
# What it takes to begin a picture, of what it takes to begin a clip, whose motion is looked at.
_STILL = 0.4
# The share by which what is told may differ from what was told before, so that it doesn't jump.
_STEP = 0.02


class Night:
    """Tells of each painting how long all will take.

    How much slower this machine is than a typical one, an evaluation tells. What a clip takes besides, since it moves a
    lot or little, is known only of those that were looked at, and says only something of the others.

    Parameters
    ----------
    expected
        Of each painting in turn, how long it takes on a typical machine, once it is begun; None: it is done.
    look
        Looks at a painting by its place, and tells how long it will take here; None where it can't.
    now
        The clock, in seconds.
    """

    def __init__(
        self,
        expected: Sequence[Typical | None],
        look: Callable[[int], float | None] = lambda _: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._expected, self._look, self._now = [each or Typical(0.0, 0.0) for each in expected], look, now
        self._seen: dict[int, float] = {}  # seconds, by the places of those that were looked at
        self._has_looked = False
        self._slower = 1.0  # than a typical machine
        self._place, self._begun = -1, 0.0
        self._taken: dict[int, float] = {}
        self._ahead: float | None = None  # seconds until it is told how long a painting takes, the least so far
        self._left: tuple[float, float] | None = None

    def over(self, place: int, run: Generator[Progress, None, None]) -> Generator[Progress, None, None]:
        """The news of a painting, with how long all will take."""
        self._place, self._begun, told = place, self._now(), False
        with contextlib.closing(run):
            for news in run:
                if news.kind == "plan" and not self._has_looked:
                    begin = self._now()
                    self._look_ahead()
                    self._begun += self._now() - begin
                if not told and news.seconds_left is not None:
                    told, before, self._begun = True, self._begun, self._now()
                    ahead = self._begun - before
                    self._ahead = ahead if self._ahead is None else min(ahead, self._ahead)
                if news.evaluation_seconds and self._expected[place].evaluation:
                    self._slower = news.evaluation_seconds / self._expected[place].evaluation
                if news.kind == "estimate" and news.seconds_left is not None:
                    self._seen[place] = news.seconds_left
                left = self._all_left(news.seconds_left)
                yield dataclasses.replace(news, clip_number=place + 1, clips=len(self._expected), all_seconds_left=left)
        self._taken[place] = self._now() - self._begun

    def _look_ahead(self) -> None:
        """Look at those that are not begun, the longest first, unless that takes too long.

        The first one is planned by then, so that it is found at once to be a bad one, and its time isn't counted yet.
        """
        self._has_looked, begin = True, self._now()
        most = max(_LOOKS, _LOOKING * sum(each.seconds for each in self._expected))
        clips = [place for place in self._later if self._expected[place].frames > 1]
        for place in sorted(clips, key=lambda place: -self._expected[place].seconds):
            if self._now() - begin > most:
                break
            if (seconds := self._look(place)) is not None:
                self._seen[place] = seconds

    @property
    def _later(self) -> list[int]:
        """The places of those that come after the one at work, and are not done."""
        return [place for place in range(self._place + 1, len(self._expected)) if self._expected[place].seconds]

    def _all_left(self, left: float | None) -> float | None:
        now = self._now()
        if left is None:  # as it was said last, less the time since
            return None if self._left is None else max(self._left[0] - (now - self._left[1]), 0.0)
        taken = self._taken | {self._place: now - self._begun + left}
        later = self._later
        typical = {place: each.seconds * self._slower for place, each in enumerate(self._expected)}
        known = {place: self._seen[place] for place in later if place in self._seen}
        found = left + _scaled(known, taken, self._seen)
        found += _scaled({place: typical[place] for place in later if place not in known}, taken, typical)
        begun = sum(1.0 if self._expected[place].frames > 1 else _STILL for place in later)
        found += begun * (self._ahead or 0.0)
        if self._left is not None:
            passed = now - self._left[1]
            due = max(self._left[0] - passed, 0.0)
            found = due + steady_change(found - due, _STEP * max(due, found), passed)
        self._left = found, now
        return found


def _scaled(later: Mapping[int, float], taken: Mapping[int, float], expected: Mapping[int, float]) -> float:
    """What later paintings take, by their places: as expected, but for what others took over what was expected."""
    both = [place for place in taken if place in expected]
    weight = _WEIGHT * sum(expected.values())
    of = weight + sum(expected[place] for place in both)
    return sum(later.values()) * (weight + sum(taken[place] for place in both)) / of if of else sum(later.values())
