"""Bars stay as they are in the clip, and what lies between them is painted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers import runs
from tests.helpers.runs import plan
from tests.helpers.synthetic import make_scene
from vidstyle.media.images.stills import read_image, write_image
from vidstyle.render.direction.coverage import MaskReader
from vidstyle.render.video import stylize_video
from vidstyle.settings import StyleImage

QUICK = runs.QUICK.replace(steps=3, first_frame_steps=4)


@pytest.fixture(scope="module")
def letterbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six frames of 48 × 64 with bars of 8 rows, in which something is written."""
    folder = tmp_path_factory.mktemp("letterbox")
    for number, image in enumerate(make_scene(6, (48, 64), shift=(2, 0)).images):
        frame = 0.1 + 0.8 * image
        frame[:8], frame[40:] = 0, 0
        frame[42:45, 20:30] = 0.9
        write_image(folder / f"{number:02d}.png", frame)
    return folder


def test_bars_keep_their_pixels_and_the_picture_is_painted(letterbox: Path, style: StyleImage, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    list(stylize_video(letterbox, [style], tmp_path / "out" / "%02d.png", QUICK))
    for own, painted in zip(sorted(letterbox.iterdir()), sorted((tmp_path / "out").glob("*.png")), strict=True):
        before, after = read_image(own), read_image(painted)
        np.testing.assert_array_equal(after[:8], before[:8])
        np.testing.assert_array_equal(after[40:], before[40:])
        assert np.abs(after - before)[9:39].mean() > 0.01


def test_the_rim_is_at_the_same_place_in_every_size(letterbox: Path, style: StyleImage, tmp_path: Path) -> None:
    job = plan(letterbox, [style], tmp_path / "out.mkv", QUICK.replace(size=36))
    area = MaskReader(job).area(3)
    assert area is not None and area.shape == (27, 36)
    np.testing.assert_allclose(area[:, 0], np.clip(np.minimum(np.arange(1, 28) - 4.5, 22.5 - np.arange(27)), 0, 1))
    assert (area == area[:, :1]).all()


def test_bars_are_painted_if_asked_and_a_film_without_them_has_no_rim(
    letterbox: Path, clip: Path, style: StyleImage, tmp_path: Path
) -> None:
    painted = plan(letterbox, [style], tmp_path / "out.mkv", QUICK.replace(bars="paint"))
    plain = plan(clip, [style], tmp_path / "plain.mkv", QUICK)
    assert [shot.picture for job in (painted, plain) for shot in job.shots if shot.picture] == []
    assert painted.identity != plan(letterbox, [style], tmp_path / "kept.mkv", QUICK).identity


def test_a_blue_stripe_is_no_bar(letterbox: Path, style: StyleImage, tmp_path: Path) -> None:
    """Its luma is nearly that of black."""
    (tmp_path / "blue").mkdir()
    for path in letterbox.iterdir():
        image = read_image(path).copy()
        image[:8], image[40:] = (0, 0, 1), (0, 0, 1)
        write_image(tmp_path / "blue" / path.name, image)
    job = plan(tmp_path / "blue", [style], tmp_path / "out.mkv", QUICK)
    assert job.shots[0].picture is None


def test_the_pieces_of_a_long_shot_have_the_same_bars(letterbox: Path, style: StyleImage, tmp_path: Path) -> None:
    job = plan(letterbox, [style], tmp_path / "out.mkv", QUICK.replace(max_shot_frames=3))
    assert len(job.shots) > 1
    assert {shot.picture for shot in job.shots} == {job.shots[0].picture} != {None}
