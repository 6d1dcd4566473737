"""Files in the job folder that say whether the job is writing its output, and whether it has written it.

The last step of writing an output is to rename it. A process that dies after that and before it has cleaned up leaves
a finished file that nobody allowed to be replaced. By the marker that was written before, the next run knows that the
file is its own, and only cleans up. Of numbered pictures some may have their names by then; the next run renames the
others.
"""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from vidstyle.jobs.folder.files import read_json, remove_file, write_json
from vidstyle.jobs.folder.job import Job, delivery, digest
from vidstyle.jobs.folder.redos import redos
from vidstyle.media.images.pattern import files_of, numbered_part

NAME = "assembling.json"
"""The marker that an output is being written."""
DONE = "assembled.json"
"""The marker that it is there."""


class _Marker(msgspec.Struct, forbid_unknown_fields=True):
    """Which job writes which output, and whether something was there before."""

    job: str
    output: str
    existed: bool


def was_writing(folder: Path, digest: str, output: Path) -> bool:
    """Whether the job of that digest in that folder was writing this output, of which nothing was there before."""
    return read_json(folder / NAME, _Marker) == _Marker(digest, str(output.resolve()), False)


def has_written(folder: Path, digest: str, output: Path, numbers: Sequence[int]) -> bool:
    """Whether the job of that digest has written an output of frames of these numbers, all of which is there."""
    return was_writing(folder, digest, output) and all(
        file.exists() and (file == output or not numbered_part(file).exists()) for file in files_of(output, numbers)
    )


def is_marker(folder: Path) -> bool:
    """Whether ``assembling.json`` is a marker, this job's or another's."""
    return read_json(folder / NAME, _Marker) is not None


class _Written(msgspec.Struct, frozen=True):
    """An output that is there: how many files and bytes it has, and a hash of the settings that it was written with."""

    files: int
    bytes: int
    delivery: str = ""


class _Done(msgspec.Struct):
    """The outputs that a job has written."""

    job: str
    written: list[_Written]


@contextlib.contextmanager
def writing(job: Job) -> Iterator[None]:
    """Keep the marker that the output is being written; if that fails and no file is there, it is removed."""
    path = job.folder / NAME
    existed = not was_writing(job.folder, job.digest, job.output) and _is_there(job)
    write_json(path, msgspec.to_builtins(_Marker(job.digest, str(job.output), existed)))
    try:
        yield
    except BaseException:
        if existed or not _is_there(job):
            remove_file(path)
        raise


def mark_written(job: Job) -> None:
    """Leave the marker that the output is there, beside those that are written another way."""
    others = [one for one in _written(job) if one != _fact(job)]
    write_json(job.folder / DONE, msgspec.to_builtins(_Done(job.digest, [*others, _fact(job)])))
    remove_file(job.folder / NAME)


def is_written(job: Job) -> bool:
    """Whether the output is there, as the job writes it with these settings."""
    return _fact(job) in _written(job)


def is_own(job: Job) -> bool:
    """Whether what is there is an output that the job has written, be it with other settings."""
    there = _fact(job)
    return any((there.files, there.bytes) == (one.files, one.bytes) for one in _written(job))


def _written(job: Job) -> list[_Written]:
    done = read_json(job.folder / DONE, _Done)
    return done.written if done is not None and done.job == job.digest else []


def _is_there(job: Job) -> bool:
    """Whether any file of the output is there."""
    return any(file.exists() for file in files_of(job.output, job.output_numbers))


def _fact(job: Job) -> _Written:
    sizes = [file.stat().st_size for file in files_of(job.output, job.output_numbers) if file.exists()]
    anew = [redo.digest for redo in redos(job)]
    return _Written(len(sizes), sum(sizes), digest(delivery(job.settings) | {"redo": anew}))
