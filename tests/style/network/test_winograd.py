"""Convolutions by tiles: torch's own to within float32's rounding, at every size, there and back."""

import pytest
import torch
import torch.nn.functional as F

from vidstyle.settings import RunSettings
from vidstyle.style.network import winograd
from vidstyle.style.network.convolution import convolve
from vidstyle.style.network.device import select_device


def _layer(channels: int, outputs: int, size: tuple[int, int]) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(7)
    x = torch.randn(1, channels, *size, generator=generator).to(memory_format=torch.channels_last)
    weight = torch.randn(outputs, channels, 3, 3, generator=generator) / (9 * channels) ** 0.5
    return x, weight, torch.randn(outputs, generator=generator), torch.randn(1, outputs, *size, generator=generator)


@pytest.mark.parametrize("replicated", [True, False])
@pytest.mark.parametrize("size", [(20, 20), (16, 24), (17, 19), (18, 33), (43, 22), (3, 90)])
def test_the_same_features_and_gradient(size, replicated):
    x, weight, bias, slope = _layer(64, 160, size)
    assert winograd.pays(*size)

    def both(function):
        image = x.detach().clone(memory_format=torch.channels_last).requires_grad_()
        features = function(image)
        return features.detach(), *torch.autograd.grad(features, image, slope.to(features.dtype))

    def exact(image):
        return F.relu(F.conv2d(F.pad(image.double(), (1, 1, 1, 1), mode=mode), weight.double(), bias.double()))

    mode = "replicate" if replicated else "constant"
    products = winograd.transformed(weight)
    ours = both(lambda image: convolve(image, weight, bias, replicated=replicated, transformed=products))
    for one, other in zip(ours, both(exact), strict=True):
        assert one.shape == other.shape
        assert (one - other).abs().max() < 2e-5 * other.abs().max()
    assert ours[0].is_contiguous(memory_format=torch.channels_last)


def test_strips_join_without_a_seam(monkeypatch):
    x, weight, bias, slope = _layer(64, 128, (70, 37))
    products = winograd.transformed(weight)
    whole = winograd.rectified(x, products, bias, replicated=True), winograd.gradient(slope, products)
    monkeypatch.setattr(winograd, "_STRIP_SUMS", 0)
    monkeypatch.setattr(winograd, "_STRIP_TILES", 10)
    assert len(list(winograd._strips(18, 10, 192))) == 18
    strips = winograd.rectified(x, products, bias, replicated=True), winograd.gradient(slope, products)
    for one, other in zip(whole, strips, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-5 * float(one.abs().max()))


def test_only_where_it_is_quicker():
    weight = torch.zeros(128, 64, 3, 3)
    assert winograd.transformed(weight).shape == (36, 64, 128)
    assert winograd.transformed(weight[:64]) is None  # few channels
    assert winograd.transformed(weight.bfloat16()) is None
    assert winograd.transformed(weight.to("meta")) is None
    assert not winograd.pays(12, 16)


def test_a_network_in_float32_goes_by_tiles(builtin, monkeypatch):
    from vidstyle.style.network.vgg import FeatureNetwork

    device = select_device(RunSettings(device="cpu", precision="float32"))
    network = FeatureNetwork(builtin, ["relu3_2"], "max", "replicate", device)
    image = torch.rand(1, 3, 96, 128, generator=torch.Generator().manual_seed(3))
    by_tiles = network(image)["relu3_2"]
    monkeypatch.setattr(winograd, "_FEWEST_TILES", 10**9)
    plain = network(image)["relu3_2"]
    assert not torch.equal(by_tiles, plain)
    assert (by_tiles - plain).abs().max() < 1e-4 * plain.abs().max()
