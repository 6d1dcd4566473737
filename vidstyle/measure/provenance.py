"""Where an output comes from, if its job folder is still there: settings, styles, shots, machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vidstyle.errors import InputError
from vidstyle.jobs import job as jobs
from vidstyle.jobs.files import read_json
from vidstyle.jobs.job import Job
from vidstyle.jobs.plan import job_folder


def job_of(output: Path, work_dir: Path | None = None) -> Job | None:
    """The job that made an output: in `work_dir`, else in ``OUTPUT.vidstyle`` beside it; None if it is gone.

    Raises
    ------
    InputError
        `work_dir` was named and is no job folder.
    """
    folder = job_folder(output, work_dir)
    if work_dir is None and not jobs.is_job_folder(folder):
        return None
    try:
        return jobs.load(folder)
    except InputError:
        if work_dir is not None:
            raise
        return None


def machines(job: Job) -> list[dict[str, Any]]:
    """The machines that painted a job's shots, each once, in the order of the shots."""
    found: list[dict[str, Any]] = []
    for shot in job.shots:
        folder = job.shot_folder(shot)
        record = next(iter(sorted((folder / "frames").glob("*.json"))), folder / "done.json")
        machine = (read_json(record) or {}).get("machine")
        if isinstance(machine, dict) and machine not in found:
            found.append(machine)
    return found


def seconds_a_frame(job: Job) -> float | None:
    """The mean time that a frame took; None where that was not kept."""
    seconds = [
        record["seconds"]
        for shot in job.shots
        for file in (job.shot_folder(shot) / "frames").glob("*.json")
        if isinstance((record := read_json(file) or {}).get("seconds"), (int, float))
    ]
    return sum(seconds) / len(seconds) if seconds else None
