"""What smooths images, planes and flows, the same everywhere: the Gaussian blur, and the median."""

from __future__ import annotations

import cv2
import numpy as np

from vidstyle.motion.flow import Array


def blurred(values: Array, width: float, radius: int | None = None) -> Array:
    """Values blurred, the frame mirrored beyond its edges.

    Parameters
    ----------
    values
        (H, W) or (H, W, C).
    width
        Standard deviation in pixels.
    radius
        How many pixels to each side count; None: as many as make a difference.

    Returns
    -------
    blurred
        Of the shape handed in.
    """
    side = 0 if radius is None else 2 * radius + 1
    smooth: Array = cv2.GaussianBlur(values, (side, side), width, borderType=cv2.BORDER_REFLECT).reshape(values.shape)
    return smooth


def median(flow: Array) -> Array:
    """Each component of a flow, (H, W, 2), replaced by its median over 5 × 5 pixels: single pixels go, edges stay."""
    return np.dstack([cv2.medianBlur(np.ascontiguousarray(flow[..., axis]), 5) for axis in (0, 1)])
