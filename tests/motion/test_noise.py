"""Noise is measured on pictures of any kind, and alone is no reason to let paint go."""

import numpy as np
import pytest

from tests.helpers.synthetic import make_scene
from vidstyle.motion.accumulated_error import compare, thumbnail
from vidstyle.motion.noise import USUAL, noise_level, unusual_noise
from vidstyle.motion.reliability import neighbour_reliability, reliability


@pytest.fixture(scope="module")
def picture():
    """Half of it has texture."""
    image = make_scene(1, (120, 160)).images[0].copy()
    image[:, :80] = np.linspace(0.3, 0.7, 80, dtype=np.float32)[:, None]
    return 0.2 + 0.6 * image


def noisy(image, level, seed):
    return (image + np.random.default_rng(seed).normal(0, level / 255, image.shape)).astype(np.float32)


@pytest.mark.parametrize("level", [0, 5, 12, 25, 40])
def test_its_standard_deviation_is_found(picture, level):
    assert 255 * noise_level(noisy(picture, level, 1)) == pytest.approx(level, abs=1 + 0.1 * level)


def test_what_is_usual_changes_no_limit(picture):
    assert unusual_noise(picture) == 0
    assert unusual_noise(noisy(picture, 30, 1), picture) == 0  # the clean one of the two decides
    assert unusual_noise(noisy(picture, 30, 1), noisy(picture, 30, 2)) == pytest.approx(30 / 255 - USUAL, abs=4 / 255)


@pytest.mark.parametrize("level", [0, 10, 20, 30, 40])
def test_a_still_picture_is_held_under_noise_of_any_strength(picture, level):
    a, b = noisy(picture, level, 1), noisy(picture, level, 2)
    still = np.zeros((*picture.shape[:2], 2), np.float32)
    assert reliability(still, still, a, b).mean() > 0.9
    assert neighbour_reliability(still, still, a, b).mean() > 0.97
    everywhere = np.ones(picture.shape[:2], np.float32)
    assert compare(thumbnail(a), thumbnail(b), everywhere).resemblance.mean() > 0.95


@pytest.mark.parametrize("level", [0, 20, 40])
def test_another_thing_is_let_go_under_noise_too(picture, level):
    other = picture.copy()
    other[40:80, 20:60] = 0.95
    a, b = noisy(picture, level, 1), noisy(other, level, 2)
    still = np.zeros((*picture.shape[:2], 2), np.float32)
    assert neighbour_reliability(still, still, a, b)[45:75, 25:55].mean() < 0.1
    everywhere = np.ones(picture.shape[:2], np.float32)
    assert compare(thumbnail(a), thumbnail(b), everywhere).resemblance[45:75, 25:55].mean() < 0.2
