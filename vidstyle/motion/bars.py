"""Bars: the black stripes above and below a picture, or beside it, that are no part of the film.

They are found on several frames of a shot, since a dark scene looks like them in one. A bar is black, flat and the same
in each of the frames, save where subtitles stand in it, and the picture begins beyond it in a straight line. Frames are
given by the brightest of their channels at each pixel, since a pure blue is nearly as dark as black.
"""

from collections.abc import Sequence

import numpy as np

from vidstyle.motion.flow import Array

Picture = tuple[float, float, float, float]
"""What is no bar, in shares of the frame: where it begins and ends from above, and from the left."""

# Levels, 0..1: black at most, how flat it is, and how much brighter the picture is just beyond.
_BLACK, _FLAT, _BRIGHTER = 32 / 255, 4 / 255, 14 / 255
# Share of the frames in which a line has to be a bar: dense subtitles break it in some. Frames without anything bright
# tell nothing.
_ALWAYS, _BRIGHT = 0.6, 0.15
# Shares of a side: the least and the most that a bar takes, and how unlike two opposite ones may be.
_LEAST, _MOST, _UNLIKE = 0.015, 0.42, 3.0
# Lines beyond a bar that are looked at: the first are blurred by encoding.
_BEYOND = 4


def may_have_bars(values: Array) -> bool:
    """Whether opposite edges of a frame, (H, W) in 0..1, are both black: only then need it be looked at closely."""
    return any(max(_three_quarters(lines[0]), _three_quarters(lines[-1])) <= _BLACK for lines in (values, values.T))


def find_picture(frames: Sequence[Array]) -> Picture | None:
    """The picture between the bars of some frames of one shot, (H, W) in 0..1; None where there are none."""
    telling = [values for values in frames if np.quantile(values, 0.98) > _BRIGHT]
    if not telling:
        return None
    height, width = telling[0].shape
    top, bottom = _bars(np.stack(telling))
    left, right = _bars(np.stack([values.T for values in telling]))
    if not (top or left):
        return None
    return top / height, 1 - bottom / height, left / width, 1 - right / width


def _bars(frames: Array) -> tuple[int, int]:
    """Lines of the bars at the beginning and the end of the first side of frames, (n, lines, length); 0, 0: none."""
    quartiles = np.quantile(frames, [0.25, 0.5, 0.75], axis=2)  # (3, n, lines)
    flat = (quartiles[2] - quartiles[0] <= _FLAT) & (quartiles[2] <= _BLACK)
    level = np.median(quartiles[1], axis=0)
    bar = (flat & (np.abs(quartiles[1] - level) <= _FLAT)).mean(0) >= _ALWAYS
    middle = np.quantile(quartiles[1], 0.9, axis=0)
    first, last = _length(bar, level, middle), _length(bar[::-1], level[::-1], middle[::-1])
    both = first and last and max(first, last) <= _UNLIKE * min(first, last)
    return (first, last) if both else (0, 0)


def _length(bar: np.ndarray, level: np.ndarray, middle: np.ndarray) -> int:
    """Lines of the bar that begins at the first line; 0 where there is none, or the picture does not begin at once."""
    count = len(bar)
    length = count if bar.all() else int(np.argmin(bar))
    if not _LEAST * count <= length <= _MOST * count:
        return 0
    return length if middle[length : length + _BEYOND].max() - level[:length].max() >= _BRIGHTER else 0


def _three_quarters(line: Array) -> float:
    return float(np.quantile(line, 0.75))
