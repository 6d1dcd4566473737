"""Which frames show the most of a shot."""

from __future__ import annotations

import pytest

from tests.helpers.synthetic import make_scene
from vidstyle.motion.methods import flow_method
from vidstyle.motion.shots.key_cover import best_keys

FLOW = flow_method("dis")


def test_one_frame_shows_all_of_a_shot_that_stands() -> None:
    still = [make_scene(1, (48, 80)).images[0]] * 5
    assert best_keys(still, FLOW, 5, 0.95) == [(best_keys(still, FLOW, 1, 0.95)[0][0], 1.0)]


@pytest.mark.slow
def test_of_a_pan_the_middle_shows_most_and_the_ends_the_rest() -> None:
    """Over 8 frames all of the first one goes out of sight; the middle one shows three quarters of all."""
    scene = make_scene(9, (48, 80), shift=(-10.0, 0.0))
    keys = best_keys(scene.images, FLOW, 4, 0.99)
    assert keys[0][0] in (3, 4, 5) and 0.55 < keys[0][1] < 0.8
    assert {0, 8} <= {1 if at < 2 else 8 if at > 6 else at for at, _ in keys} | {0}
    shares = [share for _, share in keys]
    assert shares == sorted(shares) and shares[-1] > 0.85


def test_no_more_than_are_asked_for_and_none_that_adds_nothing() -> None:
    apart = [make_scene(1, (48, 80), seed=10 * seed).images[0] for seed in range(4)]
    assert len(best_keys(apart, FLOW, 2, 1.0)) == 2
    assert len(best_keys(apart, FLOW, 9, 1.0)) == 4
