"""What covers a background that was seen is told from what is a background's own change."""

import cv2
import numpy as np

from vidstyle.motion.masks.behind import Behind

SIZE = (48, 96)


def _ground(seed=0):
    image = np.random.default_rng(seed).uniform(60, 160, (*SIZE, 3)).astype(np.float32)
    depth = np.full(SIZE, -10, np.float32)
    depth[:, :30] = 10
    return image, depth


def test_what_is_covered_is_told_and_what_was_never_seen_is_not():
    image, depth = _ground()
    background = Behind(image, depth)
    later = image.copy()
    later[20:26, :44] = 255
    said = background.evidence(later, depth)
    assert said[21:25, 34:42].min() > 2 and said[:, 60:].max() < 0 and not said[:, :30].any()


def test_a_ground_that_changes_by_itself_is_not_covered():
    image, depth = _ground()
    background = Behind(image, depth)
    later = image + np.random.default_rng(1).normal(0, 20, image.shape).astype(np.float32)
    assert background.evidence(later, depth)[:, 30:].max() < 1


def test_it_goes_along_with_the_camera():
    image, depth = _ground()
    background = Behind(image, depth)
    background.follow(np.array([[1, 0, 5], [0, 1, 0]], np.float32))
    said = background.evidence(np.roll(image, -5, 1), depth)
    assert said[:, 40:85].max() < 0 and not said[:, 92:].any()


def _left():
    """A ground that its thing has left, with the background, and the same ground with something where that stood."""
    image, depth = _ground()
    other = image.copy()
    other[20:26, 5:15] = 255
    return image, other, Behind(image, depth), np.full(SIZE, -10, np.float32)


def test_what_is_uncovered_is_learnt_by_and_by():
    image, later, background, away = _left()
    said = []
    for _ in range(10):
        said.append(background.evidence(later, away)[21:25, 7:13].min())
        background.evidence(image, away)
        background.learn(away)
    assert said[0] == 0 and said[1] < 1 and said[-1] > 2


def test_a_part_that_was_missed_for_a_moment_is_not_what_is_behind():
    image, missed, background, away = _left()
    for seen in (missed, missed, image, image):
        background.evidence(seen, away)
        background.learn(away)
    assert background.evidence(image, away)[21:25, 7:13].max() < 0.5


def test_ground_that_the_thing_slowly_covers_stays_known_while_the_camera_moves():
    ground = np.random.default_rng(0).uniform(60, 160, (SIZE[0], 2 * SIZE[1], 3)).astype(np.float32)
    column = np.arange(SIZE[1], dtype=np.float32)
    for frame in range(24):  # the ground goes right by half a pixel a frame, the rim of the thing by one
        image = np.ascontiguousarray(cv2.resize(ground, None, fx=2, fy=1)[:, 100 - frame : 292 - frame : 2])
        depth = np.broadcast_to((30 + frame - column).clip(-12, 12), SIZE)
        image[:, : 30 + frame] = 255
        if frame == 0:
            background = Behind(image, depth)
            continue
        background.follow(np.array([[1, 0, -0.5], [0, 1, 0]], np.float32))
        said = background.evidence(image, depth)
        background.learn(depth)
    assert said[:, 47:51].min() > 2 and said[:, 60:].max() < 0


def test_what_stands_in_the_shade_covers_what_is_black():
    rng = np.random.default_rng(2)
    image = np.full((*SIZE, 3), 2, np.float32)
    image[24:] = 150 + rng.normal(0, 8, (24, SIZE[1], 3))
    depth = np.full(SIZE, -10, np.float32)
    depth[:, :30] = 10
    background = Behind(image, depth)
    later = image.copy()
    later[24:] = 150 + rng.normal(0, 8, (24, SIZE[1], 3))
    later[4:18, 34:42] = 18
    assert background.evidence(later, depth)[6:16, 36:40].min() > 1.5


def test_a_camera_that_opens_its_iris_shows_no_other_ground():
    rng = np.random.default_rng(4)
    image = rng.uniform(55, 65, (*SIZE, 3)).astype(np.float32)
    depth = np.full(SIZE, -10, np.float32)
    depth[:, :30] = 10
    background = Behind(image, depth)
    for frame in range(1, 8):
        lighter = image * (1 + 0.1 * frame)
        lighter[20:26, 34:42] = 240
        said = background.evidence(lighter, depth)
    assert said[:, 50:].max() < 0 and said[21:25, 36:40].min() > 2
