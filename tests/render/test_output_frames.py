"""How much of the painting is shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers import runs
from vidstyle.media.images.stills import read_image, write_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.render.recurrence.context import RenderContext
from vidstyle.render.still import stylize_image
from vidstyle.render.video import stylize_video
from vidstyle.settings import Keys, StyleImage

QUICK = runs.QUICK.replace(limit="4f", crf=0, pixel_format="444")


def images(path: Path, count: int = 4) -> list[np.ndarray]:
    return [frame.image for frame in read_frames(probe(path), 0, count)]


@pytest.mark.slow
def test_strength_mixes_the_output_and_not_the_frame_files(clip: Path, style: StyleImage, tmp_path: Path) -> None:
    for name, strength in (("all", 1.0), ("half", 0.5)):
        list(stylize_video(clip, [style], tmp_path / f"{name}.mp4", QUICK.replace(strength=strength), keep=True))
    for own, painted, mixed in zip(*map(images, (clip, tmp_path / "all.mp4", tmp_path / "half.mp4")), strict=True):
        assert np.abs(painted - own).mean() > 0.005
        np.testing.assert_allclose(mixed, (own + painted) / 2, atol=3 / 255)
    frames = [sorted((tmp_path / f"{name}.mp4.vidstyle").rglob("*.png")) for name in ("all", "half")]
    assert frames[0]
    assert [file.read_bytes() for file in frames[0]] == [file.read_bytes() for file in frames[1]]


@pytest.mark.slow
def test_strength_over_time_begins_with_the_clip_itself(clip: Path, style: StyleImage, tmp_path: Path) -> None:
    for name, strength in (("all", 1.0), ("none", 0.0), ("turns", Keys({2: 0, 4: 1}))):
        settings = QUICK.replace(strength=strength)
        (tmp_path / name).mkdir()
        list(stylize_video(clip, [style], tmp_path / name / "%d.png", settings, work_dir=tmp_path / "job", keep=True))
    own, painted, shown = (images(tmp_path / name / "%d.png") for name in ("none", "all", "turns"))
    np.testing.assert_array_equal(shown[:2], own[:2])
    np.testing.assert_allclose(shown[2], (own[2] + painted[2]) / 2, atol=1.1 / 255)
    np.testing.assert_array_equal(shown[3], painted[3])


def test_the_clips_colours_take_no_painting_anew(clip: Path, style: StyleImage, tmp_path: Path) -> None:
    output = tmp_path / "%d.png"
    list(stylize_video(clip, [style], output, QUICK, keep=True, work_dir=tmp_path / "job"))
    painted = images(output)
    settings = QUICK.replace(colors="clip")
    again = list(stylize_video(clip, [style], output, settings, keep=True, work_dir=tmp_path / "job", overwrite=True))
    assert not any(news.kind == "evaluation" for news in again)
    luma = np.array([0.2126, 0.7152, 0.0722], np.float32)
    for before, shown in zip(painted, images(output), strict=True):
        np.testing.assert_allclose(shown @ luma, before @ luma, atol=2 / 255)
        assert np.abs(shown - before).mean() > 0.01


def test_strength_can_be_changed_once_all_frames_are_painted(clip: Path, style: StyleImage, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    list(stylize_video(clip, [style], output, QUICK, keep=True))
    again = list(stylize_video(clip, [style], output, QUICK.replace(strength=0.25), keep=True, overwrite=True))
    assert not any(news.kind == "evaluation" for news in again)
    for own, mixed in zip(images(clip), images(output), strict=True):
        assert np.abs(mixed - own).mean() > 0.001


@pytest.mark.parametrize("name", ["out.mkv", "out%d.png"])
def test_with_strength_0_nothing_is_painted(
    clip: Path, style: StyleImage, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RenderContext, "__init__", lambda *_: pytest.fail("a network was asked for"))
    settings = QUICK.replace(strength=0, limit=None, codec="ffv1", pixel_format="auto")
    news = list(stylize_video(clip, [style], tmp_path / name, settings))
    assert any("nothing is painted" in step.message for step in news if step.kind == "warning")
    assert not any("vidstyle" in path.name for path in tmp_path.iterdir())
    exact = 0 if name == "out.mkv" else 0.6 / 255
    for own, shown in zip(images(clip, 12), images(tmp_path / name, 12), strict=True):
        np.testing.assert_allclose(shown, own, atol=exact)


@pytest.mark.parametrize(
    ("name", "codec", "found"),
    [
        ("out.mov", "prores", "prores"),
        ("out.gif", "auto", "gif"),
        ("out.mkv", "av1", "av1"),
        ("out.webm", "auto", "vp9"),
    ],
)
def test_painted_frames_go_into_every_kind_of_file(
    clip: Path, style: StyleImage, tmp_path: Path, name: str, codec: str, found: str
) -> None:
    settings = QUICK.replace(codec=codec, pixel_format="auto", crf=8, limit="3f")
    list(stylize_video(clip, [style], tmp_path / name, settings, keep=True))
    result = probe(tmp_path / name)
    assert (result.codec, len(result.pts), result.width, result.height) == (found, 3, 48, 32)
    painted = sorted((tmp_path / f"{name}.vidstyle").rglob("frames/*.png"))
    for file, image in zip(painted, images(tmp_path / name, 3), strict=True):
        assert np.abs(read_image(file) - image).mean() < 0.05  # a GIF is dithered


def test_a_picture_is_mixed_too(style: StyleImage, tmp_path: Path) -> None:
    write_image(tmp_path / "in.png", np.random.default_rng(1).random((24, 32, 3), np.float32))
    shown = {}
    for strength in (0.0, 0.5, 1.0):
        list(
            stylize_image(tmp_path / "in.png", [style], tmp_path / f"{strength}.png", QUICK.replace(strength=strength))
        )
        shown[strength] = read_image(tmp_path / f"{strength}.png")
    np.testing.assert_array_equal(shown[0.0], read_image(tmp_path / "in.png"))
    np.testing.assert_allclose(shown[0.5], (shown[0.0] + shown[1.0]) / 2, atol=1.1 / 255)
