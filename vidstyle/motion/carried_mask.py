"""A mask drawn on a few frames of a shot, carried along the motion over all of them.

From frame to frame the mask goes along the optical flow. In a band about its rim GrabCut (Rother et al. 2004) then
finds the edge anew, by the colours inside and outside of what was drawn. Where the two are alike, as those of a dark
coat before a dark wall, it would eat the mask up in a second. So it is tried on the drawn frame first: where it does
not find the edge that was drawn there, the flow alone decides, all along the way.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import cv2
import numpy as np

from vidstyle.motion.filters import blurred, disc, scaled_down
from vidstyle.motion.flow import Array, both_ways
from vidstyle.motion.methods.dis import dense_inverse_search
from vidstyle.motion.reliability import is_consistent
from vidstyle.motion.warp import warp

SIDE = 480
"""Pixels of the reduced frames over which masks are carried. Edges are refined at full size."""
_BAND = 6
"""Pixels of a reduced frame to each side of a rim: with 9 a limb was lost now and then, with 4 a fast one was."""
_AROUND = 30
"""Pixels around what was drawn whose colours are those outside."""
_SOFT = 0.5
"""Standard deviation, in pixels of a reduced frame, of the blur that takes the steps off a rim."""
_STEADY = np.float32(0.2)
"""Share by which a rim is moved to where an edge is found a pixel aside of it; from two pixels on it is all."""
_LEAST = 20
"""Pixels below which nothing is left to find an edge of."""
_SPECK = 0.02
"""Share of the largest part of a mask below which another part is a speck."""
_RIDGE = 1e-4
"""Variance of brightness, 0..1 squared, below which a guided filter takes a picture for even."""

_Models = tuple[np.ndarray, np.ndarray]
"""The mixtures of colours outside and inside, as OpenCV keeps them."""


def carry(read: Callable[[], Iterator[Array]], drawn: Mapping[int, Array]) -> Iterator[Array]:
    """The mask of each frame of a shot, (H, W) in 0..1; a drawn one stays as it is.

    Between two drawn frames both masks count, by how near they are.

    Parameters
    ----------
    read
        Reads the shot's frames, (H, W, 3) in 0..1, from its first one; it is called twice.
    drawn
        Masks, (H, W) in 0..1, by positions in the shot. Without any the mask is black.
    """
    if not drawn:
        yield from (np.zeros(frame.shape[:2], np.float32) for frame in read())
        return
    small = [np.rint(255 * scaled_down(frame, SIDE).clip(0, 1)).astype(np.uint8) for frame in read()]
    carried = {start: _carried_from(small, start, scaled_down(mask, SIDE)) for start, mask in drawn.items()}
    for position, frame in enumerate(read()):
        if position in drawn:
            yield drawn[position]
            continue
        before = max((start for start in drawn if start < position), default=min(drawn))
        after = min((start for start in drawn if start > position), default=max(drawn))
        way = np.float32((position - before) / (after - before) if before < position < after else 0)
        yield guided((1 - way) * carried[before][position] + way * carried[after][position], frame)


def guided(mask: Array, image: Array) -> Array:
    """A reduced mask at the size of the image, (H, W, 3) in 0..1, with its rim where the image has an edge.

    He et al. 2010, "Guided image filtering", in windows as large as a pixel of the mask and one beside it. What is far
    from the rim is black or white.
    """
    height, width = image.shape[:2]
    large = cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR)
    side = 2 * max(1, round(width / mask.shape[1])) + 1

    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.boxFilter(values, -1, (side, side), borderType=cv2.BORDER_REFLECT)

    light = cv2.cvtColor(np.ascontiguousarray(image, np.float32), cv2.COLOR_RGB2GRAY)
    mean_light, mean_mask = mean(light), mean(large)
    slope = (mean(light * large) - mean_light * mean_mask) / (mean(light * light) - mean_light**2 + _RIDGE)
    refined = mean(slope) * light + mean(mean_mask - slope * mean_light)
    near = (mean_mask > 0.01) & (mean_mask < 0.99)
    edge: Array = np.where(near, refined, np.rint(large)).clip(0, 1).astype(np.float32)
    return edge


def _carried_from(frames: Sequence[np.ndarray], start: int, drawn: Array) -> dict[int, Array]:
    """A mask drawn on one of the reduced frames, on all of them."""
    carried = {start: drawn}
    if not (drawn > 0.5).any():
        return dict.fromkeys(range(len(frames)), np.zeros_like(drawn))
    models = _models(frames[start], drawn)
    wrong = (np.abs(_cut(frames[start], drawn, models) - np.rint(drawn)) > 0.5).astype(np.uint8)
    wrong = cv2.dilate(cv2.morphologyEx(wrong, cv2.MORPH_OPEN, disc(1)), disc(_BAND))
    for step in (1, -1):
        # How far colours are to be trusted goes along the motion too.
        trust, depth = 1 - blurred(wrong.astype(np.float32), 2.0), _depth(drawn)
        for position in range(start + step, len(frames) if step > 0 else -1, step):
            image, before = (np.divide(frames[index], 255, dtype=np.float32) for index in (position, position - step))
            flow, back = both_ways(dense_inverse_search, image, before)
            depth, trust = warp(depth, flow, "linear"), warp(trust, flow, "linear")
            # What comes into view beside a thing is what it moved away from, though the flow takes it for the thing.
            rim = np.abs(depth) < _BAND
            moved = np.where(rim & ~is_consistent(flow, back), np.minimum(depth, -1), depth)
            apart = _depth(_cut(frames[position], (moved > 0).astype(np.float32), models)) - moved
            # An edge that is found a pixel aside is where it was: else the rim would tremble with the noise.
            depth = moved + trust * apart * (_STEADY + (1 - _STEADY) * (np.abs(apart) - 1).clip(0, 1))
            carried[position] = _without_specks(blurred((depth + 0.5).clip(0, 1), _SOFT))
    return carried


def _models(image: np.ndarray, drawn: Array) -> _Models:
    """The colours outside and inside of what was drawn."""
    inside = (drawn > 0.5).astype(np.uint8)
    part = _box(inside, _AROUND)
    outer, inner = np.zeros((1, 65)), np.zeros((1, 65))
    labels = np.ascontiguousarray(inside[part])
    if labels.all():  # nothing is outside
        return outer, inner
    cv2.setRNGSeed(0)  # its clusters start at random
    cv2.grabCut(np.ascontiguousarray(image[part]), labels, None, outer, inner, 1, cv2.GC_INIT_WITH_MASK)
    return outer, inner


def _cut(image: np.ndarray, mask: Array, models: _Models) -> Array:
    """The mask with its rim where the colours change; the mask itself where there is none."""
    inside = (mask > 0.5).astype(np.uint8)
    if inside.sum() < _LEAST or inside.all() or not models[1].any():
        return mask
    labels = np.where(inside > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[cv2.erode(inside, disc(_BAND), borderValue=1) > 0] = cv2.GC_FGD
    labels[cv2.dilate(inside, disc(_BAND)) == 0] = cv2.GC_BGD
    part = _box(inside, 3 * _BAND)
    within = np.ascontiguousarray(labels[part])
    outer, inner = (model.copy() for model in models)
    cv2.grabCut(np.ascontiguousarray(image[part]), within, None, outer, inner, 1, cv2.GC_EVAL_FREEZE_MODEL)
    cut = np.zeros_like(mask)
    cut[part] = within & 1  # certain or probable
    return cut


def _depth(mask: Array) -> Array:
    """How far each place is inside of a mask's rim, in pixels, (H, W): below 0 outside, and no more than matters."""
    inside = (mask > 0.5).astype(np.uint8)
    far = np.float32(2 * _BAND)
    within, beyond = (
        cv2.distanceTransform(part, cv2.DIST_L2, cv2.DIST_MASK_5) if part.any() else np.zeros(mask.shape, np.float32)
        for part in (inside, 1 - inside)
    )
    depth: Array = np.where(inside > 0, within - 0.5, 0.5 - beyond).clip(-far, far).astype(np.float32)
    return depth


def _without_specks(mask: Array) -> Array:
    """The mask without what lies apart and is tiny beside its largest part: a leaf that stuck to it on the way."""
    count, labels, boxes, _ = cv2.connectedComponentsWithStats((mask > 0.1).astype(np.uint8))
    if count <= 2:
        return mask
    areas = boxes[:, cv2.CC_STAT_AREA]
    kept = areas >= _SPECK * areas[1:].max()
    kept[0] = True
    clean: Array = np.where(kept[labels], mask, np.float32(0))
    return clean


def _box(inside: np.ndarray, margin: int) -> tuple[slice, slice]:
    left, top, width, height = cv2.boundingRect(inside)
    return slice(max(0, top - margin), top + height + margin), slice(max(0, left - margin), left + width + margin)
