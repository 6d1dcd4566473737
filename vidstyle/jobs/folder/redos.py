"""Ranges of frames that are painted anew: each a job within the job, in ``redo/0001/`` of its folder, and so on.

Such a job has the shots of its range alone, and settings, styles and masks of its own. The frames that were there
before stay: what is shown of the range are those of the last job that is complete, over the earlier ones.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vidstyle.errors import InputError
from vidstyle.jobs.folder import job as jobs
from vidstyle.jobs.folder.files import names, read_json
from vidstyle.jobs.folder.frames import is_done
from vidstyle.jobs.folder.job import Job, Shot

_NAME = re.compile(r"\d{4,9}")


def redo_folder(job: Job, number: int) -> Path:
    """The folder of the job's range of that number, counted from 1."""
    return job.folder / jobs.REDO / f"{number:04d}"


def redos(job: Job) -> list[Job]:
    """The ranges of a job that are painted anew, earliest first, each to be run as the job is.

    Raises
    ------
    InputError
        One is damaged, or another job's.
    """
    numbers = sorted(int(name) for name in names(job.folder / jobs.REDO) if _NAME.fullmatch(name))
    folders = (redo_folder(job, number) for number in numbers)
    # A folder without a description is one that was just begun.
    return [_loaded(job, folder) for folder in folders if read_json(folder / jobs.NAME, dict[str, Any]) is not None]


def shots_within(job: Job, shot: Shot, found: list[Job]) -> Iterator[tuple[Job, list[Shot]]]:
    """Of the ranges that were `found`, the shots that whoever paints a shot of the job paints after it."""
    for redo in found:
        mine = [part for part in redo.shots if _owner(job, part) == shot.number]
        if mine:
            yield redo, mine


def is_complete(job: Job, shot: Shot, found: list[Job]) -> bool:
    """Whether a shot is done, and all that is painted anew in it."""
    within = shots_within(job, shot, found)
    return is_done(job, shot) and all(is_done(redo, part) for redo, parts in within for part in parts)


def is_finished(redo: Job) -> bool:
    """Whether all of a range is painted."""
    return all(is_done(redo, shot) for shot in redo.shots)


def _loaded(job: Job, folder: Path) -> Job:
    redo = jobs.load(folder)
    within = job.frames.start <= redo.frames.start and redo.frames.stop <= job.frames.stop
    same = (redo.identity.get(jobs.REDO), redo.size, redo.bit_depth) == (job.digest, job.size, job.bit_depth)
    if not (within and same):
        raise InputError(f"'{folder}' belongs to another job: delete it yourself.")
    # Where the styles are the job's, so are the files. Where and how it runs is never a part of it.
    styles = job.styles if redo.identity["style"] == job.identity["style"] else redo.styles
    settings = dataclasses.replace(redo.settings, run=job.settings.run)
    return dataclasses.replace(redo, styles=styles, settings=settings, source_path=job.source_path)


def _owner(job: Job, part: Shot) -> int:
    """The number of the first shot that has a part's first frame."""
    return next(shot.number for shot in job.shots if part.start in shot.frames)
