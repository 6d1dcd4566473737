"""Several processes on this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.farm.conftest import PROGRAM, SLOW, MakeJob, frames_in, painted
from tests.helpers.slurm_cluster import until
from vidstyle.errors import OutputError
from vidstyle.farm import local
from vidstyle.farm.engine import Request, missing_shots
from vidstyle.farm.local import describe, submit
from vidstyle.farm.status import Watch
from vidstyle.jobs.folder.frames import forget_frame, frame_path
from vidstyle.jobs.folder.lease import read_holder
from vidstyle.media.images.stills import write_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.render.task import render_shots


@pytest.mark.slow
def test_a_failure_is_raised_after_all_processes_have_ended(make_job: MakeJob) -> None:
    job = make_job(first_frames=(5,))
    hindrance = job.shot_folder(job.shots[0]) / "lease.json"
    hindrance.mkdir(parents=True)
    with pytest.raises(OutputError, match=r"shot 1 failed: .*lease\.json.*local\.log"):
        list(submit(Request(job, missing_shots(job), PROGRAM, workers=2)))
    hindrance.rmdir()
    assert missing_shots(job)[0] == 1 and not job.output.exists()
    told = list(submit(Request(job, missing_shots(job), PROGRAM, workers=2)))
    assert told[-1].kind == "done" and job.output.exists()
    assert len(frames_in(job)) == 12


@pytest.mark.slow
def test_a_killed_process_fails_only_its_shot(make_job: MakeJob) -> None:
    job = make_job(**SLOW)
    run = submit(Request(job, missing_shots(job), PROGRAM, workers=2))
    for progress in run:
        if progress.kind == "frame" and progress.shot == 2:
            break
    holder = read_holder(job.shot_folder(job.shots[1]))
    assert holder is not None
    os.kill(holder.process.pid, signal.SIGKILL)
    with pytest.raises(Exception, match="shot 2 failed: its process was killed by signal 9") as caught:
        list(run)
    assert getattr(caught.value, "exit_code", None) == 75
    now = Watch(job.folder).job_status(job)
    assert [shot.work.state for shot in now.shots] == ["done", "lost"]


@pytest.mark.slow
def test_stopping_it_stops_all_processes_at_a_checkpoint(make_job: MakeJob) -> None:
    job = make_job(**SLOW)
    command = [*PROGRAM, "submit", str(job.folder), "--to", "local", "--workers", "2"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    until(lambda: painted(job, 1) >= 1 and painted(job, 2) >= 1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 75, said
    assert [shot.work.state for shot in Watch(job.folder).job_status(job).shots] == ["stopped", "stopped"]
    assert "Traceback" not in said


def test_each_process_has_a_gpu_of_its_own(make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spy = tmp_path / "spy"
    spy.write_text('#!/bin/sh\necho "$CUDA_VISIBLE_DEVICES $4" >> "$0.log"\nsleep 0.5\nexit 75\n')
    spy.chmod(0o755)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,5")
    job = make_job(device="auto")
    with pytest.raises(Exception, match="shot 1 failed"):
        list(submit(Request(job, (1, 2), (str(spy),))))
    seen = dict(line.split() for line in (tmp_path / "spy.log").read_text().splitlines())
    assert seen.keys() == {"2", "5"}


@pytest.mark.parametrize(
    ("device", "visible", "asked", "expected"),
    [
        ("auto", "0", 0, 1),  # however many cores there are
        ("cuda", "0", 0, 1),
        ("cuda", "GPU-a,GPU-b", 0, 2),
        ("auto", "0", 3, 3),
        ("cuda:1", "0,1", 0, 1),
        ("mps", "", 0, 1),
        ("auto", "", 0, 8),
        ("cpu", "0", 0, 8),
    ],
)
def test_one_process_for_each_gpu(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch, device: str, visible: str, asked: int, expected: int
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    monkeypatch.setattr(local, "cores", lambda: 8)
    monkeypatch.setattr("sys.platform", "linux")
    job = make_job(device=device, first_frames=tuple(range(2, 13)))
    lines = describe(Request(job, missing_shots(job), PROGRAM, workers=asked)).splitlines()
    assert lines[0] == f"# {expected} at a time"


@pytest.mark.slow
def test_frame_counts_are_of_all_processes_together_and_none_is_counted_twice_after_a_resume(make_job: MakeJob) -> None:
    job = make_job()
    told = [progress for progress in submit(Request(job, (1, 2), PROGRAM, workers=2)) if progress.kind == "frame"]
    assert [progress.frames_done for progress in told] == list(range(1, 13))
    assert {progress.frames_total for progress in told} == {12}
    assert {progress.shot for progress in told} == {1, 2}
    job.output.unlink()
    for shot in job.shots:  # the last frame of each is gone, and so is the state before it
        (job.shot_folder(shot) / "done.json").unlink()
        frame_path(job, shot, shot.stop - 1).unlink()
        frame_path(job, shot, shot.stop - 1).with_suffix(".json").unlink()
    told = [progress for progress in submit(Request(job, (1, 2), PROGRAM, workers=2)) if progress.kind == "frame"]
    assert len(told) == 12
    assert [progress.frames_done for progress in told][-1] == 12
    assert all(10 <= progress.frames_done <= progress.frames_total == 12 for progress in told)
    assert all((progress.seconds_left or 0) > 0 for progress in told if progress.frames_done < 12)


def test_describe_lists_the_commands(make_job: MakeJob) -> None:
    job = make_job(first_frames=tuple(range(2, 13)))
    lines = describe(Request(job, missing_shots(job), PROGRAM, workers=2)).splitlines()
    assert lines[0] == "# 2 at a time"
    assert lines[-1].endswith(f"assemble {job.folder}")
    shots = [line.split("--shot ")[1].split()[0] for line in lines[1:-2]]
    assert shots == ["1-3", "4-6", "7-8", "9", "10", "11", "12"]
    assert json.dumps(lines).count("task") == len(shots)


@pytest.mark.slow
def test_counts_of_numbered_pictures_stay_within_what_was_asked_for_after_a_resume(
    make_job: MakeJob, media: Path
) -> None:
    pictures = media / "pictures"
    if not pictures.exists():
        pictures.mkdir()
        for index, frame in enumerate(read_frames(probe(media / "two.mp4"))):
            write_image(pictures / f"{1001 + index}.png", frame.image)
    job = make_job(clip="pictures", first_frames=(1007,))
    list(render_shots(job, job.shots))
    for shot in job.shots:
        forget_frame(job, shot, shot.stop - 1)
    told = [progress for progress in submit(Request(job, (1, 2), PROGRAM, workers=2)) if progress.kind == "frame"]
    assert {progress.frame for progress in told} == set(range(1001, 1013))
    assert told[-1].frames_done == 12
    assert all(0 <= progress.frames_done <= progress.frames_total == 12 for progress in told)
    assert all(0 <= progress.run_done <= progress.run_total for progress in told)
    assert all(progress.seconds_left is not None and progress.seconds_left >= 0 for progress in told)
