"""Carrying an image along a flow."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

from vidstyle.motion.flow import Array

Interpolation = Literal["lanczos", "linear"]

REACH = 8
"""Pixels beyond the edge, all of the edge's own value, that the widest kernel can see any of."""


def warp(image: Array, flow: Array, interpolation: Interpolation = "lanczos") -> Array:
    """The image as seen along the flow: ``out(p) = image(p + flow(p))``, edges replicated.

    Zero flow gives the image back bit for bit, and so does whole-pixel flow inside the frame.

    Parameters
    ----------
    image
        (H, W) or (H, W, C), any range, sides up to 32766; values are not clipped.
    flow
        (H, W, 2) pixels, x and y.
    interpolation
        "lanczos" (8×8 taps) keeps detail when an image is carried on from frame to frame: after ten warps by
        parts of a pixel about three quarters of the Laplacian's energy are left, and a tenth with "linear".
        It overshoots a little at sharp edges. "linear" stays within the image's range.

    Returns
    -------
    out
        As `image` in shape, float32.
    """
    height, width = flow.shape[:2]
    x = np.clip(np.arange(width, dtype=np.float32) + flow[..., 0], -REACH, width - 1 + REACH)
    y = np.clip(np.arange(height, dtype=np.float32)[:, None] + flow[..., 1], -REACH, height - 1 + REACH)
    sample = _linear if interpolation == "linear" else _lanczos
    # OpenCV takes up to four channels at once.
    planes = image.reshape(height, width, -1)
    parts = [sample(planes[..., c : c + 4], x, y).reshape(height, width, -1) for c in range(0, planes.shape[2], 4)]
    return np.concatenate(parts, axis=2).reshape(image.shape)


def _linear(image: Array, x: Array, y: Array) -> Array:
    out: Array = cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return out


def _lanczos(image: Array, x: Array, y: Array) -> Array:
    """Lanczos resampling, Duchon 1979, with a = 4.

    OpenCV rounds positions to 1/32 pixel for this kernel, so that an image carried along a motion slower than
    half of that per frame would never move. A plane through three of its samples restores the fraction, to
    some 1e-5 of the range where rounding leaves 1e-3.
    """
    grid = np.float32(1 / 32)
    left, top = np.floor(x / grid) * grid, np.floor(y / grid) * grid
    corner, right, below = (
        cv2.remap(image, at_x, at_y, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
        for at_x, at_y in ((left, top), (left + grid, top), (left, top + grid))
    )
    across, down = (x - left) / grid, (y - top) / grid
    if corner.ndim == 3:
        across, down = across[..., None], down[..., None]
    out: Array = corner + across * (right - corner) + down * (below - corner)
    return out
