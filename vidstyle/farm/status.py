"""The state of jobs and shots, read from their files alone, so that any machine that sees the folder can tell."""

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from vidstyle.errors import InputError
from vidstyle.jobs.folder import job as jobs
from vidstyle.jobs.folder import output_marker
from vidstyle.jobs.folder.files import names, read_json, status
from vidstyle.jobs.folder.frames import DONE, Done, done_at_a_glance, read_record
from vidstyle.jobs.folder.glances import AtWork, read_at_work
from vidstyle.jobs.folder.job import Job, Shot
from vidstyle.jobs.folder.lease import Holder, attempt_folder, read_holder, seems_alive
from vidstyle.jobs.folder.redos import redos, shots_within
from vidstyle.jobs.time_estimate import typical

WorkState = Literal["done", "running", "failed", "stopped", "lost", "waiting"]
_SAMPLE = 8
"""From so many shots, or frames, the time that the others will take is estimated."""
_SEEN = 6
"""Shots at work whose frames are looked at."""


@dataclass(frozen=True)
class Work:
    """The state of a shot's painting, or of the assembly, the process that began it last, if one did, and its log.

    ``lost`` is a process that ended without saying so: it was killed, or its machine went down.
    """

    state: WorkState
    holder: Holder | None
    log: Path


@dataclass(frozen=True)
class ShotStatus:
    """A shot, its number, and how many of its frames are painted."""

    number: int
    frames_done: int
    frames_total: int
    work: Work


@dataclass(frozen=True)
class JobStatus:
    """The state of a job, of its shots in order, and of its assembly.

    `seconds_left` is the time until all is painted by as many processes as paint now; None while it can't be estimated.
    `works` are the frames at work that can be seen, by the numbers of their shots.
    """

    job: Job
    shots: tuple[ShotStatus, ...]
    assembly: Work
    seconds_left: float | None
    works: Mapping[int, AtWork] = field(default_factory=dict)

    @property
    def frames_done(self) -> int:
        """Frames painted."""
        return sum(shot.frames_done for shot in self.shots)

    @property
    def frames_total(self) -> int:
        """Frames to be painted."""
        return sum(shot.frames_total for shot in self.shots)

    @property
    def state(self) -> WorkState:
        """The state of the job as a whole."""
        if self.assembly.state == "done":
            return "done"
        states = {shot.work.state for shot in self.shots} | {self.assembly.state}
        order: tuple[WorkState, ...] = ("running", "failed", "lost", "stopped")
        return next((state for state in order if state in states), "waiting")


class Watch:
    """Looks at a job, or at those in a folder, again and again, and reads only what has changed since the last look."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._jobs: dict[Path, tuple[Mark, Job]] = {}
        self._shots: dict[Path, tuple[tuple[str, Mark, Mark, Mark], ShotStatus]] = {}

    def look(self) -> list[JobStatus]:
        """The state of the jobs by now.

        Raises
        ------
        InputError
            There is no job, or one is damaged.
        """
        return [self.job_status(self._job(folder)) for folder in job_folders(self._path)]

    def job_status(self, job: Job) -> JobStatus:
        """The state of one job by now."""
        begun = names(job.folder / "shots")
        shots = tuple(
            self._shot_status(job, shot)
            if job.shot_folder(shot).name in begun
            else ShotStatus(shot.number, 0, len(shot.frames), Work("waiting", None, job.shot_folder(shot) / "log.txt"))
            for shot in job.shots
        )
        if found := redos(job):
            shots = tuple(_with_redone(job, *of, found) for of in zip(job.shots, shots, strict=True))
        assembly = _work(job.folder / "assembly", done=output_marker.is_written(job))
        works = dict(_works(job, shots))
        return JobStatus(job, shots, assembly, _seconds_left(job, shots, works.values()), works)

    def _job(self, folder: Path) -> Job:
        mark = _mark(folder.resolve() / jobs.NAME)
        known = self._jobs.get(folder)
        if known is None or known[0] != mark:
            known = self._jobs[folder] = mark, jobs.load(folder)
        return known[1]

    def _shot_status(self, job: Job, shot: Shot) -> ShotStatus:
        folder = job.shot_folder(shot)
        done = _mark(folder / DONE)
        # A shot that is done stays so; of another, new frames show in the time stamp of their folder.
        others = (None, None) if done else (_mark(folder / "lease.json"), _mark(folder / "frames"))
        marks = (job.digest, done, *others)
        known = self._shots.get(folder)
        # Whether a process still lives shows in no file's time stamp.
        if known is None or known[0] != marks or known[1].work.state in ("running", "lost"):
            known = self._shots[folder] = marks, _shot_status(job, shot)
        return known[1]


Mark = tuple[int, int, int] | None
"""Time stamp, size and inode of a file or folder; None where there is none."""


def _mark(path: Path) -> Mark:
    found = status(path)
    return (found.st_mtime_ns, found.st_size, found.st_ino) if found else None


def find_jobs(path: Path) -> list[Job]:
    """The job in a folder, or those in the folders of a folder, by name.

    Raises
    ------
    InputError
        There is no job, or one is damaged.
    """
    return [jobs.load(folder) for folder in job_folders(path)]


def job_folders(path: Path) -> list[Path]:
    """The folder itself, if it is a job's, or the jobs' folders in it, by name.

    Raises
    ------
    InputError
        There is no job folder.
    """
    if jobs.is_job_folder(path):
        return [path]
    if not path.is_dir():
        raise InputError(f"'{path}': there is no such folder. 'vidstyle plan' makes one.")
    found = [folder for folder in sorted(path.iterdir()) if folder.is_dir() and jobs.is_job_folder(folder)]
    if not found:
        raise InputError(f"'{path}': neither a job folder nor one that holds some. 'vidstyle plan' makes them.")
    return found


def _shot_status(job: Job, shot: Shot) -> ShotStatus:
    done = len(done_at_a_glance(job, shot))
    return ShotStatus(
        shot.number,
        done,
        len(shot.frames),
        _work(job.shot_folder(shot), done=DONE in names(job.shot_folder(shot))),
    )


def _with_redone(job: Job, shot: Shot, known: ShotStatus, found: list[Job]) -> ShotStatus:
    """A shot's status, with what is painted anew in it."""
    for redo, parts in shots_within(job, shot, found):
        for part in parts:
            more = _shot_status(redo, part)
            work = more.work if known.work.state == "done" else known.work
            done, total = known.frames_done + more.frames_done, known.frames_total + more.frames_total
            known = ShotStatus(known.number, done, total, work)
    return known


def _work(folder: Path, *, done: bool) -> Work:
    holder = read_holder(folder)
    return Work("done" if done else _state(folder, holder), holder, folder / "log.txt")


def _state(folder: Path, holder: Holder | None) -> WorkState:
    if holder is None:
        return "waiting"
    if holder.ended:
        return {"failed": "failed", "stopped": "stopped"}.get(holder.ended, "waiting")  # type: ignore[return-value]
    return "running" if seems_alive(folder, holder) else "lost"


def all_seconds_left(statuses: Sequence[JobStatus]) -> float | None:
    """The time until all jobs are painted, by as many processes as paint now; None while it can't be estimated.

    Those that nobody has begun take as long, beside the others, as their sizes and settings make them.
    """
    known = [status for status in statuses if status.seconds_left is not None]
    # What the known ones take of one process.
    processes = {status.job.folder: sum(shot.work.state == "running" for shot in status.shots) for status in statuses}
    left = {each.job.folder: (each.seconds_left or 0.0) * max(processes[each.job.folder], 1) for each in known}
    typical = {status.job.folder: _typical(status) for status in statuses}
    of = sum(typical[folder] for folder in left)
    if not known or (not of and len(known) < len(statuses)):
        return None
    others = sum(each for folder, each in typical.items() if folder not in left)
    return (sum(left.values()) + others * sum(left.values()) / (of or 1.0)) / max(sum(processes.values()), 1)


def _typical(status: JobStatus) -> float:
    """What is left of a job on a typical machine."""
    job, total = status.job, status.frames_total
    left = total - status.frames_done
    return typical(job.settings, job.canvas, total).seconds * left / total if left and not job.unpainted else 0.0


def _works(job: Job, shots: Sequence[ShotStatus]) -> Iterator[tuple[int, AtWork]]:
    """The frames at work, of the first few shots that processes are at."""
    running = (shot for shot in shots if shot.work.state == "running" and shot.work.holder is not None)
    for shot in itertools.islice(running, _SEEN):
        assert shot.work.holder is not None
        work = read_at_work(attempt_folder(job.shot_folder(job.shots[shot.number - 1]), shot.work.holder))
        if work is not None:
            yield shot.number, work


def _seconds_left(job: Job, shots: Sequence[ShotStatus], works: Collection[AtWork]) -> float | None:
    left = sum(shot.frames_total - shot.frames_done for shot in shots)
    if left == 0:
        return 0.0
    told = [(work.seconds_left, work.frames_left) for work in works if work.seconds_left and work.frames_left]
    if told:
        # Who paints tells better: how long that takes, and of which frames.
        frames_a_second = sum(frames / seconds for seconds, frames in told)
        theirs = sum(frames for _, frames in told)
        return max(seconds for seconds, _ in told) if theirs >= left else left / frames_a_second
    running = sum(shot.work.state == "running" for shot in shots)
    seconds = _seconds_a_frame(job, shots)
    return None if seconds is None else seconds * left / max(running, 1)


def _seconds_a_frame(job: Job, shots: Sequence[ShotStatus]) -> float | None:
    finished = [shot for shot in shots if shot.work.state == "done"]
    records: list[tuple[float, int]] = []
    for shot in finished[-_SAMPLE:]:
        done = read_json(job.shot_folder(job.shots[shot.number - 1]) / DONE, Done)
        records.append((done.seconds if done else 0.0, shot.frames_total))
    if not records:
        begun = (shot for shot in shots if shot.frames_done)
        for shot in itertools.islice(begun, _SAMPLE):
            whole = job.shots[shot.number - 1]
            for index in whole.frames[: shot.frames_done][-_SAMPLE:]:
                record = read_record(job, whole, index)
                records.append((record.seconds if record else 0.0, 1))
    seconds, frames = (sum(column) for column in zip(*records, strict=True)) if records else (0, 0)
    return seconds / frames if frames else None
