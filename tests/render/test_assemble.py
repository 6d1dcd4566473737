"""Joining frames in the right order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from vidstyle.media.reader import read_frames
from vidstyle.media.source import probe
from vidstyle.media.stills import write_frame_file
from vidstyle.render.assemble import assemble
from vidstyle.render.files import make_folder
from vidstyle.render.frames import frame_path, mark_done, publish_frame
from vidstyle.render.job import Job
from vidstyle.render.lease import acquire
from vidstyle.render.plan import plan
from vidstyle.settings import Settings, StyleImage

COUNT = 1030


def put(job: Job, levels: Callable[[int], float]) -> None:
    """Grey frames for the whole job, of these levels."""
    for shot in job.shots:
        folder = make_folder(job.shot_folder(shot) / "frames").parent
        try:
            next(acquire(folder))
        except StopIteration as end:
            lease = end.value
        for index in shot.frames:
            image = np.full((job.size[1], job.size[0], 3), levels(index), np.float32)
            publish_frame(
                job, shot, index, lambda path, image=image: write_frame_file(path, image, 8), {"seconds": 0}, lease
            )
        mark_done(job, shot, {}, lease.scratch)
        lease.release("done")


def test_frames_beyond_ten_and_a_thousand_stay_in_order(
    tmp_path: Path, style: StyleImage, make_clip: Callable[..., None], monkeypatch
) -> None:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)  # a thousand flushes prove nothing here
    make_clip(tmp_path / "clip.mp4", f"color=s=16x16:r=100,trim=end_frame={COUNT}")
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


def test_closed_while_it_joins_it_leaves_no_output_and_can_be_begun_again(
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
