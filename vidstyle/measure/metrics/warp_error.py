"""Warp error, the field's measure of flicker: how far a frame is from the one before, carried along the motion."""

from dataclasses import dataclass

import numpy as np

from vidstyle.motion.flow import Array, Flow, both_ways
from vidstyle.motion.reliability import Mask, reference_mask
from vidstyle.motion.warp import warp


@dataclass(frozen=True)
class ClipMotion:
    """The motion between an earlier frame of the clip and a later one: (H, W, 2) flow back, and forward.

    The mask, (H, W), has the pixels of the *earlier* frame that can be compared.
    """

    backward: Array
    forward: Array
    mask: Mask

    @property
    def kept(self) -> float:
        """The share of pixels that is compared."""
        return float(self.mask.mean(dtype=np.float64))


def find_motion(flow: Flow, image: Array, earlier: Array) -> ClipMotion:
    """The motion between two frames of the clip, (H, W, 3) in 0..1.

    The mask is the rule of Ruder et al. 2016, section 4.2, as Lai et al. use it, without its blur: off the frame,
    occluded or at a motion boundary, a pixel does not count.
    """
    backward, forward = both_ways(flow, image, earlier)
    # The rule asks for the flow of the frame that is looked at, then for the way back.
    return ClipMotion(backward, forward, reference_mask(forward, backward))


def residual(motion: ClipMotion, image: Array, earlier: Array) -> Array:
    """What differs, (H, W, 3), between `image`, carried back, and `earlier`; 0 where they can't be compared."""
    return (warp(image, motion.forward, "exact") - earlier) * motion.mask[..., None]


def warp_error(motion: ClipMotion, image: Array, earlier: Array) -> float | None:
    """The warp error of Lai et al. 2018: ``Σ M·(W(oₜ) − oₜ₋₁)² / Σ M``, M over all channels.

    The flow is the clip's; the frame, (H, W, 3) in 0..1, is warped with bilinear interpolation. The mean is over the
    pixels kept and the channels, in squared units of 0..1; None where no pixel is kept.
    """
    if not motion.mask.any():
        return None
    total = np.square(residual(motion, image, earlier)).sum(dtype=np.float64)
    return float(total / (3 * np.count_nonzero(motion.mask)))


def carry(painting: Array, motion: ClipMotion) -> Array:
    """A painting, (H, W, 3), carried from the earlier frame to the later one, with nothing painted anew.

    The warp is Lanczos's, since a chain of bilinear ones would leave a blur that scores well. The result is kept in
    0..1, as a file would hold it. Its own warp error is what a crisp painting can't go below: the measure's bilinear
    warp blurs detail, which a painting has more of than the clip.
    """
    return np.clip(warp(painting, motion.backward, "lanczos"), 0, 1)
