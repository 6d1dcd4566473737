"""What can't be seen counts for nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vidstyle.media.images.opacity import with_invisible_filled
from vidstyle.media.images.stills import write_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames


@pytest.fixture(scope="module")
def sprite() -> np.ndarray:
    """A disc of two colours, (40, 60, 4), half transparent at its rim."""
    y, x = np.mgrid[:40, :60]
    far = np.hypot(x - 25, y - 19)
    picture = np.zeros((40, 60, 4), np.float32)
    picture[..., 0] = np.where(x < 25, 0.8, 0.2)
    picture[..., 1] = 0.4
    picture[..., 3] = ((14 - far) / 3).clip(0, 1)
    return picture


def test_visible_pixels_stay_and_others_are_what_is_around_them(sprite: np.ndarray) -> None:
    image, alpha = sprite[..., :3], sprite[..., 3]
    filled = with_invisible_filled(np.where(alpha[..., None] > 0, image, np.float32(1)), alpha)
    np.testing.assert_allclose(filled[alpha > 0], image[alpha > 0], atol=1e-6)
    assert filled[..., 1] == pytest.approx(0.4, abs=1e-5)
    assert filled[20, 2, 0] > 0.6 > 0.4 > filled[20, 57, 0]


def test_without_a_visible_pixel_nothing_is_left() -> None:
    assert not with_invisible_filled(np.ones((5, 7, 3), np.float32), np.zeros((5, 7), np.float32)).any()


@pytest.mark.parametrize("size", [(60, 40), (23, 15), (90, 60)])
def test_hidden_colours_leave_no_trace_at_any_size(sprite: np.ndarray, tmp_path: Path, size: tuple[int, int]) -> None:
    found = []
    for number, colour in enumerate(((0, 0, 0), (1, 1, 1), (0, 1, 0), (1, 0, 1))):
        hidden = sprite.copy()
        hidden[sprite[..., 3] == 0, :3] = colour
        write_image(tmp_path / f"{number}.png", hidden)
        found.append(next(read_frames(probe(tmp_path / f"{number}.png"), size=size, to_paint=True)).image)
    for other in found[1:]:
        np.testing.assert_array_equal(other, found[0])
