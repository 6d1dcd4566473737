"""Joining frames in the right order."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.runs import plan, put
from vidstyle.errors import InputError, OutputError, StorageError
from vidstyle.farm.status import Watch
from vidstyle.jobs.folder.frames import frame_path, read_frame, read_record
from vidstyle.media.color.display import PLAIN
from vidstyle.media.files import hidden_part
from vidstyle.media.images.pattern import files_of, numbered_part
from vidstyle.media.images.stills import encode_frame
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.render.assemble import FramesMissing, assemble, preview
from vidstyle.render.video import stylize_video
from vidstyle.settings import Settings, StyleImage

COUNT = 1030


@pytest.mark.slow
def test_frames_beyond_ten_and_a_thousand_stay_in_order(
    tmp_path: Path, style: StyleImage, make_clip: Callable[..., None], monkeypatch
) -> None:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)  # a thousand flushes prove nothing here
    make_clip(tmp_path / "clip.mp4", f"color=gray:s=16x16:r=100,trim=end_frame={COUNT}")
    (tmp_path / "cuts.txt").write_text("".join(f"{number}\n" for number in range(3, 1000, 7)))
    settings = Settings().replace(cuts=str(tmp_path / "cuts.txt"), crf=1)
    job = plan(tmp_path / "clip.mp4", [style], tmp_path / "out.mkv", settings)
    assert len(job.shots) == 144
    # Each frame's place shows in its brightness and its neighbours'.
    put(job, lambda index: 0.2 + 0.6 * (index * 37 % 101) / 100)
    names = [frame_path(job, job.shots[-1], index).name for index in (8, 9, 99, 999, 1009)]
    assert names == ["000009.png", "000010.png", "000100.png", "001000.png", "001010.png"]
    told = list(assemble(job))
    assert [progress.frames_done for progress in told[:-1]] == list(range(1, COUNT + 1))
    shown = [frame.image.mean() for frame in read_frames(probe(tmp_path / "out.mkv"))]
    assert len(shown) == COUNT
    meant = [0.2 + 0.6 * (index * 37 % 101) / 100 for index in range(COUNT)]
    np.testing.assert_allclose(shown, meant, atol=0.02)


def test_closing_assemble_leaves_no_output_and_it_can_be_begun_again(
    tmp_path: Path, style: StyleImage, clip: Path
) -> None:
    job = plan(clip, [style], tmp_path / "out.mp4", Settings().replace(cuts="none"))
    put(job, lambda index: 0.5)
    run = assemble(job)
    next(run)
    run.close()
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4.vidstyle"]
    assert not (job.folder / "assembling.json").exists()
    list(assemble(job))
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


# Dies while the pictures get their names, after so many of them, or once all have theirs.
_KILLED = """
import os, sys
from pathlib import Path
from vidstyle.jobs.folder import output_marker
from vidstyle.jobs.folder import job
from vidstyle.render.assemble import assemble, preview
rename, left = Path.replace, int(sys.argv[2])
def replace(self, target):
    global left
    if self.name.startswith(".part-"):
        if not left:
            os._exit(9)
        left -= 1
    return rename(self, target)
Path.replace = replace
output_marker.mark_written = lambda job: os._exit(9)
list(assemble(job.load(Path(sys.argv[1])), keep=True))
"""


@pytest.mark.slow
@pytest.mark.parametrize("named", [1, 5, 12])
def test_killed_while_numbered_pictures_are_renamed_it_renames_the_rest(
    tmp_path: Path, clip: Path, style: StyleImage, named: int
) -> None:
    (tmp_path / "out").mkdir()
    output = tmp_path / "out" / "x%02d.png"
    settings = Settings().replace(cuts="none")
    job = plan(clip, [style], output, settings)
    put(job, lambda index: index / 20)
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(job.folder), str(named)], check=False)
    assert killed.returncode == 9
    assert len(list(tmp_path.glob("out/x*.png"))) == named
    before = {path.name: path.read_bytes() for path in tmp_path.glob("out/x*.png")}
    told = list(stylize_video(clip, [style], output, settings, keep=True))
    assert told[-1].kind == "done"
    assert sorted(path.name for path in output.parent.iterdir() if path.is_file()) == [
        f"x{number:02d}.png" for number in range(1, 13)
    ]
    assert {name: (output.parent / name).read_bytes() for name in before} == before


@pytest.mark.slow
def test_a_picture_that_appears_before_the_others_are_renamed_is_kept(
    tmp_path: Path, clip: Path, style: StyleImage
) -> None:
    (tmp_path / "out").mkdir()
    output = tmp_path / "out" / "x%02d.png"
    settings = Settings().replace(cuts="none")
    job = plan(clip, [style], output, settings)
    put(job, lambda index: index / 20)
    subprocess.run([sys.executable, "-c", _KILLED, str(job.folder), "3"], check=False)
    (tmp_path / "out" / "x07.png").write_bytes(b"somebody's")
    for _ in range(2):
        with pytest.raises(OutputError, match=r"x07\.png' exists already"):
            list(stylize_video(clip, [style], output, settings))
        assert (tmp_path / "out" / "x07.png").read_bytes() == b"somebody's"
    (tmp_path / "out" / "x07.png").unlink()
    list(stylize_video(clip, [style], output, settings))
    assert len(list(tmp_path.glob("out/x*.png"))) == 12


def test_a_part_of_a_clip_needs_the_names_of_its_own_frames_alone(
    tmp_path: Path, clip: Path, style: StyleImage
) -> None:
    (tmp_path / "x09.png").write_bytes(b"somebody's")
    plan(clip, [style], tmp_path / "x%02d.png", Settings().replace(cuts="none", frames="5-8"))
    with pytest.raises(OutputError, match=r"x09\.png' exists already"):
        plan(clip, [style], tmp_path / "x%02d.png", Settings().replace(cuts="none"), work_dir=tmp_path / "work")


def test_a_preview_shows_what_is_painted_and_dims_the_rest(tmp_path: Path, style: StyleImage, clip: Path) -> None:
    settings = Settings().replace(cuts="none", light="painting", crf=1)
    job = plan(clip, [style], tmp_path / "out.mkv", settings)
    preview_of = dataclasses.replace(job, output=tmp_path / "preview.mkv")
    with pytest.raises(InputError, match="no frame is painted yet"):
        list(preview(preview_of))
    put(job, lambda index: 0.5, only=range(4, 9))
    before = {path: path.read_bytes() for path in job.folder.rglob("*") if path.is_file()}
    told = list(preview(preview_of))
    assert told[0].message == "5 of 12 frames are painted; the others are the clip's own, dimmed"
    made, whole = probe(tmp_path / "preview.mkv"), probe(clip)
    np.testing.assert_allclose(*(np.array(found.seconds, float) for found in (made, whole)), atol=0.001)
    assert [stream.kind for stream in made.streams] == ["audio"]
    for frame, original in zip(read_frames(made), read_frames(whole), strict=True):
        meant = np.full_like(frame.image, 0.5) if frame.index in range(4, 9) else 0.35 * original.image
        assert np.abs(frame.image - meant).mean() < 0.02
    assert {path: path.read_bytes() for path in job.folder.rglob("*") if path.is_file()} == before


def test_where_pieces_meet_a_preview_shows_the_one_that_is_painted(
    tmp_path: Path, style: StyleImage, clip: Path
) -> None:
    settings = Settings().replace(cuts="none", light="painting", crf=1, max_shot_frames=6)
    job = plan(clip, [style], tmp_path / "out.mkv", settings)
    assert [shot.frames for shot in job.shots] == [range(9), range(3, 12)]
    put(job, lambda index: 0.5, only=range(3, 12), shots=job.shots[1:])
    told = list(preview(dataclasses.replace(job, output=tmp_path / "preview.mkv")))
    assert told[0].message.startswith("9 of 12 frames")
    levels = [frame.image.mean() for frame in read_frames(probe(tmp_path / "preview.mkv"))]
    np.testing.assert_allclose(levels[3:], 0.5, atol=0.01)


@pytest.mark.parametrize("name", ["out.mp4", "x%02d.png"])
def test_a_forged_marker_is_no_leave_to_replace_what_is_there(
    tmp_path: Path, clip: Path, style: StyleImage, name: str
) -> None:
    """A job folder that somebody else made says that it was writing what lies beside it."""
    output, settings = tmp_path / name, Settings().replace(cuts="none")
    job = plan(clip, [style], output, settings)
    put(job, lambda index: index / 20)
    files = files_of(output, job.output_numbers)
    parts = [numbered_part(file) for file in files] if len(files) > 1 else [hidden_part(output)]
    for file in (*files, *parts):
        file.write_bytes(b"somebody's")
    marker = {"job": job.digest, "output": str(output.resolve()), "existed": False}
    (job.folder / "assembling.json").write_text(json.dumps(marker))
    with pytest.raises(OutputError, match="exists already") if len(files) > 1 else contextlib.nullcontext():
        list(assemble(job, keep=True))
    assert {file.read_bytes() for file in files} == {b"somebody's"}


def test_a_frame_of_another_size_is_missing_whatever_its_record_says(
    tmp_path: Path, clip: Path, style: StyleImage
) -> None:
    job = plan(clip, [style], tmp_path / "out.mp4", Settings().replace(cuts="none"))
    put(job, lambda index: index / 20)
    [shot] = job.shots
    wide = encode_frame(np.zeros((job.size[1], job.size[0] + 2, 3), np.float32), 8)
    frame_path(job, shot, 4).write_bytes(wide)
    record = frame_path(job, shot, 4).with_suffix(".json")
    said = json.loads(record.read_text()) | {"bytes": len(wide), "crc32": zlib.crc32(wide)}
    record.write_text(json.dumps(said))
    assert read_record(job, shot, 4) is not None
    with pytest.raises(StorageError, match="damaged"):
        read_frame(job, shot, 4, PLAIN)
    with pytest.raises(FramesMissing, match=r"missing: 5 \(shot 1\)"):
        list(assemble(job))
    assert not job.output.exists()


def test_who_comes_too_early_is_told_and_has_not_failed(tmp_path: Path, clip: Path, style: StyleImage) -> None:
    """Who paints meanwhile is not disturbed, and nobody reads in `status` that the job has failed."""
    job = plan(clip, [style], tmp_path / "out.mp4", Settings().replace(cuts="none"))
    put(job, lambda index: 0.5, only=range(4))
    with pytest.raises(FramesMissing, match=r"missing: 5-12 \(shot 1\).*--partial"):
        list(assemble(job))
    told = Watch(job.folder).job_status(job)
    assert (told.state, told.assembly.state) == ("waiting", "waiting")
    assert not (job.folder / "assembly").exists()
    put(job, lambda index: 0.5)
    assert list(assemble(job, keep=True))[-1].kind == "done"
