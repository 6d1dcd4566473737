"""What covers a background that was seen is told from what is a background's own change."""

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


def test_what_was_uncovered_is_learnt():
    image, depth = _ground()
    background = Behind(image, depth)
    away = np.full(SIZE, -10, np.float32)
    background.evidence(image, away)
    background.learn(image, away)
    later = image.copy()
    later[20:26, 5:15] = 255
    assert background.evidence(later, away)[21:25, 7:13].min() > 2
