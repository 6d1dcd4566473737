"""Where one shot ends and the next begins."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from scenedetect import FrameTimecode
from scenedetect.detectors import ContentDetector

from vidstyle.errors import InputError
from vidstyle.motion.filters import scaled_down
from vidstyle.motion.flow import Array, both_ways
from vidstyle.motion.methods.dis import dense_inverse_search
from vidstyle.motion.reliability import reliability
from vidstyle.paths import read_regular

CUTS_SIDE = 256
"""Pixels of the reduced frames that are looked at; handing in larger ones gains nothing."""

_LARGEST = 1 << 24
"""Bytes of a file with a cut a line."""
CHANGE = 3.0
"""PySceneDetect's content value below which no cut can be: even one between dark shots in grey has 4."""

EXPLAINED = 0.05
"""Share of the change that motion must explain. Over 700 cuts between unlike shots, some of them dark, grey or in
black bars, it explained 0.04 at most; in pans by a tenth of the width a frame 0.13 at least."""

FLASH = 2
"""Frames that a flash can last."""


def find_cuts(frames: Iterable[Array], cuts: str, start: int, stop: int, numbers: Sequence[int] = ()) -> list[int]:
    """The first frames of new shots.

    PySceneDetect's content value proposes each frame that differs from the one before; it is a cut unless
    motion between the two explains the frame. That needs no frames around a cut, so that shots of a single
    frame are found too, and is not taken in by fast pans, fades and flashes: brightness and contrast are
    taken out first, and where the old picture is back after a flash, there was no cut.

    Parameters
    ----------
    frames
        The frames `start` to `stop` in order, (H, W, 3) in 0..1; a long side of 256 pixels is enough. They
        are taken from the iterable one by one, and only if `cuts` is "auto".
    cuts
        "auto", "none", or a file that :func:`read_cuts` takes.
    start, stop
        The range of frames, counted from 0, without `stop`.
    numbers
        The numbers of all the clip's pictures, rising, which a file then means; without any, a file counts from 1.

    Returns
    -------
    first_frames
        Counted from 0 in the clip, rising, all above `start` and below `stop`.

    Raises
    ------
    InputError
        The file is not there or a line of it is not understood.
    """
    if cuts == "none":
        return []
    if cuts == "auto":
        return [start + index for index in _detect(frames)]
    named = read_cuts(Path(cuts))
    places = {bisect_left(numbers, number) for number in named} if numbers else {number - 1 for number in named}
    return sorted(place for place in places if start < place < stop)


def read_cuts(path: Path) -> list[int]:
    """The first frames of new shots from a file that has the number of one a line.

    A film's first frame is 1. Empty lines and all from a ``#`` on are skipped.

    Returns
    -------
    numbers
        Rising, each once.

    Raises
    ------
    InputError
        The file is not there or a line of it is not understood.
    """
    try:
        lines = read_regular(path, _LARGEST).decode("utf-8-sig").splitlines()
    except FileNotFoundError as error:
        raise InputError(f"the cuts '{path}' are neither auto nor none, and there is no such file.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the file of cuts {path} can't be read as text ({error}).") from error
    found = set()
    for number, line in enumerate(lines, 1):
        entry = line.partition("#")[0].strip()
        if not entry:
            continue
        if not (entry.isascii() and entry.isdigit() and len(entry) < 17 and int(entry) > 0):
            raise InputError(
                f"{path}, line {number}: '{entry}' is not the number of a frame. Write the first frame of "
                "each new shot, one a line; the clip's first frame is 1."
            )
        found.add(int(entry))
    return sorted(found)


def _detect(frames: Iterable[Array]) -> list[int]:
    """The cuts' positions in the iterable."""
    detector = ContentDetector(threshold=CHANGE, min_scene_len=0)
    recent: deque[Array] = deque(maxlen=FLASH + 1)
    cuts: list[int] = []
    for index, frame in enumerate(frames):
        small = scaled_down(frame, CUTS_SIDE)
        bgr = np.rint(small[..., ::-1] * 255).clip(0, 255).astype(np.uint8)
        # The rate is of no matter: with no shortest shot, nothing is measured in time.
        differs = detector.process_frame(FrameTimecode(index, 25.0), bgr)
        if differs and not _explains(recent[-1], small):
            if cuts and index - cuts[-1] <= FLASH and _explains(recent[cuts[-1] - 1 - index], small):
                cuts.pop()
            else:
                cuts.append(index)
        recent.append(small)
    return cuts


def _normalise(frame: Array) -> Array:
    """The frame at a mean of 0.5 and a deviation of 0.2, so that a fade changes nothing."""
    deviation = float(frame.std())
    if deviation < 2 / 255:
        # Black or a plain card: there is no contrast to take out but the noise's.
        return frame
    normal: Array = (0.5 + (frame - frame.mean()) * np.float32(0.2 / deviation)).clip(0, 1)
    return normal


def _explains(earlier: Array, frame: Array) -> bool:
    """Whether motion from the earlier frame explains most of this one, or enough of what changed.

    Of the change alone a small share is asked, as black bars and logos outlast a cut; and the whole frame is looked
    at too, as a caption that pops up is all that changes in a still shot.
    """
    if _trust(earlier, frame).mean() >= 0.5:
        return True
    earlier, frame = _normalise(earlier), _normalise(frame)
    change = np.abs(frame - earlier).mean(-1)
    return bool((_trust(earlier, frame) * change).sum() >= EXPLAINED * change.sum())


def _trust(earlier: Array, frame: Array) -> Array:
    backward, forward = both_ways(dense_inverse_search, frame, earlier)
    return reliability(backward, forward, frame, earlier)
