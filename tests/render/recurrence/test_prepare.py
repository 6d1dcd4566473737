"""Frames matched with earlier ones, ahead of the solver."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from vidstyle.media.reader import Frame
from vidstyle.motion.methods import flow_method
from vidstyle.motion.reliability import reliability
from vidstyle.render.recurrence.prepare import GivenKeys, on_the_way, prefetch, prepare, prepare_keyframes


def frames(start: int, stop: int) -> Iterator[Frame]:
    """A texture that moves two pixels to the left each frame."""
    texture = np.random.default_rng(0).random((40, 120, 3), np.float32)
    texture = (texture + np.roll(texture, 1, 1) + np.roll(texture, 2, 1)) / 3
    for index in range(start, stop):
        yield Frame(index, index, np.ascontiguousarray(texture[:, 2 * index : 2 * index + 60]), None)


def test_prior_flows_lead_to_the_frames_at_the_distances_that_exist() -> None:
    flow = flow_method("dis")
    prepared = list(prepare(frames(3, 9), 0, (1, 2, 4), flow, reliability))
    assert [[link.index for link in each.prior_flows] for each in prepared] == [
        [],
        [3],
        [4, 3],
        [5, 4],
        [6, 5, 3],
        [7, 6, 4],
    ]
    nearest, second = prepared[4].prior_flows[:2]
    assert np.median(nearest.flow[..., 0]) == pytest.approx(2, abs=0.1)
    assert np.median(second.flow[..., 0]) == pytest.approx(4, abs=0.1)


def test_frames_prepared_after_a_resume_are_those_of_an_uninterrupted_run() -> None:
    flow = flow_method("dis")
    whole = list(prepare(frames(0, 8), 0, (1, 2), flow, reliability, workers=3))[5:]
    rest = list(prepare(frames(3, 8), 2, (1, 2), flow, reliability))
    for one, other in zip(whole, rest, strict=True):
        assert one.frame.index == other.frame.index
        for a, b in zip(one.prior_flows, other.prior_flows, strict=True):
            assert a.index == b.index
            assert a.flow.tobytes() == b.flow.tobytes() and a.reliability.tobytes() == b.reliability.tobytes()


def test_no_frame_is_matched_with_itself() -> None:
    flow, pairs = flow_method("dis"), []

    def watched(a: np.ndarray, b: np.ndarray, start: np.ndarray | None = None) -> np.ndarray:
        pairs.append((a, b))
        return flow(a, b, start)

    keys = list(prepare_keyframes(frames(0, 7), (), (1,), watched, 2))
    intervals = [key.motion.interval for key in keys if key.motion]
    assert [key.frame.index for key in keys] == [0, *(interval.right for interval in intervals)] and intervals[
        -1
    ].right == 6
    assert not any(a is b for a, b in pairs)
    assert len(pairs) == 2 * (6 + sum(interval.right > interval.left + 1 for interval in intervals))


def test_what_the_last_keyframe_hides_comes_from_the_one_before() -> None:
    """A block stands in one frame of a still, and each frame is a key."""
    still, block = np.random.default_rng(1).random((2, 60, 120, 3), np.float32)
    still, block = (cv2.GaussianBlur(image, (0, 0), 2) * 4 - 1.5 for image in (still, block))
    covered = still.copy()
    covered[:, 40:70] = block[:, 40:70]
    shown = (Frame(index, index, image, None) for index, image in enumerate((still, covered, still)))
    *_, last = prepare_keyframes(shown, (), (1, 2), flow_method("dis"), 1)
    nearest, farther = last.prior_flows
    assert (nearest.index, farther.index) == (1, 0)
    assert nearest.reliability[:, 45:65].mean() < 0.2
    assert farther.reliability[:, 45:65].mean() > 0.9


@pytest.mark.slow
def test_without_workers_no_pair_is_matched_ahead_of_being_asked() -> None:
    flow, pairs = flow_method("dis"), []

    def watched(a: np.ndarray, b: np.ndarray, start: np.ndarray | None = None) -> np.ndarray:
        pairs.append((a, b))
        return flow(a, b, start)

    keys = prepare_keyframes(frames(0, 12), (), (1,), watched, 2, workers=0)
    made = [next(keys), next(keys)]
    ties = 3 + 1  # as far as the next key may be, and its way corrected
    assert len(pairs) == 2 * ties
    made.extend(keys)
    for one, other in zip(made, prepare_keyframes(frames(0, 12), (), (1,), watched, 2), strict=True):
        assert one.frame.index == other.frame.index
        assert [a.flow.tobytes() for a in one.prior_flows] == [b.flow.tobytes() for b in other.prior_flows]


def test_items_are_made_ahead_but_not_too_far() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1, 7):
            made.append(number)
            yield number

    run = prefetch(items(), depth=2)
    assert next(run) == 1
    deadline = time.monotonic() + 5
    while len(made) < 3 and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(0.02)
    assert made == [1, 2, 3]
    assert list(run) == [2, 3, 4, 5, 6]


def test_closing_ends_the_thread_and_the_items() -> None:
    closed = threading.Event()

    def items() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    run = prefetch(items())
    next(run)
    run.close()
    assert closed.is_set()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("prefetch")]


def test_closing_early_ends_every_thread() -> None:
    run = prepare(frames(0, 20), 0, (1,), flow_method("dis"), reliability, workers=3)
    next(run)
    run.close()
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith(("prefetch", "match", "flow"))]


def test_an_error_on_the_thread_reaches_the_caller() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError

    run = prefetch(items())
    assert next(run) == 1
    with pytest.raises(ZeroDivisionError):
        next(run)


def test_given_keyframes_end_intervals_and_others_are_matched_with_the_one_ahead() -> None:
    given = GivenKeys((2, 7), lambda index: next(frames(index, index + 1)))
    keys = list(prepare_keyframes(frames(2, 10), (), (1, 2), flow_method("dis"), 3, given))
    assert [(key.frame.index, key.kind.value) for key in keys] == [
        *((2, "given"), (6, "solved"), (7, "given"), (9, "solved"))
    ]
    assert not keys[0].prior_flows and not keys[2].prior_flows
    ahead = keys[1].ahead
    assert ahead is not None and ahead.flow.index == 7 and ahead.way == pytest.approx(0.8)
    assert np.median(ahead.flow.flow[..., 0]) == pytest.approx(-2, abs=0.1)
    assert keys[1].made_from == (2, 7) and keys[3].ahead is None


def test_the_way_to_a_given_keyframe_begins_at_the_one_before_or_two_seconds_ahead() -> None:
    assert on_the_way(15, (10, 20)) == (20, 0.5)
    assert on_the_way(176, (10, 200)) == (200, 0.5)
    assert on_the_way(100, (10, 200)) is None and on_the_way(20, (10, 20)) is None
