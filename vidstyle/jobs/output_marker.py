"""Whose the output is: said before and after it is written, so that a later run can tell its own from another's.

The output's last act is its renaming. A process that dies between that and the tidying up leaves a finished file
that nobody asked to be replaced; with the word that it left before, the next run only tidies up. Of numbered pictures
some may have their names when it dies; the next run then gives them to the rest.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from vidstyle.jobs.files import read_json, write_json
from vidstyle.jobs.job import Job
from vidstyle.media.images.pattern import files_of, numbered_part

NAME = "assembling.json"
DONE = "assembled.json"


def was_writing(folder: Path, digest: str, output: Path) -> bool:
    """Whether the job of that digest in that folder was writing this output, of which nothing was there before."""
    said = read_json(folder / NAME)
    return said == {"job": digest, "output": str(output.resolve()), "existed": False}


def has_written(folder: Path, digest: str, output: Path, numbers: Sequence[int]) -> bool:
    """Whether an output of frames of these numbers is there, made whole by the job of that digest in that folder."""
    return was_writing(folder, digest, output) and all(
        file.exists() and (file == output or not numbered_part(file).exists()) for file in files_of(output, numbers)
    )


def is_marker(folder: Path) -> bool:
    """Whether the file that says what a job is about to write is one, be it of another job."""
    said = read_json(folder / NAME) or {}
    return {key: type(value) for key, value in said.items()} == {"job": str, "output": str, "existed": bool}


@contextlib.contextmanager
def writing(job: Job) -> Iterator[None]:
    """Say that the output is about to be written, until that has failed and nothing of it is there."""
    path = job.folder / NAME
    existed = not was_writing(job.folder, job.digest, job.output) and _is_there(job)
    write_json(path, {"job": job.digest, "output": str(job.output), "existed": existed})
    try:
        yield
    except BaseException:
        if existed or not _is_there(job):
            path.unlink(missing_ok=True)
        raise


def mark_written(job: Job) -> None:
    """Say that the output is there."""
    write_json(job.folder / DONE, _fact(job))
    (job.folder / NAME).unlink(missing_ok=True)


def is_written(job: Job) -> bool:
    """Whether the output is there, as the job made it."""
    return read_json(job.folder / DONE) == _fact(job)


def _is_there(job: Job) -> bool:
    """Whether any file of the output is."""
    return any(file.exists() for file in files_of(job.output, job.output_numbers))


def _fact(job: Job) -> dict[str, Any]:
    sizes = [file.stat().st_size for file in files_of(job.output, job.output_numbers) if file.exists()]
    return {"job": job.digest, "files": len(sizes), "bytes": sum(sizes)}
