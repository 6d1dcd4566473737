"""What moves by itself, and what goes with the camera: flow that nothing speaks for is the camera's.

A search for motion always finds some: in a sensor's noise, in a codec's blocks, in light that changes. A painting that
is carried along such a flow creeps where the shot stands still, and a wall is dragged along by the head before it. So
each part of a frame follows the camera unless there is evidence that it does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vidstyle.motion.camera.camera_motion import camera_motion, flow_of, reverse
from vidstyle.motion.camera.moments import (
    BLUR,
    OTHER,
    ROUNDING,
    Firsts,
    Moments,
    Values,
    centred,
    explained,
    products,
    relit,
    strongest,
    weakest,
)
from vidstyle.motion.camera.rim_motion import NEIGHBOURS, Mask, Parts, rim_motion
from vidstyle.motion.filters import blurred, rise
from vidstyle.motion.flow import Array, Flow
from vidstyle.motion.warp import warp

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
# Root mean square change, blurred a little, that can be seen: what can't is no reason to move paint.
_SEEN = 0.7 / 255, 1.4 / 255
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
        The camera's, (2, 3), as :func:`vidstyle.motion.camera.camera_motion.camera_motion` tells it; None: it is looked
        for.

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
    greys = cv2.cvtColor(a, cv2.COLOR_RGB2GRAY), cv2.cvtColor(b, cv2.COLOR_RGB2GRAY)
    pixels, differences = products(flow, camera, *greys)
    moments = Moments(*(_reduced(plane, blocks) for plane in pixels))
    firsts = Firsts(*(_reduced(plane, blocks) for plane in differences))
    found = _moving(moments, firsts, bool(camera.any()))
    if not found.moving.any():
        return camera
    # Nothing goes with the camera that its motion explains worse.
    worse = blurred(pixels.change, BLUR) > _WORSE * blurred(pixels.left, BLUR) + OTHER**2
    whole = _moved_beyond(found.moving, (height, width))
    within = np.where(worse, whole, _to_rims(found.moving, found.certain, a))[..., None]
    ground, flat = _with_rims(found, camera, greys, moments.left - np.square(firsts.left))
    return ground + within * (1 - flat) * (flow - ground)


def _with_rims(found: _Blocks, camera: Array, greys: tuple[Array, Array], left: Array) -> tuple[Array, Array]:
    """The motion of what does not move by itself, (H, W, 2), and what is flat there and goes with its rim, (H, W, 1).

    That is the camera's motion and, in flat parts and a little around them, their rims'. A part whose rim's motion is
    seen to be worse than the flow, which leaves so much `left`, (rows, columns), keeps the flow.
    """
    height, width = camera.shape[:2]
    if not found.parts.any():
        return camera, np.zeros((height, width, 1), np.float32)
    half = width // 2, height // 2
    before, after = (cv2.resize(grey, half, interpolation=cv2.INTER_AREA) for grey in greys)
    along = (cv2.resize(camera, half) + cv2.resize(found.rims, half)) * np.array(
        [half[0] / width, half[1] / height], np.float32
    )
    change = relit(warp(after, along, "linear"), before) - before
    off = _reduced(change * change, found.parts.shape) - np.square(_reduced(change, found.parts.shape))
    missed, enough = (_means_of_parts(plane, found.parts) for plane in (off, left))
    trusted = 1 - rise(missed, *(_WORSE * enough + seen**2 for seen in _SEEN))
    trusted[0] = 0
    share = trusted[found.parts].astype(np.float32)[..., None]
    beyond = blurred(np.concatenate([share * found.rims, share], -1), _BEYOND)
    ground = camera + cv2.resize(beyond[..., :2] / np.maximum(beyond[..., 2:], _LEAST_BEYOND), (width, height))
    flat = (2 * cv2.resize(share, (width, height)) - 1).clip(0, 1)
    return ground, flat[..., None]


def _moving(moments: Moments, firsts: Firsts, pans: bool) -> _Blocks:
    """Tell what moves by itself, given the means over blocks; the camera stands, or it `pans`.

    It is where the block itself has changed, and where what is flat goes with its rim.
    """
    windows = centred(Moments(*map(_window, moments)), Firsts(*map(_window, firsts)))
    pixels = 9 * float(_BLOCK**2)
    explains = explained(windows)
    noise = max(min(np.quantile(windows.change - explains, _QUIET), np.quantile(windows.left, _QUIET)), ROUNDING)
    patchy = float(np.clip(np.quantile(pixels / noise * explains, _QUIET) / _WHITE, 1, _PATCHY))
    moves, telling = _judged(windows, np.full(explains.shape, pixels / patchy), noise)
    edges = strongest(windows) > _EDGE * noise
    flat = ~edges & ((telling < 0.5) | (pans & _at_rest(windows, noise)))
    known = flat < (telling >= 0.5)
    decided = np.where(known, moves, 0)
    _, parts = cv2.connectedComponents(flat.astype(np.uint8), connectivity=4)
    # Together the blocks of a part may tell what none of them can.
    whole = Moments(*(_means_of_parts(plane, parts) for plane in centred(moments, firsts)))
    part_moves, part_telling = _judged(whole, np.bincount(parts.ravel()) * _BLOCK**2 / patchy, noise)
    if pans:
        part_telling = np.where(_at_rest(whole, noise), 0, part_telling)
    by_part = part_telling * part_moves + (1 - part_telling) * _rims(decided, known, flat, parts)
    found = (2 * np.where(flat, by_part[parts], decided)).clip(0, 1).astype(np.float32)
    # The rim of what moves is in blocks beside it too. An edge along which something moves can't tell that it does: it
    # goes with what moves on either side. Only what is flat there has no part in it.
    certain = flat | (moments.change > _CHANGES * noise)
    moving = np.where(flat, found, cv2.dilate(found, np.ones((3, 3), np.uint8)))
    texture = np.maximum(windows.xx + windows.yy, ROUNDING)
    motion = np.stack([decided * windows.u / texture, decided * windows.v / texture], -1)
    rims = rim_motion(motion, (windows.xx, windows.xy, windows.yy), known, flat, parts)
    return _Blocks(moving, certain, parts, rims * (1 - part_telling[parts])[..., None].astype(np.float32))


def _at_rest(means: Moments, noise: float) -> Mask:
    """Whether nothing says that something plain has moved; a codec leaves it where it is, whatever the camera does."""
    rests: Mask = means.rest < _AS_GOOD * means.left + noise
    return rests


def _means_of_parts(plane: Array, parts: Parts) -> Values:
    """The mean over each part, (parts,)."""
    mean: Values = np.bincount(parts.ravel(), plane.ravel()) / np.maximum(np.bincount(parts.ravel()), 1)
    return mean


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


def _judged(means: Moments, pixels: Values, noise: float) -> tuple[Array, Array]:
    """How surely windows of so many pixels move by themselves, and how far they could tell, 0 to 1 each."""
    # Noise can't be explained, and is no part of what has to be.
    part, whole = explained(means), np.maximum(means.change - noise, _LEAST_CHANGE * noise)
    near = rise(pixels / noise * part, *_MOTION) * rise(part / whole, *_SHARE)
    texture = means.xx + means.yy + ROUNDING
    along = means.u * means.u + means.v * means.v
    one_way = rise(along / np.maximum(means.square * texture, 1e-12), *_ONE_WAY)
    far = rise(np.sqrt((means.square / texture).clip(0)), *_FAR) * rise(means.change / noise, *_CHANGED) * one_way
    far = far * rise(1 - (means.left - noise) / whole, *_EXPLAINED) * rise(np.sqrt(means.seen.clip(0)), *_SEEN)
    moves = np.maximum(near, far)
    telling = (pixels / noise * _TELLING**2 * weakest(means) / _MOTION[0]).clip(0, 1)
    return moves.astype(np.float32), np.maximum(telling, moves).astype(np.float32)


def _rims(moving: Array, known: Mask, flat: Mask, parts: Parts) -> Values:
    """How surely what is around each part of what is flat moves, (parts,); an edge that can't tell says nothing."""
    count = int(parts.max()) + 1
    moving, known = np.pad(moving, 1), np.pad(known, 1, constant_values=True)
    around, of = np.zeros(count), np.zeros(count)
    for beside in NEIGHBOURS:
        rim = flat & known[beside]
        around += np.bincount(parts[rim], moving[beside][rim], count)
        of += np.bincount(parts[rim], minlength=count)
    return rise(around / np.maximum(of, 1), *_RIM)


def _window(plane: Array) -> Array:
    mean: Array = cv2.blur(plane, (3, 3), borderType=cv2.BORDER_REFLECT)
    return mean


def _reduced(means: Array, size: tuple[int, int]) -> Array:
    """At a smaller (H, W), each the mean of what it covers."""
    smaller: Array = cv2.resize(means, size[::-1], interpolation=cv2.INTER_AREA)
    return smaller
