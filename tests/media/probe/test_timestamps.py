"""Times that rise, whatever a clip says."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from vidstyle.media.probe.timestamps import repair_timestamps


@given(st.lists(st.none() | st.integers(-1000, 1000), min_size=1, max_size=40))
def test_repaired_times_rise_and_all_that_are_not_new_are_kept(times: list[int | None]) -> None:
    pts, scale, repaired = repair_timestamps(times)
    assert len(pts) == len(times)
    assert all(early < late for early, late in itertools.pairwise(pts))
    kept = sum(time is not None and time * scale == tick for time, tick in zip(times, pts, strict=True))
    assert kept >= len(times) - repaired


@given(st.sets(st.integers(-1000, 1000), min_size=1))
def test_times_that_rise_are_left_alone(times: set[int]) -> None:
    assert repair_timestamps(sorted(times)) == (sorted(times), 1, 0)
