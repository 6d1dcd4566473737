"""Rhythm: does what is wrong in one frame swing back in the next, which is flicker, or go on, which is smear?"""

import math

import numpy as np

from vidstyle.measure.metrics.warp_error import ClipMotion
from vidstyle.motion.flow import Array
from vidstyle.motion.warp import warp


def rhythm(residual: Array, before: Array, motion_before: ClipMotion) -> float | None:
    """The correlation, −1 to 1, of a warp error's residual with the one before it, carried to the same frame.

    Where every frame errs on its own, the residuals eₜ − eₜ₋₁ and eₜ₋₁ − eₜ₋₂ correlate by −½; a brightness that
    swings from frame to frame makes −1; what drifts, lags or smears goes on, and makes 0 or more. None where there is
    nothing to correlate.

    Both are (H, W, 3) from :func:`vidstyle.measure.metrics.warp_error.residual`, of the frames t and t−1. The motion is
    that between the frames t−1 and t−2.
    """
    carried = warp(before, motion_before.backward, "linear")
    energy, energy_before = (float(np.square(r).sum(dtype=np.float64)) for r in (residual, carried))
    if energy == 0 or energy_before == 0:
        return None
    return float((residual * carried).sum(dtype=np.float64)) / math.sqrt(energy * energy_before)
