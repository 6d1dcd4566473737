"""Counts and the time that is left."""

from __future__ import annotations

import random
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
    """Paints on paper: each evaluation takes its time, and so does what comes beside it, unevenly."""

    def __init__(self, estimator: TimeEstimator, watch: Watch, evaluation: float = 0.5, noise: float = 0.0) -> None:
        self.estimator, self.watch, self.evaluation = estimator, watch, evaluation
        self.noise, self.random = noise, random.Random(1)
        self.said: list[tuple[float, float]] = []

    def passes(self, seconds: float) -> None:
        self.watch.now += seconds * (1 + self.random.uniform(-self.noise, self.noise))

    def note(self) -> None:
        left = self.estimator.seconds_left()
        if left is not None:
            self.said.append((self.watch.now, left))

    def solve(self, kind: str, evaluations: int, *, coarse: int = 0, frames: int = 1, ready: float = 0.0) -> None:
        """So many evaluations at full size, after those at half of it; each size is made `ready`."""
        self.estimator.begun(kind, frames)
        self.evaluate(evaluations, coarse=coarse, ready=ready)

    def evaluate(self, evaluations: int, *, coarse: int = 0, ready: float = 0.0) -> None:
        """The evaluations of the keyframe that was begun."""
        pixels, number = 0.0, 0
        for count, share in ((coarse, 0.25), (evaluations, 1.0)):
            for place in range(count):
                self.passes(self.evaluation * share + (ready * share if place == 0 else 0.0))
                pixels, number = pixels + share, number + 1
                self.estimator.evaluated(pixels, number, coarse / 4 + evaluations, coarse + evaluations)
                self.note()

    def finish(self, kind: str, between: int = 0, mending: float = 0.0) -> None:
        for _ in range(between):
            self.passes(mending)
            self.estimator.finished(LATER, is_key=False)
            self.note()
        self.estimator.finished(kind)
        self.note()

    def worst(self, after: float) -> float:
        """The largest error of what was said from some second on, over what was true; not near the end."""
        end = self.watch.now
        return max(abs(left / (end - at) - 1) for at, left in self.said if after <= at < 0.9 * end)

    def jump(self) -> float:
        """The largest rise, or fall that time does not explain, over what was left, or over ten seconds."""
        pairs = zip(self.said, self.said[1:], strict=False)
        return max(max(b - a, max(a - (later - at), 0) - b) / max(a, 10.0) for (at, a), (later, b) in pairs)


Start = Callable[..., Painter]


@pytest.fixture
def started() -> Start:
    """A painter whose estimator has begun."""

    def start(
        first: int,
        later: int,
        expected: Expected | None = None,
        *,
        settings: Settings = SETTINGS,
        assembling: int = 0,
        noise: float = 0.0,
    ) -> Painter:
        watch = Watch()
        estimator = TimeEstimator(settings, SIZE, assembling, watch)
        estimator.begin(first + later, first, later, expected)
        return Painter(estimator, watch, noise=noise)

    return start


def test_what_was_measured_beforehand_is_said_first(started: Start) -> None:
    assert started(1, 9).estimator.seconds_left() is None
    expected = Expected(evaluation=0.5, overhead=0.1, first=40.0, key=8.0, motion=0.1)
    left = started(1, 9, expected).estimator.seconds_left()
    assert left == pytest.approx(0.5 * (40 + 2.2 + 9 * (8 + 2)) + 0.4 + 9 * 0.1 + 0.4)


def a_film(painter: Painter, shots: int, *, slowed: float, mending: float) -> None:
    """Shots of 29 frames: keyframes take longer than first frames, since motion is found beside them."""
    fast = painter.evaluation
    for _ in range(shots):
        painter.evaluation = fast
        painter.solve(FIRST, 24, coarse=10, ready=8 * fast / 1.25)
        before = 0
        for frames in (10, 10, 8):
            painter.passes(0.05)
            painter.evaluation = slowed * fast
            painter.solve(LATER, 5, coarse=7, frames=frames, ready=3.5 * fast)
            painter.finish(LATER if before else FIRST, between=max(before - 1, 0), mending=mending)
            before = frames
        painter.passes(0.8)  # those between are made while nothing is solved
        painter.finish(LATER, between=before - 1, mending=mending)
    for _ in range(29 * shots):
        painter.passes(0.02)
        painter.estimator.assembled()
        painter.note()
    painter.passes(0.55)


def film_of(started: Start, shots: int, slower: float, mending: float) -> Painter:
    """A film that is painted so, of which a second of measuring told that mending takes 0.3 s a frame."""
    settings = Settings().replace(first_frame_steps=24)
    beside = {"motion": 0.3, "motion_alone": 1.4}
    expected = Expected(evaluation=0.4 / slower, overhead=0.0, key=6.75, interval=10, mending=(0.7,), **beside)
    painter = started(shots, 28 * shots, expected, settings=settings, assembling=29 * shots, noise=0.2)
    painter.evaluation = 0.4
    a_film(painter, shots, slowed=1.6, mending=mending)
    return painter


@pytest.mark.parametrize("slower", [0.9, 1, 1.1])
@pytest.mark.parametrize("shots", [1, 3])
def test_time_is_right_within_a_quarter_from_the_tenth_second_on_and_does_not_jump(
    started: Start, slower: float, shots: int
) -> None:
    """The machine is as fast as in the second that was measured, or a tenth slower or faster, and uneven."""
    painter = film_of(started, shots, slower, 0.2)
    assert painter.worst(after=10) < 0.25
    assert painter.jump() < 0.05


@pytest.mark.parametrize("mending", [0.1, 0.4])
def test_what_no_second_of_measuring_could_tell_is_learnt(started: Start, mending: float) -> None:
    painter = film_of(started, 5, 1.2, mending)
    assert painter.worst(after=0.5 * painter.watch.now) < 0.25
    assert painter.jump() < 0.06


def test_frames_that_end_early_are_expected_to_end_early(started: Start) -> None:
    """Keyframes gain nothing any more after 20 of the 27 evaluations that they may take."""
    painter = started(1, 9, Expected(evaluation=0.5, overhead=0.0, first=30.0, key=27.0, motion=0.0))
    painter.solve(FIRST, 30)
    painter.finish(FIRST)
    for _ in range(9):
        painter.estimator.begun(LATER)
        for number in range(1, 21):
            painter.passes(0.5)
            painter.estimator.evaluated(number, number, 27.0, 27)
            painter.note()
        painter.passes(1.0)
        painter.finish(LATER)
    assert painter.worst(after=0.5 * painter.watch.now) < 0.12
    assert painter.jump() < 0.06


def test_what_is_wrong_in_the_beginning_is_put_right_by_what_frames_take(started: Start) -> None:
    """Keyframes are thrice as dense as was expected, and what lies between them takes mending."""
    painter = started(1, 90, Expected(evaluation=0.5, interval=9, mending=(0.0,)), settings=Settings())
    painter.solve(FIRST, 36)
    before = 0
    for _ in range(30):
        painter.solve(LATER, 6, frames=3)
        painter.finish(LATER if before else FIRST, between=max(before - 1, 0), mending=0.5)
        before = 3
    painter.finish(LATER, between=2, mending=0.5)
    assert painter.worst(after=0.5 * painter.watch.now) < 0.25
    assert painter.jump() < 0.06


def test_a_part_in_which_much_is_mended_is_counted_as_such(started: Start) -> None:
    """Half of the film is calm; in the other half a frame between takes six evaluations, where fewer were foreseen."""
    expected = Expected(0.2, 0.0, first=30.0, key=6.0, interval=10, mending=(0.0, 0.0, 4.5, 4.5), motion=0.02)
    painter = started(1, 80, expected, settings=Settings(), noise=0.2)
    painter.evaluation = 0.2
    painter.solve(FIRST, 30, ready=0.5)
    before = 0.0
    for place in range(8):
        mending = 0.0 if place < 4 else 6.0
        painter.estimator.begun(LATER, 10, [(mending - 1, 5) if mending else (0.0, 0)] * 9)
        painter.evaluate(6, ready=0.4)
        painter.finish(LATER if place else FIRST, between=9 if place else 0, mending=0.2 * (before + 0.3))
        before = mending
    painter.finish(LATER, between=9, mending=0.2 * (before + 0.3))
    assert painter.worst(after=10) < 0.25
    assert painter.jump() < 0.06


def test_a_resumed_run_counts_what_is_left_to_do() -> None:
    watch = Watch()
    estimator = TimeEstimator(SETTINGS, SIZE, now=watch)
    estimator.begin(10, 0, 4, Expected(evaluation=1.0, overhead=0.0, key=5.0, motion=0.0))
    assert estimator.seconds_left() == pytest.approx(4 * (5 + 2) + 0.4)  # without a first frame
    assert estimator.counts()["frames_done"] == 6


def test_a_resumed_run_waits_for_its_first_interval_s_motion() -> None:
    """Other intervals' motion is found beside keyframes, which leaves half of its time to be waited for."""

    def seconds(**motion: float) -> float:
        estimator = TimeEstimator(Settings(), SIZE, now=Watch())
        estimator.begin(40, 0, 40, Expected(evaluation=1.0, interval=10, motion=0.5, **motion))
        return estimator.seconds_left() or 0.0

    assert seconds(motion_alone=1.0) - seconds() == pytest.approx(10 * 0.5, abs=0.5)


def test_a_resumed_run_is_told_as_well_as_another(started: Start) -> None:
    """Its first keyframe waits for motion, since none was found ahead, and that says nothing of the others."""
    expected = Expected(evaluation=0.4, overhead=0.0, key=5.0, interval=10, mending=(0.0,), motion=0.2)
    painter = started(0, 50, expected, settings=Settings(), noise=0.2)
    painter.evaluation = 0.4
    painter.passes(4.0)
    for place in range(5):
        painter.solve(LATER, 5, frames=10, ready=1.4)
        painter.passes(1.5)
        if place:
            painter.finish(LATER, between=9, mending=0.12)
    painter.finish(LATER, between=9, mending=0.12)
    assert painter.worst(after=5) < 0.3
    assert painter.jump() < 0.06


def test_small_evaluations_say_nothing_of_large_ones(started: Start) -> None:
    """Where threads are hindered, they take far longer than their pixels do."""
    painter = started(1, 0, Expected(evaluation=1.0, overhead=0.1, first=40.0))
    painter.estimator.begun(FIRST)
    for number in range(1, 17):
        painter.passes(0.5)
        painter.estimator.evaluated(number / 16, number, 31.0, 46)
        painter.note()
    assert painter.said[-1][1] == pytest.approx(30 * 1.1 + 2, rel=0.15)


def test_a_frame_painted_again_on_the_way_is_not_counted_twice() -> None:
    estimator = TimeEstimator(SETTINGS, SIZE, now=Watch())
    estimator.begin(10, 0, 1, Expected(evaluation=1.0))
    estimator.detour(0, 2)
    seen = []
    for again in (True, True, False):
        estimator.begun(LATER)
        estimator.evaluated(3.0, 3, 5.0, 5)
        seen.append((estimator.counts()["frames_done"], estimator.counts()["seconds_left"] > 0))
        estimator.finished(LATER, again=again)
    assert seen == [(9, True)] * 3
    assert (estimator.counts()["frames_done"], estimator.counts()["run_done"]) == (10, 1)
    assert estimator._painting() == 0


def test_time_is_left_while_a_frame_is_missing(started: Start) -> None:
    painter = started(0, 2, Expected(evaluation=0.5, motion=0.0))
    painter.solve(LATER, 60)  # far more than expected
    left = painter.estimator.seconds_left()
    assert left is not None and left > 0.5 * 4  # of the other one


def test_a_machine_that_slept_is_no_slow_machine(started: Start) -> None:
    painter = started(1, 0, Expected(evaluation=0.5))
    painter.estimator.begun(FIRST)
    for number in range(1, 11):
        painter.passes(0.5)
        painter.estimator.evaluated(number, number, 36, 36)
    before = painter.estimator.seconds_left()
    painter.watch.now += 36_000
    painter.estimator.evaluated(11.0, 11, 36.0, 36)
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


@pytest.mark.slow
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
        if solved:
            estimator.begun(kind, 1 + evaluations)
            for count in range(1, evaluations + 1):
                watch.now += seconds
                estimator.evaluated(count, count, 3, 3)
        again = again or not left
        left -= not again
        estimator.finished(kind, is_key=solved, again=again)
        counts = estimator.counts()
        assert 0 <= counts["run_done"] <= counts["run_total"] == first + later
        assert before <= counts["frames_done"] <= counts["frames_total"] == before + first + later
        assert counts["seconds_left"] is None or counts["seconds_left"] >= 0
