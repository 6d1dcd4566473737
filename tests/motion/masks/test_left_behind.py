"""What stays as a thing moves on is told from the thing."""

import numpy as np

from vidstyle.motion.masks.left_behind import left_behind

SIZE = (60, 90)


def _moving(pixels):
    """A thing on the left that goes right by so many pixels, and a strip at its edge that goes with the camera."""
    depth = np.broadcast_to(40 - np.arange(SIZE[1], dtype=np.float32), SIZE).clip(-12, 12)
    camera = np.zeros((*SIZE, 2), np.float32)
    camera[..., 1] = 0.5
    flow = camera.copy()
    flow[:, :40, 0] -= pixels
    flow[20:24, 30:40] = camera[20:24, 30:40]
    return flow, camera, depth


def test_what_rests_beside_a_thing_that_moves_is_left_behind():
    flow, camera, depth = _moving(3)
    seen = np.ones(SIZE, bool)
    seen[:, 36:] = False
    left = left_behind(flow, camera, depth, seen)
    assert left[20:24, 31:36].min() > 0.7 and not left[30:, :30].any() and not left[:, 36:].any()


def test_of_a_thing_that_rests_nothing_is_left_behind():
    flow, camera, depth = _moving(0.3)
    assert not left_behind(flow, camera, depth, np.ones(SIZE, bool)).any()
