"""A 360° picture, whose left and right edges are neighbours.

It is painted with a margin on both sides, of what is behind each edge: its last columns before its first one, and its
first ones behind its last. What the network and the flow see there so is what is there, and strokes and motion go on
across. Both margins are paintings of columns that are painted once more, and each turns into the other over them. That
is done to every keyframe before it is carried on, so that nothing of an edge is carried into the picture.
"""

import numpy as np

from vidstyle.motion.blend import blend


def widened(image: np.ndarray, margin: int) -> np.ndarray:
    """An image, (H, W) or (H, W, C), with `margin` columns on each side of what is behind that edge."""
    return np.concatenate([image[:, -margin:], image, image[:, :margin]], axis=1) if margin else image


def joined(image: np.ndarray, margin: int) -> np.ndarray:
    """A painting of a widened frame, (H, W, C) in 0..1, without its margins, and going on across its edges."""
    if not margin:
        return image
    whole = image[:, margin:-margin].copy()
    share = 0.5 - (np.arange(margin, dtype=np.float32) + 0.5) / (2 * margin)  # of the margin, from the edge inwards
    first, last = whole[:, :margin].copy(), whole[:, -margin:].copy()
    whole[:, :margin] = blend(image[:, -margin:], first, np.broadcast_to(share, first.shape[:2]))
    whole[:, -margin:] = blend(image[:, :margin], last, np.broadcast_to(share[::-1], last.shape[:2]))
    return whole
