"""Where the next key is: chosen by what the clip does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vidstyle.motion.flow import Array
from vidstyle.motion.resemblance import thumbnail
from vidstyle.motion.tie import Tie, resembling, tracks_back, tracks_forth

LONG_SIDE = 256
"""Pixels of the reduced frames on which keys are chosen: alike for a preview and for the film."""
UNKNOWN = 0.08
"""Share of an in-between that may be seen in neither key. On a street with cars, at 0.12 strokes were washed out."""


def next_key(ties: Sequence[Tie], images: Sequence[Array], most: int) -> int:
    """How many frames after a key the next one is, 1 or more.

    The gap grows as long as nearly every pixel of every frame in it can be trusted from one side or the other.

    Parameters
    ----------
    ties
        What ties each frame after the key to the one before it, as far as the shot goes or as is needed, reduced to
        `LONG_SIDE`.
    images
        The key and those frames, (H, W, 3) in 0..1, reduced as well.
    most
        In-betweens at the most.
    """
    within = ties[: most + 1]
    key, *after = map(thumbnail, images)
    back = [resembling(track, image, key).visibility for track, image in zip(tracks_back(within), after, strict=False)]
    length = 1
    while length < len(within):
        forth = tracks_forth(within[: length + 1])[1:]  # of the frames after the key
        known = [
            np.maximum(seen, resembling(track, image, after[length]).visibility)
            for seen, track, image in zip(back, forth, after, strict=False)
        ]
        if max(1 - float(each.mean()) for each in known) > UNKNOWN:
            break
        length += 1
    return length
