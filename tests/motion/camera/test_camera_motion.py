"""The camera's own motion, on scenes whose motion is known."""

import cv2
import numpy as np
import pytest

from tests.helpers.synthetic import Disc, make_scene
from vidstyle.motion.camera.camera_motion import camera_motion, chained, moved, stands

SIZE = (120, 200)


def off(motion: np.ndarray, backward: np.ndarray) -> float:
    """How far a motion is from the exact one where that is the background's, in pixels, at most."""
    height, width = SIZE
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    x_there, y_there = (row[0] * x + row[1] * y + row[2] for row in motion)
    flow = np.dstack([x_there - x, y_there - y])
    return float(np.linalg.norm(flow - backward, axis=2).max())


@pytest.mark.parametrize(
    ("shift", "degrees", "zoom"), [((3.3, -1.2), 0, 1), ((0, 0), 1.5, 1), ((0, 0), 0, 1.02), ((1.5, 0.7), -0.8, 0.99)]
)
def test_shift_turn_and_zoom_are_found(shift: tuple[float, float], degrees: float, zoom: float) -> None:
    scene = make_scene(2, SIZE, shift=shift, degrees=degrees, zoom=zoom)
    assert off(camera_motion(scene.images[1], scene.images[0]), scene.backward[0]) < 0.2


def test_what_moves_by_itself_is_not_the_camera() -> None:
    disc = Disc(centre=(90, 60), radius=45, shift=(4, 1))
    scene = make_scene(2, SIZE, disc=disc)
    assert stands(camera_motion(scene.images[1], scene.images[0]))


def test_the_camera_is_found_behind_what_moves_by_itself() -> None:
    disc = Disc(centre=(90, 60), radius=35, shift=(-5, 2))
    scene = make_scene(2, SIZE, shift=(2, 0), disc=disc)
    motion = camera_motion(scene.images[1], scene.images[0])
    assert motion[:, 2] == pytest.approx((-2, 0), abs=0.1)


def test_a_film_with_bars_has_sides_too() -> None:
    """Where nothing reaches the right side, as in fog, above and below are the other two."""
    scene = make_scene(2, SIZE, shift=(2, 0))
    frames = [image.copy() for image in scene.images]
    for frame in frames:
        frame[:, 150:] = 0.6
        frame[:15] = frame[-15:] = 0
    assert camera_motion(frames[1], frames[0])[:, 2] == pytest.approx((-2, 0), abs=0.1)


@pytest.mark.parametrize("gain", [0.8, 1.2])
def test_a_change_of_light_is_no_motion(gain: float) -> None:
    scene = make_scene(2, SIZE)
    assert stands(camera_motion((gain * scene.images[1]).clip(0, 1).astype(np.float32), scene.images[0]))


def test_a_belt_before_a_plain_wall_is_not_the_camera() -> None:
    """All features of the frame lie on the belt, and move with it."""
    belt = cv2.GaussianBlur(np.random.default_rng(3).random((26, SIZE[1] + 11, 3), np.float32), (0, 0), 1.5)
    frames = [np.full((*SIZE, 3), 0.8, np.float32) for _ in range(2)]
    for place, frame in enumerate(frames):
        frame[-26:] = belt[:, 11 * place : 11 * place + SIZE[1]]
    assert stands(camera_motion(*frames))


def test_noise_on_a_flat_wall_is_no_motion() -> None:
    rng = np.random.default_rng(0)
    wall = np.full((*SIZE, 3), 0.6, np.float32)
    noisy = [(wall + 0.05 * rng.standard_normal(wall.shape)).clip(0, 1).astype(np.float32) for _ in range(2)]
    assert stands(camera_motion(*noisy))


@pytest.mark.slow
def test_large_frames_move_by_as_many_pixels() -> None:
    scene = make_scene(2, (600, 1000), shift=(9, -4))
    assert camera_motion(scene.images[1], scene.images[0])[:, 2] == pytest.approx((-9, 4), abs=0.3)


def test_an_image_is_carried_by_the_motion() -> None:
    scene = make_scene(2, SIZE, shift=(3, -2))
    motion = camera_motion(scene.images[1], scene.images[0])
    carried = moved(scene.images[0], motion)
    np.testing.assert_allclose(carried[4:-4, 4:-4], scene.images[1][4:-4, 4:-4], atol=0.03)


def test_tiny_frames_stand() -> None:
    assert stands(camera_motion(np.zeros((2, 3, 3), np.float32), np.ones((2, 3, 3), np.float32)))


def test_motions_are_chained() -> None:
    """From the last frame back: x' = 2x + 1, then x'' = x' + 10."""
    first, last = (np.array([[size, 0, by], [0, size, 0]], np.float32) for size, by in ((1, 10), (2, 1)))
    np.testing.assert_array_equal(chained([first, last]), [[2, 0, 11], [0, 2, 0]])
    assert stands(chained([np.eye(2, 3, dtype=np.float32)] * 3))
