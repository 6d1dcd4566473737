"""What comes into sight counts by and by: were it to take the place of something else at once, that would flicker."""

from collections.abc import Iterable, Sequence

import numpy as np

from vidstyle.motion.correspondence import Correspondence
from vidstyle.motion.filters import enlarged, flow_scaled_down, scaled_down
from vidstyle.motion.flow import Array
from vidstyle.motion.warp import warp

FRAMES = 4
"""Frames over which something comes: enough for no flicker, and too few for two paintings to be seen at once."""
_SIDE = 320
"""Pixels of the reduced frames on which it is followed."""


def held_back(visibilities: Iterable[Array], steps: Sequence[Correspondence]) -> list[Array]:
    """How much of each visibility, (H, W) in 0..1, does not count yet, on a reduced frame, (h, w).

    None may grow by more than a part from frame to frame. The first one counts in full. Each place is followed along
    the motion; where it has no past it may come at once.

    Parameters
    ----------
    visibilities
        Of frames one after another, in either direction of time.
    steps
        Where the pixels of each frame but the first are in the one before it in that order; they may be reduced.
    """
    held: list[Array] = []
    before: Array | None = None
    for number, visibility in enumerate(visibilities):
        now = small = scaled_down(visibility, _SIDE)
        if before is not None:
            step = reduced_step(steps[number - 1])
            came_from = warp(before, step.flow, "linear")
            now = np.minimum(small, came_from + np.float32(1 / FRAMES) + (1 - step.visibility))
        held.append(small - now)
        before = now
    return held


def reduced_step(step: Correspondence) -> Correspondence:
    """A step as small as it is followed; the same where it is."""
    return Correspondence(flow_scaled_down(step.flow, _SIDE), scaled_down(step.visibility, _SIDE))


def less(visibility: Array, held: Array) -> Array:
    """A visibility, (H, W), less what :func:`held_back` says of it."""
    left: Array = (visibility - enlarged(held, (visibility.shape[0], visibility.shape[1]))).clip(0, 1)
    return left
