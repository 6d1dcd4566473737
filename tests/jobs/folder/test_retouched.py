"""Frames that somebody has changed by hand in the job folder."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.helpers.runs import QUICK, plan, put
from vidstyle.errors import InputError
from vidstyle.generators import finish
from vidstyle.jobs.folder.frames import frame_path, is_done, read_frame, read_record
from vidstyle.jobs.folder.job import Job
from vidstyle.jobs.folder.retouched import changed_frames
from vidstyle.jobs.redo import plan_redo, write_redo
from vidstyle.media.chunks import is_whole_png
from vidstyle.media.color.display import PLAIN
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.render.assemble import FramesMissing, assemble
from vidstyle.render.task import render_shots
from vidstyle.settings import StyleImage


@pytest.fixture
def job(tmp_path: Path, clip: Path, style: StyleImage) -> Job:
    """Twelve grey frames."""
    job = plan(clip, [style], tmp_path / "out.mkv", QUICK.replace(codec="ffv1", light="painting"))
    put(job, lambda index: 0.25)
    return job


def change(job: Job, index: int, pixels: np.ndarray | None = None) -> Path:
    """Save a frame as an editor would: bright, with a part that it writes by itself."""
    path = frame_path(job, job.shots[0], index)
    drawn = np.full((32, 48, 3), 191, np.uint8) if pixels is None else pixels
    assert cv2.imwrite(str(path), drawn, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return path


@pytest.mark.slow
def test_what_somebody_has_changed_is_in_the_way_until_it_is_to_be_kept(job: Job) -> None:
    shot, path = job.shots[0], change(job, 4)
    changed = path.read_bytes()
    assert changed_frames(job, shot, range(12)) == [4]
    for run in (assemble(job, keep=True), render_shots(job, job.shots)):
        with pytest.raises(InputError, match=r"changed by hand since it was painted: frame 5\. Keep that with --keep"):
            list(run)
        assert path.read_bytes() == changed
    told = list(assemble(job, keep=True, keep_retouched=True))
    assert any("kept as changed by hand: frame 5" in progress.message for progress in told)
    assert path.read_bytes() == changed
    levels = [frame.image.mean() for frame in read_frames(probe(job.output))]
    np.testing.assert_allclose(levels, [0.25] * 4 + [0.75] + [0.25] * 7, atol=0.01)
    # From now on it is a frame like any other.
    assert is_done(job, shot) and changed_frames(job, shot, range(12)) == [4]
    assert list(assemble(dataclasses.replace(job, overwrite=True), keep=True))[-1].kind == "done"


def test_a_resumed_run_keeps_it_and_paints_nothing(job: Job) -> None:
    change(job, 4)
    told = list(render_shots(job, job.shots, keep_retouched=True))
    assert "kept as changed by hand: frame 5" in told[0].message
    record = read_record(job, job.shots[0], 4)
    assert record is not None and record.retouched


def test_a_damaged_frame_is_none_that_was_changed(job: Job) -> None:
    path = frame_path(job, job.shots[0], 4)
    data = bytearray(path.read_bytes())
    assert is_whole_png(bytes(data))
    for spoilt in (data[:-7], bytes([*data[:50], data[50] ^ 1, *data[51:]]), b""):
        assert not is_whole_png(bytes(spoilt))
        path.write_bytes(spoilt)
        assert changed_frames(job, job.shots[0], range(12)) == []
    with pytest.raises(FramesMissing, match="frames are missing: 5"):
        list(assemble(job, keep=True, keep_retouched=True))


@pytest.mark.parametrize("shape", [(32, 48), (32, 48, 4)])
def test_grey_and_opaque_pictures_are_taken_too_and_other_sizes_are_not(job: Job, shape: tuple[int, ...]) -> None:
    change(job, 4, np.full(shape, 191, np.uint8) | (np.arange(shape[-1]) == 3) * np.uint8(255) * (len(shape) == 3))
    list(assemble(job, keep=True, keep_retouched=True))
    if len(shape) == 2:
        np.testing.assert_allclose(read_frame(job, job.shots[0], 4, PLAIN), 0.75, atol=0.01)
    path = change(job, 5, np.full((16, 24, 3), 191, np.uint8))
    with pytest.raises(InputError, match="no longer 48×32 pixels"):
        list(assemble(job, keep=True, keep_retouched=True))
    assert path.exists()


def test_it_is_a_painted_frame_for_its_neighbours(job: Job) -> None:
    changed = change(job, 4).read_bytes()
    assert plan_redo(job, "3-6").redo.given == ()
    redo = finish(write_redo(job, plan_redo(job, "3-6", keep_retouched=True)))
    assert [key.index for key in redo.given] == [4]
    assert redo.given_path(4).read_bytes() == changed
    assert [shot.frames for shot in redo.shots] == [range(2, 5), range(4, 6)]
