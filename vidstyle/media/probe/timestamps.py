"""Presentation times that rise, made of times some of which are wrong or missing."""

import bisect
import itertools
import math
from collections.abc import Sequence
from fractions import Fraction


def repair_timestamps(times: Sequence[int | None]) -> tuple[list[int], int, int]:
    """Times of frames in the order shown that rise, in place of those that are missing or don't; all others are kept.

    They are in ticks so many times as fine as the second value says; the third is how many of them are new.
    """
    good = _rising(times)
    if not good:
        return list(range(len(times))), 1, len(times)
    known = [(index, _time(times, index)) for index in good]
    rises = sorted(Fraction(late - early, b - a) for (a, early), (b, late) in itertools.pairwise(known))
    usual = rises[(len(rises) - 1) // 2] if rises else Fraction(1)
    exact = [known[0][1] + (index - known[0][0]) * usual for index in range(known[0][0])]
    for (a, early), (b, late) in itertools.pairwise(known):
        exact += [early + Fraction(late - early, b - a) * count for count in range(b - a)]
    last, end = known[-1]
    exact += [end + (index - last) * usual for index in range(last, len(times))]
    rounded = [round(time) for time in exact]
    scale = 1
    if any(late <= early for early, late in itertools.pairwise(rounded)):  # more frames than ticks
        scale = math.lcm(*(time.denominator for time in exact))
        rounded = [int(time * scale) for time in exact]
    return rounded, scale, len(times) - len(good)


def _rising(times: Sequence[int | None]) -> list[int]:
    """The indices of the longest rising row of times: what is not among them is taken for a mistake."""
    ends: list[int] = []  # the least time in which a rising row of each length can end, …
    tails: list[int] = []  # … its index, …
    before: dict[int, int] = {}  # … and the index before each in its row
    for index, time in enumerate(times):
        if time is None:
            continue
        length = bisect.bisect_left(ends, time)
        if ends[length : length + 1] == [time]:  # of frames at one time the first is right
            continue
        ends[length : length + 1] = [time]
        tails[length : length + 1] = [index]
        if length:
            before[index] = tails[length - 1]
    row = tails[-1:]
    while row and row[-1] in before:
        row.append(before[row[-1]])
    return row[::-1]


def _time(times: Sequence[int | None], index: int) -> int:
    time = times[index]
    assert time is not None
    return time
