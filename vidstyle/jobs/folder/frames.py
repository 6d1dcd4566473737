"""Which frames of a shot are done: a frame file, and a record that matches it."""

from __future__ import annotations

import zlib
from collections.abc import Container, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from vidstyle.errors import StorageError
from vidstyle.jobs.folder.files import (
    file_sizes,
    names,
    publishing,
    read_bytes,
    read_json,
    remove_file,
    timestamp,
    write_json,
)
from vidstyle.jobs.folder.job import Job, Shot
from vidstyle.jobs.folder.lease import Lease
from vidstyle.jobs.folder.schedule import KeyInterval, KeyKind
from vidstyle.media.chunks import png_size
from vidstyle.media.files import storage_error
from vidstyle.schema import Bytes, Number, Seconds, Weight

if TYPE_CHECKING:  # a finished shot costs no second that arrays take to load
    import numpy as np

    from vidstyle.media.color.display import DisplayTransform

DONE = "done.json"


class _Checksum(msgspec.Struct):
    bytes: Bytes
    crc32: Bytes


class _Gain(msgspec.Struct, frozen=True):
    gram: Weight = 1.0
    sliced: Weight = 0.0


class Record(_Checksum, rename={"made_from": "from"}):
    """What is kept of a frame; its file holds more for people (``losses``, ``evaluations``, ``attempt``, ``finished``).

    Attributes
    ----------
    job
        The job's digest.
    bytes, crc32
        Of the frame's file.
    kind, made_from
        How it came about, and the frames, counted from 1, that it was made of: :mod:`vidstyle.jobs.folder.schedule`.
        The first of them is the keyframe that was painted before it.
    seconds
        What it took.
    style_gain
        Of a solved frame: its shot's.
    machine
        What painted it.
    retouched
        When it was kept as somebody had changed it; empty where nobody has.
    """

    job: str
    kind: str = ""
    made_from: tuple[Number, ...] = ()
    seconds: Seconds = 0.0
    style_gain: _Gain = _Gain()
    machine: dict[str, str] = {}
    retouched: str = ""


class Done(msgspec.Struct):
    """What is kept of a shot that is complete: the job's digest, the time that it took, its frames' files by number."""

    job: str
    seconds: Seconds
    frames: dict[str, _Checksum]
    machine: dict[str, str] = {}


def frame_path(job: Job, shot: Shot, index: int) -> Path:
    """The file of a frame. Names count from 1; no program sorts them, since beyond 999,999 they grow longer."""
    return job.shot_folder(shot) / "frames" / f"{index + 1:06d}.png"


def publish_frame(job: Job, shot: Shot, index: int, data: bytes, facts: Mapping[str, Any], lease: Lease) -> None:
    """Write a frame's file of that data, then its record, in which the `facts` go: from here on the frame is done.

    Raises
    ------
    StoppedAtCheckpoint
        Another process has taken the shot over.
    InputError, OutputError, StorageError
        A link is in the way; the folder can't be written, the disk is full.
    """
    path = frame_path(job, shot, index)
    earlier = read_record(job, shot, index)
    if earlier is not None and not is_recorded(earlier, data):
        forget_frame(job, shot, index)  # whoever is killed now has changed no frame by hand
    with publishing(path, lease.scratch) as file:
        file.write(data)
        lease.check()
    record = {"job": job.digest, **checksum(data), **facts, "finished": timestamp()}
    write_json(path.with_suffix(".json"), record, lease.scratch)
    lease.made_progress = True


def missing_frames(job: Job, shot: Shot, *, thorough: bool) -> list[int]:
    """Indices of the frames that are not there, or not as their records say, in order.

    `thorough` has the files read and their checksums and pixels compared, instead of sizes alone.
    """
    if job.unpainted:
        return []
    sizes = file_sizes(job.shot_folder(shot) / "frames")

    def is_whole(index: int) -> bool:
        path = frame_path(job, shot, index)
        size = sizes.get(path.name)
        record = None if size is None else read_record(job, shot, index)
        if record is None or record.bytes != size:
            return False
        return not thorough or _is_whole(job, path, record)

    return [index for index in shot.frames if not is_whole(index)]


def known_interval(job: Job, shot: Shot, index: int, missing: Container[int]) -> KeyInterval | None:
    """The interval that a missing frame lies in, if both of its keyframes are there and the right one names it."""
    most, order = job.settings.motion.max_inbetweens, shot.order
    place = order.index(index)
    for right in order[place + 1 : place + 1 + most]:
        if right in missing:
            continue
        record = read_record(job, shot, right)
        if record is not None and record.kind in (KeyKind.SOLVED, KeyKind.GIVEN) and record.made_from:
            left = record.made_from[0] - 1
            before = order[max(0, order.index(right) - 1 - most) : place]
            return KeyInterval(left, right) if left in before and left not in missing else None
    return None


def is_done(job: Job, shot: Shot) -> bool:
    """Whether a shot is complete: its ``done.json`` says so, and every file has the size that it names."""
    if job.unpainted:
        return True
    done = read_json(job.shot_folder(shot) / DONE, Done)
    if done is None or done.job != job.digest:
        return False
    sizes = file_sizes(job.shot_folder(shot) / "frames")
    said = {int(number) - 1: checksum.bytes for number, checksum in done.frames.items() if number.isdecimal()}
    return all(index in said and sizes.get(frame_path(job, shot, index).name) == said[index] for index in shot.frames)


def mark_done(job: Job, shot: Shot, facts: Mapping[str, Any], scratch: Path) -> None:
    """Write down that a shot is complete, with the checksums of its frames."""
    records = {index: read_record(job, shot, index) for index in shot.frames}
    known = {str(index + 1): record for index, record in records.items() if record is not None}
    summary = {
        "job": job.digest,
        "finished": timestamp(),
        "seconds": sum(record.seconds for record in known.values()),
        **facts,
        "frames": {number: {"bytes": record.bytes, "crc32": record.crc32} for number, record in known.items()},
    }
    write_json(job.shot_folder(shot) / DONE, summary, scratch)


def done_at_a_glance(job: Job, shot: Shot) -> set[int]:
    """Indices of the frames of a shot that are done, from the names of files alone."""
    if job.unpainted or DONE in names(job.shot_folder(shot)):
        return set(shot.frames)
    found = names(job.shot_folder(shot) / "frames")
    return {index for index in shot.frames if frame_path(job, shot, index).with_suffix(".json").name in found}


def forget_frame(job: Job, shot: Shot, index: int) -> None:
    """Let a damaged frame count as missing, so that it is painted again.

    Raises
    ------
    InputError, OutputError, StorageError
        A link is in the way, or the folder can't be written.
    """
    for path in (job.shot_folder(shot) / DONE, frame_path(job, shot, index).with_suffix(".json")):
        try:
            remove_file(path)
        except OSError as error:
            raise storage_error(path, error) from error


def read_record(job: Job, shot: Shot, index: int) -> Record | None:
    """What is known of a frame that is done; None where it isn't, or is another job's."""
    record = read_json(frame_path(job, shot, index).with_suffix(".json"), Record)
    return record if record is not None and record.job == job.digest else None


def read_frame(job: Job, shot: Shot, index: int, display: DisplayTransform) -> np.ndarray:
    """A painted frame, (H, W, 3) float32 RGB, 0..1, as `display` shows it.

    Raises
    ------
    StorageError
        Its file is gone or damaged, or has another size.
    """
    from vidstyle.media.images.stills import decode_frame

    path = frame_path(job, shot, index)
    try:
        return decode_frame(read_bytes(path, most_bytes(job)), job.canvas, display, path)
    except OSError as error:
        raise StorageError(f"the frame file '{path}' can't be read: {error.strerror}.") from error


def read_given(job: Job, index: int) -> bytes:
    """The file that the frame of a given keyframe is to have.

    Raises
    ------
    StorageError
        It is gone, or has another size.
    """
    path = job.given_path(index)
    try:
        data = read_bytes(path, most_bytes(job))
    except OSError as error:
        raise StorageError(f"the given frame '{path}' can't be read: {error.strerror}.") from error
    if png_size(data) != job.size:
        raise StorageError(f"the given frame '{path}' is damaged: run the command again that planned the job.")
    return data


def _is_whole(job: Job, path: Path, record: Record) -> bool:
    try:
        data = read_bytes(path, most_bytes(job))
    except OSError:
        return False
    return checksum(data)["crc32"] == record.crc32 and png_size(data) == job.canvas


def most_bytes(job: Job) -> int:
    """Of a frame's file: its pixels in 16 bits, and a little for what they are packed in."""
    return 7 * job.canvas[0] * job.canvas[1] + (1 << 16)


def is_recorded(record: Record, data: bytes) -> bool:
    """Whether a file is the one that a record was made of."""
    return checksum(data) == {"bytes": record.bytes, "crc32": record.crc32}


def checksum(data: bytes) -> dict[str, int]:
    """What a record keeps of a file, to know it by."""
    return {"bytes": len(data), "crc32": zlib.crc32(data)}
