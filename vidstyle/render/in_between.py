"""In-betweens: carried along the motion from the keys on both sides, each pixel from where it can be trusted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vidstyle.jobs.schedule import Gap
from vidstyle.media.reader import Frame
from vidstyle.motion.blend import SOFT, blend
from vidstyle.motion.filters import blurred
from vidstyle.motion.warp import warp
from vidstyle.render.prepare import Passage
from vidstyle.style.request import Prior

BARE = 0.04
"""Share of a frame that is seen in neither key: beyond it the frame is mended."""
_SEEN = 0.25
"""Visibility from which on a pixel needs no mending: what is carried there has strokes already."""
_LEAST = np.float32(1e-3)
"""Reliability that every pixel has: where neither key can be trusted the nearer one shows."""


@dataclass(frozen=True)
class InBetween:
    """A frame carried from two keys.

    Attributes
    ----------
    gap
        Between which keys.
    frame
        The clip's frame.
    carried
        The two keys' blend, and where it may stay.
    begun
        When it was begun, of :func:`time.monotonic`.
    """

    gap: Gap
    frame: Frame
    carried: Prior
    begun: float

    @property
    def is_whole(self) -> bool:
        """Whether there is next to nothing to mend."""
        return float(self.carried.reliability.mean()) >= 1 - BARE


def in_betweens(passage: Passage, left: np.ndarray, right: np.ndarray) -> Iterator[InBetween]:
    """The frames between two painted keys, (H, W, 3) float32, 0..1.

    A key counts by how surely a pixel is seen in it, and by how near it is in time.
    """
    count = len(passage.frames)
    ways = zip(passage.frames, passage.flows.backward, passage.flows.forward, strict=True)
    for place, (frame, to_left, to_right) in enumerate(ways, 1):
        begun = time.monotonic()
        nearness = np.float32(1 - place / (count + 1))
        one = nearness * (to_left.visibility + _LEAST)
        other = (1 - nearness) * (to_right.visibility + _LEAST)
        part = blurred((one / (one + other)).astype(np.float32), SOFT)
        ends = warp(left, to_left.flow, "quick"), warp(right, to_right.flow, "quick")
        image = blend(*ends, part)
        trust = np.minimum(np.maximum(to_left.visibility, to_right.visibility) / _SEEN, np.float32(1))
        yield InBetween(passage.gap, frame, Prior(image, trust), begun)
