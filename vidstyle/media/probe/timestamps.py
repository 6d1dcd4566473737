"""Times that rise, out of times some of which are wrong."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Sequence
from fractions import Fraction


def repair_timestamps(times: Sequence[int | None]) -> tuple[list[int], int, int]:
    """Times that rise, in place of those that are missing or don't; all others are kept.

    Parameters
    ----------
    times
        Of the frames in the order shown.

    Returns
    -------
    pts, scale, repaired
        Rising times in ticks `scale` times as fine, and how many of them are new.
    """
    good = _rising(times)
    if not good:
        return list(range(len(times))), 1, len(times)
    known = [(place, _time(times, place)) for place in good]
    rises = sorted(Fraction(late - early, b - a) for (a, early), (b, late) in itertools.pairwise(known))
    usual = rises[(len(rises) - 1) // 2] if rises else Fraction(1)
    exact = [known[0][1] + (place - known[0][0]) * usual for place in range(known[0][0])]
    for (a, early), (b, late) in itertools.pairwise(known):
        exact += [early + Fraction(late - early, b - a) * count for count in range(b - a)]
    last, end = known[-1]
    exact += [end + (place - last) * usual for place in range(last, len(times))]
    rounded = [round(time) for time in exact]
    scale = 1
    if any(late <= early for early, late in itertools.pairwise(rounded)):  # more frames than ticks
        scale = math.lcm(*(time.denominator for time in exact))
        rounded = [int(time * scale) for time in exact]
    return rounded, scale, len(times) - len(good)


def _rising(times: Sequence[int | None]) -> list[int]:
    """The places of the most times that rise: what is not among them is taken for a mistake."""
    ends: list[int] = []  # the least time in which a rising row of each length can end, …
    tails: list[int] = []  # … its place, …
    before: dict[int, int] = {}  # … and the place in front of each
    for place, time in enumerate(times):
        if time is None:
            continue
        length = bisect.bisect_left(ends, time)
        if ends[length : length + 1] == [time]:  # of frames at one time the first is right
            continue
        ends[length : length + 1] = [time]
        tails[length : length + 1] = [place]
        if length:
            before[place] = tails[length - 1]
    places = tails[-1:]
    while places and places[-1] in before:
        places.append(before[places[-1]])
    return places[::-1]


def _time(times: Sequence[int | None], place: int) -> int:
    time = times[place]
    assert time is not None
    return time
