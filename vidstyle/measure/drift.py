"""What creeps or jumps over a shot: brightness, colour and sharpness, the clip's own changes taken off."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.motion.flow import Array

FAINTEST = 1e-3
"""Sharpness of an image without any detail, so that a black frame has a ratio too."""


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
        L* gained over the shot, by the straight line that fits best.
    colour
        The distance in a*, b* gone over the shot, by the same.
    sharpness
        Sharpness gained over the shot, a factor: 0.5 is half as sharp at its end.
    flicker
        Root mean square, over frames, of how far L* is from the mean of the frames before and after.
    """

    lightness: float
    colour: float
    sharpness: float
    flicker: float


def look(image: Array) -> Look:
    """The look of an image, (H, W, 3) sRGB in 0..1."""
    lab = cv2.cvtColor(np.ascontiguousarray(image, np.float32), cv2.COLOR_RGB2LAB)
    lightness, green_red, blue_yellow = lab.mean((0, 1), dtype=np.float64)
    detail = cv2.Laplacian(np.ascontiguousarray(lab[..., 0]), cv2.CV_32F, ksize=1, borderType=cv2.BORDER_REPLICATE)
    sharpness = max(math.sqrt(np.square(detail).mean(dtype=np.float64)), FAINTEST)
    return Look(float(lightness), float(green_red), float(blue_yellow), sharpness)


def drift(looks: Sequence[Look], clip_looks: Sequence[Look]) -> Drift:
    """The drift over a shot's frames, of one or more."""
    lightness = _beyond([a.lightness for a in looks], [b.lightness for b in clip_looks])
    green_red = _beyond([a.green_red for a in looks], [b.green_red for b in clip_looks])
    blue_yellow = _beyond([a.blue_yellow for a in looks], [b.blue_yellow for b in clip_looks])
    sharpness = _beyond([math.log(a.sharpness) for a in looks], [math.log(b.sharpness) for b in clip_looks])
    jumps = lightness[1:-1] - (lightness[:-2] + lightness[2:]) / 2
    return Drift(
        lightness=_rise(lightness),
        colour=math.hypot(_rise(green_red), _rise(blue_yellow)),
        sharpness=math.exp(_rise(sharpness)),
        flicker=math.sqrt(np.square(jumps).mean()) if jumps.size else 0.0,
    )


def _beyond(own: Sequence[float], clip: Sequence[float]) -> npt.NDArray[np.float64]:
    return np.subtract(own, clip)


def _rise(series: npt.NDArray[np.float64]) -> float:
    """How much the least-squares line through a series gains from its first to its last entry."""
    count = len(series)
    if count < 2:
        return 0.0
    time = np.arange(count) - (count - 1) / 2
    return float(time @ series / (time @ time) * (count - 1))
