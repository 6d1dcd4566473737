"""Where the next keyframe is: chosen by how the clip moves."""

from collections.abc import Sequence
from functools import cache

import numpy as np

from vidstyle.motion.accumulated_error import thumbnail
from vidstyle.motion.correspondence import NeighbourFlow, chain_backward, chain_forward, where_alike
from vidstyle.motion.flow import Array

KEYFRAME_SIDE = 256
"""Pixels of the reduced frames on which keyframes are chosen, the same for a preview and for the film."""
UNKNOWN = 0.08
"""Share of an in-between that may be visible in neither keyframe. At 0.12 strokes were washed out, in a street."""


def next_keyframe(neighbours: Sequence[NeighbourFlow], images: Sequence[Array], most: int) -> int:
    """How many frames after a keyframe the next one is, 1 or more; there are `most` in-betweens at the most.

    The interval is the longest in which nearly every pixel of every frame is visible in one keyframe or the other. The
    neighbours are the flows between each frame after the keyframe and the one before it, as far as the shot goes or as
    is needed. They and the images, the keyframe's and those frames', (H, W, 3) in 0..1, are reduced to `KEYFRAME_SIDE`.
    """
    within = neighbours[: most + 1]
    left, *after = map(thumbnail, images)
    backward = chain_backward(within)

    @cache
    def visibility_in_left(position: int) -> Array:
        return where_alike(backward[position], after[position], left).visibility

    # The longest first: most intervals are as long as they may be, and those that are too long are soon found out.
    for length in range(len(within), 1, -1):
        *between, right = after[:length]
        forward = chain_forward(within[:length])[1:]  # of the frames after the left keyframe
        if all(
            _unknown(visibility_in_left(position), where_alike(forward[position], between[position], right).visibility)
            <= UNKNOWN
            for position in _middle_first(length - 1)
        ):
            return length
    return 1


def _unknown(in_left: Array, in_right: Array) -> float:
    """Share of a frame that is visible in neither keyframe."""
    return 1 - float(np.maximum(in_left, in_right).mean())


def _middle_first(count: int) -> list[int]:
    """Positions in an interval, those farthest from both of its keyframes first: there most is unknown."""
    return sorted(range(count), key=lambda position: abs(2 * position - (count - 1)))
