"""Carrying an image along a flow."""

from typing import Literal

import cv2
import numpy as np

from vidstyle.motion.flow import Array

Interpolation = Literal["lanczos", "quick", "linear", "exact"]

REACH = 8
"""Pixels beyond the edge, all of the edge's own value, that the widest kernel can see any of."""
_GRID = np.float32(1 / 32)


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
        It overshoots a little at sharp edges. "quick" is nearly that in half the time, for what is carried once.
        "linear" stays within the image's range. OpenCV 4 rounds positions to 1/32 pixel for it: "exact" does not, and
        takes five times as long, for what is measured.

    Returns
    -------
    out
        As `image` in shape, float32.
    """
    height, width = flow.shape[:2]
    x, y = ends(flow)
    x, y = x.clip(-REACH, width - 1 + REACH), y.clip(-REACH, height - 1 + REACH)
    sample = {"lanczos": _lanczos, "quick": _quick, "linear": _linear, "exact": _exact}[interpolation]
    # OpenCV takes up to four channels at once.
    planes = image.reshape(height, width, -1)
    parts = [sample(planes[..., c : c + 4], x, y).reshape(height, width, -1) for c in range(0, planes.shape[2], 4)]
    return np.concatenate(parts, axis=2).reshape(image.shape)


def ends(flow: Array) -> tuple[Array, Array]:
    """Where a flow, (H, W, 2), leads from each pixel: x and y, (H, W) each, in pixels from the first one's centre."""
    height, width = flow.shape[:2]
    x, y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
    return x + flow[..., 0], y + flow[..., 1]


def _linear(image: Array, x: Array, y: Array) -> Array:
    return cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _exact(image: Array, x: Array, y: Array) -> Array:
    """The same from the four nearest pixels, at positions that are not rounded."""
    left, top = np.floor(x), np.floor(y)
    across, down = x - left, y - top
    if image.ndim == 3 and image.shape[2] > 1:  # OpenCV drops a single channel
        across, down = across[..., None], down[..., None]
    upper, lower = (
        (1 - across) * _nearest(image, left, row) + across * _nearest(image, left + 1, row) for row in (top, top + 1)
    )
    return (1 - down) * upper + down * lower


def _nearest(image: Array, x: Array, y: Array) -> Array:
    return cv2.remap(image, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)


def _rounded(image: Array, x: Array, y: Array) -> Array:
    """Lanczos resampling, Duchon 1979, with a = 4; OpenCV rounds positions to 1/32 pixel for this kernel."""
    return cv2.remap(image, x, y, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)


def _quick(image: Array, x: Array, y: Array) -> Array:
    """The same, with what rounding leaves made up for by the slope of the result.

    That is the image's own where the flow is even. Without it a painting trembles by a hundredth of a pixel.
    """
    out = _rounded(image, x, y)
    for axis, positions in enumerate((x, y)):
        rest = positions - np.rint(positions / _GRID) * _GRID
        slope = cv2.Sobel(out, cv2.CV_32F, 1 - axis, axis, ksize=1, scale=0.5, borderType=cv2.BORDER_REPLICATE)
        out += (rest[..., None] if out.ndim == 3 else rest) * slope
    return out


def _lanczos(image: Array, x: Array, y: Array) -> Array:
    """The same at positions that are not rounded, wherever the flow leads.

    A plane through three samples restores the fraction, to some 1e-5 of the range where rounding leaves 1e-3.
    """
    left, top = np.floor(x / _GRID) * _GRID, np.floor(y / _GRID) * _GRID
    corner, right, below = (
        _rounded(image, at_x, at_y) for at_x, at_y in ((left, top), (left + _GRID, top), (left, top + _GRID))
    )
    across, down = (x - left) / _GRID, (y - top) / _GRID
    if corner.ndim == 3:
        across, down = across[..., None], down[..., None]
    return corner + across * (right - corner) + down * (below - corner)
