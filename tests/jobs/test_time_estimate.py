"""Counts and the time that is left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidstyle.jobs.time_estimate import FIRST, LATER, TimeEstimator
from vidstyle.settings import Settings

EVERY = Settings().replace(max_inbetweens=0)


def test_time_is_estimated_from_the_first_evaluations_then_from_frames() -> None:
    estimator = TimeEstimator(10, first=1, later=4, settings=EVERY)
    assert estimator.counts()["seconds_left"] is None
    estimator.evaluated(FIRST, 1, 100, seconds=30.0)  # warming up says nothing
    assert estimator.counts()["seconds_left"] is None
    estimator.evaluated(FIRST, 2, 100, seconds=30.5)
    early = estimator.counts()
    assert (early["frames_done"], early["run_done"], early["run_total"]) == (5, 0, 5)
    assert 100 * 0.5 - 30.5 < early["seconds_left"] < 100
    estimator.evaluated(FIRST, 2.01, 100, seconds=31.5)  # nor does a coarse one, which is dear for its pixels
    assert estimator.counts()["seconds_left"] == pytest.approx(early["seconds_left"] - 1)
    estimator.finished(FIRST, 50.0)
    estimator.evaluated(LATER, 1, 10, seconds=0.6)
    assert estimator.counts()["seconds_left"] == pytest.approx(4 * 10 * 0.6 - 0.6)


def test_coarse_evaluations_give_an_estimate_where_there_are_no_others() -> None:
    estimator = TimeEstimator(1, first=1, later=0, settings=EVERY)
    for count in range(1, 60):
        estimator.evaluated(FIRST, count / 16, 10, seconds=count * 0.1)
    assert estimator.counts()["seconds_left"] == pytest.approx(10 * 33 * 0.1 / (33 / 16) - 5.9)


def test_finished_frames_give_a_better_estimate_than_evaluations() -> None:
    estimator = TimeEstimator(10, first=0, later=4, settings=EVERY)
    estimator.evaluated(LATER, 1, 10, seconds=9.0)
    estimator.evaluated(LATER, 2, 10, seconds=9.6)
    estimator.finished(LATER, 5.0)
    estimator.finished(LATER, 7.0)
    assert estimator.counts()["seconds_left"] == pytest.approx(2 * 6)
    estimator.finished(LATER, 6.0)
    estimator.finished(LATER, 6.0)
    assert estimator.counts() == {
        "frames_done": 10,
        "frames_total": 10,
        "run_done": 4,
        "run_total": 4,
        "seconds_left": 0,
    }


def test_a_frame_painted_again_on_the_way_is_not_counted_twice() -> None:
    estimator = TimeEstimator(10, first=0, later=1, settings=EVERY)
    estimator.detour(0, 2)
    seen = []
    for again in (True, True, False):
        estimator.evaluated(LATER, 3, 10, seconds=0.5)
        seen.append((estimator.counts()["frames_done"], estimator.counts()["seconds_left"] > 0))
        estimator.finished(LATER, 1.0, again=again)
    assert seen == [(9, True)] * 3
    last = estimator.counts()
    assert (last["frames_done"], last["run_done"], last["seconds_left"]) == (10, 1, 0)


def test_time_is_left_while_a_frame_is_missing() -> None:
    estimator = TimeEstimator(10, first=0, later=5, settings=EVERY)
    for _ in range(3):
        estimator.evaluated(LATER, 3, 10, seconds=0.5)
        estimator.finished(LATER, 1.0)
    estimator.evaluated(LATER, 3, 10, seconds=60.0)  # far longer than those before
    assert estimator.counts()["seconds_left"] == pytest.approx(1.0)


def test_in_betweens_are_expected_to_take_less_time() -> None:
    left = []
    for most in (0, 5):
        estimator = TimeEstimator(11, first=0, later=10, settings=Settings().replace(max_inbetweens=most))
        estimator.evaluated(LATER, 1, 10, seconds=1.0)
        estimator.evaluated(LATER, 2, 10, seconds=2.0)
        left.append(estimator.counts()["seconds_left"])
    assert left[0] == pytest.approx(10 * 10 - 2) and left[1] < 0.5 * left[0]


@given(
    first=st.integers(0, 1),
    later=st.integers(0, 12),
    before=st.integers(0, 5),
    frames=st.lists(st.tuples(st.booleans(), st.floats(0, 1000), st.integers(0, 5)), max_size=30),
)
def test_counts_stay_within_what_is_there_whatever_frames_take(
    first: int, later: int, before: int, frames: list[tuple[bool, float, int]]
) -> None:
    estimator = TimeEstimator(before + first + later, first, later, EVERY)
    left = first + later
    for number, (again, seconds, evaluations) in enumerate(frames):
        kind = FIRST if first and number == 0 else LATER
        for count in range(evaluations):
            estimator.evaluated(kind, count + 1, 5, seconds * (count + 1))
        again = again or not left
        left -= not again
        estimator.finished(kind, seconds, again=again)
        counts = estimator.counts()
        assert 0 <= counts["run_done"] <= counts["run_total"] == first + later
        assert before <= counts["frames_done"] <= counts["frames_total"] == before + first + later
        assert counts["seconds_left"] is None or counts["seconds_left"] >= 0
