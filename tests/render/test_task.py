"""Shots one by one, as the processes of a farm paint them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.runs import plan
from vidstyle.errors import InputError
from vidstyle.jobs.folder import job as jobs
from vidstyle.jobs.folder.frames import done_at_a_glance, frame_path, is_done
from vidstyle.jobs.folder.job import Job
from vidstyle.jobs.folder.lease import read_holder
from vidstyle.media.probe.probe import probe
from vidstyle.render.assemble import assemble
from vidstyle.render.task import render_shots
from vidstyle.render.video import stylize_video
from vidstyle.settings import Settings, StyleImage


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "cuts.txt").write_text("4\n8\n9\n")
    return Settings().replace(
        steps=2,
        first_frame_steps=2,
        content_layers=("relu2_1",),
        style_layers=("relu1_1", "relu2_1"),
        threads=1,
        device="cpu",
        precision="float32",
        cuts=str(tmp_path / "cuts.txt"),
    )


@pytest.fixture
def job(tmp_path: Path, clip: Path, style: StyleImage, settings: Settings) -> Job:
    return plan(clip, [style], tmp_path / "out.mp4", settings)


def frames(job: Job) -> list[bytes]:
    return [frame_path(job, shot, index).read_bytes() for shot in job.shots for index in shot.frames]


@pytest.mark.slow
def test_shots_in_any_order_come_to_the_frames_of_one_run(
    tmp_path: Path, job: Job, clip: Path, style: StyleImage, settings: Settings
) -> None:
    for number in (3, 1, 4, 2):
        loaded = jobs.load(job.folder)
        told = list(render_shots(loaded, [loaded.shots[number - 1]]))
        assert told[-1].kind == "shot" and told[-1].shot == number
        assert told[-1].frames_done == told[-1].frames_total == len(loaded.shots[number - 1].frames)
    list(assemble(job, keep=True))
    assert len(probe(tmp_path / "out.mp4").pts) == 12
    (tmp_path / "one").mkdir()
    list(stylize_video(clip, [style], tmp_path / "one" / "out.mp4", settings, keep=True))
    assert frames(job) == frames(jobs.load(tmp_path / "one" / "out.mp4.vidstyle"))


def test_planning_again_finds_the_same_job(
    tmp_path: Path, job: Job, clip: Path, style: StyleImage, settings: Settings
) -> None:
    written = (job.folder / "job.json").read_bytes()
    assert plan(clip, [style], tmp_path / "out.mp4", settings) == job == jobs.load(job.folder)
    assert (job.folder / "job.json").read_bytes() == written


def test_missing_frames_are_named_and_nothing_is_assembled(tmp_path: Path, job: Job) -> None:
    list(render_shots(job, [job.shots[0], job.shots[3]]))
    frame_path(job, job.shots[3], 9).write_bytes(b"")
    with pytest.raises(InputError, match=r"4-7 \(shot 2\), 8 \(shot 3\), 10 \(shot 4\)"):
        list(assemble(job))
    assert not is_done(job, job.shots[3])
    assert [len(done_at_a_glance(job, shot)) for shot in job.shots] == [3, 0, 0, 3]
    assert not (tmp_path / "out.mp4").exists()


def test_a_failed_shot_s_lease_and_log_say_why(job: Job) -> None:
    job.styles[0].path.write_bytes(b"no picture")
    with pytest.raises(InputError, match="1-noise"):
        list(render_shots(job, job.shots))
    holder = read_holder(job.shot_folder(job.shots[0]))
    assert holder is not None and holder.ended == "failed" and "1-noise" in holder.message
    assert "1-noise" in (job.shot_folder(job.shots[0]) / "log.txt").read_text()


def test_a_clip_that_changed_after_planning_is_noticed(tmp_path: Path, style: StyleImage, settings: Settings) -> None:
    from shutil import copy

    copy(style.path, tmp_path / "in-1.png")
    copy(style.path, tmp_path / "in-2.png")
    job = plan(tmp_path / "in-%d.png", [style], tmp_path / "out.mp4", settings.replace(cuts="none"))
    (tmp_path / "in-2.png").write_bytes((tmp_path / "in-2.png").read_bytes() + b" ")
    with pytest.raises(InputError, match="not the clip that the job"):
        list(render_shots(job, job.shots))


@pytest.mark.slow
def test_a_finished_shot_ends_before_torch_is_imported(job: Job) -> None:
    list(render_shots(job, job.shots))
    code = (
        "import pathlib, sys\n"
        "from vidstyle.jobs.folder import job\nfrom vidstyle.render import task\n"
        "job = job.load(pathlib.Path(sys.argv[1]))\n"
        "told = list(task.render_shots(job, job.shots[1:2]))\n"
        "print([progress.kind for progress in told])\n"
        "print([name for name in ('torch', 'cv2', 'av', 'numpy') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code, job.folder], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["['resume']", "[]"]


def test_a_frame_whose_loss_is_no_number_is_named_and_nothing_published(
    tmp_path: Path, clip: Path, style: StyleImage, settings: Settings
) -> None:
    """As where a precision gives out; the frame as it was would else pass for a painted one."""
    job = plan(clip, [style], tmp_path / "out.mp4", settings.replace(tv_weight=1e42, returns="none"))
    with pytest.raises(InputError, match=r"frame 4 can't be painted.*tv inf.*--precision float32") as caught:
        list(render_shots(job, [job.shots[1]]))
    assert caught.value.exit_code == 65
    assert len(done_at_a_glance(job, job.shots[1])) == 0
    assert not list((job.shot_folder(job.shots[1]) / "frames").iterdir())
