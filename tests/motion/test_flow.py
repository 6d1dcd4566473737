import pkgutil

import cv2
import numpy as np
import pytest

from tests.helpers.synthetic import make_scene
from vidstyle.errors import UsageError
from vidstyle.motion import methods
from vidstyle.motion.flow import both_ways
from vidstyle.motion.methods import flow_method
from vidstyle.motion.reliability import reliability
from vidstyle.settings import choices


def test_each_method_that_the_settings_allow_is_a_module():
    modules = {module.name for module in pkgutil.iter_modules(methods.__path__)}
    assert modules == set(choices("flow"))


def test_an_unknown_method_is_refused_with_the_ones_there_are():
    with pytest.raises(UsageError, match="'farneback': take dis, raft, none"):
        flow_method("farneback")


def test_opencv_keeps_to_the_threads_that_are_asked_for():
    flow_method("dis", threads=1)
    assert cv2.getNumThreads() == 1
    flow_method("dis")
    assert cv2.getNumThreads() == 1  # nobody asked
    flow_method("dis", threads=10_000)
    assert cv2.getNumThreads() == cv2.getNumberOfCPUs()


def test_both_ways_gives_the_backward_flow_first():
    scene = make_scene(2, (64, 80), shift=(3, 0))
    backward, forward = both_ways(flow_method("dis"), scene.images[1], scene.images[0])
    assert np.median(backward[..., 0]) == pytest.approx(-3, abs=0.1)
    assert np.median(forward[..., 0]) == pytest.approx(3, abs=0.1)


def test_without_flow_only_what_stands_still_is_trusted():
    scene = make_scene(2, (64, 96), shift=(5, 2))
    image = scene.images[1].copy()
    image[:, :48] = scene.images[0][:, :48]
    backward, forward = both_ways(flow_method("none"), image, scene.images[0])
    assert not backward.any() and backward.shape == (64, 96, 2)
    trust = reliability(backward, forward, image, scene.images[0])
    assert (trust[:, :40] == 1).all()
    assert trust[:, 56:].mean() < 0.05
