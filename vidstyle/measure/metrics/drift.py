"""Drift and flicker of brightness, colour and sharpness over a shot, less the clip's own changes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.motion.flow import Array

Series = npt.NDArray[np.float64]

FAINTEST = 1e-3
"""Sharpness of an image without any detail, so that a black frame has a ratio too."""
_MOST_FRAMES = 500
"""A line is fitted to at most so many frames of a shot, evenly spread: a long one has too many pairs."""


@dataclass(frozen=True)
class Look:
    """A frame in four numbers.

    Attributes
    ----------
    lightness, green_red, blue_yellow
        Means of CIE L*, a* and b*: L* is 0 (black) to 100 (white), and a step of 1 in any is just visible.
    sharpness
        Root mean square of the Laplacian of L*.
    """

    lightness: float
    green_red: float
    blue_yellow: float
    sharpness: float


@dataclass(frozen=True)
class Drift:
    """How a shot's look changed, beyond what the clip did.

    Attributes
    ----------
    lightness
        L* gained over the shot, by a straight line whose slope is the median of those between any two frames (Theil
        1950, Sen 1968), so that somebody who walks past at a shot's beginning makes no drift.
    colour
        The distance in a*, b* gone over the shot, by the same.
    sharpness
        Sharpness gained over the shot, a factor: 0.5 is half as sharp at its end.
    stray_lightness, stray_colour, stray_sharpness
        The part of the output's gain in L*, in a* and b* (a distance), and in sharpness (a factor), that is neither
        standing still, nor following the clip, nor anything between: a painting need not get as dark as its clip does,
        nor leave its palette where the clip turns from green to grey.
    flicker
        Root mean square, over frames, of how far L* is from the mean of the frames before and after.
    """

    lightness: float
    colour: float
    sharpness: float
    stray_lightness: float
    stray_colour: float
    stray_sharpness: float
    flicker: float


def look(image: Array) -> Look:
    """The look of an image, (H, W, 3) sRGB in 0..1."""
    lab = cv2.cvtColor(np.ascontiguousarray(image, np.float32), cv2.COLOR_RGB2LAB)
    lightness, green_red, blue_yellow = lab.mean((0, 1), dtype=np.float64)
    detail = cv2.Laplacian(np.ascontiguousarray(lab[..., 0]), cv2.CV_32F, ksize=1, borderType=cv2.BORDER_REPLICATE)
    sharpness = max(math.sqrt(np.square(detail).mean(dtype=np.float64)), FAINTEST)
    return Look(float(lightness), float(green_red), float(blue_yellow), sharpness)


def drift(looks: Sequence[Look], clip_looks: Sequence[Look]) -> Drift:
    """The drift over a shot's frames, one or more."""
    output, clip = _series(looks), _series(clip_looks)
    gains, clip_gains = _gains(output), _gains(clip)
    gained = gains - clip_gains
    stray_lightness, stray_colour, stray_sharpness = (
        _stray(gains[of], clip_gains[of]) for of in (slice(0, 1), slice(1, 3), slice(3, 4))
    )
    lightness = output[:, 0] - clip[:, 0]
    jumps = lightness[1:-1] - (lightness[:-2] + lightness[2:]) / 2
    return Drift(
        lightness=float(gained[0]),
        colour=math.hypot(gained[1], gained[2]),
        sharpness=math.exp(gained[3]),
        stray_lightness=float(stray_lightness[0]),
        stray_colour=math.hypot(*stray_colour),
        stray_sharpness=math.exp(stray_sharpness[0]),
        flicker=math.sqrt(np.square(jumps).mean()) if jumps.size else 0.0,
    )


def _stray(gain: Series, clip_gain: Series) -> Series:
    """A gain, (n,), less the point nearest to it on the line from standing still to the clip's gain."""
    squared = float(clip_gain @ clip_gain)
    part = min(max(float(gain @ clip_gain) / squared, 0.0), 1.0) if squared > 0 else 0.0
    return gain - part * clip_gain


def _series(looks: Sequence[Look]) -> Series:
    """(n, 4): L*, a*, b*, and the logarithm of sharpness, whose differences are factors."""
    return np.array([[a.lightness, a.green_red, a.blue_yellow, math.log(a.sharpness)] for a in looks])


def _gains(series: Series) -> Series:
    """What the Theil–Sen line through each column gains from the first to the last row, (4,)."""
    count = len(series)
    if count < 2:
        return np.zeros(series.shape[1])
    looked_at = np.linspace(0, count - 1, min(count, _MOST_FRAMES)).round().astype(int)
    earlier, later = looked_at[np.stack(np.triu_indices(len(looked_at), 1))]
    slopes = (series[later] - series[earlier]) / (later - earlier)[:, None]
    return np.median(slopes, 0) * (count - 1)
