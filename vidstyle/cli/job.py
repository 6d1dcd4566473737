"""A planned job, as a command of its own sees it."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path

from vidstyle.cli.config import from_environment, own_programs
from vidstyle.cli.flags import FLAGS, RUN
from vidstyle.jobs import job as jobs
from vidstyle.jobs.job import Job


def opened(folder: Path, settings: Mapping[str, str], *, clip: str = "") -> Job:
    """A job as it was planned, but for where and how it runs here.

    Parameters
    ----------
    folder
        The job folder.
    settings
        Run settings of the command line; they stand above those of the environment, and these above the job's.
    clip
        Where the clip lies; empty: where it lay when the job was planned.

    Raises
    ------
    InputError, UsageError
        It is no job folder; a setting makes no sense.
    """
    job = jobs.load(folder)
    here = {key: value for key, value in from_environment(os.environ).settings.items() if FLAGS[key].panel == RUN}
    job = dataclasses.replace(job, settings=job.settings.replace(**{**own_programs(), **here, **settings}))
    return dataclasses.replace(job, source_path=Path(clip).resolve()) if clip else job
