"""Layers that keep little for the way back: the same bits as torch's own, and how few bytes that are."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch.multiprocessing.reductions import StorageWeakRef

from vidstyle.settings import RunSettings
from vidstyle.style.network.convolution import convolve, pool
from vidstyle.style.network.device import select_device
from vidstyle.style.network.layers import layer_names
from vidstyle.style.network.vgg import FeatureNetwork
from vidstyle.style.objective.build import style_term
from vidstyle.style.objective.losses import gram_matrix
from vidstyle.style.objective.objective import Objective
from vidstyle.style.objective.policy import POLICIES
from vidstyle.style.objective.targets import StyleTarget

NAMES = layer_names("vgg19")[:13]  # to relu5_1


def _there_and_back(convolution, pooling, layer, x):
    x = x.detach().requires_grad_()
    features = convolution(pooling(convolution(x, *layer)), *layer)
    (gradient,) = torch.autograd.grad(features, x, torch.ones_like(features) + features.detach())
    return features.detach(), gradient


@pytest.fixture
def large(monkeypatch):
    """Every picture is met as a large one, in several strips."""
    monkeypatch.setattr("vidstyle.style.network.convolution._LARGE", 0)
    monkeypatch.setattr("vidstyle.style.network.convolution._STRIP", 1 << 12)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("kind", ["max", "average"])
def test_the_same_bits_as_torchs_own(kind, precision, large):
    device = select_device(RunSettings(device="cpu", precision=precision))
    generator = torch.Generator().manual_seed(1)
    x = device.to_device(torch.randn(1, 16, 21, 34, generator=generator))
    weight = device.to_device(torch.randn(16, 16, 3, 3, generator=generator))
    layer = (weight, torch.randn(16, generator=generator).to(weight.dtype))
    plain = F.max_pool2d if kind == "max" else F.avg_pool2d
    expected = _there_and_back(
        lambda x, *layer: F.relu(F.conv2d(x, *layer, padding=1)), lambda x: plain(x, 2), layer, x
    )
    ours = _there_and_back(partial(convolve, replicated=False), lambda x: pool(x, kind), layer, x)
    assert all(map(torch.equal, ours, expected))


def test_a_gradient_that_somebody_else_has_is_not_written_over(large):
    generator = torch.Generator().manual_seed(4)
    x = torch.randn(1, 16, 21, 34, generator=generator, requires_grad=True)
    layer = (torch.randn(16, 16, 3, 3, generator=generator), torch.zeros(16))
    one, other = (convolve(x, *layer, replicated=False) for _ in range(2))
    slope = torch.randn(one.shape, generator=generator)
    given = slope.clone()
    # The sum hands the same tensor to both.
    (gradient,) = torch.autograd.grad(one + other, x, slope)
    assert torch.equal(slope, given)
    (alone,) = torch.autograd.grad(convolve(x, *layer, replicated=False), x, given.clone())
    torch.testing.assert_close(gradient, 2 * alone)


def test_replicated_edges_have_torchs_gradient():
    x = torch.randn(1, 4, 7, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    weight = torch.randn(4, 4, 3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    layer = (weight, torch.zeros(4, dtype=torch.float64))
    expected = _there_and_back(
        lambda x, *layer: F.relu(F.conv2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), *layer)), torch.relu, layer, x
    )
    ours = _there_and_back(partial(convolve, replicated=True), torch.relu, layer, x)
    for one, other in zip(ours, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("replicated", [True, False])
@pytest.mark.parametrize("size", [(1, 1), (1, 4), (3, 5)])
def test_the_gradient_is_that_of_finite_differences(replicated, size):
    generator = torch.Generator().manual_seed(5)
    x = torch.randn(1, 2, *size, dtype=torch.float64, generator=generator).requires_grad_()
    weight = torch.randn(3, 2, 3, 3, dtype=torch.float64, generator=generator)
    bias = torch.randn(3, dtype=torch.float64, generator=generator)
    assert torch.autograd.gradcheck(lambda x: convolve(x, weight, bias, replicated=replicated), x)


@pytest.mark.parametrize("padding", ["replicate", "zeros"])
def test_only_each_layers_result_is_saved_for_the_backward_pass(padding, builtin, cpu, noise, large):
    network = FeatureNetwork(builtin, NAMES, "max", padding, cpu)
    weights = {buffer.untyped_storage().data_ptr() for buffer in network.buffers()}
    kept = {}

    def keep(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        features = network(noise.requires_grad_())
    maps = sum(feature.untyped_storage().nbytes() for feature in features.values())
    assert maps <= sum(kept.values()) < 1.02 * maps


def test_features_are_freed_during_the_backward_pass(builtin, cpu, noise):
    """As soon as the gradient is past them: by the time that it is at the image, all but the first."""
    style = ["relu1_1", "relu2_1", "relu3_1", "relu4_1"]
    network = FeatureNetwork(builtin, style, "max", "replicate", cpu)
    alive = []

    def watched(image):
        features = network(image)
        held = {layer: StorageWeakRef(feature.untyped_storage()) for layer, feature in features.items()}
        image.register_hook(lambda _: alive.extend(layer for layer, ref in held.items() if not ref.expired()))
        return features

    with torch.no_grad():
        features = network(noise)
        targets = {layer: StyleTarget(gram_matrix(features[layer].roll(1, 1)), share=0.25) for layer in style}
        term = style_term(targets, 20.0, POLICIES["vidstyle"], features)
    Objective(watched, [term])(noise)
    assert set(alive) <= {"relu1_1"}
