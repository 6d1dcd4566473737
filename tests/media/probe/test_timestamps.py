"""Times that rise, whatever a clip says."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidstyle.media.probe.timestamps import repair_timestamps


@pytest.mark.parametrize(
    ("times", "meant"),
    [
        ([0, 40, 80, 120], [0, 40, 80, 120]),
        ([0, 40, 40, 120], [0, 40, 80, 120]),
        ([0, 40, None, 120], [0, 40, 80, 120]),
        ([0, 40, 9999, 120], [0, 40, 80, 120]),
        ([0, 40, 80, 80], [0, 40, 80, 120]),
        ([None, 40, 80, 300], [0, 40, 80, 300]),
        ([0, 100, 100, 100, 400], [0, 100, 200, 300, 400]),
    ],
)
def test_wrong_times_are_repaired_and_all_others_kept(times: list[int | None], meant: list[int]) -> None:
    pts, scale, repaired = repair_timestamps(times)
    assert (pts, scale) == (meant, 1)
    assert repaired == sum(time != right for time, right in zip(times, meant, strict=True))


def test_more_frames_than_ticks_get_finer_ticks() -> None:
    pts, scale, repaired = repair_timestamps([0, 1, 1, 2])
    assert (pts, scale, repaired) == ([0, 2, 3, 4], 2, 1)


def test_without_any_time_frames_are_counted() -> None:
    assert repair_timestamps([None, None, None]) == ([0, 1, 2], 1, 3)


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
