import numpy as np
import pytest
from numpy.typing import NDArray

from tests.helpers.synthetic import make_scene
from vidstyle.measure.metrics.rhythm import rhythm
from vidstyle.measure.metrics.warp_error import ClipMotion, residual
from vidstyle.motion.reliability import reference_mask

SCENE = make_scene(3, (60, 80), shift=(2, -1), seed=3)
PAIRS = [ClipMotion(b, f, reference_mask(f, b)) for b, f in zip(SCENE.backward, SCENE.forward, strict=True)]


def found(paintings: list[NDArray[np.float32]]) -> float | None:
    first, second = (
        residual(motion, image, earlier)
        for motion, image, earlier in zip(PAIRS, paintings[1:], paintings, strict=False)
    )
    return rhythm(second, first, PAIRS[0])


def test_errors_of_each_frames_own_swing_back_by_half() -> None:
    rng = np.random.default_rng(0)
    noisy = [image + 0.1 * rng.standard_normal(image.shape, np.float32) for image in SCENE.images]
    assert found(noisy) == pytest.approx(-0.5, abs=0.05)


def test_a_flash_swings_back_all_the_way() -> None:
    assert found([image + np.float32(0.02 * (-1) ** i) for i, image in enumerate(SCENE.images)]) < -0.9


def test_what_creeps_goes_on() -> None:
    assert found([image + np.float32(0.02 * i) for i, image in enumerate(SCENE.images)]) > 0.9


def test_of_nothing_there_is_no_rhythm() -> None:
    still = np.zeros((8, 8, 3), np.float32)
    assert rhythm(still, still, ClipMotion(still[..., :2], still[..., :2], np.ones((8, 8), bool))) is None
