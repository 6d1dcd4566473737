"""Two paintings of one frame into one, without the grey that a plain mean of two textures is."""

from __future__ import annotations

import numpy as np

from vidstyle.motion.filters import blurred_coarsely
from vidstyle.motion.flow import Array

BANDS = (1.5, 6.0)
"""Widths, in pixels (standard deviation), that part strokes from what is broader; finest first."""
MOST = 1.6
"""What contrast is raised by at most: strokes that cancel out entirely are not made up."""
SOFT = 2.0
"""Pixels (standard deviation) over which one part passes into another: else dots are drawn along rims."""
_NOISE = 1e-6


def blend(one: Array, other: Array, part: Array) -> Array:
    """So much of `one`, the rest of the `other`, each band of detail as strong as in the two.

    Where strokes lie elsewhere in the two paintings, their mean is softer than both: by a factor of √2 where they have
    nothing in common. Detail is brought to the contrast that is the mean of theirs.

    Parameters
    ----------
    one, other
        (H, W, 3), 0..1.
    part
        (H, W), 0 to 1: how much of `one`.

    Returns
    -------
    blended
        (H, W, 3) float32; as `one` where the part is 1, as the `other` where it is 0, to rounding.
    """
    part = part[..., None].astype(np.float32)
    whole = np.zeros_like(one)
    for width in BANDS:
        broad, other_broad = blurred_coarsely(one, width), blurred_coarsely(other, width)
        detail, other_detail = one - broad, other - other_broad
        mean = _mix(detail, other_detail, part)
        wanted = _mix(_energy(detail, width), _energy(other_detail, width), part)
        gain = np.sqrt((wanted + _NOISE) / (_energy(mean, width) + _NOISE))
        whole += mean * gain.clip(1, MOST)
        one, other = broad, other_broad
    return whole + _mix(one, other, part)


def _mix(one: Array, other: Array, part: Array) -> Array:
    return other + part * (one - other)


def _energy(detail: Array, width: float) -> Array:
    """The local energy of detail over all channels, (H, W, 1)."""
    squares = np.einsum("hwc,hwc->hw", detail, detail)
    return blurred_coarsely(squares, 2 * width)[..., None]
