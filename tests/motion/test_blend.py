import itertools

import cv2
import numpy as np
import pytest

from vidstyle.motion.blend import blend, turn_order, turned


def strokes(seed):
    noise = np.random.default_rng(seed).normal(size=(120, 160, 3)).astype(np.float32)
    return 0.5 + 0.6 * cv2.GaussianBlur(noise, (0, 0), 1.2)


def contrast(image):
    return float((image - cv2.GaussianBlur(image, (0, 0), 4)).std())


def test_all_of_one_is_that_one():
    one, other = strokes(0), strokes(1)
    assert np.allclose(blend(one, other, np.ones((120, 160), np.float32)), one, atol=1e-5)
    assert np.allclose(blend(one, other, np.zeros((120, 160), np.float32)), other, atol=1e-5)


@pytest.mark.parametrize("part", [0.2, 0.5, 0.8])
def test_unlike_strokes_keep_their_contrast(part):
    one, other = strokes(0), strokes(1)
    parts = np.full((120, 160), part, np.float32)
    blended, mean = blend(one, other, parts), part * one + (1 - part) * other
    assert contrast(mean) < 0.85 * contrast(one)  # what a plain mean comes to
    assert contrast(blended) == pytest.approx(contrast(one), rel=0.05)
    assert blended.mean() == pytest.approx(0.5, abs=0.01)


def test_strokes_that_agree_are_not_changed():
    one = strokes(0)
    assert np.allclose(blend(one, one.copy(), np.full((120, 160), 0.3, np.float32)), one, atol=1e-5)


def test_a_frame_turns_in_patches_evenly_and_never_back():
    order = turn_order((90, 160))
    assert order.shape == (90, 160) and order.dtype == np.float32
    assert np.allclose(np.quantile(order, [0.1, 0.5, 0.9]), [0.1, 0.5, 0.9], atol=0.03)
    shares = [turned(way, order) for way in np.linspace(0, 1, 11)]
    assert shares[0].max() == 0 and shares[-1].min() == 1
    assert [float(share.mean()) for share in shares] == pytest.approx([n / 10 for n in range(11)], abs=0.06)
    assert all((after >= before).all() for before, after in itertools.pairwise(shares))
    halfway = shares[5]
    assert halfway.std() > 0.02  # some places are ahead of others
