"""Flow for areas in which a search finds none: a flat area moves with what is around it."""

import cv2
import numpy as np

from vidstyle.motion.flow import Array
from vidstyle.motion.reliability import Mask

SCALE = 4
"""The fit is worked out on a grid this many times coarser, since flow that is filled in is smooth."""
RADII = (2, 4, 8, 16, 32)
"""Radii of the windows, in positions of that grid; the smallest with enough flow in it decides."""
ENOUGH = 0.08
"""Share of a window in which flow must have been found."""
RIDGE = 2e-3
"""Variance of brightness, 0..1 squared, below which brightness says nothing about motion."""


def fill(flow: Array, found: Mask, image: Array) -> Array:
    """The flow, (H, W, 2) pixels, where it was `found`, (H, W), and elsewhere a fit to the flow around.

    A flat surface has nothing for a search to find, so that the forward and the backward flow disagree all over it,
    though it moves with its rims. In windows around each pixel the flow that was found is fitted as an affine function
    of the brightness of the frame that it starts from, (H, W, 3), 0..1, so that it ends where the picture has an edge:
    He et al. 2010, "Guided image filtering", equations 5 and 6, weighted by where flow was found.
    """
    height, width = found.shape
    if found.all() or not found.any():
        return flow
    small = max(1, width // SCALE), max(1, height // SCALE)
    luma = cv2.cvtColor(np.ascontiguousarray(image, np.float32), cv2.COLOR_RGB2GRAY)
    weight = found.astype(np.float32)
    lit = weight * luma
    planes = [weight, lit, lit * luma, *(weight * u for u in cv2.split(flow)), *(lit * u for u in cv2.split(flow))]
    coarse = [cv2.resize(plane, small, interpolation=cv2.INTER_AREA) for plane in planes]  # 1, I, I², u, v, I·u, I·v
    # Slopes and offsets of the affine functions of u and v, and how far no window has decided a position yet.
    slopes, offsets = np.zeros((2, small[1], small[0], 2), np.float32)
    undecided = np.ones((small[1], small[0], 1), np.float32)
    for radius in RADII:
        n, brightness, square, u, v, iu, iv = (_mean(plane, radius)[..., None] for plane in coarse)
        deciding = undecided * (n > (ENOUGH if radius < RADII[-1] else 0))
        n = np.maximum(n, 1e-6)
        brightness, motion = brightness / n, np.dstack([u, v]) / n
        variance = np.maximum(square / n - brightness**2, 0) + RIDGE
        slope = (np.dstack([iu, iv]) / n - brightness * motion) / variance
        slopes += deciding * slope
        offsets += deciding * (motion - slope * brightness)
        undecided -= deciding
        if not undecided.any():
            break
    fitted = [*cv2.split(slopes), *cv2.split(offsets), undecided[..., 0]]
    su, sv, ou, ov, rest = (cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR) for plane in fitted)
    filled = cv2.merge([su * luma + ou, sv * luma + ov]) + rest[..., None] * flow
    return cv2.copyTo(flow, found.view(np.uint8), filled)


def _mean(plane: Array, radius: int) -> Array:
    """A plane's sum over windows around every position, divided by the positions of a whole window."""
    side = 2 * radius + 1
    return cv2.boxFilter(plane, -1, (side, side), borderType=cv2.BORDER_CONSTANT).reshape(plane.shape)
