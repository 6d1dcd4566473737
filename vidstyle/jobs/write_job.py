"""A planned job is written down: the first files of a job folder, or what has changed in one."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Generator, Iterator
from typing import Any

from vidstyle.errors import StoppedAtCheckpoint
from vidstyle.jobs import masks, painted
from vidstyle.jobs.folder import job as jobs
from vidstyle.jobs.folder import source_cache
from vidstyle.jobs.folder.attempt import require_idle
from vidstyle.jobs.folder.cleanup import remove
from vidstyle.jobs.folder.files import append_line, make_folder, publishing, read_bytes, read_json, status
from vidstyle.jobs.folder.job import Job
from vidstyle.jobs.plan import PlannedJob
from vidstyle.jobs.progress import Progress
from vidstyle.settings import Mask, StyleImage


def write_job(planned: PlannedJob) -> Generator[Progress, None, Job]:
    """Make the job folder, ready to be painted in.

    Yields
    ------
    ``wait`` while the heartbeat of a machine that may be at work on a job to be deleted is watched; ``mask`` where one
    is carried along the motion.

    Raises
    ------
    StoppedAtCheckpoint
        A process is at work on the job that is to be deleted.
    OutputError, StorageError
        The folder can't be written, or the disk is full. What was made by then is deleted.
    """
    job = dataclasses.replace(planned.job, styles=_copies(planned.job))
    if planned.earlier is not None and not planned.restart:
        _copy_styles(planned.job, job)
        yield from _make_pictures(planned, job)
        return job
    if planned.restart:
        for holder in require_idle(planned.earlier or job):
            yield Progress("wait", f"the job was begun by {holder}; waiting to see whether it is alive")
        if planned.earlier is None and job.folder.exists():  # its own frames, but without job.json
            jobs.save(job)
        remove(planned.earlier or job)
    path = job.folder / jobs.NAME
    try:
        make_folder(job.folder)
        # First, since it proves that what comes is the job's; a damaged one is known to be ours.
        jobs.save(job, replace=status(path) is not None and read_json(path, dict[str, Any]) is None)
        yield from _make_pictures(planned, job)
        source_cache.save(job, planned.source)
        _copy_styles(planned.job, job)
    except FileExistsError as error:
        raise StoppedAtCheckpoint(
            f"'{job.folder}': another run has begun a job there. Once that has ended, run the same command again."
        ) from error
    except BaseException:
        withdraw(job, planned)
        raise
    append_line(job.log, f"planned: {job.summary}; {len(job.shots)} shots")
    return job


def withdraw(job: Job, planned: PlannedJob) -> None:
    """Undo what :func:`write_job` did: delete the job, and the folders that were made for it."""
    remove(job)
    for place in planned.missing:
        with contextlib.suppress(OSError):  # something else is in it
            place.rmdir()


def _copies(job: Job) -> tuple[StyleImage, ...]:
    """The style pictures and their masks as they will lie in the job folder."""
    return tuple(
        StyleImage(
            job.folder / "styles" / f"{number}-{style.path.name}",
            style.weight,
            style.mask and Mask(job.folder / jobs.MASKS / str(number)),
        )
        for number, style in enumerate(job.styles, 1)
    )


def _make_pictures(planned: PlannedJob, job: Job) -> Iterator[Progress]:
    for sentence in masks.make_masks(job, planned.job.styles, planned.source):
        yield Progress("mask", sentence)
    painted.make_given(job, planned.painted, planned.source)


def _copy_styles(planned: Job, job: Job) -> None:
    make_folder(job.folder / "styles")
    for style, copy in zip(planned.styles, job.styles, strict=True):
        data = style.path.read_bytes()
        with contextlib.suppress(OSError):
            if read_bytes(copy.path, len(data)) == data:
                continue
        with publishing(copy.path) as file:
            file.write(data)
