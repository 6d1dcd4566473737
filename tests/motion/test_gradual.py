"""What comes into sight comes by and by, wherever it goes."""

import numpy as np
import pytest

from vidstyle.motion.correspondence import Correspondence
from vidstyle.motion.gradual import FRAMES, held_back, less

SIZE = (40, 60)


def _steps(count, motion=0.0, visibility=1.0):
    flow = np.zeros((*SIZE, 2), np.float32)
    flow[..., 0] = -motion
    return [Correspondence(flow, np.full(SIZE, visibility, np.float32))] * count


def _appearing(at, count, motion=0):
    """A square that goes right, and is not visible before its time."""
    seen = [np.ones(SIZE, np.float32) for _ in range(count)]
    for position in range(at):
        seen[position][10:30, 10 + motion * position : 30 + motion * position] = 0
    return seen


def _gradually(seen, steps):
    return [less(of, held) for of, held in zip(seen, held_back(seen, steps), strict=True)]


@pytest.mark.parametrize("motion", [0, 2])
def test_what_comes_into_sight_takes_its_frames_and_the_rest_is_as_it_was(motion):
    seen = _appearing(2, 9, motion)
    found = _gradually(seen, _steps(8, motion))
    levels = [shown[20, 20 + motion * position] for position, shown in enumerate(found)]
    assert levels[:2] == [0, 0] and levels[2:] == pytest.approx(np.minimum(np.arange(1, 8) / FRAMES, 1), abs=0.01)
    assert all(shown[:8].min() == 1 for shown in found)


def test_nothing_is_more_visible_than_it_was_and_what_goes_goes_at_once():
    seen = _appearing(2, 6)[::-1]
    found = _gradually(seen, _steps(5))
    assert all((shown <= of).all() for shown, of in zip(found, seen, strict=True))
    assert found[3][20, 20] == 1 and found[4][20, 20] == 0


def test_what_has_no_past_comes_at_once():
    seen = _appearing(1, 3)
    assert _gradually(seen, _steps(2, visibility=0.0))[1].min() == 1


def test_large_frames_are_followed_on_smaller_ones():
    seen = [np.kron(each, np.ones((16, 16), np.float32)) for each in _appearing(1, 3)]
    still = Correspondence(np.zeros((*seen[0].shape, 2), np.float32), np.ones_like(seen[0]))
    found = _gradually(seen, [still] * 2)
    assert found[1].shape == seen[1].shape
    assert found[1][320, 320] == pytest.approx(1 / FRAMES, abs=0.01) and found[1][:100].min() == 1
