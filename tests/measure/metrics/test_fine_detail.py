"""Fine detail: whether it is the clip's or the brush's."""

import cv2
import numpy as np
import pytest

from tests.helpers.synthetic import make_scene
from vidstyle.measure.metrics.fine_detail import find_fine_detail, kept_detail

SIZE = (180, 320)


def scene(seed: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """Blobs, and noise over them that is as fine as a pixel."""
    noise = np.random.default_rng(seed).normal(0, 0.1, (*size, 1))
    return (0.5 * make_scene(1, size, seed=seed).images[0] + 0.25 + noise).clip(0, 1).astype(np.float32)


def test_it_is_the_clips_own_in_any_colours_and_the_brushs_over_them() -> None:
    clip, other = scene(0), scene(1)
    fine = find_fine_detail(clip)
    assert kept_detail(fine, clip) == pytest.approx(1, abs=1e-4)
    assert kept_detail(fine, (0.2 + 0.5 * clip).astype(np.float32)) == pytest.approx(1, abs=1e-3)
    # What two pictures of independent detail, equally strong, have of either is √½.
    both = (clip + other) / 2
    assert kept_detail(fine, both) == pytest.approx(0.5**0.5, abs=0.05)
    assert kept_detail(fine, other) == pytest.approx(0, abs=0.05)


def test_an_enlargement_has_what_the_picture_had() -> None:
    clip, other = scene(0), scene(1)
    both = (clip + other) / 2
    large, larger = (cv2.resize(image, (960, 540), interpolation=cv2.INTER_CUBIC) for image in (clip, both))
    small = kept_detail(find_fine_detail(clip), both)
    assert kept_detail(find_fine_detail(large), larger) == pytest.approx(small, abs=0.03)


def test_a_clip_without_detail_has_none_to_keep() -> None:
    flat = np.full((*SIZE, 3), 0.5, np.float32)
    assert kept_detail(find_fine_detail(flat), scene(0)) is None


def test_only_where_the_clip_is_busy_is_it_looked_at() -> None:
    clip = scene(0)
    clip[:, 128:] = 0.5
    strokes = clip.copy()
    strokes[:, 150:] = scene(1)[:, 150:]
    assert kept_detail(find_fine_detail(clip), strokes) == pytest.approx(1, abs=0.02)
