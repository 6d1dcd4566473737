"""Numbered EXR files, painted: their numbers, their light, and all else that they hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.plate_files import load, save, spec
from tests.helpers.runs import plan
from vidstyle.errors import InputError, UsageError
from vidstyle.jobs.shots import selected_frames
from vidstyle.measure.footage import match
from vidstyle.media.images.stills import read_image
from vidstyle.media.probe.probe import probe
from vidstyle.render.assemble import FramesMissing, assemble
from vidstyle.render.still import stylize_image
from vidstyle.render.task import render_shots
from vidstyle.render.video import stylize_video
from vidstyle.settings import Settings, StyleImage

QUICK = Settings().replace(
    steps=1,
    first_frame_steps=1,
    content_layers=("relu2_1",),
    style_layers=("relu1_1", "relu2_1"),
    threads=1,
    on_damage="paint",
    device="cpu",
    precision="float32",
)


@pytest.fixture
def sequence(tmp_path: Path) -> Path:
    """Five frames of a sun over a dim ground, with overscan and a depth channel, from 1001 to 1006 without 1004."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number in (1001, 1002, 1003, 1005, 1006):
        pixels = np.full((36, 52, 4), 0.05, np.float32)
        pixels[8:14, 10 + number % 10 : 16 + number % 10, :3] = 30
        pixels[30:, 40:, 3] = 0
        pixels[30:, 40:, :3] = 0
        made = spec((48, 32), "RGBZ", window=(-2, -2, 52, 36))
        save(folder / f"sh010.{number}.exr", (made, pixels))
    (folder / "cover.png").write_bytes(b"no picture at all")
    return folder


def test_a_painted_sequence_keeps_its_numbers_its_sun_and_its_depth(
    tmp_path: Path, sequence: Path, style: StyleImage
) -> None:
    output, settings = tmp_path / "out.####.exr", QUICK.replace(frames="1002-1005")
    news = list(stylize_video(sequence / "sh010.####.exr", [style], output, settings))
    assert [progress.frame for progress in news if progress.kind == "frame"] == [1002, 1003, 1005]
    assert news[-1].bytes
    assert any("(1004)" in progress.message for progress in news)
    assert sorted(path.name for path in tmp_path.glob("out*")) == [f"out.{n}.exr" for n in (1002, 1003, 1005)]
    [(before, meant)], [(after, found)] = load(sequence / "sh010.1005.exr"), load(tmp_path / "out.1005.exr")
    assert (after.x, after.full_width, after.channelnames) == (before.x, before.full_width, before.channelnames)
    np.testing.assert_array_equal(found[..., 3], meant[..., 3])
    assert not np.array_equal(found[..., :3], meant[..., :3])
    assert found[10:12, 17:19, :3].min() > 3
    assert found[25:, :30, :3].max() <= 1


def test_frames_and_cuts_go_by_the_pictures_numbers(tmp_path: Path, sequence: Path, style: StyleImage) -> None:
    source = probe(sequence, QUICK.media)
    assert selected_frames(source, QUICK.replace(frames="1003-").media) == range(2, 5)
    assert selected_frames(source, QUICK.replace(frames="0-1004").media) == range(3)
    with pytest.raises(UsageError, match="1001 to 1006"):
        selected_frames(source, QUICK.replace(frames="1-5").media)
    cuts = tmp_path / "cuts.txt"
    cuts.write_text("1003\n")
    job = plan(sequence, [style], tmp_path / "out.mp4", QUICK.replace(cuts=str(cuts)))
    assert [(shot.start, shot.stop) for shot in job.shots] == [(0, 2), (2, 5)]


def test_missing_frames_and_shots_are_named_by_the_pictures_numbers(
    tmp_path: Path, sequence: Path, style: StyleImage
) -> None:
    cuts = tmp_path / "cuts.txt"
    cuts.write_text("1005\n")
    job = plan(sequence, [style], tmp_path / "out.mp4", QUICK.replace(cuts=str(cuts)))
    with pytest.raises(FramesMissing, match=r"1001-1003 \(shot 1\), 1005-1006 \(shot 2\)"):
        list(assemble(job))
    list(render_shots(job, job.shots[1:]))
    log = (job.shot_folder(job.shots[1]) / "log.txt").read_text()
    assert "frame 1005:" in log and "frame 1006:" in log
    with pytest.raises(UsageError, match="frames: 1001-1006 → 1001-1003"):
        plan(sequence, [style], tmp_path / "out.mp4", QUICK.replace(cuts=str(cuts), frames="1001-1003"))


def test_one_exr_file_gives_one(tmp_path: Path, sequence: Path, style: StyleImage) -> None:
    list(stylize_image(sequence / "sh010.1001.exr", [style], tmp_path / "a.exr", QUICK))
    [(made, found)] = load(tmp_path / "a.exr")
    assert made.channelnames == ("R", "G", "B", "Z")
    assert found[10:12, 13:15, :3].min() > 3


def test_a_part_that_can_not_be_copied_is_found_before_anything_is_painted(tmp_path: Path, style: StyleImage) -> None:
    noise = np.random.default_rng(0).random((64, 64, 4), np.float32)
    parts = [(spec((64, 64), names, name=names), noise[..., : len(names)]) for names in ("RGB", "XYZW")]
    path = save(tmp_path / "a.1001.exr", *parts)
    data = bytearray(path.read_bytes())
    middle = len(data) * 3 // 4
    data[middle : middle + 500] = bytes(500)
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"a\.1001\.exr' is damaged"):
        next(stylize_video(tmp_path / "a.####.exr", [style], tmp_path / "b.####.exr", QUICK))
    assert [file.name for file in tmp_path.iterdir()] == ["a.1001.exr"]


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_one_frame_is_painted_without_reading_the_clip_through(
    tmp_path: Path, clip: Path, style: StyleImage, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.delattr("vidstyle.media.probe.frame_index._contents")
    monkeypatch.delattr("vidstyle.media.probe.probe.fingerprint")
    one = tmp_path / f"one.{suffix}"
    asked = QUICK.replace(frames="9")
    assert list(stylize_video(clip, [style], one, asked))[-1].output == one
    list(stylize_video(clip, [style], tmp_path / f"many%d.{suffix}", asked))
    assert np.array_equal(read_image(one), read_image(tmp_path / f"many9.{suffix}"))
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"many9.{suffix}", f"one.{suffix}"]
    monkeypatch.undo()
    footage = match([one], clip, first=None, media=QUICK.media, work_dir=None)
    assert footage.frames == range(8, 9) and not footage.warnings
    with pytest.raises(UsageError, match=r"one picture for 2 frames.*--frames 3"):
        next(stylize_video(clip, [style], one, QUICK.replace(frames="3-4"), overwrite=True))
