"""How fast the network is, found on small pictures."""

import pytest

from vidstyle.style import pace as paces
from vidstyle.style.network.device import Device
from vidstyle.style.network.layers import finer_layers
from vidstyle.style.network.vgg import FeatureNetwork
from vidstyle.style.network.weights import Weights

SIZE, PREVIEW = (576, 1024), (288, 512)


@pytest.fixture(scope="module")
def network(builtin: Weights, cpu: Device) -> FeatureNetwork:
    layers = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu4_2", "relu5_1")
    return FeatureNetwork(builtin, layers, "max", "reflect", cpu)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passes take a second for each layer and megapixel, and a thousandth of one at any size."""
    monkeypatch.setattr(
        paces,
        "_pass_seconds",
        lambda network, _, size, layers: 1e-3 + 1e-6 * size[0] * size[1] * len(layers or network.layers),
    )


def test_what_passes_take_at_any_size_is_told_from_what_pixels_take(
    network: FeatureNetwork, cpu: Device, counted: None
) -> None:
    found = paces.pace(network, cpu, PREVIEW)
    pixels = 1e-6 * PREVIEW[0] * PREVIEW[1] * len(network.layers)
    assert found.evaluation == pytest.approx(pixels * paces._BESIDE, rel=1e-6)
    assert found.overhead == pytest.approx(1e-3 / found.evaluation, rel=1e-6)


def test_a_frame_with_a_preview_is_seen_in_its_finer_layers_alone(
    network: FeatureNetwork, cpu: Device, counted: None
) -> None:
    finer = finer_layers(network.layers, network.architecture, 2)
    assert 0 < len(finer) < len(network.layers)
    found = paces.pace(network, cpu, SIZE, PREVIEW)
    preview, own = 1e-6 * PREVIEW[0] * PREVIEW[1] * len(network.layers), 1e-6 * SIZE[0] * SIZE[1] * len(finer)
    assert found.evaluation == pytest.approx(paces._BESIDE * preview + paces._BESIDE_FINER * own, rel=1e-6)
