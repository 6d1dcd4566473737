"""Two paintings of one frame blended, without the grey that a plain mean of two textures is."""

from functools import lru_cache

import numpy as np

from vidstyle.motion.filters import blurred, blurred_coarsely, enlarged
from vidstyle.motion.flow import Array

BANDS = (1.5, 6.0)
"""Standard deviations, in pixels, of the blurs that split a painting into bands of detail; finest first."""
MOST_GAIN = 1.6
"""The most that contrast is raised by: strokes that cancel out entirely are not invented."""
SHARE_BLUR = 2.0
"""Standard deviation, in pixels, by which the share is to be blurred beforehand: else dots are drawn along rims."""
_NOISE = 1e-6
_PATCHES, _GRID = 28, 224
"""Patches along the long side that turn together, and the pixels that their shapes are drawn with."""
_TURNING = 0.9
"""Share of the way during which a patch turns. The shorter, the less there is of both paintings in one place, and the
more is seen to change from frame to frame: with 0.55, twice what changes in a painting of one piece."""


def blend(first: Array, second: Array, share: Array) -> Array:
    """A blend of two paintings, (H, W, 3), 0..1, in which each band of detail is as strong as in the two.

    Where the strokes of the two lie in different places, their mean is softer than both, by a factor of √2 where they
    have nothing in common. So the mean's detail is brought to the mean of their contrasts.

    The share, (H, W), 0 to 1, is how much of `first` there is: where it is 1 the blend, float32, is `first`, and where
    it is 0 `second`, to rounding.
    """
    share = share[..., None].astype(np.float32)
    whole = np.zeros_like(first)
    for width in BANDS:
        broad, second_broad = blurred_coarsely(first, width), blurred_coarsely(second, width)
        detail, second_detail = first - broad, second - second_broad
        mean = _mix(detail, second_detail, share)
        wanted = _mix(_energy(detail, width), _energy(second_detail, width), share)
        gain = np.sqrt((wanted + _NOISE) / (_energy(mean, width) + _NOISE))
        whole += mean * gain.clip(1, MOST_GAIN)
        first, second = broad, second_broad
    return whole + _mix(first, second, share)


@lru_cache(4)
def turn_order(size: tuple[int, int]) -> Array:
    """When each place of a frame of that size (H, W) turns from one painting into another, (H, W), evenly over 0..1.

    Were all of a frame to turn at once, it would be a double exposure halfway. So it turns in patches as large as some
    strokes.
    """
    height, width = (max(8, round(_GRID * side / max(size))) for side in size)
    noise = np.random.default_rng(0).random((height, width), np.float32)
    smooth = blurred(noise, _GRID / _PATCHES / 2)
    ranks = smooth.ravel().argsort(kind="stable").argsort(kind="stable") / (smooth.size - 1)
    return enlarged(ranks.reshape(height, width).astype(np.float32), size)


def turned(way: float, order: Array, turning: float = _TURNING) -> Array:
    """How far each place has turned, (H, W) in 0..1, at some part of the way, 0..1, by a :func:`turn_order`.

    Each takes the share `turning` of the way for it. Where that is little, the way begins and ends slowly.
    """
    share: Array = ((np.float32(way) - (1 - np.float32(turning)) * order) / np.float32(turning)).clip(0, 1)
    return share


def _mix(first: Array, second: Array, share: Array) -> Array:
    return second + share * (first - second)


def _energy(detail: Array, width: float) -> Array:
    """The local energy of detail over all channels, (H, W, 1)."""
    squares = np.einsum("hwc,hwc->hw", detail, detail)
    return blurred_coarsely(squares, 2 * width)[..., None]
