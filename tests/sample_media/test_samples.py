"""The sample clip and painting are what the demo needs them to be."""

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from scenedetect import AdaptiveDetector, detect

SAMPLES = Path(__file__).parents[2] / "sample_media"
FRAMES, RATE, CUT = 48, 24, 29


@pytest.fixture(scope="module")
def clip():
    """Grey frames (48, 180, 320), their times in seconds, and the sound (2, samples)."""
    with av.open(str(SAMPLES / "clip.mp4")) as container:
        frames = list(container.decode(video=0))
    with av.open(str(SAMPLES / "clip.mp4")) as container:
        sound = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    images = np.stack([frame.to_ndarray(format="gray") for frame in frames]).astype(np.float32)
    return images, [frame.pts * frame.time_base for frame in frames], sound


def test_clip_is_two_seconds_of_even_frames(clip):
    images, times, _ = clip
    assert images.shape == (FRAMES, 180, 320)
    assert times == [Fraction(index, RATE) for index in range(FRAMES)]


def test_clip_has_stereo_sound_as_long_as_the_picture(clip):
    _, _, sound = clip
    assert len(sound) == 2
    assert abs(sound.shape[1] / 48_000 - FRAMES / RATE) < 0.03  # an AAC frame lasts 0.021 s
    assert np.abs(sound).max() > 0.1
    assert np.corrcoef(sound)[0, 1] < 0.95


@pytest.mark.slow
def test_clip_has_one_cut():
    shots = detect(str(SAMPLES / "clip.mp4"), AdaptiveDetector(min_scene_len=5), backend="pyav")
    assert [first.frame_num for first, _ in shots] == [0, CUT]


def test_clip_moves_and_has_texture_everywhere(clip):
    images, _, _ = clip
    for earlier, later in [(0, 6), (CUT, CUT + 6)]:
        assert tiles(np.abs(images[later] - images[earlier])).min() > 1
    assert tiles(images[0], np.std).min() > 2
    assert tiles(images[CUT], np.std).min() > 2


def test_painting_has_brushwork_everywhere():
    painting = cv2.imread(str(SAMPLES / "wave.jpg"))
    assert painting.shape == (600, 800, 3)
    fine = painting - cv2.GaussianBlur(painting.astype(np.float32), (0, 0), 3)
    assert tiles(fine.mean(axis=2), np.std).min() > 5


def tiles(image, measure=np.mean):
    """A measure of each of 4 by 4 equal parts of an image."""
    return np.array([measure(part) for row in np.array_split(image, 4) for part in np.array_split(row, 4, axis=1)])
