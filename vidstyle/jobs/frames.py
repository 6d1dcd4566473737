"""Which frames of a shot are done: a frame file, and a record that matches it."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Container, Mapping
from pathlib import Path
from typing import Any

from vidstyle.jobs.files import publishing, read_json, timestamp, write_json
from vidstyle.jobs.job import Job, Shot
from vidstyle.jobs.lease import Lease
from vidstyle.jobs.schedule import KeyInterval, KeySource

Record = Mapping[str, Any]
"""What is kept of a frame: ``job`` (digest), ``bytes`` and ``crc32`` of its file, its ``kind`` and the frames, counted
from 1, that it was made ``from`` (see :mod:`vidstyle.jobs.schedule`), ``losses``, ``evaluations``, ``seconds``,
``attempt`` and ``machine``; of a solved frame its shot's ``style_gain``."""


def frame_path(job: Job, shot: Shot, index: int) -> Path:
    """The file of a frame. Names count from 1; no program sorts them, since beyond 999,999 they grow longer."""
    return job.shot_folder(shot) / "frames" / f"{index + 1:06d}.png"


def publish_frame(
    job: Job, shot: Shot, index: int, write: Callable[[Path], None], facts: Mapping[str, Any], lease: Lease
) -> None:
    """Write a frame's file, then its record, in which the `facts` go: from here on the frame is done.

    `write` writes the frame's file to the path it is given.

    Raises
    ------
    StoppedAtCheckpoint
        Another process has taken the shot over.
    OutputError, StorageError
        The folder can't be written, the disk is full.
    """
    path = frame_path(job, shot, index)
    with publishing(path, lease.scratch) as temporary:
        write(temporary)
        checksum = _checksum(temporary.read_bytes())
        lease.check()
    write_json(
        path.with_suffix(".json"), {"job": job.digest, **checksum, **facts, "finished": timestamp()}, lease.scratch
    )
    lease.made_progress = True


def missing_frames(job: Job, shot: Shot, *, thorough: bool) -> list[int]:
    """Indices of the frames that are not there, or not as their records say, in order.

    `thorough` has the files read and their checksums compared, instead of sizes alone.
    """
    if job.unpainted:
        return []
    return [
        index
        for index in shot.frames
        if not _is_whole(frame_path(job, shot, index), read_record(job, shot, index), thorough)
    ]


def known_interval(job: Job, shot: Shot, index: int, missing: Container[int]) -> KeyInterval | None:
    """The interval that a missing frame lies in, if both of its keyframes are there and the right one names it."""
    for right in range(index + 1, min(index + 1 + job.settings.motion.max_inbetweens, shot.stop)):
        if right in missing:
            continue
        record = read_record(job, shot, right)
        if record.get("kind") == KeySource.SOLVED:
            left = record["from"][0] - 1
            return KeyInterval(left, right) if left < index and left not in missing else None
    return None


def is_done(job: Job, shot: Shot) -> bool:
    """Whether a shot is complete: its ``done.json`` says so, and every file has the size that it names."""
    if job.unpainted:
        return True
    done = read_json(job.shot_folder(shot) / "done.json")
    if done is None or done.get("job") != job.digest or "frames" not in done:
        return False
    try:
        with os.scandir(job.shot_folder(shot) / "frames") as entries:
            sizes = {entry.name: entry.stat().st_size for entry in entries}
    except OSError:
        return False
    return all(
        sizes.get(frame_path(job, shot, index).name) == done["frames"].get(str(index + 1), {}).get("bytes", -1)
        for index in shot.frames
    )


def mark_done(job: Job, shot: Shot, facts: Mapping[str, Any], scratch: Path) -> None:
    """Write down that a shot is complete, with the checksums of its frames."""
    table = {str(index + 1): read_record(job, shot, index) for index in shot.frames}
    summary = {
        "job": job.digest,
        "finished": timestamp(),
        "seconds": sum(record["seconds"] for record in table.values()),
        **facts,
        "frames": {number: {key: record[key] for key in ("bytes", "crc32")} for number, record in table.items()},
    }
    write_json(job.shot_folder(shot) / "done.json", summary, scratch)


def done_at_a_glance(job: Job, shot: Shot) -> set[int]:
    """Indices of the frames of a shot that are done, from the names of files alone."""
    if job.unpainted or (job.shot_folder(shot) / "done.json").exists():
        return set(shot.frames)
    try:
        names = {path.name for path in (job.shot_folder(shot) / "frames").iterdir()}
    except OSError:
        return set()
    return {index for index in shot.frames if frame_path(job, shot, index).with_suffix(".json").name in names}


def forget_frame(job: Job, shot: Shot, index: int) -> None:
    """Let a damaged frame count as missing, so that it is painted again."""
    (job.shot_folder(shot) / "done.json").unlink(missing_ok=True)
    frame_path(job, shot, index).with_suffix(".json").unlink(missing_ok=True)


def read_record(job: Job, shot: Shot, index: int) -> dict[str, Any]:
    """What is known of a frame that is done; empty where it isn't, or is another job's."""
    record = read_json(frame_path(job, shot, index).with_suffix(".json"))
    return record if record is not None and record.get("job") == job.digest else {}


def _is_whole(path: Path, record: Record, thorough: bool) -> bool:
    try:
        if path.stat().st_size != record.get("bytes"):
            return False
        return not thorough or _checksum(path.read_bytes())["crc32"] == record.get("crc32")
    except OSError:
        return False


def _checksum(data: bytes) -> dict[str, int]:
    return {"bytes": len(data), "crc32": zlib.crc32(data)}
