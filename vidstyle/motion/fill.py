"""Flow where the search finds none: flat areas move with what is around them."""

from __future__ import annotations

import cv2
import numpy as np

from vidstyle.motion.flow import Array
from vidstyle.motion.reliability import Mask

SCALE = 4
"""The motion around is worked out on a grid this many times coarser: what is filled in is smooth."""
RADII = (2, 4, 8, 16, 32)
"""Of the windows, in positions of that grid; the smallest that sees enough decides."""
ENOUGH = 0.08
"""Share of a window that must be known."""
RIDGE = 2e-3
"""Variance of brightness, 0..1 squared, below which brightness says nothing about motion."""


def fill(flow: Array, known: Mask, image: Array) -> Array:
    """The flow where it is `known`, elsewhere what moves beside it.

    A flat surface has nothing for a search to find, so that the way forth and the way back disagree all over it,
    though it moves with its rims. In windows around each pixel the known flow is fitted as an affine function of
    brightness, so that it ends where the picture has an edge: He et al. 2010, "Guided image filtering", equations 5
    and 6, weighted by what is known.

    Parameters
    ----------
    flow
        (H, W, 2) pixels.
    known
        (H, W), where it holds.
    image
        (H, W, 3), 0..1, the frame that the flow starts from.

    Returns
    -------
    flow
        (H, W, 2), as handed in where `known`.
    """
    height, width = known.shape
    if known.all() or not known.any():
        return flow
    small = max(1, width // SCALE), max(1, height // SCALE)
    luma = cv2.cvtColor(np.ascontiguousarray(image, np.float32), cv2.COLOR_RGB2GRAY)
    weight = known.astype(np.float32)
    products = np.dstack([weight, weight * luma, weight * luma**2, weight[..., None] * flow])
    products = np.dstack([products, (weight * luma)[..., None] * flow])  # 1, I, I², u, v, I·u, I·v
    coarse = _resized(products, small, cv2.INTER_AREA)
    filled, open_ = np.zeros_like(flow), np.ones((height, width, 1), np.float32)
    for radius in RADII:
        n, brightness, square, u, v, iu, iv = cv2.split(_mean(coarse, radius))
        seen = n > (ENOUGH if radius < RADII[-1] else 0)
        n = np.maximum(n, 1e-6)
        brightness, motion = brightness / n, np.dstack([u, v]) / n[..., None]
        variance = np.maximum(square / n - brightness**2, 0) + RIDGE
        slope = (np.dstack([iu, iv]) / n[..., None] - brightness[..., None] * motion) / variance[..., None]
        offset = motion - slope * brightness[..., None]
        found = np.dstack([slope, offset, seen.astype(np.float32)])
        found = _resized(found, (width, height), cv2.INTER_LINEAR)
        taken = found[..., 4:] * open_
        filled += taken * (found[..., :2] * luma[..., None] + found[..., 2:4])
        open_ -= taken
    whole: Array = np.where(known[..., None], flow, filled + open_ * flow).astype(np.float32)
    return whole


def _mean(planes: Array, radius: int) -> Array:
    """Each plane's sum over windows around every position, divided by the positions of a whole window."""
    side = 2 * radius + 1
    parts = [cv2.boxFilter(plane, -1, (side, side), borderType=cv2.BORDER_CONSTANT) for plane in cv2.split(planes)]
    mean: Array = np.dstack([part.reshape(planes.shape[:2]) for part in parts])
    return mean


def _resized(planes: Array, size: tuple[int, int], interpolation: int) -> Array:
    """Any number of planes at another size (W, H); OpenCV takes up to four at once."""
    parts = [cv2.resize(plane, size, interpolation=interpolation) for plane in cv2.split(planes)]
    resized: Array = np.dstack([part.reshape(size[1], size[0]) for part in parts])
    return resized
