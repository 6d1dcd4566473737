"""Pieces of long shots."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from vidstyle.jobs.shots import OVERLAP, pieces


@given(st.integers(0, 1000), st.integers(1, 2000), st.integers(1, 500))
def test_pieces_cover_a_shot_and_share_frames_with_their_neighbours_alone(start: int, count: int, longest: int) -> None:
    found = pieces(start, start + count, longest)
    assert (found[0][0], found[-1][1]) == (start, start + count)
    assert len(found) == -(-count // longest)
    assert all(first[0] < second[0] < first[1] for first, second in itertools.pairwise(found))
    shared = {first[1] - second[0] for first, second in itertools.pairwise(found)}
    assert len(shared) <= 1 and all(1 <= frames <= OVERLAP for frames in shared)
    assert all(first[1] <= third[0] for first, third in zip(found, found[2:], strict=False))
    assert all(stop - begin <= longest + OVERLAP for begin, stop in found)
