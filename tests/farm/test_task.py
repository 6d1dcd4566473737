"""One process of a farm: what it ends in, and how soon."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence

import pytest

from tests.farm.conftest import PROGRAM, SLOW, MakeJob, Run, frames_in, painted
from tests.helpers.slurm_cluster import until
from vidstyle.farm.status import Watch
from vidstyle.render.task import render_shots


def start(*words: object) -> subprocess.Popen[str]:
    command = [*PROGRAM, *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def costs(command: Sequence[str]) -> float:
    """The processor's time that a command takes, over that of the program's mere beginning: alike on any machine."""
    beginning, taken = (_processor_seconds(one) for one in ([*PROGRAM, "--version"], command))
    return taken / beginning


def _processor_seconds(command: Sequence[str]) -> float:
    """What a child process takes of the processor, which other load on the machine doesn't change much."""

    def spent() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    best = float("inf")
    for _ in range(3):
        before = spent()
        subprocess.run(command, check=True, capture_output=True)
        best = min(best, spent() - before)
    return best


@pytest.mark.slow
@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_task_with_75_and_a_rerun_gives_the_same_bytes(
    signum: int, make_job: MakeJob, run: Run
) -> None:
    job = make_job(**SLOW)
    task = start("task", job.folder, "--shot", "1")
    until(lambda: painted(job, 1) >= 2)
    task.send_signal(signum)
    _, said = task.communicate(timeout=60)
    assert task.returncode == 75
    assert f"task {job.folder} --shot 1" in said and "Traceback" not in said
    assert Watch(job.folder).job_status(job).shots[0].work.state == "stopped"
    before = frames_in(job)
    assert 2 <= len(before) < 6
    run("task", job.folder, "--shot", "1")
    after = frames_in(job)
    assert after.items() >= before.items()
    assert Watch(job.folder).job_status(job).shots[0].work.holder.attempt == 2  # type: ignore[union-attr]


@pytest.mark.slow
def test_a_frame_that_takes_longer_than_the_grace_is_dropped(make_job: MakeJob) -> None:
    job = make_job(steps=20000, first_frame_steps=20000, tolerance=0)
    task = start("task", job.folder, "--shot", "1", "--json", "--grace", "1")
    assert task.stdout is not None
    while '"evaluation"' not in task.stdout.readline():
        pass
    task.send_signal(signal.SIGTERM)
    task.communicate(timeout=30)
    assert task.returncode == 75
    assert not frames_in(job)


@pytest.mark.slow
def test_two_attempts_too_short_for_a_frame_are_a_failure(make_job: MakeJob, run: Run) -> None:
    job = make_job(steps=20000, first_frame_steps=20000, tolerance=0)

    def stopped() -> tuple[int, str]:
        task = start("task", job.folder, "--shot", "1", "--json", "--grace", "1")
        assert task.stdout is not None
        while '"evaluation"' not in task.stdout.readline():
            pass
        task.send_signal(signal.SIGTERM)
        said = task.communicate(timeout=30)[1]
        assert "Traceback" not in said
        return task.returncode, said

    assert stopped()[0] == 75
    code, said = stopped()
    assert code == 65 and "shot 1 of two.mp4 was stopped 2 times in a row before a frame was finished" in said
    assert Watch(job.folder).job_status(job).shots[0].work.state == "failed"
    assert "a longer time limit" in " ".join(run("status", job.folder).stderr.split())
    assert stopped()[0] == 75  # whoever sends it again may have given it more time


@pytest.mark.slow
def test_an_attempt_that_finishes_a_frame_is_not_a_failure(make_job: MakeJob) -> None:
    job = make_job(**SLOW)
    for count in range(1, 4):
        task = start("task", job.folder, "--shot", "1", "--json")
        assert task.stdout is not None
        while '"frame"' not in (line := task.stdout.readline()) or f'"frame": {count}' not in line:
            pass
        task.send_signal(signal.SIGTERM)
        task.communicate(timeout=30)
        assert task.returncode == 75


@pytest.mark.slow
def test_a_finished_shot_is_left_alone_without_torch(make_job: MakeJob) -> None:
    job = make_job()
    list(render_shots(job, job.shots))
    command = [sys.executable, "-X", "importtime", "-m", "vidstyle", "task", str(job.folder), "--shot", "1-2"]
    loaded = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    names = {line.rpartition("|")[2].strip().partition(".")[0] for line in loaded.splitlines()}
    assert "vidstyle" in names
    assert not names & {"torch", "cv2", "av", "numpy", "scenedetect", "pydantic"}
    del command[1:3]
    assert costs(command) < 3


@pytest.mark.slow
def test_run_settings_may_differ_from_the_plan(make_job: MakeJob, run: Run) -> None:
    job = make_job()
    moved = job.source_path.with_name("moved.mp4")
    os.link(job.source_path, moved)
    told = run("task", job.folder, "--shot", "1", "--clip", moved, "--threads", "2", "--json", VIDSTYLE_THREADS="1")
    assert '"type": "frame"' in told.stdout
    record = (job.shot_folder(job.shots[0]) / "frames" / "000001.json").read_text()
    assert "2 threads" in record
    moved.unlink()
    wrong = run("task", job.folder, "--shot", "1", "--threads", "many", code=2)
    assert "threads" in wrong.stderr


@pytest.mark.slow
def test_unknown_shots_are_refused(make_job: MakeJob, run: Run) -> None:
    job = make_job()
    assert "1 to 2" in run("task", job.folder, "--shot", "3", code=2).stderr
    assert "not a job folder" in run("task", job.folder.parent, "--shot", "1", code=65).stderr
    assert "--shot env" in run("task", job.folder, "--shot", "1", "--per-task", "2", code=2).stderr
