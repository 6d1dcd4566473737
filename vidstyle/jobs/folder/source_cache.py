"""The clip as it was probed when the job was planned, so that no process need read through it again.

Size and time stamp tell whether the clip is still the same file. Where they differ, as on a copy, its hash decides.
Without the file the clip is probed again.
"""

import contextlib
from pathlib import Path
from typing import Any

import msgspec

from vidstyle.errors import InputError, VidstyleError
from vidstyle.jobs.folder.files import read_json, write_json
from vidstyle.jobs.folder.job import Job
from vidstyle.media.probe import source_json
from vidstyle.media.probe.probe import fingerprint_of, probe
from vidstyle.media.source import Source, scaled_size
from vidstyle.settings import MediaSettings

NAME = "clip.json"


class _Written(msgspec.Struct):
    """What ``clip.json`` holds."""

    job: str
    fingerprint: str
    stamp: tuple[int, int, str]
    asked: list[str | None]
    source: dict[str, Any]


def save(job: Job, source: Source) -> None:
    """Write down what was found in the job's clip.

    Raises
    ------
    OutputError, StorageError
        The folder can't be written, the disk is full.
    """
    stamp, asked = source_json.stamp(source.path), _asked(job.settings.media)
    written = _Written(job.digest, job.fingerprint, stamp, asked, source_json.to_dict(source))
    write_json(job.folder / NAME, msgspec.structs.asdict(written))


def load(folder: Path, clip: Path, asked: MediaSettings) -> tuple[Source, str] | None:
    """The clip and its fingerprint, as a job folder has them; None where it has none, or the clip has changed.

    `asked` holds what the user says in place of the clip: its rate, its colour space.

    Raises
    ------
    InputError
        The clip isn't there.
    """
    written = read_json(folder / NAME, _Written)
    if written is None or (written.stamp, written.asked) != (source_json.stamp(clip), _asked(asked)):
        return None
    try:
        return source_json.from_dict(written.source, clip), written.fingerprint
    except InputError:
        return None


def source_of(job: Job) -> Source:
    """The job's clip, after a check that it is the one that was planned.

    Raises
    ------
    InputError
        The clip is another one, or it isn't there.
    """
    known = load(job.folder, job.source_path, job.settings.media)
    if known is not None and known[1] == job.fingerprint and _fits(job, known[0]):
        return known[0]
    source = probe(job.source_path, job.settings.media, glance=len(job.frames) == 1)
    if job.frames.stop > len(source.pts) or fingerprint_of(job.source_path, source, job.frames) != job.fingerprint:
        raise InputError(
            f"{job.source_path}: not the clip that the job in {job.folder} was planned for. "
            "Put that one back, or start over with --restart."
        )
    if not _fits(job, source):
        raise InputError(f"'{job.folder}': the job's frames are not its clip's. Start over with --restart.")
    with contextlib.suppress(VidstyleError):  # whoever must write into the folder will say that it can't be written
        save(job, source)
    return source


def _fits(job: Job, source: Source) -> bool:
    """Whether a job's shots and size can be those of a clip."""
    if job.frames.stop > len(source.pts) or job.size != scaled_size(source, job.settings.media.size):
        return False
    return all(shot.pts == (source.pts[shot.start], source.pts[job.in_clip(shot.stop - 1)]) for shot in job.shots)


def _asked(media: MediaSettings) -> list[str | None]:
    """The settings with which the same file is another clip."""
    return [media.fps, media.colorspace, media.ocio, media.deinterlace, media.on_damage]
