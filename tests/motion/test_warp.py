import cv2
import numpy as np
import pytest

from tests.helpers.synthetic import Disc, Texture, make_scene
from vidstyle.motion.warp import warp


def constant(size, x, y):
    return np.broadcast_to(np.array([x, y], np.float32), (*size, 2)).copy()


def laplacian_energy(image):
    return np.square(cv2.Laplacian(image, cv2.CV_32F)).sum()


@pytest.mark.parametrize("interpolation", ["lanczos", "quick", "linear", "exact"])
@pytest.mark.parametrize("shape", [(1, 1), (20, 30), (20, 30, 1), (20, 30, 2), (20, 30, 3), (20, 30, 11)])
def test_zero_flow_gives_the_image_back_bit_for_bit(interpolation, shape):
    image = np.random.default_rng(0).normal(size=shape).astype(np.float32) * 100
    assert np.array_equal(warp(image, constant(shape[:2], 0, 0), interpolation), image)


@pytest.mark.parametrize("interpolation", ["lanczos", "quick", "linear", "exact"])
def test_whole_pixels_are_exact_and_edges_replicated(interpolation):
    image = np.random.default_rng(0).random((20, 30, 3), np.float32)
    moved = warp(image, constant((20, 30), 4, -3), interpolation)
    rows, columns = np.clip(np.arange(20) - 3, 0, 19), np.clip(np.arange(30) + 4, 0, 29)
    assert np.array_equal(moved, image[rows][:, columns])


def test_far_off_the_frame_is_the_edge():
    image = np.random.default_rng(0).random((20, 30, 3), np.float32)
    moved = warp(image, constant((20, 30), 1e7, 0))
    assert np.allclose(moved, image[:, -1:])


@pytest.mark.parametrize("motion", [{"shift": (2.3, -1.6)}, {"degrees": 3}, {"zoom": 1.03}])
def test_the_earlier_frame_warped_backward_is_the_frame(motion):
    scene = make_scene(2, (80, 100), **motion)
    image, earlier = scene.images[1], scene.images[0]
    seen = ~scene.uncovered[0]
    seen[:8] = seen[-8:] = seen[:, :8] = seen[:, -8:] = False
    right = np.abs(warp(earlier, scene.backward[0]) - image)[seen].mean()
    wrong = np.abs(warp(earlier, -scene.backward[0]) - image)[seen].mean()
    assert right < 0.001
    assert wrong > 20 * right


def test_what_hides_behind_a_disc_is_all_that_a_warp_gets_wrong():
    scene = make_scene(2, (80, 100), shift=(2, 1), disc=Disc((40, 40), 15, (7, 0)))
    difference = np.abs(warp(scene.images[0], scene.backward[0]) - scene.images[1]).max(-1)
    assert np.array_equal(difference > 0, scene.uncovered[0])


def test_positions_are_not_rounded():
    # OpenCV's own Lanczos would not move an image by a hundredth of a pixel at all.
    texture = Texture(3)
    points = np.stack(np.meshgrid(np.arange(80.0), np.arange(60.0)), -1)
    image = texture(points).astype(np.float32)
    moved = warp(image, constant((60, 80), 0.01, -0.013))
    true = texture(points + np.array([0.01, -0.013]))
    inside = np.s_[6:-6, 6:-6]
    assert np.abs(moved - true)[inside].max() < 0.1 * np.abs(image - true)[inside].max()
    quickly = warp(image, constant((60, 80), 0.01, -0.013), "quick")
    assert np.abs(quickly - true)[inside].max() < 0.2 * np.abs(image - true)[inside].max()


def test_exact_weighs_the_four_nearest_pixels():
    image = np.random.default_rng(0).random((20, 30, 3))
    x, y = 3.013, -2.27
    rows, columns = np.arange(5, 15), np.arange(5, 20)
    expected = sum(
        weight * image[rows + dy][:, columns + dx]
        for dx, dy, weight in (
            (3, -3, 0.987 * 0.27),
            (4, -3, 0.013 * 0.27),
            (3, -2, 0.987 * 0.73),
            (4, -2, 0.013 * 0.73),
        )
    )
    moved = warp(image.astype(np.float32), constant((20, 30), x, y), "exact")
    np.testing.assert_allclose(moved[rows][:, columns], expected, atol=1e-5)


def test_ten_warps_keep_most_of_the_detail():
    rng = np.random.default_rng(0)
    # About as sharp as a video frame.
    noise = cv2.GaussianBlur(rng.random((96, 128, 3), np.float32), (0, 0), 0.8)
    flows = [constant((96, 128), *rng.uniform(-0.5, 0.5, 2)) for _ in range(10)]

    def kept(interpolation):
        image = noise
        for flow in flows:
            image = warp(image, flow, interpolation)
        inside = np.s_[16:-16, 16:-16]
        return laplacian_energy(image[inside]) / laplacian_energy(noise[inside])

    assert kept("lanczos") > 0.7
    assert kept("linear") < 0.25


def test_values_are_not_clipped():
    image = np.zeros((30, 30), np.float32)
    image[:, 15:] = 1
    moved = warp(image, constant((30, 30), 0.5, 0))
    assert moved.max() > 1.01 and moved.min() < -0.01
    assert warp(image, constant((30, 30), 0.5, 0), "linear").min() >= 0


def test_the_result_shares_nothing_with_the_image():
    image = np.zeros((4, 5, 3), np.float32)
    assert not np.shares_memory(warp(image, constant((4, 5), 0, 0)), image)
