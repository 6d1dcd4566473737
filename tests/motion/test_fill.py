import numpy as np

from tests.helpers.synthetic import Disc, make_scene
from vidstyle.motion.fill import fill


def test_a_flat_surface_moves_with_its_rim():
    """A bright square moves over a dark ground; nothing is found inside it, nor of the ground beside it."""
    image = np.full((96, 128, 3), 0.2, np.float32)
    image[24:72, 32:96] = 0.8
    truth = np.zeros((96, 128, 2), np.float32)
    truth[24:72, 32:96] = (5, -2)
    found = np.zeros((96, 128), bool)
    found[20:76, 28:100] = True
    found[32:64, 40:88] = False
    flow = np.where(found[..., None], truth, np.random.default_rng(0).normal(0, 9, truth.shape)).astype(np.float32)
    filled = fill(flow, found, image)
    assert np.array_equal(filled[found], flow[found])
    off = np.linalg.norm(filled - truth, axis=-1)
    assert off[32:64, 40:88].mean() < 0.3  # the square's own motion, not a mean of its and the ground's
    assert off[:16].mean() < 0.5 and off[80:].mean() < 0.5


def test_what_is_found_everywhere_or_nowhere_stays():
    scene = make_scene(2, (40, 60), shift=(2, 1), disc=Disc((20, 20), 9, (3, 0)))
    for found in (np.ones((40, 60), bool), np.zeros((40, 60), bool)):
        assert np.array_equal(fill(scene.backward[0], found, scene.images[1]), scene.backward[0])


def test_any_size_is_taken():
    for size in ((1, 1), (1, 7), (3, 50), (17, 5)):
        found = np.zeros(size, bool)
        found[0, 0] = True
        filled = fill(np.ones((*size, 2), np.float32), found, np.zeros((*size, 3), np.float32))
        assert filled.shape == (*size, 2) and np.isfinite(filled).all()
