import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from vidstyle.measure.metrics.features import feature_network, judge_device
from vidstyle.measure.metrics.style_distance import GRAM_LAYERS, Style
from vidstyle.settings import Settings
from vidstyle.style.network.device import Device, to_tensor

SIZE = (64, 80)


@pytest.fixture(scope="module")
def cpu() -> Device:
    return judge_device("cpu", 1)


@pytest.fixture(scope="module")
def picture() -> NDArray[np.float32]:
    rng = np.random.default_rng(0)
    return cv2.resize(rng.random((16, 20, 3), np.float32), SIZE[::-1], interpolation=cv2.INTER_CUBIC).clip(0, 1)


@pytest.fixture(scope="module")
def style(cpu: Device, picture: NDArray[np.float32]) -> Style:
    return Style([(picture, 1.0)], SIZE, 1.0, cpu)


def test_the_style_itself_is_at_no_distance(style: Style, picture: NDArray[np.float32]) -> None:
    found = style.distances(style.features(picture))
    assert found.gram == pytest.approx(0, abs=1e-9)
    assert found.wasserstein == pytest.approx(0, abs=1e-6)


def test_the_gram_distance_is_the_papers(style: Style, picture: NDArray[np.float32], cpu: Device) -> None:
    other = picture[:, ::-1, ::-1].copy()
    network = feature_network(GRAM_LAYERS, cpu)
    with torch.no_grad():
        features = [network(to_tensor(image, cpu)) for image in (other, picture)]
    distances = []
    for layer in GRAM_LAYERS:
        grams = []
        for seen in features:
            flat = seen[layer][0].flatten(1).double().numpy()
            grams.append(flat @ flat.T / flat.shape[1])
        distances.append(((grams[0] - grams[1]) ** 2).sum() / (grams[1] ** 2).sum())
    found = style.distances(style.features(other))
    assert found.gram == pytest.approx(np.mean(distances), rel=1e-5)
    assert found.gram > 0.01


def test_where_strokes_lie_does_not_matter_and_what_they_are_does(style: Style, picture: NDArray[np.float32]) -> None:
    mirrored = style.distances(style.features(np.roll(picture, 24, 1)))
    blurred = style.distances(style.features(cv2.GaussianBlur(picture, (0, 0), 3)))
    assert mirrored.gram < 0.3 * blurred.gram
    assert mirrored.wasserstein < 0.3 * blurred.wasserstein


def test_blends_lie_between(cpu: Device, picture: NDArray[np.float32]) -> None:
    other = 1 - picture[::-1].copy()
    blend = Style([(picture, 3.0), (other, 1.0)], SIZE, 1.0, cpu)
    near, far = blend.distances(blend.features(picture)), blend.distances(blend.features(other))
    assert 0 < near.gram < far.gram
    assert 0 < near.wasserstein < far.wasserstein


def test_the_judge_does_not_depend_on_the_machine(cpu: Device) -> None:
    assert cpu.dtype == torch.float32
    assert Settings().run.precision == "auto"
