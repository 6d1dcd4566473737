import math

import cv2
import numpy as np
import pytest
import torch

from tests.helpers.synthetic import Texture
from vidstyle.measure.metrics.content_distance import TEMPERATURE, ContentDistance, divergence, log_similarities
from vidstyle.measure.metrics.features import judge_device


@pytest.fixture(scope="module")
def judge() -> ContentDistance:
    return ContentDistance(judge_device("cpu", 1))


def scene(seed: int) -> np.ndarray:
    points = np.stack(np.meshgrid(np.arange(96), np.arange(64)), -1).astype(np.float64)
    return Texture(seed, shortest=12)(points).astype(np.float32)


def test_agrees_with_a_slow_implementation() -> None:
    generator = torch.Generator().manual_seed(0)
    clip, painting = (torch.rand(1, 7, 3, 4, generator=generator) for _ in range(2))

    def rows(features: torch.Tensor) -> list[list[float]]:
        vectors = features[0].flatten(1).T.double().numpy()
        vectors = vectors - vectors.mean(0)
        vectors = [v / math.sqrt((v**2).sum()) for v in vectors]
        found = []
        for a in vectors:
            powers = [math.exp(sum(a * b) / TEMPERATURE) for b in vectors]
            found.append([power / sum(powers) for power in powers])
        return found

    expected = 0.0
    for p_row, q_row in zip(rows(clip), rows(painting), strict=True):
        expected += sum(p * math.log(p / q) for p, q in zip(p_row, q_row, strict=True)) / 12
    assert divergence(log_similarities(clip), log_similarities(painting)) == pytest.approx(expected, abs=1e-6)


def test_other_colours_are_the_same_content_and_another_scene_is_not(judge: ContentDistance) -> None:
    clip = judge.structure(scene(1))
    assert divergence(clip, judge.structure(scene(1))) == pytest.approx(0, abs=1e-6)
    recoloured = divergence(clip, judge.structure(1 - scene(1)))
    other = divergence(clip, judge.structure(scene(2)))
    assert 0 < recoloured < 0.25 * other


def test_large_frames_are_looked_at_small(judge: ContentDistance) -> None:
    large = cv2.resize(scene(1), (960, 640), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    assert len(judge.structure(large)) <= 64 * 64
