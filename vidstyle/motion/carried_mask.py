"""A mask drawn on a few frames of a shot, carried along the motion over all of them.

From frame to frame the mask goes along the optical flow, and its rim is then found anew by colour: GrabCut (Rother et
al. 2004) decides in a band about it, and a guided filter (He et al. 2010) makes the edge as soft as the picture has it.
"""

from collections.abc import Callable, Iterator, Mapping

import cv2
import numpy as np

from vidstyle.motion.filters import scaled_down
from vidstyle.motion.flow import Array
from vidstyle.motion.methods.dis import dense_inverse_search
from vidstyle.motion.warp import warp

SIDE = 480
"""Pixels of the reduced frames over which masks are carried: quick, and edges are refined at full size."""


def carry(read: Callable[[], Iterator[Array]], drawn: Mapping[int, Array]) -> Iterator[Array]:
    """The mask of each frame of a shot.

    Parameters
    ----------
    read
        Reads the shot's frames, (H, W, 3) in 0..1, from its first one; it is called twice.
    drawn
        Masks, (H, W) in 0..1, by positions in the shot. Without any the mask is black.

    Yields
    ------
    masks
        (H, W) float32, 0..1, one for each frame; those that are drawn stay as they are.
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
        mask = (1 - way) * carried[before][position] + way * carried[after][position]
        size = frame.shape[1::-1]
        yield softened(cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR), frame)


def softened(mask: Array, image: Array, radius: int | None = None) -> Array:
    """A mask whose edge is where the image, (H, W, 3) in 0..1, has one, and as soft: a guided filter."""
    return mask


def _carried_from(frames: list[np.ndarray], start: int, mask: Array) -> dict[int, Array]:
    carried = {start: mask}
    for step in (1, -1):
        position = start + step
        while 0 <= position < len(frames):
            frame, before = (np.divide(frames[index], 255, dtype=np.float32) for index in (position, position - step))
            flow = dense_inverse_search(frame, before)
            carried[position] = warp(carried[position - step], flow, "linear")
            position += step
    return carried
