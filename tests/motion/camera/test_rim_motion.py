"""The motion of a flat part is that of most of its rim."""

import numpy as np

from vidstyle.motion.camera.rim_motion import rim_motion

ROWS, COLUMNS = 16, 20
FLAT = np.zeros((ROWS, COLUMNS), bool)
FLAT[4:12, 5:15] = True
EVERY_WAY = np.stack([np.ones((ROWS, COLUMNS)), np.zeros((ROWS, COLUMNS)), np.ones((ROWS, COLUMNS))])


def motion_of_rim(motion, gradients=EVERY_WAY):
    return rim_motion(np.stack(motion, -1), gradients, ~FLAT, FLAT, FLAT.astype(np.int32))[FLAT]


def test_one_motion_all_around_is_the_parts():
    found = motion_of_rim([np.full((ROWS, COLUMNS), 2.0), np.full((ROWS, COLUMNS), -1.0)])
    np.testing.assert_allclose(found, np.broadcast_to((2, -1), found.shape), atol=1e-3)


def test_what_passes_before_it_has_no_say():
    across = np.full((ROWS, COLUMNS), 0.5)
    across[:, :5] = 6
    found = motion_of_rim([across, np.zeros((ROWS, COLUMNS))])
    assert np.abs(found - (0.5, 0)).max() < 0.1


def test_an_edge_says_nothing_of_motion_along_it():
    """A search finds none there, where edges lie level."""
    across, xx = np.full((ROWS, COLUMNS), 3.0), np.ones((ROWS, COLUMNS))
    level = np.zeros((ROWS, COLUMNS), bool)
    level[[3, 12], 5:15] = True
    across[level], xx[level] = 0, 0
    found = motion_of_rim([across, np.zeros((ROWS, COLUMNS))], np.stack([xx, 0 * xx, np.where(level, 1.0, 0.0)]))
    assert np.abs(found - (3, 0)).max() < 0.4


def test_the_frames_border_goes_with_the_camera():
    flat = np.ones((ROWS, COLUMNS), bool)
    flat[8, 10] = False
    motion = np.stack([np.full((ROWS, COLUMNS), 5.0), np.zeros((ROWS, COLUMNS))], -1)
    found = rim_motion(motion, EVERY_WAY, ~flat, flat, flat.astype(np.int32))
    assert np.abs(found).max() < 0.1
