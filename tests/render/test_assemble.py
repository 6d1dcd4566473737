"""Joining frames in the right order."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.runs import plan
from vidstyle.errors import OutputError
from vidstyle.generators import finish
from vidstyle.jobs.folder.files import make_folder
from vidstyle.jobs.folder.frames import frame_path, mark_done, publish_frame
from vidstyle.jobs.folder.job import Job
from vidstyle.jobs.folder.lease import acquire
from vidstyle.media.images.stills import encode_frame
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.render.assemble import assemble
from vidstyle.render.video import stylize_video
from vidstyle.settings import Settings, StyleImage

COUNT = 1030


def put(job: Job, levels: Callable[[int], float]) -> None:
    """Grey frames for the whole job, of these levels."""
    for shot in job.shots:
        folder = make_folder(job.shot_folder(shot) / "frames").parent
        lease = finish(acquire(folder))
        for index in shot.frames:
            image = np.full((job.size[1], job.size[0], 3), levels(index), np.float32)
            publish_frame(job, shot, index, encode_frame(image, 8), {"seconds": 0}, lease)
        mark_done(job, shot, {}, lease.scratch)
        lease.release("done")


@pytest.mark.slow
def test_frames_beyond_ten_and_a_thousand_stay_in_order(
    tmp_path: Path, style: StyleImage, make_clip: Callable[..., None], monkeypatch
) -> None:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)  # a thousand flushes prove nothing here
    make_clip(tmp_path / "clip.mp4", f"color=s=16x16:r=100,trim=end_frame={COUNT}")
    (tmp_path / "cuts.txt").write_text("".join(f"{number}\n" for number in range(3, 1000, 7)))
    settings = Settings().replace(cuts=str(tmp_path / "cuts.txt"), crf=1, light="painting")  # the clip is black
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
from vidstyle.media.output import numbered_pictures
from vidstyle.jobs.folder import output_marker
from vidstyle.jobs.folder import job
from vidstyle.render.assemble import assemble
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
