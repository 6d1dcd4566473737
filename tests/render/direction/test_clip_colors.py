"""A painting in the clip's colours."""

import cv2
import numpy as np

from vidstyle.render.direction.clip_colors import with_clip_colors


def _lab(image):
    return cv2.cvtColor(image.astype(np.float32), cv2.COLOR_RGB2LAB)


def test_the_brightness_is_the_paintings_and_the_colours_are_the_clips():
    random = np.random.default_rng(0)
    clip = 0.35 + 0.3 * random.random((32, 48, 3), np.float32)
    painted = 0.35 + 0.3 * random.random((32, 48, 3), np.float32)
    shown = with_clip_colors(painted, clip)
    luma = np.array([0.2126, 0.7152, 0.0722], np.float32)
    np.testing.assert_allclose(shown @ luma, painted @ luma, atol=1e-6)
    np.testing.assert_allclose(np.diff(shown), np.diff(clip), atol=1e-6)
    assert np.abs(_lab(shown)[..., 1:].mean((0, 1)) - _lab(clip)[..., 1:].mean((0, 1))).max() < 1


def test_colours_that_a_brightness_cannot_have_are_paler_and_the_brightness_stays():
    clip = np.array([[[1, 0, 0], [0, 0, 1], [0.5, 0.5, 0.5]]], np.float32)
    for level in (0.0, 0.05, 0.95, 1.0):
        shown = with_clip_colors(np.full_like(clip, level), clip)
        assert shown.min() >= -1e-6 and shown.max() <= 1 + 1e-6
        np.testing.assert_allclose(shown @ np.array([0.2126, 0.7152, 0.0722], np.float32), level, atol=1e-6)
        assert shown[0, 0].argmax() == 0 and shown[0, 0, 1] == shown[0, 0, 2]
