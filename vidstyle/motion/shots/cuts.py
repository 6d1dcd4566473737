"""Where one shot ends and the next begins."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from scenedetect import FrameTimecode
from scenedetect.detectors import ContentDetector

from vidstyle.errors import InputError
from vidstyle.motion.filters import scaled_down
from vidstyle.motion.flow import Array, both_ways
from vidstyle.motion.methods.dis import dense_inverse_search
from vidstyle.motion.reliability import reliability
from vidstyle.motion.shots.light import luma, same_but_for_light
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

FLASH, BURST = 2, 5
"""Frames that a flash can last, and one that burns out most of the frame."""

# Deviation of luma below which a frame is blank, and below which it is a plain card; and the mean difference from which
# on two cards are two.
_BLANK, _CARD, _UNLIKE_CARDS = 4 / 255, 2 / 255, 8 / 255
# Frames beside a blank that are looked at, and the share of their contrast below which the nearest one fades.
_NEAR, _FADED = 8, 0.6
# How much brighter than the frame before a flash is that burns it out.
_BURNS = 1.4


def find_cuts(frames: Iterable[Array], cuts: str, start: int, stop: int, numbers: Sequence[int] = ()) -> list[int]:
    """The first frames of new shots.

    PySceneDetect's content value proposes each frame that differs from the one before; it is a cut unless
    motion between the two explains the frame. That needs no frames around a cut, so that shots of a single
    frame are found too, and is not taken in by fast pans, fades and flashes: brightness and contrast are
    taken out first, and where the old picture is back after a flash or a dip to black, there was no cut. Noise is
    averaged away in what is compared last.

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
    recent: deque[Array] = deque(maxlen=BURST + 1)
    cuts: list[int] = []
    blank = _Blanks()
    for index, frame in enumerate(frames):
        small = scaled_down(frame, CUTS_SIDE)
        bgr = np.rint(small[..., ::-1] * 255).clip(0, 255).astype(np.uint8)
        # The rate is of no matter: with no shortest shot, nothing is measured in time.
        differs = detector.process_frame(FrameTimecode(index, 25.0), bgr)
        before, now = blank.passes(index, small)
        if before != now:
            pass  # what parts a picture from a blank is decided once the next picture is there
        elif now and differs and blank.two_cards and np.abs(small - recent[-1]).mean() > _UNLIKE_CARDS:
            cuts.append(index)
        elif not now and differs and not _explains(recent[-1], small):
            if cuts and _was_a_flash([*recent][cuts[-1] - 1 - index :], small):
                cuts.pop()
            else:
                cuts.append(index)
                blank.cut()
        recent.append(small)
    return sorted({*cuts, *blank.cuts()})


class _Picture(NamedTuple):
    place: int
    image: Array
    contrast: float


class _Blanks:
    """The cuts at either end of runs of blank frames: black, white or any plain card.

    Where the picture before is back after it, there was none: that was a dip or a flash. Else a fade leads into the
    blank or out of it, and what fades is one shot with it.
    """

    def __init__(self) -> None:
        self._before: deque[_Picture] = deque(maxlen=_NEAR)  # since the last cut or blank
        self._left: list[_Picture] = []  # the pictures before the last blank
        self._start: int | None = None  # the first frame of the last blank
        self._open = False
        self._card = False
        self.two_cards = False  # whether neither of the last two is a picture that has all but faded
        self._cuts: list[int] = []

    def passes(self, index: int, image: Array) -> tuple[bool, bool]:
        """Take the next frame in, and say whether the one before was blank, and whether it is."""
        contrast = float(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).std())
        self.two_cards, self._card = self._card and contrast < _CARD, contrast < _CARD
        was, self._open = self._open or (index == 0 and contrast < _BLANK), contrast < _BLANK
        if self._open and (not was or index == 0):
            self._decide()
            self._left, self._start = list(self._before), index
            self._before.clear()
        if not self._open:
            self._before.append(_Picture(index, image, contrast))
            if len(self._before) == _NEAR:
                self._decide()
        return was, self._open

    def cut(self) -> None:
        """Say that the last frame is another shot's than those before it."""
        last = self._before.pop()
        self._decide()
        self._before.clear()
        self._before.append(last)

    def cuts(self) -> list[int]:
        """The first frames of shots, at the end."""
        self._decide()
        return [cut for cut in self._cuts if cut > 0]

    def _decide(self) -> None:
        """Decide on the last blank, given the pictures before and after it."""
        if self._start is None:
            return
        start, left, right = self._start, self._left, list(self._before)
        self._start = None
        if left and right and _explains(_clear(left[::-1]), _clear(right)):
            return
        fades_out, fades_in = _fades(left[::-1]), _fades(right)
        if left and not fades_out:
            self._cuts.append(start)
        if right and not (fades_in and (not left or not fades_out)):
            self._cuts.append(right[0].place)


def _clear(pictures: Sequence[_Picture]) -> Array:
    """The first of some pictures with enough contrast."""
    most = max(picture.contrast for picture in pictures)
    return next(picture.image for picture in pictures if picture.contrast >= most / 2)


def _fades(pictures: Sequence[_Picture]) -> bool:
    """Whether the picture next to a blank, the first of these, is fainter than those farther off."""
    return bool(pictures) and pictures[0].contrast < _FADED * max(picture.contrast for picture in pictures)


def _was_a_flash(frames: Sequence[Array], frame: Array) -> bool:
    """Whether a frame shows what the first of those before it does, the others being so few, and much brighter."""
    before, *flash = frames
    if len(flash) > BURST or (len(flash) > FLASH and flash[0].mean() < _BURNS * before.mean()):
        return False
    return _explains(before, frame)


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
    normal, other = _normalise(earlier), _normalise(frame)
    change = np.abs(other - normal).mean(-1)
    if (_trust(normal, other) * change).sum() >= EXPLAINED * change.sum():
        return True
    # What is burnt out in one of them the other one tells.
    lumas = luma(frame), luma(earlier)
    return same_but_for_light(*lumas) or same_but_for_light(*lumas[::-1])


def _trust(earlier: Array, frame: Array) -> Array:
    backward, forward = both_ways(dense_inverse_search, frame, earlier)
    return reliability(backward, forward, frame, earlier)
