"""Which files in a folder are the job's own: no others are ever deleted, and no others does a run go on with.

The folder that a user names may hold files of theirs, with any name. ``job.json`` proves that what lies beside it is
the job's, so that it is written first and removed next to last. Without it, records with the job's digest prove whose
the frames are.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from vidstyle.errors import InputError, OutputError
from vidstyle.jobs.folder import job as jobs
from vidstyle.jobs.folder import output_marker
from vidstyle.jobs.folder.files import TEMPORARY, file_sizes, names, read_json, remove_empty, remove_file, remove_tree
from vidstyle.jobs.folder.job import Job
from vidstyle.jobs.folder.lease import ATTEMPT, read_holder
from vidstyle.media.files import storage_error

_FRAMES = re.compile(r"\d{6,}\.(png|json)")
_MASKS = re.compile(r"(\d{6,}|all)\.png")
_STATES = re.compile(r"\d{6,}\.npz")
_LEASE = re.compile(r"lease\.json|log\.txt|done\.json")
_FARM, _LOGS = re.compile(r".+\.json"), re.compile(r".+\.log")
_DESCRIPTIONS = re.compile(
    rf"template\.json|clip\.json|parameter_values\.json|job\.log|{re.escape(output_marker.DONE)}"
)


def earlier_job(folder: Path, digest: str) -> Job | None:
    """The job that is in a folder; None where a new one may be begun there, or frames of this very one are.

    The folder need not exist. Where its ``job.json`` was lost in a power cut, frames with the new job's `digest` are
    gone on with.

    Raises
    ------
    InputError
        The folder's ``job.json`` is another version's, or another program's.
    OutputError
        The folder is a file, it can't be read, or it holds other files.
    """
    path = folder / jobs.NAME
    try:
        if not folder.exists():
            return None
        if not folder.is_dir():
            raise OutputError(f"'{folder}' is a file: name another folder with --work-dir.")
        if read_json(path, dict[str, Any]) is not None:
            return jobs.load(folder)
        found = {entry.name for entry in folder.iterdir() if not TEMPORARY.match(entry.name)}
        if (
            not found
            or (found == {output_marker.NAME} and output_marker.is_marker(folder))
            or _has_record_of(folder, digest)
        ):
            return None
    except OSError as error:
        raise storage_error(folder, error) from error
    if path.name in found:
        raise OutputError(
            f"'{path}' is damaged, or not vidstyle's, and nothing beside it is known to be of this job: "
            "name another folder with --work-dir, or delete this one yourself."
        )
    raise OutputError(f"'{folder}' holds other files: name an empty or a new folder with --work-dir.")


def remove(job: Job) -> None:
    """Delete the job's own files in its folder, and the folder if it was made for the job and nothing else is in it.

    Nothing is deleted unless ``job.json`` is there and is this job's. The marker of a finished output goes last.
    """
    folder = job.folder
    if not _owns_folder(job):
        return
    for name in names(folder / jobs.REDO):  # those that are painted anew are jobs of their own
        with contextlib.suppress(InputError):
            if (redo := jobs.load(folder / jobs.REDO / name)).identity.get(jobs.REDO) == job.digest:
                remove(redo)
    remove_empty(folder / jobs.REDO)
    for place in (*map(job.shot_folder, job.shots), folder / "assembly"):
        _clear_attempts(place / "attempts")
        if read_holder(place) is not None or _has_record_of(place, job.digest):
            _clear(place / "frames", _FRAMES)
            _clear(place / "state", _STATES)
            _clear(place / jobs.RETURNED, _STATES)
            _unlink(place, _LEASE)
        remove_empty(place)
    _clear(folder / "shots")
    _clear(folder / "styles", re.compile("|".join(re.escape(style.path.name) for style in job.styles) or "(?!)"))
    for number in range(1, len(job.styles) + 1):
        _clear(folder / jobs.MASKS / str(number), _MASKS)
    _clear(folder / jobs.MASKS)
    _clear(folder / jobs.GIVEN, _MASKS)
    _clear(folder / "farm" / "logs", _LOGS)
    _clear(folder / "farm", _FARM)
    _unlink(folder, _DESCRIPTIONS)
    _unlink(folder, re.compile(re.escape(jobs.NAME)))
    _unlink(folder, re.compile(re.escape(output_marker.NAME)))
    if job.folder_made:
        remove_empty(folder)


def size_of(job: Job) -> int:
    """Bytes that a job's frames and states take."""
    folders = (job.shot_folder(shot) / name for shot in job.shots for name in ("frames", "state", jobs.RETURNED))
    return sum(sum(file_sizes(folder).values()) for folder in folders)


def _owns_folder(job: Job) -> bool:
    try:
        return jobs.load(job.folder).digest == job.digest
    except InputError:
        return False


class _Anything(msgspec.Struct):
    job: str


def _has_record_of(folder: Path, digest: str) -> bool:
    """Whether a job's or a shot's folder holds a record of the job of that digest."""
    records = (read_json(path, _Anything) for path in _json_files(folder))
    return any(record is not None and record.job == digest for record in records)


def _json_files(folder: Path) -> Iterator[Path]:
    """Those of a job's or a shot's folder."""
    shots = (folder / "shots" / name for name in sorted(names(folder / "shots")))
    for place in (folder, folder / "frames", *(part for shot in shots for part in (shot, shot / "frames"))):
        yield from (place / name for name in sorted(file_sizes(place)) if name.endswith(".json"))


def _clear_attempts(attempts: Path) -> None:
    """Delete what processes that were killed left behind; no other files have such names."""
    for name in names(attempts):
        if ATTEMPT.fullmatch(name):
            remove_tree(attempts / name)
    remove_empty(attempts)


def _clear(folder: Path, allowed: re.Pattern[str] | None = None) -> None:
    """Delete the files of those names in a folder, and the folder if nothing else is in it."""
    if allowed is not None:
        _unlink(folder, allowed)
    remove_empty(folder)


def _unlink(folder: Path, allowed: re.Pattern[str]) -> None:
    for name in file_sizes(folder):
        if allowed.fullmatch(TEMPORARY.sub("", name)):
            with contextlib.suppress(OSError):
                remove_file(folder / name)
