"""Gaussian blur, the same everywhere."""

from __future__ import annotations

import cv2

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
