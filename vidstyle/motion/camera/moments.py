"""What is summed over windows of two frames, to tell motion from noise and from light."""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.motion.filters import blurred_coarsely, enlarged
from vidstyle.motion.flow import Array
from vidstyle.motion.reliability import ends_inside
from vidstyle.motion.warp import warp

Values = npt.NDArray[np.float64]

# Light changes over so many pixels of a frame 320 wide.
_LIGHT, _LIGHT_GRID = 24.0, 4

OTHER = 3 / 255
"""What differs by so much, or by three times the median, is no change of light."""
BLUR = 2.0
"""Standard deviation, in pixels, of the blur behind which a change is seen."""
ROUNDING = 2 / 12 / 255**2
"""Mean square difference of two images that are alike, each rounded to 8 bits."""


class Moments(NamedTuple):
    """Products of what two frames show, a pixel's or means of them, all beside the camera's motion and in one light.

    A window is moved by d = A⁻¹Σ∇I(b − a), with A = Σ∇I∇Iᵀ (Lucas and Kanade 1981).
    """

    xx: npt.NDArray[Any]
    """The three of ∇I∇Iᵀ, this and the next two."""
    xy: npt.NDArray[Any]
    yy: npt.NDArray[Any]
    x_change: npt.NDArray[Any]
    """The two of ∇I(b − a), this and the next one."""
    y_change: npt.NDArray[Any]
    change: npt.NDArray[Any]
    """(b − a)²."""
    left: npt.NDArray[Any]
    """(b − a)² along the flow."""
    u: npt.NDArray[Any]
    """The flow beside the camera's motion, x, y and its square, times |∇I|²: a search knows where it goes where there
    is something to see."""
    v: npt.NDArray[Any]
    square: npt.NDArray[Any]
    seen: npt.NDArray[Any]
    """(b − a)², blurred before it is squared."""
    rest: npt.NDArray[Any]
    """(b − a)² with nothing moved."""


class Firsts(NamedTuple):
    """What the moments are products of, for those about means: ∇I, and b − a along all three motions."""

    x: npt.NDArray[Any]
    y: npt.NDArray[Any]
    change: npt.NDArray[Any]
    left: npt.NDArray[Any]
    rest: npt.NDArray[Any]


def products(flow: Array, camera: Array, before: Array, after: Array) -> tuple[Moments, Firsts]:
    """The products at each pixel, and what they are products of, (H, W) each.

    Parameters
    ----------
    flow, camera
        (H, W, 2) pixels, from a to b.
    before, after
        a and b in grey, (H, W), 0..1.
    """
    along_camera = relit(warp(after, camera, "linear"), before) if camera.any() else relit(after, before)
    on = ends_inside(camera, 0.0)
    mean, change = (before + along_camera) / 2, on * (along_camera - before)
    kernel = np.array([[-0.5, 0, 0.5]], np.float32)
    x, y = (on * cv2.filter2D(mean, -1, turned, borderType=cv2.BORDER_REPLICATE) for turned in (kernel, kernel.T))
    left = relit(warp(after, flow, "linear"), before) - before
    rest = relit(after, before) - before if camera.any() else change
    u, v = cv2.split(flow - camera)
    known = x * x + y * y
    seen = cv2.GaussianBlur(change, (0, 0), BLUR)
    moments = Moments(
        x * x,
        x * y,
        y * y,
        x * change,
        y * change,
        change * change,
        left * left,
        known * u,
        known * v,
        known * (u * u + v * v),
        seen * seen,
        rest * rest,
    )
    return moments, Firsts(x, y, change, left, rest)


def relit(image: Array, other: Array) -> Array:
    """A grey image in another one's light, whatever else of it has changed."""
    height, width = other.shape
    small = max(1, width // _LIGHT_GRID), max(1, height // _LIGHT_GRID)
    a, b = (cv2.resize(plane, small, interpolation=cv2.INTER_AREA).reshape(small[::-1]) for plane in (other, image))
    spread = _LIGHT * max(height, width) / 320 / _LIGHT_GRID
    weight, gain = np.ones_like(a), np.ones_like(a)
    for _ in range(2):
        dark = np.float32(0.02) * blurred_coarsely(weight, spread) + np.float32(1e-4)
        gain = (blurred_coarsely(weight * a, spread) + dark) / (blurred_coarsely(weight * b, spread) + dark)
        # Tukey's biweight: what has changed for another reason says nothing of the light.
        off = np.abs(gain * b - a)
        weight = np.square(1 - np.square(off / max(3 * float(np.median(off)), OTHER)).clip(None, 1)).astype(np.float32)
    return image * enlarged(gain, (height, width))


def centred(moments: Moments, means: Firsts) -> Moments:
    """The moments about the means of windows, given those about 0.

    So no light that is brighter there explains a motion, and no gradient of light one that is not.
    """
    moments = Moments(*(plane.astype(np.float64) for plane in moments))
    x, y, change, left, rest = (plane.astype(np.float64) for plane in means)
    return moments._replace(
        xx=moments.xx - x * x,
        xy=moments.xy - x * y,
        yy=moments.yy - y * y,
        x_change=moments.x_change - x * change,
        y_change=moments.y_change - y * change,
        change=moments.change - change * change,
        left=moments.left - left * left,
        seen=moments.seen - change * change,
        rest=moments.rest - rest * rest,
    )


def strongest(means: Moments) -> Values:
    """The larger eigenvalue of ∇I∇Iᵀ, a pixel."""
    larger: Values = (means.xx + means.yy) / 2 + np.hypot((means.xx - means.yy) / 2, means.xy)
    return larger


def weakest(means: Moments) -> Values:
    """The smaller eigenvalue of ∇I∇Iᵀ, a pixel."""
    smaller: Values = (means.xx + means.yy) / 2 - np.hypot((means.xx - means.yy) / 2, means.xy)
    return smaller


def explained(means: Moments) -> Values:
    """dᵀA⁻¹d a pixel: what one displacement explains of (b − a)²."""
    xx, yy = means.xx + ROUNDING, means.yy + ROUNDING
    x, y = means.x_change, means.y_change
    part: Values = (yy * x * x - 2 * means.xy * x * y + xx * y * y) / (xx * yy - means.xy * means.xy)
    return part
