"""Small pictures of what an attempt is at: for those who watch, from whatever machine, and for nothing else.

They lie in the attempt's own folder and are gone with it. Whoever can't write them paints on all the same.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from vidstyle.errors import VidstyleError
from vidstyle.jobs.folder.files import file_sizes, publishing, read_bytes, read_json, remove_file
from vidstyle.schema import Count

Picture = Annotated[str, Meta(max_length=1 << 20, pattern=r"^[A-Za-z0-9+/]*={0,2}$")]
"""A JPEG in base64."""
_Share = Annotated[float, Meta(ge=0, le=1e12)]
KEPT = 36
"""Finished frames whose small pictures are kept."""
_AT_WORK, _FINISHED = "at-work.json", re.compile(r"(\d{6,9})\.jpg")
_MOST = 1 << 19
"""Bytes of a small picture."""


class AtWork(msgspec.Struct, frozen=True):
    """The frame that an attempt is at.

    Attributes
    ----------
    frame
        Its number, as people count.
    size
        The width and height that it is being solved at.
    evaluations, expected, seconds, seconds_left
        As of :class:`vidstyle.jobs.progress.Progress`.
    frames_left
        Those that the process at it is to paint, this one counted.
    losses, history
        The latest value of each term, and of their sum, from the frame's first evaluation on.
    painting, clip
        Both as small pictures.
    """

    frame: Count
    size: tuple[Count, Count]
    evaluations: _Share
    expected: _Share
    seconds: _Share
    seconds_left: float | None
    losses: dict[str, float]
    history: Annotated[tuple[float, ...], Meta(max_length=400)]
    painting: Picture
    clip: Picture
    frames_left: Count = 0


def write_at_work(scratch: Path, work: AtWork) -> None:
    """Let people see the frame at work."""
    _write(scratch / _AT_WORK, msgspec.json.encode(work))


def write_finished(scratch: Path, index: int, picture: bytes) -> None:
    """Let people see a finished frame beside the clip's; the oldest of many is forgotten."""
    _write(scratch / f"{index + 1:06d}.jpg", picture)
    kept = finished(scratch)
    for old in kept[: max(0, len(kept) - KEPT)]:
        with contextlib.suppress(OSError):
            remove_file(scratch / f"{old + 1:06d}.jpg")


def read_at_work(scratch: Path) -> AtWork | None:
    """The frame at work; None where there is none to be seen."""
    return read_json(scratch / _AT_WORK, AtWork)


def finished(scratch: Path) -> list[int]:
    """The indices of the finished frames that can be seen, in order."""
    return sorted(int(match[1]) - 1 for match in map(_FINISHED.fullmatch, file_sizes(scratch)) if match)


def read_finished(scratch: Path, index: int) -> bytes | None:
    """A JPEG of a finished frame, the clip's at its left; None where it is gone."""
    with contextlib.suppress(OSError):
        return read_bytes(scratch / f"{index + 1:06d}.jpg", _MOST)
    return None


def _write(path: Path, data: bytes) -> None:
    with contextlib.suppress(VidstyleError, OSError), publishing(path, lasting=False) as file:
        file.write(data)
