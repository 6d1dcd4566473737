"""A mask drawn on a few frames of a shot, carried along the motion over all of them.

From frame to frame the mask goes along the optical flow. About its rim each pixel is then judged anew: by where the
flow puts it, by the colours that the thing and its surroundings have there (`masks/colors.py`), and by whether it shows
the background that was seen there before (`masks/behind.py`), and whether it goes along with the thing or stays behind
(`masks/goes_along.py`). What comes into view has no flow, and is judged by colours and background alone. How far
colours are asked goes, on each stretch of the rim, by how well they tell the one that the flow has carried: a dark coat
before a dark wall would be eaten up in a second.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import cv2
import numpy as np

from vidstyle.motion.camera.camera_motion import camera_motion, flow_of
from vidstyle.motion.filters import blurred, disc, mean_around, scaled_down
from vidstyle.motion.flow import Array, both_ways
from vidstyle.motion.masks.behind import Behind
from vidstyle.motion.masks.colors import color_codes, color_evidence, followed, samples
from vidstyle.motion.masks.goes_along import goes_along
from vidstyle.motion.methods.dis import dense_inverse_search
from vidstyle.motion.reliability import is_consistent
from vidstyle.motion.warp import warp

SIDE = 480
"""Pixels of the reduced frames over which masks are carried. Edges are refined at full size."""
_REACH = 12
"""Pixels of a reduced frame to each side of a rim that are judged anew: a thing can't grow faster."""
_FLOW = np.float32(0.28)
"""What the flow says of a pixel that it puts a pixel inside of the rim, as a logarithm of odds."""
_UNCOVERED = np.float32(-2)
"""What it says of a pixel outside that it leads nowhere from, where no background was seen."""
_COLORS, _COVER = np.float32(0.7), np.float32(0.7)
"""What colours and the background count beside the flow."""
_ALONG, _LEFT = np.float32(1), np.float32(2)
"""What it counts that a pixel inside goes along with the thing, and that one stays behind where no background was seen
before."""
_BEFORE = 0.5
"""What the colours of the frame before count beside the drawn one's: some may be wrong."""
_UNLIKE = 16.0
"""Levels of 255 by which a pixel differs from the one that the flow leads to, and is another."""
_TELLS = 0.8
"""Mean error about the rim from which on colours tell nothing."""
_STRETCH, _FEW = 12.0, np.float32(0.02)
"""Standard deviation, in pixels, of the blur over a stretch of the rim that colours tell alike, and the share of it
that must be known, if it is to count as much as the whole rim."""
_SURE = np.float32(4)
"""Logarithm of odds that is taken for certain."""
_RIM = 3
"""Pixels of a reduced frame to each side over which a new rim is fitted to the picture's edges."""
_SOFT = 0.5
"""Standard deviation, in pixels of a reduced frame, of the blur that takes the steps off a rim."""
_STEADY = np.float32(0.2)
"""Share by which a rim is moved to where an edge is found a pixel aside of it; from two pixels on it is all."""
_LEAST = 20
"""Pixels below which nothing is left to find an edge of."""
_SPECK, _HOLE = 0.02, 0.006
"""Share of the largest part of a mask below which another part is a speck, and of a mask below which a hole is none."""
_RIDGE, _REDUCED_RIDGE = 1e-4, 1e-3
"""Variance of brightness, 0..1 squared, below which a guided filter takes a picture, or a reduced one, for even."""


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
    radius = max(1, round(width / mask.shape[1]))
    mean_mask, refined = _fitted(large, image, radius, _RIDGE)
    near = (mean_mask > 0.01) & (mean_mask < 0.99)
    edge: Array = np.where(near, refined, np.rint(large)).clip(0, 1).astype(np.float32)
    return edge


def _fitted(plane: Array, image: Array, radius: int, ridge: float) -> tuple[Array, Array]:
    """The mean of a plane, (H, W), over windows, and its fit in them to the brightness of an image in 0..1."""
    side = 2 * radius + 1

    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.boxFilter(values, -1, (side, side), borderType=cv2.BORDER_REFLECT)

    light = cv2.cvtColor(np.ascontiguousarray(image, np.float32), cv2.COLOR_RGB2GRAY)
    mean_light, mean_plane = mean(light), mean(plane)
    slope = (mean(light * plane) - mean_light * mean_plane) / (mean(light * light) - mean_light**2 + ridge)
    return mean_plane, mean(slope) * light + mean(mean_plane - slope * mean_light)


def _carried_from(frames: Sequence[np.ndarray], start: int, drawn: Array) -> dict[int, Array]:
    """A mask drawn on one of the reduced frames, on all of them."""
    carried = {start: drawn}
    if not (drawn > 0.5).any():
        return dict.fromkeys(range(len(frames)), np.zeros_like(drawn))
    for step in (1, -1):
        thing = _Thing(frames[start], drawn)
        for position in range(start + step, len(frames) if step > 0 else -1, step):
            carried[position] = thing.go_to(frames[position])
    return carried


class _Thing:
    """What was drawn, followed from frame to frame."""

    def __init__(self, image: np.ndarray, drawn: Array) -> None:
        self._image, self._depth = image, _depth(drawn)
        self._drawn = samples(color_codes(image), drawn)
        self._before = self._drawn
        self._behind = Behind(image.astype(np.float32), self._depth)

    def go_to(self, image: np.ndarray) -> Array:
        """The mask on the next frame, (H, W, 3) of 8 bits."""
        frame, earlier = (np.divide(each, 255, dtype=np.float32) for each in (image, self._image))
        flow, back = both_ways(dense_inverse_search, frame, earlier)
        self._drawn, self._before = followed(self._drawn, back), followed(self._before, back)
        camera = camera_motion(frame, earlier)
        self._behind.follow(camera)
        unlike = blurred(255 * np.abs(frame - warp(earlier, flow, "linear")).mean(-1), 1.0)
        seen = is_consistent(flow, back) & (unlike < _UNLIKE)
        moved = warp(self._depth, flow, "linear")
        codes = color_codes(image)
        near = np.abs(moved) < _REACH
        colors = color_evidence(codes, near, [(self._drawn, 1.0), (self._before, _BEFORE)])
        cover = self._behind.evidence(255 * frame, moved)
        colors = np.where(seen, _tells(colors, moved, near & seen) * colors, colors)
        # What comes into view where the thing stood is what was behind it, though it may have the thing's colours.
        behind = (self._behind.unknown > 0) & (moved < 0)
        flow_odds = np.where(seen, _FLOW * moved, np.where(behind, _UNCOVERED, 0))
        along = goes_along(flow, flow_of(camera, moved.shape), moved, seen)
        along = np.where(along > 0, _ALONG * along * (moved > 0), _LEFT * along * (1 - self._behind.known))
        odds = flow_odds + along + _COLORS * colors + _COVER * cover
        sure = np.where(near, odds, _SURE * np.sign(moved)).clip(-_SURE, _SURE)
        _, rim = _fitted(np.tanh(sure / 2), frame, _RIM, _REDUCED_RIDGE)
        apart = _depth(_as_one(np.where(near, rim, moved) > 0, moved)) - moved
        # An edge that is found a pixel aside is where it was: else the rim would tremble with the noise.
        self._depth = moved + apart * (_STEADY + (1 - _STEADY) * (np.abs(apart) - 1).clip(0, 1))
        mask = _without_specks(blurred((self._depth + 0.5).clip(0, 1), _SOFT))
        self._behind.learn(self._depth)
        self._image, self._before = image, samples(codes, mask, 3)
        return mask


def _tells(colors: Array, moved: Array, known: np.ndarray) -> Array:
    """How far colours tell the rim that the flow has carried, (H, W) in 0..1, on each stretch of it.

    They may tell a grey animal from the meadow that it stands on, and not its ears from the wood behind them.
    """
    weight = (np.exp(-(moved**2) / 32) * known).astype(np.float32)
    wrong = np.abs((moved > 0) - 1 / (1 + np.exp(-colors)))
    whole = np.float32((wrong * weight).sum() / max(float(weight.sum()), 1e-3))
    there, share = mean_around(wrong, weight, _STRETCH)
    tells: Array = (1 - (share * there + _FEW * whole) / (share + _FEW) / _TELLS).clip(0)
    return tells


def _as_one(found: np.ndarray, moved: Array) -> Array:
    """A mask, (H, W), without what touches nothing of the thing as the flow has carried it, hairs and tiny holes."""
    inside = found.astype(np.uint8)
    if inside.sum() < _LEAST or inside.all():
        return inside.astype(np.float32)
    inside = np.where(moved > -1, inside, cv2.morphologyEx(inside, cv2.MORPH_OPEN, disc(1)))
    _, labels = cv2.connectedComponents(inside)
    inside = inside * np.isin(labels, np.unique(labels[moved > 1]))
    _, labels, boxes, _ = cv2.connectedComponentsWithStats((1 - inside).astype(np.uint8), connectivity=4)
    kept = boxes[:, cv2.CC_STAT_AREA] > _HOLE * inside.sum()
    kept[labels[moved < -_REACH / 2]] = True
    kept[0] = False
    return (~kept[labels]).astype(np.float32)


def _depth(mask: Array) -> Array:
    """How far each place is inside of a mask's rim, in pixels, (H, W): below 0 outside, and no more than matters."""
    inside = (mask > 0.5).astype(np.uint8)
    far = np.float32(_REACH)
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
