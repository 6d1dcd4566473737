"""The stroke width that large paintings and their previews are compared by."""

import cv2
import numpy as np
import pytest

from bench.sizes import stroke_width


def test_strokes_are_as_wide_in_a_frame_as_in_its_enlargement_and_wider_where_they_are():
    def strokes(sigma, size):
        drawn = cv2.GaussianBlur(np.random.default_rng(3).random((96, 160), np.float32), (0, 0), sigma)
        return cv2.merge([cv2.resize((drawn - drawn.min()) / np.ptp(drawn), size, interpolation=cv2.INTER_CUBIC)] * 3)

    width = stroke_width(strokes(1.2, (160, 96)))
    # Noise blurred by σ is correlated by half at 2σ√ln 2.
    assert width == pytest.approx(2 * 1.2 * np.log(2) ** 0.5 / 160, rel=0.15)
    assert stroke_width(strokes(1.2, (480, 288))) == pytest.approx(width, rel=0.1)
    assert stroke_width(strokes(1.8, (160, 96))) > 1.25 * width
