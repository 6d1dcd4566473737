"""Which frames are keys."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tests.helpers.synthetic import Disc, make_scene
from vidstyle.motion.correspondence import NeighbourFlow, match_neighbours
from vidstyle.motion.methods import flow_method
from vidstyle.render.recurrence.keyframes import next_keyframe

DIS = flow_method("dis")


def matched(images: list[np.ndarray]) -> list[NeighbourFlow]:
    return [match_neighbours(DIS, image, earlier) for earlier, image in itertools.pairwise(images)]


@pytest.mark.parametrize("most", [1, 3, 6, 20])
def test_a_quiet_shot_has_as_few_keyframes_as_are_allowed(most: int) -> None:
    images = make_scene(9, (64, 96), shift=(1, 0)).images
    assert next_keyframe(matched(images), images, most) == min(most + 1, 8)


def test_unrelated_frames_are_all_keyframes() -> None:
    rng = np.random.default_rng(0)
    images = [np.kron(rng.random((8, 12, 3)), np.ones((8, 8, 1))).astype(np.float32) for _ in range(5)]
    assert next_keyframe(matched(images), images, 7) == 1


def test_a_flash_is_a_keyframe() -> None:
    images = make_scene(8, (64, 96), shift=(1, 0)).images
    images[5] = np.clip(images[5] + 0.5, 0, 1)
    neighbours = matched(images)
    assert next_keyframe(neighbours, images, 7) == 5
    # Nothing of the frame after it is known from the flash, all from the next.
    assert next_keyframe(neighbours[5:], images[5:], 7) == 2


@pytest.mark.slow
def test_fast_motion_needs_more_keyframes_than_slow() -> None:
    fast = make_scene(9, (96, 144), shift=(-6, 0), disc=Disc((40, 48), 30, (9, 0)))
    assert next_keyframe(matched(fast.images), fast.images, 7) < 8


@pytest.mark.slow
def test_frames_after_the_next_keyframe_do_not_matter() -> None:
    quiet = make_scene(12, (64, 96), shift=(1, 0)).images
    unlike = [*quiet[:5], *make_scene(7, (64, 96), seed=9).images]
    assert next_keyframe(matched(quiet), quiet, 3) == next_keyframe(matched(unlike), unlike, 3) == 4
