"""Colours tell a thing from what is beside it, place by place."""

import numpy as np

from vidstyle.motion.masks.colors import color_codes, color_evidence, followed, samples

GREY, GREEN, RED = (120, 120, 120), (40, 160, 40), (200, 30, 30)


def _scene():
    """A grey thing with grey ground on its left, and green on its right."""
    image = np.full((64, 160, 3), GREY, np.uint8)
    image[:, 110:] = GREEN
    mask = np.zeros((64, 160), np.float32)
    mask[:, 50:110] = 1
    return image, mask


def test_a_colour_counts_where_only_one_side_has_it():
    image, mask = _scene()
    codes = color_codes(image)
    said = color_evidence(codes, np.ones(mask.shape, bool), [(samples(codes, mask), 1.0)])
    assert said[32, 105] > 1 and said[32, 115] < -1 and abs(said[32, 50]) < 0.5


def test_a_colour_that_nobody_has_says_nothing():
    image, mask = _scene()
    known = samples(color_codes(image), mask)
    image[20:40, 100:120] = RED
    said = color_evidence(color_codes(image), np.ones(mask.shape, bool), [(known, 1.0)])
    assert np.abs(said[25:35, 105:115]).max() < 0.5


def test_samples_go_along_and_end_at_the_frames_edge():
    image, mask = _scene()
    known = samples(color_codes(image), mask)
    gone = followed(known, np.full((*mask.shape, 2), (30, 0), np.float32))
    assert gone.places[:, 0].min() == known.places[:, 0].min() + 30 and gone.places[:, 0].max() == 159
    assert len(gone.codes) == len(gone.inside) == len(gone.places) < len(known.places)


def test_without_samples_nothing_is_said():
    image, mask = _scene()
    codes = color_codes(image)
    assert not color_evidence(codes, np.ones(mask.shape, bool), [(samples(codes, 0 * mask), 1.0)]).any()
