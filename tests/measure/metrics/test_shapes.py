"""Shapes: which frame of the clip a painting shows."""

import numpy as np
import pytest

from tests.helpers.synthetic import Disc, make_scene
from vidstyle.measure.metrics.shapes import Stale, find_edges, mean_stale, shape, stale

SIZE = (120, 200)


def painted(image: np.ndarray) -> np.ndarray:
    """The same shapes in other colours."""
    return (0.9 - 0.7 * image[..., ::-1]).astype(np.float32)


def test_a_painting_of_the_frame_has_its_shapes_in_any_colours() -> None:
    image, other = (make_scene(1, SIZE, seed=seed).images[0] for seed in (0, 1))
    assert shape(find_edges(image), find_edges(image)) == pytest.approx(1, abs=0.01)
    assert shape(find_edges(image), find_edges(painted(image))) > 0.6
    assert abs(shape(find_edges(image), find_edges(other))) < 0.25


def test_a_frame_without_edges_has_none_to_lose() -> None:
    flat = find_edges(np.full((*SIZE, 3), 0.5, np.float32))
    assert shape(flat, flat) == 1.0


def test_paint_that_shows_the_frame_before_is_stale() -> None:
    scene = make_scene(2, SIZE, disc=Disc(centre=(70, 60), radius=25, shift=(20, 0)))
    before, now = (find_edges(image) for image in scene.images)
    fresh, old = find_edges(painted(scene.images[1])), find_edges(painted(scene.images[0]))
    right, wrong = stale(now, before, fresh), stale(now, before, old)
    assert right.share is not None and right.share < 0.1
    assert wrong.share is not None and wrong.share > 0.9
    assert right.changed == wrong.changed > 0.02


def test_what_has_gone_from_plain_ground_is_stale_only_where_it_is_still_seen() -> None:
    ground = np.full((*SIZE, 3), 0.4, np.float32)
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    thing = np.where((np.hypot(rows - 60, columns - 90) < 30)[..., None], np.float32(0.9), ground)
    strokes = make_scene(1, SIZE, seed=3).images[0]
    now, before = find_edges(ground), find_edges(thing)
    anew, ghost = stale(now, before, find_edges(strokes)), stale(now, before, find_edges(0.8 * ground + 0.2 * thing))
    assert anew.share is not None and anew.share < 0.15
    assert ghost.share is not None and ghost.share > 0.8
    assert anew.changed == ghost.changed > 0.02


def test_where_nothing_changed_nothing_is_stale() -> None:
    edges = find_edges(make_scene(1, SIZE).images[0])
    assert stale(edges, edges, edges) == Stale(None, 0.0)


def test_a_mean_is_over_all_that_changed() -> None:
    assert mean_stale([Stale(0.5, 0.1), Stale(0.1, 0.3), Stale(None, 0.0)]) == Stale(
        pytest.approx(0.2), pytest.approx(0.4 / 3)
    )
