"""A frame is known again, whatever moves in it; other pictures are not taken for it."""

import numpy as np
import pytest
from skimage import data

from tests.helpers.synthetic import Disc, make_scene
from vidstyle.motion.filters import scaled_down
from vidstyle.motion.methods import flow_method
from vidstyle.motion.shots.returns import LEAST_IN_COMMON, RETURNS_SIDE, earlier_view, in_common

SIZE = (144, 256)
FLOW = flow_method("dis")


def scene(seed, frame=0):
    disc = Disc((40.0, 60.0), 22.0, (9.0, 3.0))
    return make_scene(8, SIZE, seed=seed, shift=(0.6, 0.2), disc=disc).images[frame]


def photo(name):
    return scaled_down(getattr(data, name)()[:300, :400].astype(np.float32) / 255, RETURNS_SIDE)


def test_the_same_place_is_known_again_once_something_has_moved_in_it():
    assert in_common(scene(1, 7), scene(1), FLOW) > 0.75
    assert earlier_view(scene(1, 7), [scene(2), scene(1), scene(3)], FLOW) == 1


@pytest.mark.parametrize("gain", [0.97, 1.03])
def test_it_is_known_in_slightly_other_light(gain):
    assert in_common((scene(1, 4) * np.float32(gain)).clip(0, 1), scene(1), FLOW) > LEAST_IN_COMMON


def test_another_place_is_not_it():
    pictures = [photo(name) for name in ("astronaut", "coffee", "chelsea")]
    for picture in pictures:
        others = [other for other in pictures if other is not picture]
        assert earlier_view(picture, others, FLOW) is None
    assert earlier_view(pictures[0], [], FLOW) is None


def test_of_equally_good_ones_the_first_is_taken_and_a_much_better_one_before_it():
    assert earlier_view(scene(1, 2), [scene(1), scene(1, 1)], FLOW) == 0
    half = scene(1).copy()
    half[:, 150:] = scene(2)[:, 150:]
    assert earlier_view(scene(1, 1), [half, scene(1)], FLOW) == 1


def test_a_blank_frame_returns_to_none():
    assert earlier_view(np.zeros((*SIZE, 3), np.float32), [np.zeros((*SIZE, 3), np.float32)], FLOW) is None
