"""Change from frame to frame, without any flow that could be wrong."""

import math
from collections.abc import Sequence

import numpy as np

from vidstyle.motion.flow import Array

STILL = 0.2
"""A frame stands still where it changes by less than this share of the shot's median change …"""

MOVES = 0.5
"""… while the clip changes by more than this share of its own."""

NOISE = 1 / 255
"""Root mean square change, in units of 0..1, below which the clip itself stands still, or a painting on the whole."""


def change(image: Array, earlier: Array) -> float:
    """The root mean square difference of two frames, (H, W, 3), over pixels and channels."""
    return math.sqrt(np.square(image - earlier).mean(dtype=np.float64))


def frame_difference(image: Array, earlier: Array, clip: Array, earlier_clip: Array) -> float:
    """‖(oₜ − oₜ₋₁) − (xₜ − xₜ₋₁)‖, a root mean square over pixels and channels: change that is not the clip's.

    All are (H, W, 3) in 0..1.
    """
    return change(image - clip, earlier - earlier_clip)


def repeated(changes: Sequence[float | None], clip_changes: Sequence[float | None]) -> list[int]:
    """Positions of frames that repeat the one before them while the clip moves on.

    Both are the :func:`change` from the frame before over one shot, None for its first.
    """
    pairs = [
        (index, output, clip)
        for index, (output, clip) in enumerate(zip(changes, clip_changes, strict=True))
        if output is not None and clip is not None
    ]
    if not pairs:
        return []
    usual = float(np.median([output for _, output, _ in pairs]))
    if usual <= NOISE:
        return []  # a still shot, painted still under a camera's noise
    usual_clip = float(np.median([clip for _, _, clip in pairs]))
    return [
        index for index, output, clip in pairs if output < STILL * usual and clip > MOVES * usual_clip and clip > NOISE
    ]
