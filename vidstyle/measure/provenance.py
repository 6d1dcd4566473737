"""Where an output comes from, if its job folder is still there: settings, styles, shots, machine."""

from pathlib import Path

from vidstyle.errors import InputError
from vidstyle.jobs.folder import job as jobs
from vidstyle.jobs.folder.files import read_json
from vidstyle.jobs.folder.frames import DONE, Done, Record, read_record
from vidstyle.jobs.folder.job import Job
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


def machines(job: Job) -> list[dict[str, str]]:
    """The machines that painted a job's shots, each once, in the order of the shots."""
    found: list[dict[str, str]] = []
    for shot in job.shots:
        records = filter(None, (read_record(job, shot, index) for index in shot.frames))
        record: Record | Done | None = next(records, None) or read_json(job.shot_folder(shot) / DONE, Done)
        if record is not None and record.machine and record.machine not in found:
            found.append(record.machine)
    return found


def seconds_a_frame(job: Job) -> float | None:
    """The mean time that a frame took; None where that was not kept."""
    records = (read_record(job, shot, index) for shot in job.shots for index in shot.frames)
    seconds = [record.seconds for record in records if record is not None]
    return sum(seconds) / len(seconds) if seconds else None
