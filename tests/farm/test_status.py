"""What became of shots, from their files."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.farm.conftest import PROGRAM, MakeJob, Run
from tests.farm.test_task import costs
from vidstyle.cli.page import jobs as jobs_page
from vidstyle.errors import InputError
from vidstyle.farm import local, status
from vidstyle.farm.engine import Request
from vidstyle.farm.status import JobStatus, ShotStatus, Watch, Work, all_seconds_left, find_jobs
from vidstyle.generators import finish
from vidstyle.jobs.folder import job as jobs
from vidstyle.jobs.folder import output_marker
from vidstyle.jobs.folder.glances import AtWork, write_at_work
from vidstyle.jobs.folder.job import Job, Shot
from vidstyle.jobs.folder.lease import acquire
from vidstyle.jobs.progress import Progress
from vidstyle.machine import this_process
from vidstyle.render.task import render_shots


def states(job: Job) -> list[str]:
    return [shot.work.state for shot in Watch(job.folder).job_status(job).shots]


@pytest.mark.slow
def test_states_of_a_shot(make_job: MakeJob) -> None:
    job = make_job()
    folder = job.shot_folder(job.shots[0])
    assert states(job) == ["waiting", "waiting"]
    lease = finish(acquire(folder))
    assert states(job)[0] == "running"
    lease.release("failed", "no such luck")
    now = Watch(job.folder).job_status(job)
    assert (now.state, now.shots[0].work.state) == ("failed", "failed")
    assert now.shots[0].work.holder is not None and now.shots[0].work.holder.message == "no such luck"
    lease = finish(acquire(folder))
    lease.release("stopped")
    assert states(job)[0] == "stopped"
    list(render_shots(job, job.shots[:1]))
    now = Watch(job.folder).job_status(job)
    assert [shot.work.state for shot in now.shots] == ["done", "waiting"]
    assert (now.frames_done, now.frames_total, now.state) == (6, 12, "waiting")
    assert now.seconds_left is not None and now.seconds_left > 0


@pytest.mark.parametrize(("changes", "state"), [({"started": 0.0}, "lost"), ({"host": "node7"}, "running")])
def test_whether_a_process_still_lives(make_job: MakeJob, changes: dict[str, object], state: str) -> None:
    job = make_job()
    folder = job.shot_folder(job.shots[0])
    lease = finish(acquire(folder))
    values = json.loads((folder / "lease.json").read_text())
    values["process"] |= changes
    (folder / "lease.json").write_text(json.dumps(values))
    assert states(job)[0] == state
    lease.release("stopped")


@pytest.mark.slow
def test_a_folder_of_several_jobs(tmp_path: Path, make_job: MakeJob, run: Run) -> None:
    job = make_job()
    assert [found.folder for found in find_jobs(tmp_path)] == [job.folder]
    with pytest.raises(InputError, match="no such folder"):
        find_jobs(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="neither a job folder"):
        find_jobs(tmp_path / "empty")
    lines = [json.loads(line) for line in run("status", tmp_path, "--json").stdout.splitlines()]
    assert [line["type"] for line in lines] == ["shot", "shot", "assembly", "job"]
    assert lines[-1]["frames_total"] == 12
    shown = run("status", tmp_path).stderr
    assert "shots 1-2" in shown and "waiting" in shown


@pytest.mark.slow
def test_the_status_of_a_thousand_shots_is_quick(make_job: MakeJob) -> None:
    job = make_job()
    shots = tuple(Shot(number, number - 1, number, (0, 0)) for number in range(1, 1001))
    job = dataclasses.replace(job, shots=shots)
    jobs.save(job)
    process = dataclasses.asdict(this_process())
    for shot in shots:
        frames = job.shot_folder(shot) / "frames"
        frames.mkdir(parents=True)
        ended = "done" if shot.number <= 500 else ""
        holder = {"process": process, "attempt": 1, "token": "0", "since": "2026-01-01T00:00:00Z", "ended": ended}
        (frames.parent / "attempts" / "001-0").mkdir(parents=True)
        (frames.parent / "lease.json").write_text(json.dumps(holder))
        if ended:
            record = {"bytes": 4000, "crc32": 123456789}
            done = {"job": job.digest, "seconds": 1.5, "frames": {str(shot.number): record}}
            (frames.parent / "done.json").write_text(json.dumps(done))
    command = [*PROGRAM, "status", str(job.folder)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    assert "500/1000 frames" in told and "shots 1-500" in told
    assert costs(command) < 8


def test_a_second_look_reads_no_file_of_a_finished_shot(make_job: MakeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    job = make_job()
    list(render_shots(job, job.shots[:1]))
    looking = Watch(job.folder)
    (first,) = looking.look()
    asked: list[Path] = []
    plain = status.read_holder
    monkeypatch.setattr(status, "read_holder", lambda folder: asked.append(folder) or plain(folder))
    monkeypatch.setattr(jobs, "load", lambda folder: pytest.fail("job.json was read again"))
    (second,) = looking.look()
    assert second.shots == first.shots
    assert asked == [job.folder / "assembly"]


@pytest.mark.slow
def test_what_happens_between_two_looks_shows(make_job: MakeJob) -> None:
    job = make_job()
    looking = Watch(job.folder)

    def now() -> list[tuple[str, int]]:
        (clip,) = looking.look()
        return [(shot.work.state, shot.frames_done) for shot in clip.shots]

    assert now() == [("waiting", 0), ("waiting", 0)]
    run = render_shots(job, job.shots)
    for progress in run:
        if progress.kind == "frame":
            expected = [("running", progress.frame), ("waiting", 0)]
            if progress.frame > 6:
                expected = [("done", 6), ("running", progress.frame - 6)]
            assert now() == expected
        if (progress.kind, progress.frame) == ("frame", 9):
            break
    run.close()
    assert now() == [("done", 6), ("stopped", 3)]
    (job.shot_folder(job.shots[0]) / "done.json").unlink()
    (job.shot_folder(job.shots[0]) / "frames" / "000002.json").unlink()
    assert now()[0][1] == 5
    shutil.rmtree(job.folder)
    with pytest.raises(InputError):
        now()


def test_who_paints_tells_how_long_it_takes(make_job: MakeJob) -> None:
    """Of two shots, one is at work, whose process is to paint it alone: the other one takes as long."""
    job = make_job()
    lease = finish(acquire(job.shot_folder(job.shots[0])))

    def at_work(frames: int) -> float | None:
        write_at_work(lease.scratch, AtWork(1, (8, 8), 1.0, 2.0, 1.0, 30.0, {}, (), "", "", frames_left=frames))
        return Watch(job.folder).job_status(job).seconds_left

    assert at_work(6) == pytest.approx(60)
    assert at_work(12) == pytest.approx(30)


def test_a_night_is_told_as_a_whole(make_job: MakeJob) -> None:
    """Three jobs alike: of one half is left, nobody has begun the others."""
    job = make_job()
    done, running = Work("done", None, job.log), Work("running", None, job.log)
    waiting = Work("waiting", None, job.log)

    def one(name: str, frames: int, work: Work, left: float | None) -> JobStatus:
        shot = ShotStatus(1, frames, 12, work)
        return JobStatus(dataclasses.replace(job, folder=job.folder / name), (shot,), waiting, left)

    others = [one("b", 0, waiting, None), one("c", 0, waiting, None)]
    assert all_seconds_left([one("a", 6, running, 20.0), *others]) == pytest.approx(20 + 2 * 40)
    assert all_seconds_left([one("a", 12, done, 0.0), *others]) is None
    assert all_seconds_left(others) is None


@pytest.mark.parametrize("written", [False, True])
def test_what_is_handed_over_is_shown_on_a_page(
    make_job: MakeJob, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: bool
) -> None:
    """The engine ``local`` paints as long as submit runs; of others the page can't know once that has ended."""
    job, page = make_job(), tmp_path / "night.html"

    def handed_over(_: Request) -> Iterator[Progress]:
        acquired = finish(acquire(job.shot_folder(job.shots[0])))
        yield Progress("submit")
        seen.append("running" in page.with_name("night.now.js").read_text())
        acquired.release("stopped")
        if written:
            monkeypatch.setattr(output_marker, "is_written", lambda _: True)

    seen: list[bool] = []
    monkeypatch.setattr(jobs_page, "EVERY", 0.0)
    monkeypatch.setattr(jobs_page, "_SHARE", 1e9)
    monkeypatch.setattr(local, "submit", handed_over)
    result = run("submit", job.folder, "--to", "local", "--page", page)
    assert result.exit_code == 0, result.stderr
    assert seen == [True]
    assert ("status" in result.stderr and "--watch --page" in result.stderr) != written
    assert ('"live":false' in page.read_text()) == written
