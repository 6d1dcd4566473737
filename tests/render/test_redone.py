"""Frames that are painted anew."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.helpers.runs import QUICK, plan, put
from tests.helpers.synthetic import make_scene
from vidstyle.errors import InputError, OutputError, UsageError
from vidstyle.farm.engine import missing_shots
from vidstyle.farm.status import Watch
from vidstyle.generators import finish
from vidstyle.jobs.folder import output_marker
from vidstyle.jobs.folder.cleanup import remove
from vidstyle.jobs.folder.frames import frame_path
from vidstyle.jobs.folder.job import Job, load
from vidstyle.jobs.folder.redos import redos
from vidstyle.jobs.folder.source_cache import source_of
from vidstyle.jobs.redo import plan_redo, write_redo
from vidstyle.media.images.stills import write_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.render.assemble import FramesMissing, assemble
from vidstyle.render.redone import painted_frames
from vidstyle.render.task import render_shots
from vidstyle.render.video import redo_frames, stylize_video
from vidstyle.settings import Mask, StyleImage


def planned(job: Job, frames: str, settings: Mapping[str, Any] | None = None) -> Job:
    """A range of a job that is to be painted anew, written down."""
    return finish(write_redo(job, plan_redo(job, frames, settings)))


def levels(job: Job) -> np.ndarray:
    return np.array([image.mean() for image in painted_frames(job, source_of(job)) if image is not None])


def files(folder: Path) -> dict[str, bytes]:
    """The frames in a folder by their places."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.png"))}


@pytest.mark.slow
def test_the_old_painting_turns_into_the_new_one_and_back(tmp_path: Path, clip: Path, style: StyleImage) -> None:
    job = plan(clip, [style], tmp_path / "out.mp4", QUICK)
    put(job, lambda index: 0.25)
    first = planned(job, "3-10")
    np.testing.assert_allclose(levels(job), 0.25, atol=2e-3)  # nothing of it is shown before it is whole
    put(first, lambda index: 0.75)
    shown = levels(job)
    np.testing.assert_allclose(shown[[0, 1, 10, 11]], 0.25, atol=2e-3)
    assert (np.diff(shown[1:6]) > 0.02).all() and (np.diff(shown[6:10]) < -0.02).all()
    assert np.abs(np.diff(shown)).max() < 0.5 * (0.75 - 0.25)
    # The next one is laid over it.
    second = planned(job, "6")
    assert [redo.folder.name for redo in redos(job)] == ["0001", "0002"]
    put(second, lambda index: 0.5)
    np.testing.assert_allclose(levels(job), [*shown[:5], 0.5, *shown[6:]], atol=2e-3)
    remove(job)
    assert not job.folder.exists()


@pytest.mark.slow
def test_a_painted_frame_is_turned_into_in_patches_and_nowhere_through_grey(
    tmp_path: Path, clip: Path, style: StyleImage
) -> None:
    job = plan(clip, [style], tmp_path / "out.mp4", QUICK)
    put(job, lambda index: 0.1)
    write_image(tmp_path / "other.png", np.full((job.size[1], job.size[0], 3), 0.9, np.float32))
    redo = planned(job, "2-12", {"painted": (f"7={tmp_path / 'other.png'}",)})
    put(redo, lambda index: 0.9)
    images = [image for image in painted_frames(job, source_of(job)) if image is not None]
    shown = np.array([image.mean() for image in images])
    np.testing.assert_allclose(shown[[0, 6]], [0.1, 0.9], atol=2e-3)
    steps = np.diff(shown)
    assert (steps[:6] >= 0).all() and (steps[6:] <= 0).all()
    # It begins and ends slowly, so that no join is seen, and most of a frame is one painting or the other.
    assert max(steps[0], steps[5]) < steps[:6].mean()
    grey = [((image > 0.3) & (image < 0.7)).mean() for image in images]
    assert max(grey) < 0.3


@pytest.mark.slow
def test_at_a_cut_nothing_is_blended(tmp_path: Path, clip: Path, style: StyleImage) -> None:
    job = plan(clip, [style], tmp_path / "out.mp4", QUICK.replace(cuts="auto", max_shot_frames=4))
    assert job.shots[-1].stop == 12 and any(shot.start == 7 for shot in job.shots)
    put(job, lambda index: 0.25)
    redo = planned(job, "8-12")
    assert [shot.frames for shot in redo.shots] == [range(7, 10), range(8, 12)]  # its pieces share frames, too
    put(redo, lambda index: 0.75)
    np.testing.assert_allclose(levels(job), [0.25] * 7 + [0.75] * 5, atol=2e-3)


def test_in_a_loop_the_end_turns_into_what_is_painted_anew_at_its_beginning(tmp_path: Path, style: StyleImage) -> None:
    (tmp_path / "cycle").mkdir()
    for number in range(12):
        write_image(tmp_path / "cycle" / f"{number:02d}.png", make_scene(1, (32, 48)).images[0])
    job = plan(tmp_path / "cycle", [style], tmp_path / "out.gif", QUICK.replace(loop="on"))
    put(job, lambda index: 0.25)
    put(planned(job, "0-5"), lambda index: 0.75)
    shown = levels(job)
    assert shown[0] < 0.4 and shown[2] > 0.6 and shown[5] < 0.4
    np.testing.assert_allclose(shown[6:], 0.25, atol=2e-3)


def test_what_is_missing_of_a_range_is_told_and_its_shots_are_not_complete(
    tmp_path: Path, clip: Path, style: StyleImage
) -> None:
    job = plan(clip, [style], tmp_path / "out.mp4", QUICK.replace(cuts="auto"))
    put(job, lambda index: 0.25)
    assert missing_shots(job) == ()
    redo = planned(job, "8-9")
    assert missing_shots(job) == (2,)
    told = Watch(job.folder).job_status(job).shots[1]
    assert (told.frames_done, told.frames_total, told.work.state) == (5, 7, "waiting")
    with pytest.raises(FramesMissing, match=r"8-9 \(shot 1, painted anew\)"):
        list(assemble(job, keep=True))
    put(redo, lambda index: 0.75)
    frame_path(redo, redo.shots[0], 8).write_bytes(b"damaged")
    with pytest.raises(FramesMissing, match=r"9 \(shot 1, painted anew\)"):
        list(assemble(job, keep=True))


def test_what_cannot_be_painted_anew_is_told_before_anything_is_written(
    tmp_path: Path, clip: Path, style: StyleImage
) -> None:
    job = plan(clip, [style], tmp_path / "out.mp4", QUICK.replace(cuts="auto"))
    with pytest.raises(InputError, match="frames 2-6 are not painted yet"):
        plan_redo(job, "3-5")
    put(job, lambda index: 0.25)
    refusals: list[tuple[str, dict[str, Any], str]] = [
        ("14", {}, "has only 12 frames"),
        ("3-5", {"size": 32}, "can't change in a part"),
        ("3-5", {"codec": "ffv1"}, "vidstyle assemble takes it"),
        ("3-5", {"style_weight": -1}, "out of range"),
    ]
    for frames, settings, said in refusals:
        with pytest.raises(UsageError, match=said):
            plan_redo(job, frames, settings)
    assert not (job.folder / "redo").exists()
    planned(job, "3-5", {"style_weight": 40})
    assert plan_redo(job, "3-5", {"style_weight": 40}).begun
    with pytest.raises(UsageError, match="frames 3-5 are being painted anew, with other settings"):
        plan_redo(job, "3-5", {"style_weight": 60})
    job_file = job.folder / "redo" / "0001" / "job.json"
    job_file.write_text(job_file.read_text().replace(job.digest, "0" * 16))
    with pytest.raises(InputError, match="belongs to another job"):
        redos(job)


# Dies once so many frames are painted.
_KILLED = """
import os, sys
from vidstyle.render.video import redo_frames
for progress in redo_frames(sys.argv[1], "4-9", {"style_weight": 60}):
    if progress.kind == "frame" and progress.run_done == int(sys.argv[2]):
        os._exit(9)
"""


@pytest.mark.slow
def test_frames_outside_keep_their_bytes_and_a_killed_run_comes_to_the_same(
    tmp_path: Path, clip: Path, style: StyleImage
) -> None:
    (tmp_path / "whole").mkdir()
    output = tmp_path / "whole" / "out.mkv"
    list(stylize_video(clip, [style], output, QUICK.replace(codec="ffv1", max_inbetweens=0), keep=True))
    job = load(tmp_path / "whole" / "out.mkv.vidstyle")
    before, old = files(job.folder / "shots"), [frame.image for frame in read_frames(probe(output))]
    shutil.copytree(tmp_path / "whole", tmp_path / "killed")
    told = list(redo_frames(job.folder, "4-9", {"style_weight": 60}))
    assert told[-1].kind == "done" and told[-1].output == output
    assert sum(progress.kind == "frame" for progress in told) == 6
    assert files(job.folder / "shots") == before
    new = [frame.image for frame in read_frames(probe(output))]
    same = [np.array_equal(*pair) for pair in zip(old, new, strict=True)]
    assert all(same[:3] + same[9:]) and not any(same[3:7])
    assert output_marker.is_written(job)

    other = tmp_path / "killed" / job.folder.name
    assert subprocess.run([sys.executable, "-c", _KILLED, str(other), "2"], check=False).returncode == 9
    left = files(other / "redo")
    assert 0 < len(left) < 6
    resumed = load(other)
    list(render_shots(resumed, resumed.shots))  # as a task of a farm does
    assert files(other) == files(job.folder)
    list(redo_frames(other, "4-9", {"style_weight": 60}))
    assert (tmp_path / "killed" / "out.mkv").read_bytes() == output.read_bytes()


@pytest.mark.slow
def test_another_style_in_a_mask_and_an_output_that_is_somebody_elses(
    tmp_path: Path, clip: Path, style: StyleImage
) -> None:
    output = tmp_path / "out.mkv"
    job = plan(clip, [style], output, QUICK.replace(light="painting"))
    put(job, lambda index: 0.25)
    list(assemble(job, keep=True))
    output.write_bytes(b"somebody's")
    drawn = np.repeat(np.arange(32)[:, None, None] < 16, 48, 1).repeat(3, 2).astype(np.float32)
    write_image(tmp_path / "drawn.png", drawn)
    masked = dataclasses.replace(style, mask=Mask(drawn=((5, tmp_path / "drawn.png"),)))
    with pytest.raises(OutputError, match="exists already"):
        list(redo_frames(job.folder, "3-8", styles=[masked]))
    assert not (job.folder / "redo").exists()
    list(redo_frames(job.folder, "3-8", styles=[masked], overwrite=True))
    assert len(probe(output).pts) == 12
    assert sorted(path.name for path in (job.folder / "redo" / "0001" / "masks" / "1").iterdir())[0] == "000003.png"
