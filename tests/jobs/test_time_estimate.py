"""Counts and the time that is left."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidstyle.jobs.time_estimate import FIRST, LATER, Expected, TimeEstimator
from vidstyle.settings import Settings

SIZE = (320, 180)
SETTINGS = Settings().replace(max_inbetweens=0)


class Watch:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Painter:
    """Paints on paper: each evaluation takes its time, and so does what comes beside it."""

    def __init__(self, estimator: TimeEstimator, watch: Watch, evaluation: float = 0.5) -> None:
        self.estimator, self.watch, self.evaluation = estimator, watch, evaluation
        self.said: list[tuple[float, float]] = []

    def passes(self, seconds: float) -> None:
        self.watch.now += seconds

    def note(self) -> None:
        left = self.estimator.seconds_left()
        if left is not None:
            self.said.append((self.watch.now, left))

    def solve(self, kind: str, evaluations: int, ready: float = 0.0) -> None:
        self.passes(ready)
        for count in range(evaluations):
            self.passes(self.evaluation)
            self.estimator.evaluated(kind, count + 1)
            self.note()

    def finish(self, kind: str, between: int = 0, mending: float = 0.0) -> None:
        for _ in range(between):
            self.passes(mending)
            self.estimator.finished(kind, solved=False)
            self.note()
        self.estimator.finished(kind)
        self.note()

    def worst(self, after: float) -> float:
        """The largest error of what was said from some second on, over what was true; near the end, over 5%."""
        end = self.watch.now
        return max(abs(left / (end - at) - 1) for at, left in self.said if after <= at < 0.95 * end)

    def jump(self) -> float:
        """The largest change that time does not explain, over the time in all."""
        pairs = zip(self.said, self.said[1:], strict=False)
        return max(abs(b - max(a - (later - at), 0)) for (at, a), (later, b) in pairs) / self.watch.now


@pytest.fixture
def started() -> Callable[..., Painter]:
    """A painter whose estimator has begun."""

    def start(
        first: int, later: int, expected: Expected | None = None, *, settings: Settings = SETTINGS, assembling: int = 0
    ) -> Painter:
        watch = Watch()
        estimator = TimeEstimator(settings, SIZE, assembling, watch)
        estimator.begin(first + later, first, later, expected)
        return Painter(estimator, watch)

    return start


def test_what_was_measured_beforehand_is_said_first(started: Callable[..., Painter]) -> None:
    assert started(1, 9).estimator.seconds_left() is None
    left = started(1, 9, Expected(evaluation=0.5, motion=0.1)).estimator.seconds_left()
    assert left == pytest.approx(0.5 * (1.1 * 36 + 9 * (4 + 1.75 + 0.5)) + 9 * 0.1)


@pytest.mark.parametrize("slower", [0.8, 1, 1.25])
@pytest.mark.parametrize("shots", [1, 3])
def test_time_is_right_within_a_quarter_from_the_tenth_second_on_and_does_not_jump(
    started: Callable[..., Painter], slower: float, shots: int
) -> None:
    settings = Settings().replace(first_frame_steps=24)
    painter = started(
        shots,
        27 * shots,
        Expected(evaluation=0.5 / slower, interval=8, mending=1.0, motion=0.1),
        settings=settings,
        assembling=28 * shots,
    )
    for _ in range(shots):
        painter.solve(FIRST, 26, ready=0.5)
        painter.finish(FIRST)
        for _ in range(3):
            painter.solve(LATER, 6, ready=0.3)
            painter.finish(LATER, between=8, mending=0.6)
    for _ in range(28 * shots):
        painter.passes(0.02)
        painter.estimator.assembled()
        painter.note()
    painter.passes(0.6)
    assert painter.worst(after=10) < 0.25
    assert painter.jump() < 0.05


def test_what_is_wrong_in_the_beginning_is_put_right_by_what_frames_take(started: Callable[..., Painter]) -> None:
    painter = started(1, 90, Expected(evaluation=0.5, interval=3, mending=0.2), settings=Settings())
    painter.solve(FIRST, 36)
    painter.finish(FIRST)
    for _ in range(9):
        painter.solve(LATER, 6)
        painter.finish(LATER, between=9, mending=1.5)
    assert painter.worst(after=0.4 * painter.watch.now) < 0.25
    assert painter.jump() < 0.1


def test_a_resumed_run_counts_what_is_left_to_do() -> None:
    watch = Watch()
    estimator = TimeEstimator(SETTINGS, SIZE, now=watch)
    estimator.begin(10, 0, 4, Expected(evaluation=1.0, motion=0.0))
    assert estimator.seconds_left() == pytest.approx(4 * (4 + 1.75 + 0.5))  # without a first frame
    assert estimator.counts()["frames_done"] == 6


def test_a_frame_painted_again_on_the_way_is_not_counted_twice() -> None:
    estimator = TimeEstimator(SETTINGS, SIZE, now=Watch())
    estimator.begin(10, 0, 1, Expected(evaluation=1.0))
    estimator.detour(0, 2)
    seen = []
    for again in (True, True, False):
        estimator.evaluated(LATER, 3)
        seen.append((estimator.counts()["frames_done"], estimator.counts()["seconds_left"] > 0))
        estimator.finished(LATER, again=again)
    assert seen == [(9, True)] * 3
    last = estimator.counts()
    assert (last["frames_done"], last["run_done"], last["seconds_left"]) == (10, 1, 0)


def test_time_is_left_while_a_frame_is_missing(started: Callable[..., Painter]) -> None:
    painter = started(0, 2, Expected(evaluation=0.5, motion=0.0))
    painter.solve(LATER, 60)  # far more than expected
    left = painter.estimator.seconds_left()
    assert left is not None and left > 0.5 * 4  # of the other one


def test_a_machine_that_slept_is_no_slow_machine(started: Callable[..., Painter]) -> None:
    painter = started(1, 0, Expected(evaluation=0.5))
    painter.solve(FIRST, 10)
    before = painter.estimator.seconds_left()
    painter.evaluation = 36_000
    painter.solve(FIRST, 1)
    after = painter.estimator.seconds_left()
    assert before is not None and after is not None and after < 40 * before


def test_encoding_alone_is_counted_too() -> None:
    watch = Watch()
    estimator = TimeEstimator(SETTINGS, SIZE, 10, watch)
    said = []
    for _ in range(10):
        watch.now += 0.5
        estimator.assembled()
        said.append(estimator.seconds_left() or 0)
    assert said[4] > said[-2] > said[-1] > 0  # the file is to be ended and checked


@given(
    first=st.integers(0, 1),
    later=st.integers(0, 12),
    before=st.integers(0, 5),
    frames=st.lists(st.tuples(st.booleans(), st.booleans(), st.floats(0, 1000), st.integers(0, 5)), max_size=30),
)
def test_counts_stay_within_what_is_there_whatever_frames_take(
    first: int, later: int, before: int, frames: list[tuple[bool, bool, float, int]]
) -> None:
    watch = Watch()
    estimator = TimeEstimator(SETTINGS, SIZE, before, watch)
    estimator.begin(before + first + later, first, later)
    left = first + later
    for number, (again, solved, seconds, evaluations) in enumerate(frames):
        kind = FIRST if first and number == 0 else LATER
        for count in range(evaluations):
            watch.now += seconds
            estimator.evaluated(kind, count + 1)
        again = again or not left
        left -= not again
        estimator.finished(kind, solved=solved, again=again)
        counts = estimator.counts()
        assert 0 <= counts["run_done"] <= counts["run_total"] == first + later
        assert before <= counts["frames_done"] <= counts["frames_total"] == before + first + later
        assert counts["seconds_left"] is None or counts["seconds_left"] >= 0
