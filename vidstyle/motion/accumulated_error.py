"""Whether what was carried along a flow still shows what the frame shows: errors too small for any one step add up."""

from dataclasses import dataclass

import cv2
import numpy as np

from vidstyle.motion.filters import blurred, disc, enlarged, flow_scaled_down, rise, scaled_down
from vidstyle.motion.flow import Array
from vidstyle.motion.noise import unusual_noise
from vidstyle.motion.warp import Interpolation, warp

THUMBNAIL_SIDE = 320
"""The long side, in pixels, of the thumbnails that are compared; all lengths below are in their pixels."""
SURROUNDINGS = 24.0
"""Standard deviation of the window in which one change of light and contrast is fitted, where flow has matched."""
_COARSER = 4
"""The fit is worked out on a grid this many times coarser."""
_STROKE = 1.5
"""Standard deviation of the blur before images are compared: grain and the finest texture are not carried anyway."""
_EDGE_ERROR = 1.0
"""Pixels by which an edge may be misplaced."""
_LIKE, _UNLIKE = 5 / 255, 10 / 255
"""Mean difference up to which two places show the same, and from which on they show something else."""
_REGION = 2.0
"""Standard deviation over which differences are averaged: those of texture are scattered, those of another thing are
a region."""
_REACH = 2
"""Pixels by which strokes reach over the edge of what they paint."""
_NOISE_LEFT = 0.35
"""What is left of noise in a difference of blurred images, on average, in its standard deviations."""
_NOISE = np.float32(5e-4)
"""Variance that is added to both images, so that where there is no contrast none is changed."""


def thumbnail(image: Array) -> Array:
    """An image, (H, W, 3) in 0..1, as it is compared: reduced to `THUMBNAIL_SIDE`, (h, w, 3)."""
    return scaled_down(np.ascontiguousarray(image, np.float32), THUMBNAIL_SIDE)


def warp_thumbnail(flow: Array, small: Array, interpolation: Interpolation = "lanczos") -> Array:
    """A thumbnail, (h, w, 3), carried along a flow, (H, W, 2)."""
    return warp(small, flow_scaled_down(flow, THUMBNAIL_SIDE), interpolation).clip(0, 1)


@dataclass(frozen=True)
class Comparison:
    """A carried image beside the frame's own.

    Attributes
    ----------
    resemblance
        (H, W): 1 where it shows what the frame does, down to 0.
    exposure_matched
        (h, w, 3), 0..1: the carried thumbnail in the frame's light and contrast. A fade that is followed step by step
        so never differs by more than a step.
    """

    resemblance: Array
    exposure_matched: Array


def compare(
    current: Array, carried: Array, visibility: Array, surroundings: float = SURROUNDINGS, *, painted: bool = False
) -> Comparison:
    """Compare what was carried along a flow with what the frame shows.

    From neighbour to neighbour a dissolve, a reflection or a flow that bends beside something fast changes so little
    that all of it can be trusted, and some frames later another thing is there. A flash, a step of a fade or of an
    exposure that adapts is no such change: each image is first brought to the other's light and contrast by the affine
    map, of each channel, that fits best around a pixel. A difference of a third of the contrast, or more, is found
    then.

    Parameters
    ----------
    current
        (h, w, 3): the thumbnail of the clip's frame.
    carried
        (h, w, 3): an earlier frame's thumbnail, carried along the motion.
    visibility
        (H, W), 0 to 1: how much each pixel counts in fitting that map, since pixels that were covered or uncovered show
        no change of light.
    surroundings
        Standard deviation, in a thumbnail's pixels, of the window in which one change of light and contrast is fitted.
    painted
        Whether it is paint that is carried, whose strokes reach over the edges of things.
    """
    weight = scaled_down(visibility, THUMBNAIL_SIDE)
    # An edge that is misplaced by so many pixels leaves at most a difference of so many times its slope.
    tolerated = np.float32(_EDGE_ERROR) * np.maximum(_slope(current), _slope(carried))
    tolerated += np.float32(_NOISE_LEFT * unusual_noise(current))
    alike, _ = _compared(current, carried, weight, tolerated, surroundings)
    # Pixels that turn out to show something else are left out of a second fit.
    alike, exposure_matched = _compared(current, carried, weight * alike, tolerated, surroundings)
    alike = _within_strokes(alike) if painted else alike
    height, width = visibility.shape
    return Comparison(enlarged(alike, (height, width)), exposure_matched.clip(0, 1))


def _within_strokes(alike: Array) -> Array:
    """The same, less what lies within a stroke's reach of something else; a pixel or two of that are noise."""
    unlike = cv2.morphologyEx(1 - alike, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    reached = cv2.dilate(unlike, disc(_REACH))
    return np.minimum(alike, 1 - reached)


def _compared(
    image: Array, carried: Array, weight: Array, tolerated: Array, surroundings: float
) -> tuple[Array, Array]:
    """How alike two images are, (h, w), and the carried one in the other's light; all of one size, fitted by weight.

    Differences up to `tolerated`, (h, w, 3), don't count.
    """
    height, width = weight.shape
    small = max(1, width // _COARSER), max(1, height // _COARSER)
    weight, a, b = (
        cv2.resize(values, small, interpolation=cv2.INTER_AREA).reshape(small[1], small[0], -1)
        for values in (weight + np.float32(1e-3), image, carried)
    )

    def local_mean(values: Array) -> Array:
        return blurred(values, surroundings / _COARSER)

    total = local_mean(weight)
    mean_a, mean_b = local_mean(weight * a) / total, local_mean(weight * b) / total
    # Variance within a position of the coarse grid is left out of both: contrast is that of larger things.
    covariance = local_mean(weight * a * b) / total - mean_a * mean_b + _NOISE
    variance_a = (local_mean(weight * a * a) / total - mean_a**2).clip(0) + _NOISE
    variance_b = (local_mean(weight * b * b) / total - mean_b**2).clip(0) + _NOISE
    exposure_matched = _fitted(carried, mean_a, mean_b, covariance / variance_b)
    error = np.maximum(
        np.abs(blurred(image - exposure_matched, _STROKE)),
        np.abs(blurred(carried - _fitted(image, mean_b, mean_a, covariance / variance_a), _STROKE)),
    )
    difference = blurred((error - tolerated).clip(0).mean(-1, dtype=np.float32), _REGION)
    return rise(difference, _UNLIKE, _LIKE), exposure_matched


def _fitted(values: Array, mean: Array, values_mean: Array, contrast: Array) -> Array:
    """Values with their contrast multiplied, around another mean; a negative of a picture never matches it."""
    contrast = contrast.clip(0, None)
    size = values.shape[0], values.shape[1]
    return enlarged(contrast, size) * values + enlarged(mean - contrast * values_mean, size)


def _slope(image: Array) -> Array:
    smooth = blurred(image, _STROKE)
    across, down = (cv2.Sobel(smooth, cv2.CV_32F, x, 1 - x, scale=1 / 8) for x in (1, 0))
    return cv2.magnitude(across, down).reshape(image.shape)
