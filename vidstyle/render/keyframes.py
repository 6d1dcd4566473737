"""Where the next key is: chosen by what the clip does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from vidstyle.motion.accumulated_error import thumbnail
from vidstyle.motion.correspondence import NeighbourFlow, chain_backward, chain_forward, where_alike
from vidstyle.motion.flow import Array

LONG_SIDE = 256
"""Pixels of the reduced frames on which keys are chosen: alike for a preview and for the film."""
UNKNOWN = 0.08
"""Share of an in-between that may be seen in neither key. On a street with cars, at 0.12 strokes were washed out."""


def next_key(neighbours: Sequence[NeighbourFlow], images: Sequence[Array], most: int) -> int:
    """How many frames after a key the next one is, 1 or more.

    The gap is the longest in which nearly every pixel of every frame can be trusted from one side or the other.

    Parameters
    ----------
    neighbours
        The flows between each frame after the key and the one before it, as far as the shot goes or as is needed,
        reduced to `LONG_SIDE`.
    images
        The key and those frames, (H, W, 3) in 0..1, reduced as well.
    most
        In-betweens at the most.
    """
    within = neighbours[: most + 1]
    key, *after = map(thumbnail, images)
    backward = chain_backward(within)

    @cache
    def seen_in_key(place: int) -> Array:
        return where_alike(backward[place], after[place], key).visibility

    # The longest first: most gaps are as long as they may be, and those that are too long are soon found out.
    for length in range(len(within), 1, -1):
        *between, right = after[:length]
        forward = chain_forward(within[:length])[1:]  # of the frames after the key
        if all(
            _unknown(seen_in_key(place), where_alike(forward[place], between[place], right).visibility) <= UNKNOWN
            for place in _middle_first(length - 1)
        ):
            return length
    return 1


def _unknown(seen: Array, seen_in_right: Array) -> float:
    """Share of a frame that is seen in neither key."""
    return 1 - float(np.maximum(seen, seen_in_right).mean())


def _middle_first(count: int) -> list[int]:
    """Places in a gap, those that are farthest from both of its keys first: there most is unknown."""
    return sorted(range(count), key=lambda place: abs(2 * place - (count - 1)))
