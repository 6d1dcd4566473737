"""What goes along with a thing, and what it leaves behind as it moves on, since that goes with the camera.

A red roof that comes out from behind a red sail has the sail's colour, no past but the sail, and nothing was seen in
its place before. Only that it stays tells it from the sail. And an animal's ear may have the colours of the wood behind
it, but it goes where the head goes.
"""

import numpy as np

from vidstyle.motion.filters import mean_around, rise
from vidstyle.motion.flow import Array

_INSIDE = 4.0
"""Pixels inside of a rim from which on a flow is certainly the thing's."""
_AROUND = 12.0
"""Standard deviation, in pixels, of the blur over which a thing is taken to move as one."""
_APART, _SURELY = 0.7, 1.7
"""Pixels a frame by which a thing's motion differs from the camera's, below which nothing follows from it and from
which on all does."""
_NEAR = 0.02
"""Share of a place's surroundings that must be inside, if the thing's motion is to be known there."""


def goes_along(flow: Array, camera: Array, depth: Array, seen: np.ndarray) -> Array:
    """How far a pixel goes with the thing about it rather than with the camera, (H, W) in -1..1.

    1 is the thing's motion, -1 the camera's. It is 0 halfway, and where nothing follows: where a thing rests, is far
    away, or the flow does not hold.

    Parameters
    ----------
    flow, camera
        Where each pixel was in the frame before, and where it was were it to rest, (H, W, 2) in pixels.
    depth
        How far each pixel is inside of the thing's rim, as the flow has it, (H, W).
    seen
        Where the flow holds, (H, W).
    """
    own = flow - camera
    inside = ((depth > _INSIDE) & seen).astype(np.float32)
    things, share = mean_around(own, inside, _AROUND)
    apart, from_camera, from_thing = (np.linalg.norm(each, axis=-1) for each in (things, own, own - things))
    sure = rise(apart, _APART, _SURELY) * (share > _NEAR) * seen
    along: Array = (sure * ((from_camera - from_thing) / (apart + 0.3)).clip(-1, 1)).astype(np.float32)
    return along
