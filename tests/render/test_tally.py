"""Counts and the time that is left."""

from __future__ import annotations

import pytest

from vidstyle.render.tally import FIRST, LATER, Tally
from vidstyle.settings import Settings


def test_time_is_estimated_from_the_first_evaluations_then_from_frames() -> None:
    tally = Tally(10, first=1, later=4, settings=Settings())
    assert tally.counts()["seconds_left"] is None
    tally.evaluated(FIRST, 2, 100, seconds=1.0)
    early = tally.counts()
    assert (early["frames_done"], early["run_done"], early["run_total"]) == (5, 0, 5)
    assert early["seconds_left"] > 49
    tally.finished(FIRST, 50.0)
    tally.evaluated(LATER, 5, 10, seconds=3.0)
    assert tally.counts()["seconds_left"] == pytest.approx(4 * 10 * 0.6 - 3)
    tally.finished(LATER, 5.0)
    tally.finished(LATER, 7.0)
    assert tally.counts()["seconds_left"] == pytest.approx(2 * 6)
    tally.finished(LATER, 6.0)
    tally.finished(LATER, 6.0)
    assert tally.counts() == {
        "frames_done": 10,
        "frames_total": 10,
        "run_done": 5,
        "run_total": 5,
        "seconds_left": 0,
    }


def test_a_frame_painted_again_on_the_way_is_not_counted_twice() -> None:
    tally = Tally(10, first=0, later=1, settings=Settings())
    for _ in range(3):
        tally.finished(LATER, 1.0)
    assert (tally.counts()["frames_done"], tally.counts()["run_done"]) == (10, 1)
