"""A long shot in pieces, which several machines paint at once."""

from __future__ import annotations

import itertools

OVERLAP = 24
"""Frames that two pieces share, if they are as long. Two paintings of one frame differ by 0.16 (root mean square); a
24th of that a frame raises the warp error by a seventh where it is 0.0002, a 10th doubles it."""


def pieces(start: int, stop: int, longest: int) -> list[tuple[int, int]]:
    """Parts of about one length of the frames `start` to before `stop`, each sharing frames with the next.

    Parameters
    ----------
    start, stop
        A shot.
    longest
        Frames that a part has at most, without what it paints beyond its own: half of what it shares at each joint.

    >>> pieces(0, 30, 10)
    [(0, 15), (5, 25), (15, 30)]
    """
    count = -(-(stop - start) // longest)
    steps = [start + (stop - start) * number // count for number in range(count + 1)]
    shared = min(OVERLAP, *(last - first for first, last in itertools.pairwise(steps)))
    before, after = shared // 2, shared - shared // 2
    return [(max(first - before, start), min(last + after, stop)) for first, last in itertools.pairwise(steps)]
