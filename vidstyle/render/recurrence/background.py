"""The background of a shot as it was painted, behind whatever passes in front of it.

A later frame looks back to one or two solved ones. What something has hidden for longer would be painted anew when it
comes out again, otherwise than before, and each passer-by would leave a trail. So the paint of what goes with the
camera is kept, together with what the clip showed there, and is carried along the camera's motion.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from vidstyle.motion.accumulated_error import THUMBNAIL_SIDE, compare, warp_thumbnail
from vidstyle.motion.filters import blurred, disc, enlarged, rise, scaled_down
from vidstyle.motion.flow import Array
from vidstyle.motion.warp import warp

# What is kept of a pixel's age, a frame: where something else is seen, and where that stays as it is for longer. The
# first forgets half within some twelve seconds, the second within one.
_HIDDEN, _REPLACED = 0.9977, 0.975
# A pixel that is known less than this is what the frame shows now.
_FORGOTTEN = np.float32(0.5)
# Resemblance from which on two places are not the same at all, and at which they are: paint of two things is not mixed.
_UNLIKE, _ALIKE = np.float32(0.5), np.float32(1)
# Light changes over so many pixels of a thumbnail. What differs by four times the median, or by so much, is no change
# of light. It is told of values that are so much brighter, since black is as black in any light.
_LIGHT, _OTHER, _DARK = 64.0, 6 / 255, np.float32(0.02)
# A part of something else that happens to look like what it hides is smaller than this, in a thumbnail's pixels. What
# is around something else reaches half as far, and fades over so many pixels.
_DISC = disc(12)
_SOFT = 4.0


@dataclass(frozen=True)
class Background:
    """The background in a solved frame's place.

    Attributes
    ----------
    paint
        (H, W, 3) float32: its painting.
    source
        (h, w, 3) float32, reduced: what the clip showed when it was last seen.
    known
        (H, W) float32, 0..1: how far that holds still; it ages while something else is seen.
    hidden
        (H, W) float32, 0..1: how far that is so; around it too, where paint is often dragged along.
    """

    paint: Array
    source: Array
    known: Array
    hidden: Array

    @classmethod
    def of(cls, paint: Array, source: Array) -> Background:
        """A shot's first frame, in which all is background as far as anyone knows."""
        return cls(paint, source, np.ones(paint.shape[:2], np.float32), np.zeros(paint.shape[:2], np.float32))

    def carried(self, flow: Array, kept: Array) -> Background:
        """The background in a later frame's place, whose flow back is the camera's, (H, W, 2) pixels.

        As much as is `kept`, (H, W) in 0..1, is known there still.
        """
        if not flow.any():
            return replace(self, known=self.known * kept)
        known, hidden = (warp(plane, flow, "linear") for plane in (self.known, self.hidden))
        return Background(warp(self.paint, flow), warp_thumbnail(flow, self.source), known * kept, hidden)


@dataclass(frozen=True)
class SeenBackground:
    """The background in the place of a frame to be solved, beside what that frame shows.

    Attributes
    ----------
    background
        In that frame's place.
    shown
        (h, w, 3): the frame, reduced.
    relit
        (h, w, 3): the background's clip in the frame's light.
    alike
        (H, W), 0..1: how far the frame shows the background.
    stays
        (H, W), 0..1: how far it shows what it did when the frame before it was solved, by the camera's motion.
    frames
        How many frames ago that was.
    """

    background: Background
    shown: Array
    relit: Array
    alike: Array
    stays: Array
    frames: int

    @property
    def reliability(self) -> Array:
        """How far the background has come out again, (H, W) in 0..1.

        Where it was not hidden, the paint of the frame before is as good, and what turns on the spot has another
        side.
        """
        return self.background.known * self.background.hidden * self.alike

    def painted(self, paint: Array) -> Background:
        """The background once the frame is painted.

        Where the frame shows the background, or too little is known of it, the frame's is taken over. Elsewhere the
        background is hidden and ages, faster where what hides it stays. Around that the background keeps its paint:
        the frame's may have been dragged along.
        """
        before = self.background
        slow, fast = (np.float32(rate**self.frames) for rate in (_HIDDEN, _REPLACED))
        aged = before.known * (slow + self.stays * (fast - slow))
        unlike = np.where(aged < _FORGOTTEN, np.float32(0), 1 - self.alike)
        hidden = _around(unlike)
        small = scaled_down(hidden, THUMBNAIL_SIDE)[..., None]
        return Background(
            paint + hidden[..., None] * (before.paint - paint),
            self.shown + small * (self.relit - self.shown),
            np.maximum(aged, 1 - unlike),
            hidden,
        )


def see(background: Background, shown: Array, earlier: Array, flow: Array, kept: Array, frames: int) -> SeenBackground:
    """Carry a background into the place of a frame to be solved, and compare the two.

    Parameters
    ----------
    background
        In the place of the frame that was solved before.
    shown, earlier
        (h, w, 3): the clip's two frames, reduced.
    flow, kept
        The camera's motion, from the later frame back, (H, W, 2) pixels, and how far what was known there is still of
        use, (H, W) in 0..1.
    frames
        From the one to the other.
    """
    carried = background.carried(flow, kept)
    alike, relit = _compared(shown, carried.source, carried.known)
    stays, _ = _compared(shown, warp_thumbnail(flow, earlier), kept)
    return SeenBackground(carried, shown, relit, alike, stays, frames)


def _compared(image: Array, other: Array, known: Array) -> tuple[Array, Array]:
    """How far two images that no flow has matched show the same, (H, W), and the other in the first one's light.

    What passes in front is as flat as what it hides, and a change of light that is fitted to it alone makes the two
    alike. So light is fitted widely, to what has not changed.
    """
    size = known.shape[0], known.shape[1]
    counts = scaled_down(known, THUMBNAIL_SIDE) > _FORGOTTEN
    if not counts.any():
        return np.zeros_like(known), other
    gain = np.median(((image + _DARK) / (other + _DARK))[counts], axis=0)
    off = np.abs(image - gain * (other + _DARK) + _DARK).mean(-1)
    unchanged = 1 - np.square(off / max(4 * float(np.median(off[counts])), _OTHER)).clip(None, 1)
    found = compare(image, other, known * enlarged(unchanged, size), _LIGHT)
    alike = rise(found.resemblance, _UNLIKE, _ALIKE)
    small = cv2.morphologyEx(scaled_down(alike, THUMBNAIL_SIDE), cv2.MORPH_OPEN, _DISC)
    return np.minimum(alike, enlarged(small, size)), found.exposure_matched


def _around(hidden: Array) -> Array:
    """What is hidden, (H, W) in 0..1, and what is around that."""
    small = cv2.dilate(scaled_down(hidden, THUMBNAIL_SIDE), _DISC)
    return enlarged(blurred(small, _SOFT), (hidden.shape[0], hidden.shape[1]))
