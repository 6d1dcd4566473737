"""Two paintings of one frame blended, without the grey that a plain mean of two textures is."""

import numpy as np

from vidstyle.motion.filters import blurred_coarsely
from vidstyle.motion.flow import Array

BANDS = (1.5, 6.0)
"""Standard deviations, in pixels, of the blurs that split a painting into bands of detail; finest first."""
MOST_GAIN = 1.6
"""The most that contrast is raised by: strokes that cancel out entirely are not invented."""
SHARE_BLUR = 2.0
"""Standard deviation, in pixels, by which the share is to be blurred beforehand: else dots are drawn along rims."""
_NOISE = 1e-6


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


def _mix(first: Array, second: Array, share: Array) -> Array:
    return second + share * (first - second)


def _energy(detail: Array, width: float) -> Array:
    """The local energy of detail over all channels, (H, W, 1)."""
    squares = np.einsum("hwc,hwc->hw", detail, detail)
    return blurred_coarsely(squares, 2 * width)[..., None]
