"""Whether what was carried along a motion still shows what is there: errors too small for any one step add up."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vidstyle.motion.filters import blurred, flow_scaled_down, scaled_down
from vidstyle.motion.flow import Array
from vidstyle.motion.warp import Interpolation, warp

LONG_SIDE = 320
"""Pixels of the reduced images that are compared: strokes are broader than what is lost. All lengths are in these."""
_SURROUNDINGS = 24.0
"""Width (standard deviation) of the window in which light and contrast may have changed."""
_COARSER = 4
"""How many times coarser that is worked out."""
_STROKE = 1.5
"""Width, likewise, of what has to be alike: grain and the finest texture are not carried anyway."""
_OFF = 1.0
"""By how much an edge may be off."""
_SAME, _OTHER = 5 / 255, 10 / 255
"""Up to this difference it is the same, from that on something else is there."""
_REGION = 2.0
"""Width over which differences are averaged: of texture they are scattered, of something else they are a region."""
_NOISE = np.float32(5e-4)
"""Variance, alike in both, that every place has: where there is no contrast, none is changed."""


def thumbnail(image: Array) -> Array:
    """An image, (H, W, 3) in 0..1, as it is compared: reduced to `LONG_SIDE`, (h, w, 3)."""
    return scaled_down(np.ascontiguousarray(image, np.float32), LONG_SIDE)


def warp_thumbnail(flow: Array, small: Array, interpolation: Interpolation = "lanczos") -> Array:
    """A thumbnail, (h, w, 3), carried along a flow, (H, W, 2)."""
    return warp(small, flow_scaled_down(flow, LONG_SIDE), interpolation).clip(0, 1)


@dataclass(frozen=True)
class Comparison:
    """A carried image beside what is there.

    Attributes
    ----------
    resemblance
        (H, W): 1 where it shows what is there, down to 0.
    exposure_matched
        (h, w, 3), 0..1: the carried thumbnail in the light of what is there. A fade that is followed step by step never
        differs by more than a step.
    """

    resemblance: Array
    exposure_matched: Array


def compare(there: Array, carried: Array, known: Array) -> Comparison:
    """Compare what was carried along a motion with what is there.

    From neighbour to neighbour a dissolve, a reflection or a flow that bends beside something fast changes so little
    that all of it can be trusted, and some frames on something else is there. A flash, a step of a fade or of an
    exposure that adapts is no change: each is first brought to the other's light and contrast by the affine map, of
    each channel, that fits best around a pixel. What is left of a third of the contrast, or more, is told so.

    Parameters
    ----------
    there
        (h, w, 3): the thumbnail of the clip's frame.
    carried
        (h, w, 3): an earlier frame's thumbnail, carried along the motion.
    known
        (H, W), 0 to 1: what counts in finding that map. What was covered and what was uncovered say nothing of light.
    """
    weight = scaled_down(known, LONG_SIDE)
    # What an edge that is a little off leaves is no more than so many pixels of its slope.
    excused = np.float32(_OFF) * np.maximum(_slope(there), _slope(carried))
    alike, _ = _compared(there, carried, weight, excused)
    # What was found to be something else says nothing of the light either.
    alike, exposure_matched = _compared(there, carried, weight * alike, excused)
    height, width = known.shape
    resemblance: Array = cv2.resize(alike, (width, height), interpolation=cv2.INTER_LINEAR).reshape(height, width)
    return Comparison(resemblance, exposure_matched.clip(0, 1))


def _compared(image: Array, carried: Array, weight: Array, excused: Array) -> tuple[Array, Array]:
    """How alike they are, (h, w), and the carried image in the other's light; all of one size, fitted by weight.

    Differences up to what is `excused`, (h, w, 3), are none.
    """
    height, width = weight.shape
    small = max(1, width // _COARSER), max(1, height // _COARSER)
    weight, a, b = (
        cv2.resize(values, small, interpolation=cv2.INTER_AREA).reshape(small[1], small[0], -1)
        for values in (weight + np.float32(1e-3), image, carried)
    )
    whole = _around(weight)
    mean_a, mean_b = _around(weight * a) / whole, _around(weight * b) / whole
    # Variances within a position of the coarse grid are left out of both; contrast is a matter of what is broader.
    together = _around(weight * a * b) / whole - mean_a * mean_b + _NOISE
    variance_a = (_around(weight * a * a) / whole - mean_a**2).clip(0) + _NOISE
    variance_b = (_around(weight * b * b) / whole - mean_b**2).clip(0) + _NOISE
    exposure_matched = _fitted(carried, mean_a, mean_b, together / variance_b)
    off = np.maximum(
        np.abs(blurred(image - exposure_matched, _STROKE)),
        np.abs(blurred(carried - _fitted(image, mean_b, mean_a, together / variance_a), _STROKE)),
    )
    difference = blurred((off - excused).clip(0).mean(-1, dtype=np.float32), _REGION)
    alike: Array = ((_OTHER - difference) / (_OTHER - _SAME)).clip(0, 1)
    return alike, exposure_matched


def _fitted(values: Array, mean: Array, own_mean: Array, contrast: Array) -> Array:
    """Values with their contrast multiplied, around another mean; a negative picture is none of the same."""
    contrast = contrast.clip(0, None)
    size = values.shape[1], values.shape[0]
    offset, contrast = (
        cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR).reshape(values.shape)
        for plane in (mean - contrast * own_mean, contrast)
    )
    fitted: Array = contrast * values + offset
    return fitted


def _slope(image: Array) -> Array:
    smooth = blurred(image, _STROKE)
    across, down = (cv2.Sobel(smooth, cv2.CV_32F, x, 1 - x, scale=1 / 8) for x in (1, 0))
    slope: Array = cv2.magnitude(across, down).reshape(image.shape)
    return slope


def _around(values: Array) -> Array:
    return blurred(values, _SURROUNDINGS / _COARSER)
