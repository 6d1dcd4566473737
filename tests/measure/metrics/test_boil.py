"""Boil: the painting's change where the clip rests."""

import numpy as np
import pytest

from tests.helpers.synthetic import Disc, make_scene
from vidstyle.measure.metrics.boil import Boil, boil, boil_map, find_rest, mean_boil

SIZE = (120, 200)
Image = np.ndarray


def noise(amount: float, seed: int) -> Image:
    return (amount * np.random.default_rng(seed).standard_normal((*SIZE, 3))).astype(np.float32)


def test_a_painting_that_stands_over_a_clip_that_stands_does_not_boil() -> None:
    clip, painting = make_scene(1, SIZE).images[0], make_scene(1, SIZE, seed=3).images[0]
    found = boil(find_rest(clip, clip), painting, painting)
    assert found == Boil(0.0, 1.0)


def test_boil_is_the_root_mean_square_change() -> None:
    clip, painting = make_scene(1, SIZE).images[0], make_scene(1, SIZE, seed=3).images[0]
    found = boil(find_rest(clip, clip), painting + noise(0.04, 1), painting)
    assert found.level == pytest.approx(0.04 * 255, rel=0.02)


def test_light_and_noise_of_the_clip_are_no_change() -> None:
    clip = 0.8 * make_scene(1, SIZE).images[0]
    darker = (0.8 * clip + noise(0.01, 2)).clip(0, 1)
    (rest,) = find_rest(darker, clip)
    assert rest.mask.mean() > 0.95


def test_what_moves_by_itself_is_left_out() -> None:
    scene = make_scene(2, SIZE, disc=Disc(centre=(60, 60), radius=20, shift=(5, 0)))
    (rest,) = find_rest(scene.images[1], scene.images[0])
    assert not rest.mask[50:70, 85:90].any()
    assert rest.mask[:, 150:].all()


def test_a_painting_may_move_with_the_camera_or_stand_with_the_frame() -> None:
    scene, painted = (make_scene(2, SIZE, shift=(3, -2), seed=seed) for seed in (0, 5))
    rests = find_rest(scene.images[1], scene.images[0])
    assert len(rests) == 2
    with_camera = boil(rests, painted.images[1], painted.images[0])
    assert with_camera.level is not None and with_camera.level < 2 and with_camera.share > 0.8
    against_it = boil(rests, painted.images[0], painted.images[0])
    assert against_it.level is not None and against_it.level > 10


def test_where_nothing_rests_nothing_is_said() -> None:
    one, other = (make_scene(1, SIZE, seed=seed).images[0] for seed in (0, 1))
    found = boil(find_rest(one, other), one, other)
    assert found.level is None or found.share < 0.05


def test_a_mean_is_over_all_pixels_that_rest() -> None:
    assert mean_boil([Boil(3.0, 0.25), Boil(1.0, 0.75), Boil(None, 0.0)]) == Boil(
        pytest.approx(3**0.5), pytest.approx(1 / 3)
    )
    assert mean_boil([]) == Boil(None, 0.0)


def test_the_map_shows_where() -> None:
    clip = make_scene(1, SIZE).images[0]
    painting = clip.copy()
    painting[10:20, 30:40] += np.float32(0.1)
    (rest,) = find_rest(clip, clip)
    shown = boil_map(rest, painting, clip)
    assert shown[15, 35] == pytest.approx(0.01, rel=1e-3) and shown[60, 60] == 0
