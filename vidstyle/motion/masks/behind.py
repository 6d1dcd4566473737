"""What is behind a thing, as seen where the thing was not yet.

A hand that comes up too fast for the flow, or an ear that was folded away, has no past to be carried from, and may have
a colour that was never seen. But it covers what was there before, which the camera's motion leads to.
"""

import cv2
import numpy as np

from vidstyle.motion.camera.camera_motion import moved, stands
from vidstyle.motion.filters import blurred, disc
from vidstyle.motion.flow import Array

_AWAY = 3.0
"""Pixels outside of a rim from which on a pixel is the background's."""
_AROUND = 12.0
"""Standard deviation, in pixels, of the blur by which it is told how much the background changes by itself."""
_LEAST, _UNLIKE = np.float32(4), np.float32(1.6)
"""Levels of 255 that any background may change by; and times the usual change from which on something covers it."""
_SAME, _COVERED = -1.0, 3.0
"""The most that a background can say by being as it was, which things of its colour are too, and by being covered."""
_LEARNS, _LEARNS_OTHER = 0.3, 0.03
"""Shares by which what was seen goes over to what is seen: while it is alike, and where it is not, perhaps since a part
of the thing was missed."""


class Behind:
    """What has been seen behind a thing so far."""

    def __init__(self, image: Array, depth: Array) -> None:
        """From the first frame, (H, W, 3) in 0..255, and how far each pixel is inside of the thing's rim, (H, W)."""
        self._seen = image.copy()
        self._known = (depth < -_AWAY).astype(np.float32)
        self._change = self._usual = np.zeros_like(self._known)

    def follow(self, motion: Array) -> None:
        """Go to the next frame, along the camera's motion back from there, (2, 3)."""
        if not stands(motion):
            self._seen = moved(self._seen, motion)
            self._known = (moved(self._known, motion, outside=0.0) > 0.99).astype(np.float32)

    @property
    def unknown(self) -> Array:
        """1 where nothing of it was seen yet, nor just beside it, (H, W): the thing stood there all the time."""
        return 1 - cv2.dilate(self._known, disc(int(_AWAY)))

    def evidence(self, image: Array, depth: Array) -> Array:
        """What the background says of a frame, (H, W): the logarithm of the odds that something covers it."""
        self._change = blurred(np.abs(image - self._seen).mean(-1), 0.8)
        open_ground = (self._known * (depth < -_AWAY)).astype(np.float32)
        self._usual = _LEAST + blurred(self._change * open_ground, _AROUND) / (
            blurred(open_ground, _AROUND) + np.float32(1e-3)
        )
        odds = 2 * np.log2((self._change + 0.5) / (_UNLIKE * self._usual))
        evidence: Array = (self._known * odds.clip(_SAME, _COVERED)).astype(np.float32)
        return evidence

    def learn(self, image: Array, depth: Array) -> None:
        """Take in what a frame shows outside of the thing, after :meth:`evidence` has looked at it."""
        rate = np.where(self._change < 2 * self._usual, np.float32(_LEARNS), np.float32(_LEARNS_OTHER))
        rate = np.where(self._known > 0, rate, 1) * (depth < -_AWAY)
        self._seen += (image - self._seen) * rate[..., None]
        self._known = np.maximum(self._known, (depth < -_AWAY).astype(np.float32))
