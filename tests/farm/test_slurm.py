"""What is handed to Slurm."""

from __future__ import annotations

import dataclasses
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.farm.conftest import PROGRAM, UNHURRIED, MakeJob, Run, begun, frames_in, halted, painted
from tests.helpers.slurm_cluster import Cluster, until
from vidstyle.errors import DependencyError, UsageError
from vidstyle.farm.engine import Request, missing_shots
from vidstyle.farm.slurm import describe, submit
from vidstyle.farm.status import Watch
from vidstyle.jobs.folder import output_marker
from vidstyle.jobs.folder.job import Job
from vidstyle.media.images.stills import read_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.printable import shell_words


def calls(job: Job, **changes: Any) -> list[str]:
    """The calls of sbatch that a submission consists of."""
    script = describe(Request(job, missing_shots(job), PROGRAM, **changes))
    return [line for line in script.splitlines() if "sbatch " in line]


@pytest.fixture
def without_slurm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")


def test_an_array_of_shots_and_a_job_that_waits_for_them(make_job: MakeJob, without_slurm: None) -> None:
    job = make_job(threads=3)
    paint, join = calls(job, options=("--partition=main", "--qos=night"), workers=1)
    for word in ("--array=1-2%1", "--requeue", "--signal=B:TERM@60", "--cpus-per-task=3", "--open-mode=append"):
        assert f" {word} " in paint
    assert paint.index("--requeue") < paint.index("--partition=main") < paint.index("--qos=night")
    assert "--dependency=afterok:$shots" in join and "--kill-on-invalid-dep=yes" in join
    assert "--array" not in join and "--qos=night" in join


def test_a_gpu_is_asked_for_where_the_job_uses_one(make_job: MakeJob, without_slurm: None) -> None:
    assert "--gres" not in calls(make_job())[0]
    assert "--gres=gpu:1 " in calls(make_job(device="cuda"))[0]
    assert "--gres" not in calls(make_job(device="cuda"))[1]
    assert "--gres=gpu:2 " in calls(make_job(), gpus=2)[0]


def test_arrays_hold_as_many_shots_as_slurm_lets_them(make_job: MakeJob, without_slurm: None) -> None:
    job = make_job(clip="long.mp4", first_frames=tuple(range(2, 401)))
    assert "--array=1-400 " in calls(job)[0]
    assert "--array=1-58 " in calls(job, per_task=7)[0]
    script = describe(Request(job, missing_shots(job), PROGRAM, per_task=7))
    assert "--shot env --per-task 7 --progress plain" in script


def test_a_folders_name_is_quoted(make_job: MakeJob, without_slurm: None, tmp_path: Path) -> None:
    """What would be handed over is a script for bash: a name with lines of its own must not end what it stands in."""
    job = make_job()
    wild = tmp_path / f"a 'b' $(touch {tmp_path}/one)\nEND\ntouch {tmp_path}/two\nexit\n"
    wild.mkdir(parents=True)
    script = describe(Request(dataclasses.replace(job, folder=wild / "job"), (1, 2), PROGRAM))
    (tmp_path / "sbatch").write_text("#!/bin/bash\ncat >> script\necho 7\n")
    (tmp_path / "sbatch").chmod(0o755)
    subprocess.run(["/bin/bash"], input=script, text=True, cwd=tmp_path, env={"PATH": f"{tmp_path}:/bin:/usr/bin"})
    assert not (tmp_path / "one").exists() and not (tmp_path / "two").exists()
    quoted = shell_words([str(wild / "job")])
    assert (tmp_path / "script").read_text().count(quoted) == 2
    read = subprocess.run(["/bin/bash", "-c", f"printf %s {quoted}"], capture_output=True, text=True, check=True)
    assert read.stdout == str(wild / "job")


def test_a_machine_without_slurm_says_so(make_job: MakeJob, without_slurm: None) -> None:
    with pytest.raises(DependencyError, match="sbatch"):
        list(submit(Request(make_job(), (1, 2), PROGRAM)))


@pytest.mark.slow
def test_the_script_of_a_dry_run_does_what_submit_does(
    slurm: Cluster, make_job: MakeJob, run: Run, tmp_path: Path
) -> None:
    job = make_job()
    script = run("submit", job.folder, "--to", "slurm", "--time", "10", "--dry-run").stdout
    assert not (job.folder / "farm").exists()
    (job.folder / "farm" / "logs").mkdir(parents=True)
    subprocess.run(["bash", "-e"], input=script, text=True, check=True)
    until(lambda: output_marker.is_written(job))
    assert len(frames_in(job)) == 12


def test_slurm_decides_on_nodes_and_options(slurm: Cluster, make_job: MakeJob) -> None:
    job = make_job(device="auto", threads=2)
    paint, _ = calls(job)
    assert "--cpus-per-task=1 " in paint and "--gres=gpu:1 " in paint
    with pytest.raises(UsageError, match="invalid partition"):
        list(submit(Request(job, (1, 2), PROGRAM, options=("--partition=nowhere",))))
    assert not (job.folder / "farm" / "slurm.json").exists()


@pytest.mark.slow
def test_more_than_ten_shots_are_assembled_in_order(slurm: Cluster, make_job: MakeJob) -> None:
    job = make_job(clip="long.mp4", first_frames=tuple(range(3, 48, 2)), frames="1-48", crf=0, returns="none")
    assert len(job.shots) == 24
    list(submit(Request(job, missing_shots(job), PROGRAM, per_task=9)))
    until(lambda: output_marker.is_written(job), 900)
    now = Watch(job.folder).job_status(job)
    assert now.state == "done" and now.frames_done == 48
    assert all(shot.work.holder is not None and shot.work.holder.attempt == 1 for shot in now.shots)
    painted = [read_image(job.folder / name) for name in sorted(frames_in(job), key=lambda name: name[-10:])]
    joined = [frame.image for frame in read_frames(probe(job.output))]
    assert len(joined) == len(painted) == 48
    error = [float(np.abs(a - b).mean()) for a, b in zip(joined, painted, strict=True)]
    apart = [float(np.abs(a - b).mean()) for a, b in zip(joined, painted[1:], strict=False)]
    assert max(error) < min(apart)


@pytest.mark.slow
def test_two_nodes_paint_two_shots_at_the_same_time_and_one_worker_does_not(
    slurm: Cluster, make_job: MakeJob, tmp_path: Path
) -> None:
    """Where two nodes can be at work, one begins while the other is held up."""

    def sent(name: str, workers: int, **settings: Any) -> Job:
        (tmp_path / name).mkdir()
        job = make_job(into=tmp_path / name, **settings)
        list(submit(Request(job, missing_shots(job), PROGRAM, workers=workers)))
        return job

    two = sent("two", 2, **UNHURRIED)
    with halted(begun(two, 1)):
        until(lambda: painted(two, 2) >= 1)
    until(lambda: output_marker.is_written(two))
    one = sent("one", 1)
    until(lambda: output_marker.is_written(one))
    first, second = (one.shot_folder(shot) for shot in one.shots)
    assert (first / "done.json").stat().st_mtime < min(path.stat().st_mtime for path in second.glob("frames/*.png"))
