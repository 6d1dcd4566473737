import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.helpers.synthetic import Disc, make_scene
from vidstyle.measure.metrics.warp_error import ClipMotion, carry, find_motion, warp_error
from vidstyle.motion.reliability import reference_mask
from vidstyle.motion.warp import warp

Field = NDArray[np.float64]


def motion_of(backward: NDArray[np.float32], forward: NDArray[np.float32]) -> ClipMotion:
    return ClipMotion(backward, forward, reference_mask(forward, backward))


def test_a_flash_over_known_motion_scores_its_square() -> None:
    scene = make_scene(2, (40, 56), shift=(3, -2), seed=1)
    motion = motion_of(scene.backward[0], scene.forward[0])
    clip = warp_error(motion, scene.images[1], scene.images[0])
    assert clip == pytest.approx(0, abs=1e-12)
    flashed = warp_error(motion, scene.images[1] + np.float32(0.05), scene.images[0])
    assert flashed == pytest.approx(0.05**2, rel=1e-5)


def test_interpolation_of_a_wave_has_a_closed_form() -> None:
    """Between two pixels a wave of k radians a pixel is (1 − a) e^0 + a e^{ik}, where e^{iak} is true."""
    k, a, amplitude, width = 2 * np.pi / 8, 0.3, 0.2, 64
    x = np.arange(width)
    wave = [0.5 + amplitude * np.sin(k * (x - a * t)) for t in (0, 1)]
    earlier, image = (np.broadcast_to(w[None, :, None], (12, width, 3)).astype(np.float32) for w in wave)
    mask = np.zeros((12, width), bool)
    mask[:, 8:48] = True  # five whole waves
    forward = np.zeros((12, width, 2), np.float32)
    forward[..., 0] = a
    expected = amplitude**2 / 2 * abs((1 - a) + a * np.exp(1j * k) - np.exp(1j * a * k)) ** 2
    assert warp_error(ClipMotion(-forward, forward, mask), image, earlier) == pytest.approx(expected, rel=1e-4)


def test_agrees_with_a_slow_implementation_of_its_own() -> None:
    disc = Disc(centre=(10.0, 9.0), radius=6.0, shift=(2.3, 0.6))
    scene = make_scene(2, (22, 30), shift=(-1.4, 0.3), degrees=1.0, disc=disc, seed=4)
    rng = np.random.default_rng(0)
    output = [rng.random((22, 30, 3), np.float32) for _ in range(2)]
    motion = motion_of(scene.backward[0], scene.forward[0])
    mask = slow_mask(scene.forward[0].astype(float), scene.backward[0].astype(float))
    assert 0.2 < mask.mean() < 0.9
    np.testing.assert_array_equal(motion.mask, mask)
    expected = slow_warp_error(output[1].astype(float), output[0].astype(float), scene.forward[0].astype(float), mask)
    assert warp_error(motion, output[1], output[0]) == pytest.approx(expected, abs=1e-6)


def test_the_flow_found_leads_from_the_earlier_frame_to_the_later() -> None:
    scene = make_scene(2, (48, 64), shift=(3, 0), seed=2)
    asked = []

    def flow(
        a: NDArray[np.float32], b: NDArray[np.float32], start: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        asked.append((a is scene.images[0], b is scene.images[0]))
        return scene.forward[0] if a is scene.images[0] else scene.backward[0]

    motion = find_motion(flow, scene.images[1], scene.images[0])
    assert sorted(asked) == [(False, True), (True, False)]
    np.testing.assert_array_equal(motion.forward, scene.forward[0])
    np.testing.assert_array_equal(motion.backward, scene.backward[0])
    # Three columns of the earlier frame leave it on the right; of the later one, they come in on the left.
    assert not motion.mask[:, -4:].any()
    assert motion.mask[:-1, :-4].all()


def test_nothing_kept_is_no_error_of_zero() -> None:
    image = np.zeros((8, 8, 3), np.float32)
    flow = np.full((8, 8, 2), 100, np.float32)
    assert warp_error(motion_of(-flow, flow), image, image) is None


def test_a_painting_carried_by_whole_pixels_is_itself_moved() -> None:
    scene = make_scene(2, (40, 56), shift=(3, -2), seed=1)
    carried = carry(scene.images[0], motion_of(scene.backward[0], scene.forward[0]))
    np.testing.assert_allclose(carried[:-2, 3:], scene.images[1][:-2, 3:], atol=1e-6)


def test_a_carried_painting_stays_a_picture() -> None:
    rng = np.random.default_rng(0)
    noise = (rng.random((20, 20, 3)) > 0.5).astype(np.float32)
    flow = np.full((20, 20, 2), 0.5, np.float32)
    assert warp(noise, flow, "lanczos").max() > 1
    carried = carry(noise, motion_of(flow, -flow))
    assert 0 <= carried.min() <= carried.max() <= 1


def test_a_carried_painting_stays_crisp() -> None:
    """A bilinear chain would leave a tenth of the detail, and score well."""
    rng = np.random.default_rng(0)
    painting = 0.5 + 0.1 * cv2.GaussianBlur(rng.standard_normal((60, 80, 3)), (0, 0), 1).astype(np.float32)
    flow = np.full((60, 80, 2), 0.5, np.float32)
    carried = painting
    for _ in range(10):
        carried = carry(carried, motion_of(flow, -flow))
    inside = (slice(10, -20), slice(10, -20))
    assert detail(carried[inside]) > 0.6 * detail(painting)


def detail(image: NDArray[np.float32]) -> float:
    return float(np.square(cv2.Laplacian(image, cv2.CV_32F)).mean())


def slow_bilinear(image: Field, x: float, y: float) -> Field:
    height, width = image.shape[:2]
    x, y = min(max(x, 0), width - 1), min(max(y, 0), height - 1)
    left, top = min(int(x), width - 2), min(int(y), height - 2)
    a, b = x - left, y - top
    above = (1 - a) * image[top, left] + a * image[top, left + 1]
    below = (1 - a) * image[top + 1, left] + a * image[top + 1, left + 1]
    value: Field = (1 - b) * above + b * below
    return value


def slow_warp_error(image: Field, earlier: Field, forward: Field, mask: NDArray[np.bool_]) -> float:
    total = weight = 0.0
    for y in range(mask.shape[0]):
        for x in range(mask.shape[1]):
            seen = slow_bilinear(image, x + forward[y, x, 0], y + forward[y, x, 1])
            for channel in range(3):
                total += mask[y, x] * (seen[channel] - earlier[y, x, channel]) ** 2
                weight += mask[y, x]
    return total / weight


def slow_mask(there: Field, back: Field) -> NDArray[np.bool_]:
    """Ruder et al. 2016, section 4.2, as its words have it, pixel by pixel."""
    height, width = there.shape[:2]
    rule = np.zeros((height, width))
    for y in range(height):
        for x in range(width):
            u, v = there[y, x]
            to_x, to_y = x + u, y + v
            if to_x < 0 or to_y < 0 or to_x >= width - 1 or to_y >= height - 1:
                continue
            u_back, v_back = slow_bilinear(back, to_x, to_y)
            apart = (u + u_back) ** 2 + (v + v_back) ** 2
            if apart >= 0.01 * (u**2 + v**2 + u_back**2 + v_back**2) + 0.5:
                rule[y, x] = 0
                continue
            right, left = there[y, min(x + 1, width - 1)], there[y, max(x - 1, 0)]
            below, above = there[min(y + 1, height - 1), x], there[max(y - 1, 0), x]
            bend = (((right - left) / 2) ** 2).sum() + (((below - above) / 2) ** 2).sum()
            rule[y, x] = 0 if bend > 0.01 * (u**2 + v**2) + 0.002 else 1
    return rule > 0
