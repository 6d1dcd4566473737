"""Frames whose left and right edges are neighbours."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.runs import QUICK, plan
from vidstyle.jobs.plan import resolved_wrap
from vidstyle.media.images.stills import write_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Viewing
from vidstyle.render.direction.panorama import joined, widened
from vidstyle.render.still import stylize_image
from vidstyle.render.video import stylize_video
from vidstyle.settings import Mask, Settings, StyleImage


@pytest.fixture(scope="module")
def panorama() -> np.ndarray:
    """Waves that go on across the edges, (32, 64, 3)."""
    x, y = np.arange(64) / 64 * 2 * np.pi, np.arange(32)[:, None] / 32
    waves = [np.sin(count * x + 9 * y) + np.sin(2 * count * x - 5 * y + 1) for count in (1, 2, 3)]
    return (0.5 + 0.2 * np.stack(waves, -1)).astype(np.float32)


def seam(image: np.ndarray) -> float:
    """The difference of the outermost columns, over that of neighbours."""
    steps = np.abs(np.diff(np.concatenate([image, image[:, :1]], 1), axis=1)).mean((0, 2))
    return float(steps[-1] / steps[:-1].mean())


def test_what_is_the_same_in_the_margins_stays_as_it_is(panorama: np.ndarray) -> None:
    wide = widened(panorama, 8)
    assert wide.shape == (32, 80, 3)
    np.testing.assert_array_equal(wide[:, :8], panorama[:, -8:])
    np.testing.assert_array_equal(wide[:, -8:], panorama[:, :8])
    np.testing.assert_allclose(joined(wide, 8), panorama, atol=1e-5)
    assert widened(panorama, 0) is joined(panorama, 0) is panorama


def test_edges_that_are_painted_apart_turn_into_each_other() -> None:
    ramp = np.repeat(np.linspace(0, 1, 80, dtype=np.float32)[None, :, None], 32, 0).repeat(3, 2)
    whole = joined(ramp, 8)
    assert seam(ramp[:, 8:-8]) > 50
    assert seam(whole) < 5
    np.testing.assert_array_equal(whole[:, 8:-8], ramp[:, 16:-16])


@pytest.mark.parametrize(("eyes", "wrap"), [("", "on"), ("top_bottom", "on"), ("left_right", "off")])
def test_a_clip_that_is_marked_as_360_wraps_unless_eyes_are_beside_each_other(
    clip: Path, style: StyleImage, eyes: str, wrap: str
) -> None:
    source = dataclasses.replace(probe(clip), viewing=Viewing(eyes, "equirectangular"))
    assert resolved_wrap(Settings(), source) == wrap
    assert resolved_wrap(Settings().replace(wrap="off"), source) == "off"
    assert resolved_wrap(Settings(), probe(clip)) == "off"


@pytest.mark.slow
def test_the_painting_of_a_turning_panorama_goes_on_across_its_edges(
    tmp_path: Path, panorama: np.ndarray, style: StyleImage
) -> None:
    (tmp_path / "clip").mkdir()
    for number in range(8):
        write_image(tmp_path / "clip" / f"{number}.png", np.roll(panorama, 2 * number, 1))
    seams = {}
    for wrap in ("off", "on"):
        output = tmp_path / f"{wrap}.mkv"
        list(stylize_video(tmp_path / "clip", [style], output, QUICK.replace(wrap=wrap, codec="ffv1")))
        made = probe(output)
        assert made.size == (64, 32)
        seams[wrap] = np.mean([seam(frame.image) for frame in read_frames(made)])
    assert seams["on"] <= 1.1 < seams["off"]


@pytest.mark.slow
def test_masks_and_pictures_wrap_too(tmp_path: Path, panorama: np.ndarray, style: StyleImage) -> None:
    write_image(tmp_path / "still.png", panorama)
    write_image(tmp_path / "mask.png", np.repeat(np.arange(32)[:, None, None] < 16, 64, 1).astype(np.float32))
    masked = dataclasses.replace(style, mask=Mask(tmp_path / "mask.png"))
    settings = QUICK.replace(wrap="on")
    list(stylize_image(tmp_path / "still.png", [masked], tmp_path / "a.png", settings))
    image = next(read_frames(probe(tmp_path / "a.png"))).image
    assert seam(image[:15]) <= 1.3
    np.testing.assert_allclose(image[18:], panorama[18:], atol=0.01)
    (tmp_path / "clip").mkdir()
    for number in range(3):
        write_image(tmp_path / "clip" / f"{number}.png", panorama)
    job = plan(tmp_path / "clip", [masked], tmp_path / "b.mkv", settings)
    assert job.canvas == (96, 32)
    list(stylize_video(tmp_path / "clip", [masked], tmp_path / "b.mkv", settings))
    assert len(probe(tmp_path / "b.mkv").pts) == 3
