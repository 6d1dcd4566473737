"""Flow that explains no more of a frame than noise would is set to 0.

A search for motion always finds some, in the sensor's noise and in what compression leaves of it. Carried along such a
flow a painting creeps, frame by frame, where the shot stands still.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.motion.flow import Array, Flow
from vidstyle.motion.warp import warp

Means = npt.NDArray[np.float64]

# The side, in pixels, of the smallest block that is judged by itself.
_BLOCK = 8
# How much a displacement must explain to be more than noise, and to be motion beyond doubt, in variances of the noise.
# The best one explains 2 of white noise on average, and more of compression's noise, which comes in patches.
_MOTION = (16.0, 48.0)
# A window is decisive where a displacement by so many pixels would explain more than noise.
_DECISIVE = 0.03
# A block that has changed, by so many variances of the noise, and whose flow is so many pixels long, moves, whatever
# the first-order test says, which holds for small motion only. A block that has not changed may have any flow.
_FAR, _CHANGED = (1.0, 2.0), (3.0, 6.0)
# The noise is that of this share of a frame's blocks, those of which no motion or the flow leaves least unexplained.
_QUIET = 0.25

ROUNDING = 2 / 12 / 255**2
"""Mean square difference of two images that are alike, each rounded to 8 bits."""


def without_noise_flow(method: Flow) -> Flow:
    """The flow method, with flow only where the scene moves."""

    def flow(a: Array, b: Array, start: Array | None = None) -> Array:
        return gate_noise(method(a, b, start), a, b)

    return flow


def gate_noise(flow: Array, a: Array, b: Array) -> Array:
    """The flow, 0 where motion can't be told from noise.

    At each block of the frame the best displacement of Lucas and Kanade 1981 explains dᵀA⁻¹d of the difference of the
    two images, with A = Σ∇I∇Iᵀ and d = Σ∇I(b − a). Of noise with a variance σ² that is 2σ² on average, of motion it
    grows with the square of its length. Blocks without texture are not decisive, and follow the larger ones around
    them.

    Parameters
    ----------
    flow
        (H, W, 2) pixels, from `a` to `b`.
    a, b
        (H, W, 3), 0..1: what it was found on.

    Returns
    -------
    flow
        (H, W, 2), between 0 and what it was.
    """
    height, width = a.shape[:2]
    if min(height, width) < _BLOCK or not flow.any():
        return flow
    means = [_reduced(plane, (-(-height // _BLOCK), -(-width // _BLOCK))) for plane in _products(flow, a, b)]
    levels, pixels = [_overlapping(means)], [9 * _BLOCK**2]
    while min(means[0].shape) > 1:
        means = [_reduced(plane, (-(-plane.shape[0] // 2), -(-plane.shape[1] // 2))) for plane in means]
        levels.append(_overlapping(means))
        pixels.append(4 * pixels[-1])
    standing, along = (float(np.quantile(each, _QUIET)) for each in (_unexplained(levels[0]), levels[0][7]))
    noise = max(min(standing, along), ROUNDING)
    moving = np.zeros((1, 1), np.float32)
    for level, count in zip(reversed(levels), reversed(pixels), strict=True):
        moves, decisive = _motion_evidence(level, count, noise)
        above = cv2.resize(moving, moves.shape[::-1], interpolation=cv2.INTER_LINEAR)
        moving = moves + (1 - moves) * (1 - decisive) * above
    gate: Array = cv2.resize(moving, (width, height), interpolation=cv2.INTER_LINEAR)[..., None]
    return flow * gate


def _products(flow: Array, a: Array, b: Array) -> list[Array]:
    """What is summed over windows, (H, W) each.

    The three of ∇I∇Iᵀ, the two of ∇I(b − a), (b − a)², |flow|, and (b − a)² along the flow.
    """
    before, after = (cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in (a, b))
    mean, change = (before + after) / 2, after - before
    kernel = np.array([[-0.5, 0, 0.5]], np.float32)
    x, y = (cv2.filter2D(mean, -1, turned, borderType=cv2.BORDER_REPLICATE) for turned in (kernel, kernel.T))
    length = cv2.magnitude(*cv2.split(flow))
    remainder = warp(after, flow, "linear") - before
    return [x * x, x * y, y * y, x * change, y * change, change * change, length, remainder * remainder]


def _reduced(means: Array, size: tuple[int, int]) -> Array:
    """At a smaller (H, W), each the mean of what it covers."""
    smaller: Array = cv2.resize(means, size[::-1], interpolation=cv2.INTER_AREA)
    return smaller


def _overlapping(means: Sequence[Array]) -> Means:
    """Over windows of three by three, (planes, rows, columns) in double precision."""
    return np.stack([cv2.blur(plane, (3, 3), borderType=cv2.BORDER_REFLECT) for plane in means]).astype(np.float64)


def _explained(means: Means) -> Means:
    """dᵀA⁻¹d a pixel, (rows, columns)."""
    xx, xy, yy, x, y = means[:5]
    xx, yy = xx + ROUNDING, yy + ROUNDING
    explained: Means = (yy * x * x - 2 * xy * x * y + xx * y * y) / (xx * yy - xy * xy)
    return explained


def _unexplained(means: Means) -> Means:
    """What no displacement explains of (b − a)², a pixel."""
    remainder: Means = means[5] - _explained(means)
    return remainder


def _motion_evidence(means: Means, pixels: int, noise: float) -> tuple[Array, Array]:
    """How surely windows move, and how decisive each is, 0 to 1, (rows, columns)."""
    xx, xy, yy = means[:3]
    weakest = (xx + yy) / 2 - np.hypot((xx - yy) / 2, xy)
    far = _ramp(means[6], *_FAR) * _ramp(means[5] / noise, *_CHANGED)
    moves = np.maximum(_ramp(pixels / noise * _explained(means), *_MOTION), far)
    decisive = (pixels / noise * _DECISIVE**2 * weakest / _MOTION[0]).clip(0, 1)
    return moves.astype(np.float32), decisive.astype(np.float32)


def _ramp(values: Means, low: float, high: float) -> Means:
    """0 up to `low`, 1 from `high` on, linear between."""
    return ((values - low) / (high - low)).clip(0, 1)
