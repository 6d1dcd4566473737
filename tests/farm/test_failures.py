"""What dies or is stopped on a real Slurm ends in the right output, and nothing is painted twice."""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.farm.conftest import PROGRAM, UNHURRIED, Frames, MakeJob, begun, frames_in, halted, painted, planned
from tests.helpers.slurm_cluster import Cluster, until
from vidstyle.farm.engine import Request, missing_shots
from vidstyle.farm.slurm import submit
from vidstyle.farm.status import ShotStatus, Watch
from vidstyle.jobs.folder import output_marker
from vidstyle.jobs.folder.job import Job
from vidstyle.jobs.folder.lease import read_holder
from vidstyle.render.task import render_shots


@pytest.fixture(scope="session")
def undisturbed(media: Path, tmp_path_factory: pytest.TempPathFactory) -> Frames:
    """The frames of a job in UNHURRIED settings to which nothing happened."""
    job = planned(tmp_path_factory.mktemp("undisturbed"), media, **UNHURRIED)
    list(render_shots(job, job.shots))
    return frames_in(job)


def send(job: Job, *options: str) -> tuple[str | None, str]:
    """Submit what is missing; the numbers of Slurm's jobs that paint and that join."""
    request = Request(job, missing_shots(job), PROGRAM, options=options)
    list(submit(request))
    last = json.loads((job.folder / "farm" / "slurm.json").read_text())["submissions"][-1]
    return last.get("shots"), last["assemble"]


def finished(job: Job, seconds: float = 300) -> bool:
    until(lambda: output_marker.is_written(job), seconds)
    return True


def attempts(job: Job, shot: int) -> list[int]:
    """Which attempt painted each frame of a shot."""
    frames = sorted((job.shot_folder(job.shots[shot - 1]) / "frames").glob("*.json"))
    return [json.loads(path.read_text())["attempt"] for path in frames]


def times(job: Job, shot: int) -> dict[str, int]:
    """When each frame of a shot was written."""
    frames = (job.shot_folder(job.shots[shot - 1]) / "frames").glob("*.png")
    return {path.name: path.stat().st_mtime_ns for path in frames}


def status_of(job: Job, shot: int) -> ShotStatus:
    return Watch(job.folder).job_status(job).shots[shot - 1]


@pytest.mark.slow
def test_a_failed_shot_holds_back_the_assembly_and_is_resubmitted_alone(slurm: Cluster, make_job: MakeJob) -> None:
    job = make_job()
    hindrance = job.shot_folder(job.shots[1]) / "frames"
    hindrance.parent.mkdir(parents=True)
    hindrance.touch()
    shots, joining = send(job)
    assert shots is not None
    until(lambda: slurm.state(shots) == "COMPLETED,FAILED")
    until(lambda: slurm.state(joining) == "CANCELLED")
    assert not job.output.exists()

    now = status_of(job, 2)
    assert (status_of(job, 1).work.state, now.work.state) == ("done", "failed")
    assert now.work.holder is not None and now.work.holder.process.host
    assert str(hindrance) in now.work.holder.message
    assert now.work.holder.message in now.work.log.read_text()

    before = times(job, 1)
    hindrance.unlink()
    shots, _ = send(job)
    assert finished(job)
    assert slurm.call("squeue", "--noheader", "--array", "--states=all", f"--jobs={shots}", "--format=%K").split() == [
        "2"
    ]
    assert times(job, 1) == before
    assert Watch(job.folder).job_status(job).state == "done"


@pytest.mark.slow
def test_a_cancelled_shot_stops_at_a_checkpoint_and_resumes_there(
    slurm: Cluster, make_job: MakeJob, undisturbed: Frames
) -> None:
    job = make_job(**UNHURRIED)
    shots, joining = send(job)
    assert shots is not None
    pid = begun(job, 2)
    with halted(pid):
        slurm.call("scancel", shots)
        until(lambda: is_told_to_end(pid))
    until(lambda: slurm.state(shots) == "CANCELLED" and slurm.state(joining) == "CANCELLED")
    assert status_of(job, 2).work.state == "stopped"
    before = times(job, 2)
    assert len(before) < 6 and not job.output.exists()
    send(job)
    assert finished(job)
    assert frames_in(job) == undisturbed
    assert times(job, 2).items() >= before.items()
    assert attempts(job, 2) == [1] * len(before) + [2] * (6 - len(before))


@pytest.mark.slow
def test_a_time_limit_stops_a_shot_at_a_checkpoint_and_slurm_requeues_it(
    slurm: Cluster, make_job: MakeJob, undisturbed: Frames
) -> None:
    job = make_job(**UNHURRIED)
    begin = time.monotonic()
    shots, _ = send(job, "--time=60", "--signal=B:TERM@60")
    pid = begun(job, 2)
    with halted(pid):
        # Its last minute begins once a frame is there, however long that took. Slurm looks every 30 seconds, and the
        # next attempt has an hour.
        minutes = math.ceil((time.monotonic() - begin + 31) / 60)
        slurm.call("scontrol", "update", f"JobId={shots}_2", f"TimeLimit={minutes}")
        until(lambda: is_told_to_end(pid))
        slurm.call("scontrol", "update", f"JobId={shots}_2", "TimeLimit=60")
    assert finished(job)
    assert frames_in(job) == undisturbed
    assert attempts(job, 2)[0] == 1 and attempts(job, 2)[-1] == 2


@pytest.mark.slow
def test_attempts_too_short_for_a_frame_are_not_requeued_forever(slurm: Cluster, make_job: MakeJob) -> None:
    job = make_job(steps=20000, first_frame_steps=20000, tolerance=0)
    send(job, "--array=1")
    for attempt in (1, 2):

        def at_work(attempt: int = attempt) -> bool:
            holder = read_holder(job.shot_folder(job.shots[0]))
            return holder is not None and holder.attempt == attempt and not holder.ended

        until(at_work)
        holder = read_holder(job.shot_folder(job.shots[0]))
        assert holder is not None
        until(lambda: psutil.Process(holder.process.pid).cpu_times().user > 5)  # noqa: B023  # it paints
        os.kill(holder.process.pid, signal.SIGTERM)
        until(lambda: status_of(job, 1).work.state in ("stopped", "failed"))
    assert status_of(job, 1).work.state == "failed"
    assert "longer time limit" in status_of(job, 1).work.holder.message  # type: ignore[union-attr]
    slurm.wait_idle()
    assert status_of(job, 1).work.holder.attempt == 2  # type: ignore[union-attr]


def is_told_to_end(pid: int) -> bool:
    """Whether a process that was halted has a SIGTERM waiting for it, or was let go on by Slurm to end."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return True
    if not any(line.startswith("State:") and "T" in line.split() for line in lines):
        return True
    pending = [int(line.split()[1], 16) for line in lines if line.startswith(("SigPnd", "ShdPnd"))]
    return any(mask >> (signal.SIGTERM - 1) & 1 for mask in pending)


@pytest.mark.slow
def test_a_shot_whose_node_is_lost_but_whose_process_runs_on_is_left_to_that_process(
    slurm: Cluster, make_job: MakeJob, undisturbed: Frames
) -> None:
    job = make_job(**UNHURRIED)
    shots, _ = send(job)
    pid = begun(job, 2)
    with contextlib.ExitStack() as afterwards:
        with halted(pid):
            node = slurm.call("squeue", "--noheader", "--array", f"--jobs={shots}_2", "--format=%N").strip()
            slurm.kill(node)
            afterwards.callback(slurm.start_node, node)
            log = job.folder / "farm" / "logs" / f"{shots}_2.log"
            (attempt,) = (job.shot_folder(job.shots[1]) / "attempts").iterdir()

            def left_to_it() -> bool:
                (attempt / "heartbeat").touch()  # as if it went on, however slowly
                return f"being worked at by process {pid}" in log.read_text()

            until(left_to_it)
        assert finished(job)
    assert frames_in(job) == undisturbed
    assert attempts(job, 2) == [1] * 6


@pytest.mark.slow
def test_shots_run_on_without_the_controller(slurm: Cluster, make_job: MakeJob, undisturbed: Frames) -> None:
    job = make_job(**UNHURRIED)
    send(job)
    with halted(begun(job, 1)):
        slurm.wait_saved()
        slurm.kill("slurmctld")
    until(lambda: painted(job, 1) >= 4)
    slurm.start_controller()
    assert finished(job)
    assert frames_in(job) == undisturbed
    assert attempts(job, 1) == attempts(job, 2) == [1] * 6


@pytest.fixture
def small_disk() -> Iterator[Callable[[Path], None]]:
    """Puts a disk of a few kilobytes in a folder's place; called again, takes it away."""
    mounted: set[Path] = set()

    def toggle(folder: Path) -> None:
        if folder in mounted:
            subprocess.run(["umount", folder], check=True)
            mounted.remove(folder)
            return
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True, check=False
        )
        if done.returncode:
            pytest.skip(f"a disk can't be mounted here: {done.stderr.decode().strip()}")
        mounted.add(folder)

    yield toggle
    for folder in mounted:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.slow
def test_a_full_disk_fails_only_its_shot(slurm: Cluster, make_job: MakeJob, small_disk: Callable[[Path], None]) -> None:
    job = make_job()
    small_disk(job.shot_folder(job.shots[1]))
    shots, joining = send(job)
    assert shots is not None
    until(lambda: slurm.state(shots) == "COMPLETED,FAILED" and slurm.state(joining) == "CANCELLED")
    now = status_of(job, 2)
    assert now.work.state == "failed"
    assert now.work.holder is not None and "the disk is full" in now.work.holder.message
    small_disk(job.shot_folder(job.shots[1]))
    send(job)
    assert finished(job)
    assert len(frames_in(job)) == 12


@pytest.mark.slow
def test_a_second_submission_sends_nothing(slurm: Cluster, make_job: MakeJob) -> None:
    job = make_job()
    first = send(job)
    assert send(job) == first
    assert finished(job)
    assert attempts(job, 1) == attempts(job, 2) == [1] * 6
