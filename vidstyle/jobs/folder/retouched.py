"""Frames that somebody has changed by hand since they were painted: whole pictures, other than their records say.

They are told from damaged ones, which are painted again. Nobody's work is painted over: it is kept where that is asked
for, and is otherwise in the way.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from pathlib import Path
from typing import Any

from vidstyle.errors import InputError
from vidstyle.jobs.folder.attempt import attempt, wait_for_lease
from vidstyle.jobs.folder.files import load_json, publishing, read_bytes, timestamp, write_json
from vidstyle.jobs.folder.frames import (
    checksum,
    frame_path,
    is_recorded,
    mark_done,
    missing_frames,
    most_bytes,
    read_record,
)
from vidstyle.jobs.folder.job import Job, Shot
from vidstyle.jobs.progress import Progress
from vidstyle.media.chunks import is_whole_png, png_size
from vidstyle.ranges import format_numbers

FLAG = "--keep-retouched"


def retouched(job: Job, shot: Shot, missing: Iterable[int]) -> list[int]:
    """Those of a shot's missing frames whose files somebody has changed."""
    return [index for index in missing if _is_retouched(job, shot, index)]


def without_retouched(
    job: Job, missing: Mapping[int, list[int]], *, keep: bool
) -> Generator[Progress, None, dict[int, list[int]]]:
    """The missing frames, by the numbers of their shots, without those that somebody has changed and that are kept.

    Yields
    ------
    ``wait`` while another machine's lease is watched, ``resume`` with what is kept.

    Raises
    ------
    InputError
        Somebody has changed a frame, and it is not to `keep`, or has another size than the others.
    StoppedAtCheckpoint
        Another process paints the shot.
    """
    left = dict(missing)
    for shot in job.shots:
        changed = retouched(job, shot, missing.get(shot.number, ()))
        if not changed:
            continue
        names = format_numbers(map(job.number, changed))
        if not keep:
            raise InputError(
                f"'{frame_path(job, shot, changed[0]).parent}': changed by hand since it was painted: frame {names}. "
                f"Keep that with {FLAG}, or delete the file to have the frame painted anew."
            )
        what = f"shot {shot.number}"
        lease = yield from wait_for_lease(job.shot_folder(shot), what, shot=shot.number, shots=len(job.shots))
        with attempt(lease, what):
            for index in changed:
                _keep(job, shot, index, lease.scratch)
            left[shot.number] = [index for index in missing[shot.number] if index not in changed]
            if not left[shot.number]:
                mark_done(job, shot, {"attempts": lease.holder.attempt}, lease.scratch)
        yield Progress("resume", f"kept as changed by hand: frame {names}", shot=shot.number, shots=len(job.shots))
    return left


def _is_retouched(job: Job, shot: Shot, index: int) -> bool:
    path, record = frame_path(job, shot, index), read_record(job, shot, index)
    if record is None:
        return False
    try:
        data = read_bytes(path, most_bytes(job))
    except OSError:
        return False
    return is_whole_png(data) and not is_recorded(record, data)


def _keep(job: Job, shot: Shot, index: int, scratch: Path) -> None:
    """Let a frame's record say what its file is now, in the pixels that frame files have."""
    path = frame_path(job, shot, index)
    data = read_bytes(path, most_bytes(job))
    if png_size(data) != job.canvas:
        width, height = job.canvas
        raise InputError(f"'{path}' was changed by hand, and is no longer {width}×{height} pixels: make it so again.")
    if data[25] != 2:  # a palette, grey, or opacity
        from vidstyle.media.images.stills import encode_frame, read_image

        data = encode_frame(read_image(path), job.bit_depth)
        with publishing(path, scratch) as file:
            file.write(data)
    record = load_json(path.with_suffix(".json"), dict[str, Any])
    write_json(path.with_suffix(".json"), record | checksum(data) | {"retouched": timestamp()}, scratch)


def changed_frames(job: Job, shot: Shot, span: range) -> list[int]:
    """Indices of a shot's frames in a range that somebody has changed, kept by now or not."""
    inside = [index for index in shot.frames if index in span]
    records = {index: read_record(job, shot, index) for index in inside}
    known = {index for index, record in records.items() if record is not None and record.retouched}
    missing = missing_frames(job, shot, thorough=False) if inside else []
    return sorted(known | set(retouched(job, shot, [index for index in missing if index in span])))
