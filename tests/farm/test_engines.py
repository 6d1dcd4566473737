"""Whatever the engine, the same frames: keys and the in-betweens made of them, in a mask and by values over time."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.farm.conftest import PROGRAM, Frames, MakeJob, Run, frames_in, quick
from tests.helpers.slurm_cluster import Cluster, until
from vidstyle.cli.flags import flag_name, text_of
from vidstyle.jobs.folder import output_marker
from vidstyle.jobs.folder.job import Job, load
from vidstyle.settings import Keys, Mask

DIRECTED = {
    "max_inbetweens": 3,
    "style_weight": Keys({1: 5, 12: 40}),
    "strength": Keys({1: 0.2, 12: 1}),
    "colors": "clip",
}
"""Of six frames in a shot, most are carried from two others; how they are painted changes over time."""


def drawn(media: Path) -> Mask:
    """A mask drawn on a frame of each shot, and carried from there."""
    return Mask(drawn=((3, media / "mask.png"), (9, media / "mask.png")))


@pytest.fixture
def directed_job(make_job: MakeJob, media: Path) -> Job:
    return make_job(threads=0, mask=drawn(media), **DIRECTED)


def kinds_in(job: Job) -> dict[int, set[str]]:
    """What the frames of each shot are, by their records."""
    records = {shot.number: (job.shot_folder(shot) / "frames").glob("*.json") for shot in job.shots}
    return {number: {json.loads(path.read_text())["kind"] for path in paths} for number, paths in records.items()}


@pytest.fixture(scope="session")
def plain(media: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Frames, bytes]:
    """What the plain command makes of it, with whatever number of threads this machine has."""
    folder = tmp_path_factory.mktemp("plain")
    (folder / "cuts.txt").write_text("7\n")
    settings = quick() | DIRECTED
    flags = [word for key, value in settings.items() if key != "threads" for word in (flag_name(key), text_of(value))]
    mask = media / "mask.png"
    named = [
        "--style",
        f"{media / 'noise.png'}@3={mask},9={mask}",
        "--cuts",
        str(folder / "cuts.txt"),
        "-o",
        str(folder / "out.mp4"),
    ]
    command = [*PROGRAM, str(media / "two.mp4"), *named, *flags, "--keep"]
    subprocess.run(command, check=True, capture_output=True)
    job = load(folder / "out.mp4.vidstyle")
    frames = frames_in(job)
    assert len(frames) == 12
    assert all(kinds == {"first", "solved", "in-between"} for kinds in kinds_in(job).values())
    return frames, (folder / "out.mp4").read_bytes()


@pytest.mark.slow
def test_local_workers_paint_what_the_plain_command_paints(
    run: Run, plain: tuple[Frames, bytes], directed_job: Job
) -> None:
    job = directed_job
    run("submit", job.folder, "--to", "local", "--workers", "2")
    assert (frames_in(job), job.output.read_bytes()) == plain
    pids = {json.loads((job.shot_folder(shot) / "lease.json").read_text())["process"]["pid"] for shot in job.shots}
    assert len(pids) == 2


@pytest.mark.slow
def test_slurm_paints_what_the_plain_command_paints(
    run: Run, plain: tuple[Frames, bytes], directed_job: Job, slurm: Cluster
) -> None:
    job = directed_job
    run("submit", job.folder, "--to", "slurm")
    until(lambda: output_marker.is_written(job))
    assert (frames_in(job), job.output.read_bytes()) == plain


@pytest.mark.slow
def test_openjd_paints_what_the_plain_command_paints(
    run: Run, plain: tuple[Frames, bytes], directed_job: Job, openjd: str
) -> None:
    job = directed_job
    run("submit", job.folder, "--to", "openjd")
    template = job.folder / "template.json"
    subprocess.run([openjd, "check", template], check=True, capture_output=True)
    done = subprocess.run([openjd, "run", template], check=True, capture_output=True, text=True)
    assert (frames_in(job), job.output.read_bytes()) == plain
    assert "openjd_progress: 100" in done.stdout and "openjd_status: [6/6] frame 12" in done.stdout


@pytest.mark.slow
def test_a_job_is_painted_task_by_task(run: Run, plain: tuple[Frames, bytes], directed_job: Job) -> None:
    job = directed_job
    run("task", job.folder, "--shot", "env", JOB_COMPLETION_INDEX="1")
    missing = run("assemble", job.folder, code=65)
    assert "1-6 (shot 1)" in missing.stderr
    assert not job.output.exists()
    run("task", job.folder, "--shot", "env", SLURM_ARRAY_TASK_ID="1")
    run("assemble", job.folder)
    assert (frames_in(job), job.output.read_bytes()) == plain


@pytest.mark.slow
def test_finished_shots_are_not_submitted_again(run: Run, make_job: MakeJob) -> None:
    job = make_job()
    run("task", job.folder, "--shot", "1")
    for engine, mark in {"slurm": "--array=2 ", "openjd": '"range": "2"', "local": "--shot 2 "}.items():
        assert mark in run("submit", job.folder, "--to", engine, "--dry-run", PATH="/usr/bin:/bin").stdout
    run("submit", job.folder, "--to", "local")
    assert "already" in run("submit", job.folder, "--to", "slurm").stderr
    assert json.loads((job.shot_folder(job.shots[0]) / "lease.json").read_text())["attempt"] == 1
