"""What a command comes to once everything is checked, and writing that down: from here on files come and go."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from vidstyle.jobs import job as jobs
from vidstyle.jobs.cleanup import remove, require_inside
from vidstyle.jobs.files import append_line, make_folder, publishing
from vidstyle.jobs.idle import require_idle
from vidstyle.jobs.job import Job
from vidstyle.jobs.progress import Progress
from vidstyle.jobs.source_cache import remember
from vidstyle.media.source import Source
from vidstyle.settings import StyleImage


@dataclass(frozen=True)
class Draft:
    """What a command comes to, once everything is checked and before anything is written or deleted.

    Attributes
    ----------
    job
        The job, with the style pictures where they lie now.
    source
        What is in its clip.
    earlier
        The job that is in the folder; without `restart`, this very one, as it was begun.
    restart
        Whether that is to be deleted.
    missing
        The job folder and those above it, as far as they are not there yet.
    """

    job: Job
    source: Source
    earlier: Job | None
    restart: bool
    missing: tuple[Path, ...]


def carried_out(draft: Draft) -> Generator[Progress, None, Job]:
    """Write down what was decided: the job folder, ready to be painted in.

    Yields
    ------
    ``wait`` while it is watched whether a machine elsewhere is at work on a job that is to be deleted.

    Raises
    ------
    StoppedAtCheckpoint
        It is.
    OutputError, StorageError
        The folder can't be written, the disk is full. What was not there before is not there then.
    """
    job = dataclasses.replace(draft.job, styles=_copies(draft.job))
    require_inside(draft.earlier or job)
    if draft.earlier is not None and not draft.restart:
        _copy_styles(draft.job, job)
        return job
    if draft.restart:
        for holder in require_idle(draft.earlier or job):
            yield Progress("wait", f"the job was begun by {holder}; waiting to see whether it is alive")
        if draft.earlier is None and job.folder.exists():  # its own frames, without the file that vouches for them
            jobs.save(job)
        remove(draft.earlier or job)
    try:
        make_folder(job.folder)
        jobs.save(job)  # first: it vouches for all that comes
        remember(job, draft.source)
        _copy_styles(draft.job, job)
    except BaseException:
        withdraw(job, draft)
        raise
    append_line(job.log, f"planned: {job.summary}; {len(job.shots)} shots")
    return job


def withdraw(job: Job, draft: Draft) -> None:
    """Undo what :func:`carried_out` did: delete the job, and the folders that were made for it."""
    remove(job)
    for place in draft.missing:
        with contextlib.suppress(OSError):  # something else is in it
            place.rmdir()


def _copies(job: Job) -> tuple[StyleImage, ...]:
    """The style pictures as they will lie in the job folder."""
    return tuple(
        StyleImage(job.folder / "styles" / f"{number}-{style.path.name}", style.weight)
        for number, style in enumerate(job.styles, 1)
    )


def _copy_styles(drafted: Job, job: Job) -> None:
    make_folder(job.folder / "styles")
    for style, copy in zip(drafted.styles, job.styles, strict=True):
        data = style.path.read_bytes()
        if not copy.path.exists() or copy.path.read_bytes() != data:
            with publishing(copy.path) as temporary:
                temporary.write_bytes(data)
