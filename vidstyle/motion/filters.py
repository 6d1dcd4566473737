"""Images, planes and flows blurred, median-filtered, or brought to a smaller size."""

import cv2
import numpy as np

from vidstyle.motion.flow import Array

_NARROW = 1.5
"""Standard deviation, in positions of its grid, of the narrowest blur there: below it the grid would show."""


def blurred(values: Array, width: float, radius: int | None = None) -> Array:
    """Gaussian blur of (H, W) or (H, W, C), with the frame mirrored beyond its edges; of the shape handed in.

    The width is the standard deviation in pixels. The kernel has `radius` pixels to each side; None: as many as make a
    difference.
    """
    side = 0 if radius is None else 2 * radius + 1
    return cv2.GaussianBlur(values, (side, side), width, borderType=cv2.BORDER_REFLECT).reshape(values.shape)


def mean_around(values: Array, weight: Array, width: float) -> tuple[Array, Array]:
    """The weighted mean of values, (H, W) or (H, W, C), over what is around each place, and the weight there, (H, W).

    It is 0 where nothing has weight.
    """
    share = blurred(weight, width)
    total, weights = share + np.float32(1e-3), weight
    if values.ndim == 3:
        total, weights = total[..., None], weight[..., None]
    return blurred(values * weights, width) / total, share


def blurred_coarsely(values: Array, width: float) -> Array:
    """As :func:`blurred`, to within 1% of contrast: a wide blur is worked out on a coarser grid, ten times as fast."""
    coarser = int(width / _NARROW)
    if coarser < 2:
        return blurred(values, width)
    height, columns = values.shape[:2]
    size = max(1, columns // coarser), max(1, height // coarser)
    small: Array = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    smooth: Array = cv2.resize(blurred(small, width / coarser), (columns, height), interpolation=cv2.INTER_LINEAR)
    return smooth.reshape(values.shape)


def median(flow: Array) -> Array:
    """The median of each component of a flow, (H, W, 2), over 5 × 5 pixels: single pixels go, edges stay."""
    return np.dstack([cv2.medianBlur(np.ascontiguousarray(flow[..., axis]), 5) for axis in (0, 1)])


def rise(
    values: np.ndarray, low: np.ndarray | np.floating | float, high: np.ndarray | np.floating | float
) -> np.ndarray:
    """Values as shares: 0 up to `low`, 1 from `high` on, linear between; the other way round where `high` is less."""
    share: np.ndarray = ((values - low) / (high - low)).clip(0, 1)
    return share


def disc(radius: int) -> np.ndarray:
    """A disc of a radius in pixels, by which planes are dilated, eroded and opened."""
    made: np.ndarray = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return made


def scaled_down(values: Array, long_side: int) -> Array:
    """Values, (H, W) or (H, W, C), with a longer side of at most `long_side`; each is the mean of what it covers."""
    height, width = values.shape[:2]
    scale = min(1.0, long_side / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(values, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], *values.shape[2:])


def enlarged(values: Array, size: tuple[int, int]) -> Array:
    """Values, (h, w) or (h, w, C), at a larger size (H, W), by linear interpolation."""
    large = cv2.resize(values, size[::-1], interpolation=cv2.INTER_LINEAR)
    return large.reshape(*size, *values.shape[2:])


def flow_scaled_down(flow: Array, long_side: int) -> Array:
    """A flow, (H, W, 2), at the size that :func:`scaled_down` gives, and in pixels of that size."""
    small = scaled_down(flow, long_side)
    (height, width), (full_height, full_width) = small.shape[:2], flow.shape[:2]
    return small * np.array([width / full_width, height / full_height], np.float32)
