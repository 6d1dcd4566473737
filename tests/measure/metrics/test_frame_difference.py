import math

import numpy as np
import pytest

from vidstyle.measure.metrics.frame_difference import change, frame_difference, repeated

RNG = np.random.default_rng(0)


def test_agrees_with_a_slow_implementation() -> None:
    o1, o0, x1, x0 = (RNG.random((5, 6, 3), np.float32) for _ in range(4))
    total = 0.0
    for y in range(5):
        for x in range(6):
            for c in range(3):
                here = (y, x, c)
                total += ((float(o1[here]) - float(o0[here])) - (float(x1[here]) - float(x0[here]))) ** 2
    assert frame_difference(o1, o0, x1, x0) == pytest.approx(math.sqrt(total / 90), abs=1e-6)


def test_what_the_clip_does_is_not_held_against_it() -> None:
    clip, painting = RNG.random((4, 4, 3), np.float32), RNG.random((4, 4, 3), np.float32)
    step = np.float32(0.125)
    assert frame_difference(painting + step, painting, clip + step, clip) == pytest.approx(0, abs=1e-7)
    assert frame_difference(painting, painting, clip + step, clip) == pytest.approx(0.125, rel=1e-6)
    assert change(painting + step, painting) == pytest.approx(0.125, rel=1e-6)


def test_a_frame_that_stands_still_while_the_clip_moves_is_found() -> None:
    moving = [None, 0.1, 0.1, 0.1, 0.1, 0.1]
    assert repeated([None, 0.2, 0.2, 0.001, 0.3, 0.2], moving) == [3]
    assert repeated([None, 0.2, 0.2, 0.15, 0.3, 0.2], moving) == []


def test_a_frame_that_stands_still_with_the_clip_is_right() -> None:
    assert repeated([None, 0.2, 0.2, 0.0, 0.3, 0.2], [None, 0.1, 0.1, 0.0, 0.1, 0.1]) == []
    # A still shot, of nothing but a camera's noise.
    assert repeated([None, 0.0, 0.001, 0.0], [None, 0.003, 0.003, 0.003]) == []
    # And one whose noise is greater than what the painting has of it.
    assert repeated([None, 0.002, 0.0002, 0.002], [None, 0.02, 0.02, 0.02]) == []
    assert repeated([None], [None]) == []
