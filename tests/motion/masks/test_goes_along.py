"""What goes with a thing is told from what stays as it moves on."""

import numpy as np

from vidstyle.motion.masks.goes_along import goes_along

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
    along = goes_along(flow, camera, depth, seen)
    assert along[20:24, 31:36].max() < -0.7 and not along[:, 36:].any()


def test_what_moves_as_a_thing_does_goes_along_with_it():
    flow, camera, depth = _moving(3)
    flow[30:34, 40:50] = flow[30, 0]
    along = goes_along(flow, camera, depth, np.ones(SIZE, bool))
    assert along[40:, 20:40].min() > 0.7 and along[30:34, 40:46].min() > 0.7


def test_of_a_thing_that_rests_nothing_follows():
    flow, camera, depth = _moving(0.3)
    assert not goes_along(flow, camera, depth, np.ones(SIZE, bool)).any()
