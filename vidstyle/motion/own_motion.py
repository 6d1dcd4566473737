"""What moves by itself, and what goes with the camera: flow that nothing speaks for is the camera's.

A search for motion always finds some: in a sensor's noise, in a codec's blocks, in light that changes. A painting that
is carried along such a flow creeps where the shot stands still, and a wall is dragged along by the head before it. So
each part of a frame follows the camera unless there is evidence that it does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.motion.camera import camera_motion, flow_of, reverse
from vidstyle.motion.filters import blurred, blurred_coarsely, enlarged
from vidstyle.motion.flow import Array, Flow
from vidstyle.motion.reliability import ends_inside
from vidstyle.motion.warp import warp

Means = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# Pixels along a side of a block. It is judged with the eight around it.
_BLOCK = 8
# How much of a window's change one displacement must explain to be more than noise, and to be motion beyond doubt: in
# variances of the noise, and as a share. Of white noise the best one explains 2 variances on average, of what
# compression leaves, which hangs together in patches, more, but little of all of it.
_MOTION, _SHARE = (16.0, 48.0), (0.1, 0.3)
# What white noise makes a quarter of all windows explain, in its variances (chi-squared, of two degrees). Codecs leave
# noise in patches, which explains more: so many pixels are worth one, up to that.
_WHITE, _PATCHY = 0.575, 16.0
# A window can tell, where a displacement by so many pixels would explain more than noise.
_TELLING = 0.03
_LEAST_CHANGE = 0.25
# By the first order only small motion is judged. What goes as far as that, in pixels, has changed by so many variances
# of the noise, goes one way (its mean length squared over its mean square) and explains that share, moves as well.
_FAR, _CHANGED, _ONE_WAY, _EXPLAINED = (1.0, 2.0), (3.0, 6.0), (0.5, 0.8), (0.3, 0.6)
# Root mean square change, blurred by so many pixels, that can be seen: what can't is no reason to move paint.
_SEEN, _BLUR = (0.7 / 255, 1.4 / 255), 2.0
# Share of the blocks of a frame that have the least left unexplained, by the camera's motion or by the flow: that is
# noise.
_QUIET = 0.25
# A flat surface moves with its rim, of which so much has to move.
_RIM = (0.5, 0.75)
# The rim is looked for on a grid so many times coarser, in windows of so many pixels to each side; what variance of
# colour, 0..1 squared, says nothing; how much steeper than the fit the rim is; and what share of a window has to be
# known.
_RIM_GRID, _RIM_RADIUS, _RIM_NOISE, _RIM_STEEP, _RIM_KNOWN = 4, 40, 2e-4, 3.0, 0.05
# A pixel does not go with the camera where that leaves so many times the square difference that the flow leaves.
_WORSE = 1.5
# A block in which so many variances of the noise are changed has a part in what moves.
_CHANGES = 4.0
# An edge's gradient, squared, in variances of the noise: a flat surface ends there.
_EDGE = 8.0
# Of a plane that is padded by one on all sides: what is left of each of its inner places, right, above and below.
_NEIGHBOURS = (np.s_[1:-1, :-2], np.s_[1:-1, 2:], np.s_[:-2, 1:-1], np.s_[2:, 1:-1])
# Light changes over so many pixels of a frame 320 wide. What differs by three times the median, or by so much, is no
# change of light.
_LIGHT, _OTHER = 24.0, 3 / 255
_LIGHT_GRID = 4

ROUNDING = 2 / 12 / 255**2
"""Mean square difference of two images that are alike, each rounded to 8 bits."""


@dataclass(frozen=True)
class WithCamera:
    """A method, with the camera's motion wherever there is no evidence of another."""

    method: Flow

    def __call__(self, a: Array, b: Array, start: Array | None = None) -> Array:
        """As :class:`vidstyle.motion.flow.Flow`."""
        return own_motion(self.method(a, b, start), a, b)

    def of_pair(self, image: Array, earlier: Array) -> Flow:
        """The method for two frames, between which the camera's motion is looked for once."""
        motion = camera_motion(image, earlier)

        def flow(a: Array, b: Array, start: Array | None = None) -> Array:
            return own_motion(self.method(a, b, start), a, b, motion if a is image else reverse(motion))

        return flow


def own_motion(flow: Array, a: Array, b: Array, motion: Array | None = None) -> Array:
    """The flow where something moves by itself, the camera's elsewhere.

    The camera's motion is taken off first, and the change of light. In windows of the frame the best displacement of
    Lucas and Kanade 1981 then explains dᵀA⁻¹d of the difference of the two images, with A = Σ∇I∇Iᵀ and d = Σ∇I(b − a).
    Of noise with a variance σ² that is 2σ² on average, of motion it grows with the square of its length. Blocks that
    can't tell are judged together, up to the next edge or to blocks that can. What can't tell even so moves with its
    rim, all around; the frame's border goes with the camera.

    Parameters
    ----------
    flow
        (H, W, 2) pixels, from `a` to `b`.
    a, b
        (H, W, 3), 0..1: what it was found on.
    motion
        The camera's, (2, 3), as :func:`vidstyle.motion.camera.camera_motion` tells it; None: it is looked for.

    Returns
    -------
    flow
        (H, W, 2), between the camera's motion and what it was.
    """
    height, width = a.shape[:2]
    if min(height, width) < 2 * _BLOCK:
        return flow
    camera = flow_of(camera_motion(a, b) if motion is None else motion, (height, width))
    blocks = -(-height // _BLOCK), -(-width // _BLOCK)
    products = _products(flow, camera, a, b)
    means = [_reduced(plane, blocks) for plane in products]
    moving, certain = _moving(means)
    if not moving.any():
        return camera
    # Nothing goes with the camera that its motion explains worse.
    worse = blurred(products[5], _BLUR) > _WORSE * blurred(products[6], _BLUR) + _OTHER**2
    within = np.where(worse, _moved_beyond(moving, (height, width)), _to_rims(moving, certain, a))
    return camera + within[..., None] * (flow - camera)


def _products(flow: Array, camera: Array, a: Array, b: Array) -> list[Array]:
    """What is summed over windows, (H, W) each, all beside the camera's motion and in one light.

    The three of ∇I∇Iᵀ, the two of ∇I(b − a), (b − a)², (b − a)² along the flow; the flow's x, its y and its |flow|²,
    times |∇I|², since a search knows where it goes where there is something to see; and (b − a)² blurred.
    """
    before, after = (cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in (a, b))
    along_camera = _relit(warp(after, camera, "linear"), before) if camera.any() else _relit(after, before)
    on = ends_inside(camera, 0.0)
    mean, change = (before + along_camera) / 2, on * (along_camera - before)
    kernel = np.array([[-0.5, 0, 0.5]], np.float32)
    x, y = (on * cv2.filter2D(mean, -1, turned, borderType=cv2.BORDER_REPLICATE) for turned in (kernel, kernel.T))
    left = _relit(warp(after, flow, "linear"), before) - before
    u, v = cv2.split(flow - camera)
    known = x * x + y * y
    seen = cv2.GaussianBlur(change, (0, 0), _BLUR)
    return [
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
    ]


def _relit(image: Array, other: Array) -> Array:
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
        weight = np.square(1 - np.square(off / max(3 * float(np.median(off)), _OTHER)).clip(None, 1)).astype(np.float32)
    return image * enlarged(gain, (height, width))


def _moving(means: Sequence[Array]) -> tuple[Array, Mask]:
    """How surely each block moves by itself, 0 to 1, and whether that is certain of the block alone, (rows, columns).

    It is where the block itself has changed, and where what is flat goes with its rim.
    """
    windows = np.stack([_window(plane) for plane in means]).astype(np.float64)
    pixels = 9 * float(_BLOCK**2)
    noise = max(min(np.quantile(_unexplained(windows), _QUIET), np.quantile(windows[6], _QUIET)), ROUNDING)
    patchy = float(np.clip(np.quantile(pixels / noise * _explained(windows), _QUIET) / _WHITE, 1, _PATCHY))
    moves, telling = _judged(windows, np.full(means[0].shape, pixels / patchy), noise)
    undecided, edges = telling < 0.5, _strongest(windows) > _EDGE * noise
    flat = undecided & ~edges
    decided = np.where(undecided, 0, moves)
    count, parts = cv2.connectedComponents(flat.astype(np.uint8), connectivity=4)
    # Together the blocks of a part may tell what none of them can.
    blocks = np.bincount(parts.ravel(), minlength=count)
    whole = np.stack([np.bincount(parts.ravel(), plane.ravel(), count) for plane in means]) / np.maximum(blocks, 1)
    part_moves, part_telling = _judged(whole[:, None], (blocks * _BLOCK**2 / patchy)[None], noise)
    rims = _rims(decided, ~undecided, flat, parts, count)
    by_part = (part_telling * part_moves + (1 - part_telling) * rims)[0]
    found = (2 * np.where(flat, by_part[parts], decided)).clip(0, 1).astype(np.float32)
    # The rim of what moves is in blocks beside it too. An edge along which something moves can't tell that it does: it
    # goes with what moves on either side. Only what is flat there has no part in it.
    certain = flat | (means[5] > _CHANGES * noise)
    return np.where(flat, found, cv2.dilate(found, np.ones((3, 3), np.uint8))), certain


def _moved_beyond(moving: Array, size: tuple[int, int]) -> Array:
    """Blocks, (rows, columns), over a frame of a size (H, W): each moves as a whole, and half a block beyond."""
    halves = cv2.resize(moving, (2 * moving.shape[1], 2 * moving.shape[0]), interpolation=cv2.INTER_NEAREST)
    return cv2.resize(cv2.dilate(halves, np.ones((3, 3), np.uint8)), size[::-1]).reshape(size)


def _to_rims(moving: Array, certain: Mask, image: Array) -> Array:
    """How surely each pixel moves by itself, (H, W), given its block, (rows, columns): up to where its colours end.

    Blocks are judged with those around them, so that they reach beyond the rim of what moves, and what they have of its
    surroundings would be dragged along. Those that are `certain` to move, and those that don't move, are known. Around
    each pixel they are fitted as an affine function of colour (He et al. 2010, "Guided image filtering", equation 19),
    so that what is between goes with what it looks like.
    """
    height, width = image.shape[:2]
    small = max(1, width // _RIM_GRID), max(1, height // _RIM_GRID)
    guide = cv2.resize(image, small, interpolation=cv2.INTER_AREA).reshape(*small[::-1], 3)
    blocks = _moved_beyond(moving, (height, width))
    known = cv2.resize(blocks, small) * cv2.resize(certain.astype(np.float32), small, interpolation=cv2.INTER_NEAREST)
    share = known.reshape(*small[::-1], 1)
    known = share + (cv2.resize(blocks, small) <= 0).reshape(share.shape)
    side = 2 * (_RIM_RADIUS // _RIM_GRID) + 1

    def mean(values: Array) -> Array:
        smooth: Array = cv2.blur(values, (side, side), borderType=cv2.BORDER_CONSTANT).reshape(values.shape)
        return smooth

    count = mean(known.astype(np.float32))
    total = count + np.float32(1e-6)
    colour, share_mean = mean(known * guide) / total, mean(share) / total
    products = mean((known[..., None] * guide[..., :, None] * guide[..., None, :]).reshape(*guide.shape[:2], 9)) / total
    covariance = products.reshape(*guide.shape, 3) - colour[..., :, None] * colour[..., None, :]
    covariance += _RIM_NOISE * np.eye(3, dtype=np.float32)
    related = mean(share * guide) / total - colour * share_mean
    slope = np.linalg.solve(covariance, related[..., None])[..., 0]
    offset = share_mean - (slope * colour).sum(-1, keepdims=True)
    slope, offset, count = (
        cv2.resize(plane, (width, height)).reshape(height, width, -1) for plane in (slope, offset, count)
    )
    fitted = np.einsum("hwc,hwc->hw", slope, image) + offset[..., 0]
    fitted = (0.5 + _RIM_STEEP * (fitted - 0.5)).clip(0, 1)
    decided = (count[..., 0] / _RIM_KNOWN).clip(0, 1)
    # Nothing moves that no block has.
    found: Array = np.minimum(fitted * decided + blocks * (1 - decided), (2 * blocks).clip(0, 1))
    return found


def _judged(means: Means, pixels: Means, noise: float) -> tuple[Array, Array]:
    """How surely windows move by themselves, and how far they could tell, 0 to 1 each, (rows, columns)."""
    xx, _, yy, _, _, changed, left, u, v, square, seen = means
    weakest = (xx + yy) / 2 - np.hypot((xx - yy) / 2, means[1])
    # Noise can't be explained, and is no part of what has to be.
    explained, whole = _explained(means), np.maximum(changed - noise, _LEAST_CHANGE * noise)
    near = _rise(pixels / noise * explained, *_MOTION) * _rise(explained / whole, *_SHARE)
    texture = xx + yy + ROUNDING
    one_way = _rise((u * u + v * v) / np.maximum(square * texture, 1e-12), *_ONE_WAY)
    far = _rise(np.sqrt((square / texture).clip(0)), *_FAR) * _rise(changed / noise, *_CHANGED) * one_way
    far = far * _rise(1 - (left - noise) / whole, *_EXPLAINED) * _rise(np.sqrt(seen.clip(0)), *_SEEN)
    moves = np.maximum(near, far)
    telling = (pixels / noise * _TELLING**2 * weakest / _MOTION[0]).clip(0, 1)
    return moves.astype(np.float32), np.maximum(telling, moves).astype(np.float32)


def _rims(moving: Array, known: Mask, flat: Mask, parts: npt.NDArray[np.int32], count: int) -> Means:
    """How surely what is around each part of what is flat moves, (parts,); an edge that can't tell says nothing."""
    moving, known = np.pad(moving, 1), np.pad(known, 1, constant_values=True)
    around, of = np.zeros(count), np.zeros(count)
    for beside in _NEIGHBOURS:
        rim = flat & known[beside]
        around += np.bincount(parts[rim], moving[beside][rim], count)
        of += np.bincount(parts[rim], minlength=count)
    return _rise(around / np.maximum(of, 1), *_RIM)


def _window(plane: Array) -> Array:
    mean: Array = cv2.blur(plane, (3, 3), borderType=cv2.BORDER_REFLECT)
    return mean


def _reduced(means: Array, size: tuple[int, int]) -> Array:
    """At a smaller (H, W), each the mean of what it covers."""
    smaller: Array = cv2.resize(means, size[::-1], interpolation=cv2.INTER_AREA)
    return smaller


def _strongest(means: Means) -> Means:
    """The larger eigenvalue of ∇I∇Iᵀ, a pixel, (rows, columns)."""
    strongest: Means = (means[0] + means[2]) / 2 + np.hypot((means[0] - means[2]) / 2, means[1])
    return strongest


def _explained(means: Means) -> Means:
    """dᵀA⁻¹d a pixel, (rows, columns)."""
    xx, xy, yy, x, y = means[:5]
    xx, yy = xx + ROUNDING, yy + ROUNDING
    explained: Means = (yy * x * x - 2 * xy * x * y + xx * y * y) / (xx * yy - xy * xy)
    return explained


def _unexplained(means: Means) -> Means:
    """What is left of (b − a)², a pixel."""
    left: Means = means[5] - _explained(means)
    return left


def _rise(values: Means, low: float, high: float) -> Means:
    """0 up to `low`, 1 from `high` on, linear between."""
    return ((values - low) / (high - low)).clip(0, 1)
