"""What is behind a thing, as seen where the thing was not yet.

A hand that comes up too fast for the flow, or an ear that was folded away, has no past to be carried from, and may have
a colour that was never seen. But it covers what was there before, which the camera's motion leads to.
"""

import cv2
import numpy as np

from vidstyle.motion.camera.camera_motion import moved, stands
from vidstyle.motion.filters import blurred, disc, mean_around
from vidstyle.motion.flow import Array

_AWAY = 3.0
"""Pixels outside of a rim from which on a pixel is the background's."""
_AROUND = 12.0
"""Standard deviation, in pixels, of the blur by which it is told how much the background changes by itself."""
_WIDELY, _LIGHT = 24.0, np.float32(24)
"""Standard deviation, in pixels, of the blur over which light is taken to change alike, and the most levels that it may
change by from frame to frame: else a camera that opens its iris would seem to show other ground."""
_LEAST, _UNLIKE = np.float32(4), np.float32(1.6)
"""Levels that any background may change by; and times the usual change from which on something covers it."""
_MOST_CHANGE = np.float32(12)
"""Levels that a pixel counts with at the most in what is usual: what covers the background is not its own change."""
_SAME, _COVERED = -1.0, 3.0
"""The most that a background can say by being as it was, which things of its colour are too, and by being covered."""
_LEARNS, _LEARNS_OTHER = 0.3, 0.03
"""Shares by which what was seen goes over to what is seen: while it is alike, and where it is not, perhaps since a part
of the thing was missed."""
_GAINS, _LOSES = np.float32(0.15), np.float32(0.03)
"""Shares by which trust in what was seen grows while it is alike, and falls where it is not."""
_DOUBTED = np.float32(0.5)
"""Trust below which what is unlike takes the place of what was seen, which may have been a part of the thing."""
_LITTLE = np.float32(0.01)
"""Share of a sample that must be of what was seen, if that is to be known at all."""
_SHADE = np.float32(16)
"""Levels that are added before a root is taken: differences then count twice at 0, once at 48, and half at 240."""


class Behind:
    """What has been seen behind a thing so far."""

    def __init__(self, image: Array, depth: Array) -> None:
        """From the first frame, (H, W, 3) in 0..255, and how far each pixel is inside of the thing's rim, (H, W)."""
        self._seen = self._now = _even(image)
        self._known = self._trust = (depth < -_AWAY).astype(np.float32)
        self._change = self._usual = np.zeros_like(self._known)

    def follow(self, motion: Array) -> None:
        """Go to the next frame, along the camera's motion back from there, (2, 3)."""
        if stands(motion):
            return
        known, before = moved(self._known, motion, outside=0.0), self._known
        weight: Array = np.maximum(known, _LITTLE)
        # Beside what was never seen only what was known counts: else the thing's own rim would be in it.
        seen = moved(self._seen * before[..., None], motion, outside=0.0) / weight[..., None]
        self._seen = np.where(known[..., None] > _LITTLE, seen, moved(self._seen, motion))
        self._trust = moved(self._trust * before, motion, outside=0.0) / weight
        # The edge of what is known stays as narrow as it was, in spite of being sampled again. Were it to draw back
        # with each step, what is behind would be forgotten just where the thing goes next.
        self._known = (1.5 * (known - 0.5) + 0.5).clip(0, 1)

    @property
    def known(self) -> Array:
        """Where anything of it was seen, (H, W) in 0..1."""
        return self._known

    @property
    def unknown(self) -> Array:
        """1 where nothing of it was seen yet, nor just beside it, (H, W): the thing stood there all the time."""
        return 1 - cv2.dilate((self._known > 0.5).astype(np.float32), disc(int(_AWAY)))

    def evidence(self, image: Array, depth: Array) -> Array:
        """What the background says of a frame, (H, W): the logarithm of the odds that something covers it."""
        self._now = _even(image)
        open_ground = self._known * self._trust * (depth < -_AWAY)
        self._seen = self._seen + mean_around((self._now - self._seen).clip(-_LIGHT, _LIGHT), open_ground, _WIDELY)[0]
        self._change = blurred(np.abs(self._now - self._seen).mean(-1), 0.8)
        self._usual = _LEAST + mean_around(np.minimum(self._change, _MOST_CHANGE), open_ground, _AROUND)[0]
        odds = 2 * np.log2((self._change + 0.5) / (_UNLIKE * self._usual))
        evidence: Array = (self._known * self._trust * odds.clip(_SAME, _COVERED)).astype(np.float32)
        return evidence

    def learn(self, depth: Array) -> None:
        """Take in what the frame that :meth:`evidence` has looked at shows outside of the thing.

        A part of the thing that is missed for some frames is taken for what is behind it, and where it goes on from
        there the true background seems to cover that. So what is seen is trusted only by and by.
        """
        outside, trust = depth < -_AWAY, np.where(self._known > 0.5, self._trust, 0)
        alike = (self._change < 2 * self._usual) | (trust == 0)
        rate = np.where(alike, np.float32(_LEARNS), np.float32(_LEARNS_OTHER))
        rate = np.maximum(rate, (1 - trust / _DOUBTED).clip(0)) * outside
        self._seen = self._seen + (self._now - self._seen) * rate[..., None]
        unlike = np.where(trust < _DOUBTED, _GAINS, trust * (1 - _LOSES))
        self._trust = np.where(outside, np.where(alike, trust + _GAINS * (1 - trust), unlike), self._trust)
        self._known = np.where(outside, np.float32(1), self._known)


def _even(image: Array) -> Array:
    """An image, 0..255, on a scale on which what is seen in shade differs as much as what is seen in light.

    A limb in the shade differs from the black behind it by some levels, about which a meadow trembles.
    """
    levels: Array = (_SHADE * np.sqrt(image + _SHADE)).astype(np.float32)
    return levels
