from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from tests.helpers.synthetic import Disc, make_scene
from vidstyle.motion.methods import flow_method
from vidstyle.motion.methods.dis import dense_inverse_search


def error(flow, truth):
    return np.linalg.norm(flow - truth, axis=-1)


@pytest.mark.parametrize(
    "motion",
    [{"shift": (3.3, -1.7)}, {"shift": (12, 5)}, {"degrees": 2}, {"zoom": 1.02}],
    ids=["slow", "fast", "turning", "growing"],
)
def test_a_moving_texture_is_followed_to_a_tenth_of_a_pixel(motion):
    scene = make_scene(2, (120, 160), **motion)
    backward = dense_inverse_search(scene.images[1], scene.images[0])
    seen = ~scene.uncovered[0]
    assert error(backward, scene.backward[0])[seen].mean() < 0.1
    # The other sign, and x and y exchanged, are what a mistaken direction would give.
    assert error(-backward, scene.backward[0])[seen].mean() > 1
    assert error(backward[..., ::-1], scene.backward[0])[seen].mean() > 0.5


@pytest.mark.slow
@pytest.mark.parametrize("lines", [320, 600])
def test_of_larger_frames_flow_is_found_to_a_fifth_of_a_pixel(lines):
    """They are searched with fewer patches, or at half their size."""
    scene = make_scene(2, (lines, 400), shift=(5.3, -2.7), degrees=0.5)
    backward = dense_inverse_search(scene.images[1], scene.images[0])
    assert error(backward, scene.backward[0])[~scene.uncovered[0]].mean() < 0.2


def test_a_crossing_disc_and_its_background_move_each_by_itself():
    scene = make_scene(2, (120, 160), shift=(2, 1), disc=Disc((50, 60), 25, (9, 0)))
    backward = dense_inverse_search(scene.images[1], scene.images[0])
    errors = error(backward, scene.backward[0])[~scene.uncovered[0]]
    assert np.median(errors) < 0.05
    assert (errors > 1).mean() < 0.05


def test_a_still_picture_does_not_move_at_all():
    image = make_scene(1, (50, 70)).images[0]
    assert not dense_inverse_search(image, image).any()


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (8, 8), (16, 9), (9, 16), (15, 200), (33, 65)])
def test_any_size_is_taken(size):
    scene = make_scene(2, size, shift=(1, 0))
    flow = dense_inverse_search(scene.images[1], scene.images[0])
    assert flow.shape == (*size, 2) and flow.dtype == np.float32
    assert np.isfinite(flow).all()


def test_the_bytes_do_not_depend_on_the_number_of_threads():
    scene = make_scene(2, (150, 210), shift=(4.4, 1.3), degrees=1, disc=Disc((90, 70), 30, (-6, 3)))
    found = set()
    for threads in (1, 2, 3, 8):
        cv2.setNumThreads(threads)
        found.add(dense_inverse_search(*scene.images).tobytes())
    assert len(found) == 1


@pytest.mark.slow
def test_one_method_may_be_called_from_several_threads():
    flow = flow_method("dis")
    scenes = [make_scene(2, (90, 110), shift=(seed, 1), seed=seed).images for seed in range(4)] * 3
    alone = [flow(*scene) for scene in scenes]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(flow, *zip(*scenes, strict=True)))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))
