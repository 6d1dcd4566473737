import numpy as np
import pytest

from tests.helpers.synthetic import Disc, make_scene
from vidstyle.motion.methods import flow_method
from vidstyle.motion.methods.dis import dense_inverse_search
from vidstyle.motion.noise import gate_noise

NOISE = 3 / 255


@pytest.fixture
def grain():
    """Adds a sensor's noise to an image, another one each time."""
    rng = np.random.default_rng(5)
    return lambda image: (image + rng.normal(0, NOISE, image.shape)).clip(0, 1).astype(np.float32)


def _half_flat(image):
    """The left half has texture, the right half none."""
    flat = image.copy()
    flat[:, image.shape[1] // 2 :] = 0.5
    return flat


@pytest.mark.parametrize("picture", [lambda image: image, _half_flat], ids=["textured", "half of it flat"])
def test_a_still_scene_under_noise_does_not_move(picture, grain):
    image = picture(make_scene(1, (120, 160)).images[0])
    a, b = grain(image), grain(image)
    found = dense_inverse_search(a, b)
    assert np.abs(found).max() > 0.1
    flow = gate_noise(found, a, b)
    assert (np.abs(flow) < 0.01).mean() > 0.95
    assert np.abs(flow).mean() < 0.05 * np.abs(found).mean()


@pytest.mark.parametrize(
    "motion",
    [{"shift": (0.1, 0)}, {"shift": (0.4, -0.3)}, {"shift": (1.5, 1.5)}, {"shift": (12, 5)}, {"degrees": 2}],
    ids=["a tenth of a pixel", "half a pixel", "two pixels", "fast", "turning"],
)
def test_what_moves_keeps_its_flow(motion, grain):
    a, b = map(grain, make_scene(2, (120, 160), **motion).images)
    found = dense_inverse_search(a, b)
    kept = gate_noise(found, a, b)
    assert np.abs(kept - found).max() < 0.03


def test_a_texture_without_a_quiet_place_is_followed():
    texture = np.random.default_rng(0).random((40, 64, 3), np.float32)
    texture = (texture + np.roll(texture, 1, 1) + np.roll(texture, 2, 1)) / 3
    a, b = np.ascontiguousarray(texture[:, :60]), np.ascontiguousarray(texture[:, 4:])
    found = dense_inverse_search(b, a)
    assert np.median(found[..., 0]) == pytest.approx(4, abs=0.1)
    assert np.array_equal(gate_noise(found, b, a), found)


def test_something_moves_before_a_ground_at_rest(grain):
    scene = make_scene(2, (160, 240), disc=Disc((50, 60), 20, (0.6, 0.3)))
    a, b = map(grain, scene.images)
    found = dense_inverse_search(a, b)
    flow = gate_noise(found, a, b)
    inside = np.hypot(*(np.mgrid[:160, :240] - np.array([60, 50])[:, None, None])) < 20
    np.testing.assert_allclose(flow[inside], found[inside], atol=0.03)
    assert np.abs(flow[:, 130:]).mean() < 0.1 * np.abs(found[:, 130:]).mean()


def test_what_has_no_texture_goes_with_what_is_around_it(grain):
    """A bare sky in a slow pan: by itself it can't tell, and a painting must not tear there."""
    a, b = (image.copy() for image in make_scene(2, (120, 160), shift=(0.5, 0)).images)
    a[:50], b[:50] = 0.5, 0.5
    a, b = grain(a), grain(b)
    found = dense_inverse_search(a, b)
    np.testing.assert_allclose(gate_noise(found, a, b), found, rtol=0.05, atol=0.03)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (8, 8), (9, 200), (33, 65)])
def test_any_size_is_taken(size):
    scene = make_scene(2, size, shift=(1, 0))
    flow = np.ones((*size, 2), np.float32)
    rested = gate_noise(flow, *scene.images)
    assert rested.shape == flow.shape and rested.dtype == np.float32
    assert np.isfinite(rested).all()


def test_the_search_by_its_name_rests(grain):
    image = make_scene(1, (60, 80)).images[0]
    a, b = grain(image), grain(image)
    assert np.array_equal(flow_method("dis")(a, b), gate_noise(dense_inverse_search(a, b), a, b))
