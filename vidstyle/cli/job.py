"""Opens a planned job for a command that works on it."""

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path

from vidstyle.cli.config import from_environment, user_programs
from vidstyle.cli.flags import FLAGS, RUN
from vidstyle.errors import InputError
from vidstyle.jobs.folder import job as jobs
from vidstyle.jobs.folder.job import Job


def open_kept_job(path: Path, settings: Mapping[str, str], *, clip: str = "") -> Job:
    """The same of a job that is painted, named by its folder or by the output beside it.

    Raises
    ------
    InputError, UsageError
        As :func:`open_job`; or the job folder is gone.
    """
    beside = path.with_name(f"{path.name}.vidstyle")
    folder = beside if path.is_file() and beside.is_dir() else path
    if not jobs.is_job_folder(folder):
        raise InputError(
            f"'{path}': there is no job folder. It is deleted once the output is verified, unless the clip is painted "
            "with --keep."
        )
    return open_job(folder, settings, clip=clip)


def open_job(folder: Path, settings: Mapping[str, str], *, clip: str = "") -> Job:
    """A job as it was planned, with the run settings of this machine, and its clip if that has moved since.

    `settings`, those of the command line, precede those of the environment, which precede the job's.

    Raises
    ------
    InputError, UsageError
        The folder is not a job folder, or a setting makes no sense.
    """
    job = jobs.load(folder)
    environment = {
        key: value for key, value in from_environment(os.environ).settings.items() if FLAGS[key].panel == RUN
    }
    job = dataclasses.replace(job, settings=job.settings.replace(**{**user_programs(), **environment, **settings}))
    return dataclasses.replace(job, source_path=Path(clip).resolve()) if clip else job
