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
from vidstyle.motion.rim_motion import NEIGHBOURS, Mask, Parts, rim_motion
from vidstyle.motion.warp import warp

Means = npt.NDArray[np.float64]

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
# By how much less may be left of the change along the flow than with nothing moved, if that is as good.
_AS_GOOD = 1.25
# Blocks by which a rim's motion reaches beyond a flat part, and the share of it below which it fades.
_BEYOND, _LEAST_BEYOND = 1.5, 0.25
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
# Light changes over so many pixels of a frame 320 wide. What differs by three times the median, or by so much, is no
# change of light.
_LIGHT, _OTHER = 24.0, 3 / 255
_LIGHT_GRID = 4

ROUNDING = 2 / 12 / 255**2
"""Mean square difference of two images that are alike, each rounded to 8 bits."""


@dataclass(frozen=True)
class _Blocks:
    """What is known of the blocks of a frame, (rows, columns).

    Attributes
    ----------
    moving
        How surely each moves by itself, 0 to 1.
    certain
        Whether that is certain of the block alone.
    parts
        The flat part that it belongs to; 0: none.
    rims
        The motion of flat parts' rims beside the camera's, (rows, columns, 2); 0 as far as they can tell themselves.
    """

    moving: Array
    certain: Mask
    parts: Parts
    rims: Array


@dataclass(frozen=True)
class WithCamera:
    """A method, with the camera's motion wherever there is no evidence of another."""

    method: Flow

    def __call__(self, a: Array, b: Array, start: Array | None = None) -> Array:
        """As :class:`vidstyle.motion.flow.Flow`."""
        return own_motion(self.method(a, b, start), a, b)

    def of_pair(self, image: Array, earlier: Array, motion: Array | None = None) -> Flow:
        """As :class:`vidstyle.motion.flow.PairFlow`."""
        found = camera_motion(image, earlier) if motion is None else motion

        def flow(a: Array, b: Array, start: Array | None = None) -> Array:
            return own_motion(self.method(a, b, start), a, b, found if a is image else reverse(found))

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
    found = _moving(means, bool(camera.any()))
    if not found.moving.any():
        return camera
    # Nothing goes with the camera that its motion explains worse.
    worse = blurred(products[5], _BLUR) > _WORSE * blurred(products[6], _BLUR) + _OTHER**2
    whole = _moved_beyond(found.moving, (height, width))
    within = np.where(worse, whole, _to_rims(found.moving, found.certain, a))[..., None]
    ground, flat = _with_rims(found, camera, a, b, means[6] - np.square(means[15]))
    return ground + within * (1 - flat) * (flow - ground)


def _with_rims(found: _Blocks, camera: Array, a: Array, b: Array, left: Array) -> tuple[Array, Array]:
    """The motion of what does not move by itself, (H, W, 2), and what is flat there and goes with its rim, (H, W, 1).

    That is the camera's motion and, in flat parts and a little around them, their rims'. A part whose rim's motion is
    seen to be worse than the flow, which leaves so much `left`, (rows, columns), keeps the flow.
    """
    height, width = a.shape[:2]
    if not found.parts.any():
        return camera, np.zeros((height, width, 1), np.float32)
    half = width // 2, height // 2
    before, after = (
        cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), half, interpolation=cv2.INTER_AREA) for image in (a, b)
    )
    along = (cv2.resize(camera, half) + cv2.resize(found.rims, half)) * np.array(
        [half[0] / width, half[1] / height], np.float32
    )
    change = _relit(warp(after, along, "linear"), before) - before
    off = _reduced(change * change, found.parts.shape) - np.square(_reduced(change, found.parts.shape))
    off, left = (_means_of_parts([plane], found.parts)[0] for plane in (off, left))
    low, high = (_WORSE * left + seen**2 for seen in _SEEN)
    trusted = 1 - ((off - low) / (high - low)).clip(0, 1)
    trusted[0] = 0
    share = trusted[found.parts].astype(np.float32)[..., None]
    beyond = blurred(np.concatenate([share * found.rims, share], -1), _BEYOND)
    ground = camera + cv2.resize(beyond[..., :2] / np.maximum(beyond[..., 2:], _LEAST_BEYOND), (width, height))
    flat = (2 * cv2.resize(share, (width, height)) - 1).clip(0, 1)
    return ground, flat[..., None]


def _products(flow: Array, camera: Array, a: Array, b: Array) -> list[Array]:
    """What is summed over windows, (H, W) each, all beside the camera's motion and in one light.

    The three of ∇I∇Iᵀ, the two of ∇I(b − a), (b − a)², (b − a)² along the flow; the flow's x, its y and its |flow|²,
    times |∇I|², since a search knows where it goes where there is something to see; (b − a)² blurred; (b − a)² with
    nothing moved; and, for the moments about means, ∇I and the three differences.
    """
    before, after = (cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in (a, b))
    along_camera = _relit(warp(after, camera, "linear"), before) if camera.any() else _relit(after, before)
    on = ends_inside(camera, 0.0)
    mean, change = (before + along_camera) / 2, on * (along_camera - before)
    kernel = np.array([[-0.5, 0, 0.5]], np.float32)
    x, y = (on * cv2.filter2D(mean, -1, turned, borderType=cv2.BORDER_REPLICATE) for turned in (kernel, kernel.T))
    left = _relit(warp(after, flow, "linear"), before) - before
    rest = _relit(after, before) - before if camera.any() else change
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
        rest * rest,
        x,
        y,
        change,
        left,
        rest,
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


def _moving(means: Sequence[Array], pans: bool) -> _Blocks:
    """Tell what moves by itself, given what is summed over blocks; the camera stands, or it `pans`.

    It is where the block itself has changed, and where what is flat goes with its rim.
    """
    windows = _centred(np.stack([_window(plane) for plane in means]))
    pixels = 9 * float(_BLOCK**2)
    noise = max(min(np.quantile(_unexplained(windows), _QUIET), np.quantile(windows[6], _QUIET)), ROUNDING)
    patchy = float(np.clip(np.quantile(pixels / noise * _explained(windows), _QUIET) / _WHITE, 1, _PATCHY))
    moves, telling = _judged(windows, np.full(means[0].shape, pixels / patchy), noise)
    edges = _strongest(windows) > _EDGE * noise
    flat = ~edges & ((telling < 0.5) | (pans & _at_rest(windows, noise)))
    known = flat < (telling >= 0.5)
    decided = np.where(known, moves, 0)
    _, parts = cv2.connectedComponents(flat.astype(np.uint8), connectivity=4)
    # Together the blocks of a part may tell what none of them can.
    whole = _means_of_parts(_centred(np.stack(means)), parts)
    blocks = np.bincount(parts.ravel(), minlength=whole.shape[1])
    part_moves, part_telling = (
        plane[0] for plane in _judged(whole[:, None], (blocks * _BLOCK**2 / patchy)[None], noise)
    )
    if pans:
        part_telling = np.where(_at_rest(whole, noise), 0, part_telling)
    by_part = part_telling * part_moves + (1 - part_telling) * _rims(decided, known, flat, parts)
    found = (2 * np.where(flat, by_part[parts], decided)).clip(0, 1).astype(np.float32)
    # The rim of what moves is in blocks beside it too. An edge along which something moves can't tell that it does: it
    # goes with what moves on either side. Only what is flat there has no part in it.
    certain = flat | (means[5] > _CHANGES * noise)
    moving = np.where(flat, found, cv2.dilate(found, np.ones((3, 3), np.uint8)))
    texture = np.maximum(windows[0] + windows[2], ROUNDING)
    rims = rim_motion([decided * plane / texture for plane in windows[7:9]], windows[:3], known, flat, parts)
    return _Blocks(moving, certain, parts, rims * (1 - part_telling[parts])[..., None].astype(np.float32))


def _at_rest(means: Means, noise: float) -> Mask:
    """Whether nothing says that something plain has moved; a codec leaves it where it is, whatever the camera does."""
    return means[11] < _AS_GOOD * means[6] + noise


def _means_of_parts(planes: Sequence[Array] | Means, parts: Parts) -> Means:
    """The means over each part, (planes, parts)."""
    blocks = np.maximum(np.bincount(parts.ravel()), 1)
    return np.stack([np.bincount(parts.ravel(), plane.ravel()) for plane in planes]) / blocks


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
    xx, _, yy, _, _, changed, left, u, v, square, seen, _ = means
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


def _rims(moving: Array, known: Mask, flat: Mask, parts: Parts) -> Means:
    """How surely what is around each part of what is flat moves, (parts,); an edge that can't tell says nothing."""
    count = int(parts.max()) + 1
    moving, known = np.pad(moving, 1), np.pad(known, 1, constant_values=True)
    around, of = np.zeros(count), np.zeros(count)
    for beside in NEIGHBOURS:
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


def _centred(means: Sequence[Array] | Means) -> Means:
    """Second moments about the means of windows, of those about 0 and the means, (12, rows, columns).

    So no light that is brighter there explains a motion, and no gradient of light one that is not.
    """
    planes = np.asarray(means, np.float64)
    x, y, change, left, rest = planes[12:]
    moments: Means = planes[:12].copy()
    moments[:7] -= [x * x, x * y, y * y, x * change, y * change, change * change, left * left]
    moments[10:] -= [change * change, rest * rest]
    return moments


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
