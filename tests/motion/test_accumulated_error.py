import cv2
import numpy as np
import pytest

from tests.helpers.synthetic import make_scene
from vidstyle.motion.accumulated_error import compare, thumbnail, warp_thumbnail

SIZES = [(90, 160), (270, 480)]


def ways(size, shift=0.0):
    return np.tile(np.float32([shift, 0]), (*size, 1)), np.ones(size, np.float32)


def alike(image, other, known=None, shift=0.0):
    flow, everything = ways(image.shape[:2], shift)
    return compare(
        thumbnail(image), warp_thumbnail(flow, thumbnail(other)), everything if known is None else known
    ).resemblance


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_another_picture_is_told_and_the_same_one_is_not(size):
    image, other = (make_scene(1, size, seed=seed).images[0] for seed in (1, 2))
    assert alike(image, image).min() == 1
    assert alike(image, other).mean() < 0.15
    assert alike(image, 1 - image).mean() < 0.15
    shifted = make_scene(2, size, shift=(5, 0), seed=1).images
    assert alike(shifted[1], shifted[0], shift=-5)[:, 20:].mean() > 0.95
    assert alike(shifted[1], shifted[0])[:, 20:].mean() < 0.5  # five pixels off


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_light_contrast_and_noise_are_no_change(size):
    image = make_scene(1, size, seed=1).images[0]
    assert alike(0.3 * image + 0.6, image).mean() > 0.95  # as in a flash or a fade
    assert alike(image * np.float32([1, 0.8, 0.6]), image).mean() > 0.95  # as white balance does
    vignette = np.linspace(0.6, 1, size[1], dtype=np.float32)[:, None]
    assert alike(image * vignette, image).mean() > 0.95
    flat = np.full((*size, 3), 0.5, np.float32)
    noise = np.random.default_rng(0).normal(0, 6 / 255, (2, *flat.shape)).astype(np.float32)
    assert alike(flat + noise[0], flat + noise[1]).min() > 0.9


@pytest.mark.parametrize("size", SIZES)
def test_what_is_elsewhere_is_told_where_it_is(size):
    """A white wall that was dragged over half of a green meadow, both without a pattern."""
    height, width = size
    wall, x = np.float32([0.8, 0.8, 0.7]), np.arange(width)[None, :, None]
    there, dragged = (np.where(x < edge * width, wall, np.float32([0.4, 0.5, 0.2])) for edge in (0.4, 0.6))
    there, dragged = (np.tile(image, (height, 1, 1)) for image in (there, dragged))
    found = alike(there, dragged)
    wrong = slice(round(0.42 * width), round(0.58 * width))
    assert found[:, wrong].max() < 0.05
    assert found[:, : width // 4].min() > 0.95 and found[:, -width // 4 :].min() > 0.95


def test_strokes_around_what_changed_belong_to_it():
    """A lamp goes on: what was painted of the dark one reaches a little beyond it."""
    off = np.full((90, 160, 3), 0.1, np.float32)
    on = cv2.circle(off.copy(), (80, 45), 8, (0.9, 0.2, 0.1), -1)
    alike = compare(on, off, np.ones((90, 160), np.float32), painted=True).resemblance
    assert alike[45, 80 - 10] == alike[45 + 10, 80] == 0
    assert alike[45, 80 - 16] == 1
    on[20, 20] = 1  # one pixel is noise
    assert compare(on, off, np.ones((90, 160), np.float32), painted=True).resemblance[20, 22] == 1


@pytest.mark.slow
def test_an_edge_may_be_a_pixel_off():
    size = (90, 160)
    image = make_scene(1, size, seed=1).images[0]
    assert alike(image, image, shift=0.7).mean() > 0.95
    # At twice the size two pixels are what one was.
    large = make_scene(1, (180, 640), seed=1).images[0]
    assert alike(large, large, shift=1.4).mean() > 0.95


def test_what_is_not_known_says_nothing_of_the_light():
    """Something bright has come in at the right: beside it nothing has changed."""
    size = (90, 160)
    image = make_scene(1, size, seed=1).images[0] * np.float32(0.5)
    covered = np.zeros(size, np.float32)
    covered[:, 100:] = 1
    later = np.where(covered[..., None] > 0, np.float32(1), image)
    assert alike(later, image, 1 - covered)[:, 20:94].min() > 0.9


def test_what_is_carried_comes_out_in_the_light_of_what_is_there():
    image = make_scene(1, (90, 160), seed=1).images[0]
    later = 0.5 * image + np.float32([0.1, 0.2, 0.3])
    flow, everything = ways((90, 160))
    exposure_matched = compare(thumbnail(later), warp_thumbnail(flow, thumbnail(image)), everything).exposure_matched
    assert np.abs(exposure_matched - later).mean() < 0.01


def test_what_is_carried_over_an_edge_stays_in_range():
    edge = np.zeros((40, 60, 3), np.float32)
    edge[:, 30:] = 1
    flow, _ = ways((40, 60), 0.5)
    carried = warp_thumbnail(flow, thumbnail(edge))
    assert carried.min() == 0 and carried.max() == 1
