import pytest
import torch
import torchvision

from vidstyle.settings import RunSettings
from vidstyle.style.network.convolution import convolve
from vidstyle.style.network.device import select_device
from vidstyle.style.network.layers import CHANNELS, CONVOLUTIONS, layer_names
from vidstyle.style.network.vgg import FeatureNetwork
from vidstyle.style.network.weights import CAFFE, IMAGENET, Weights


def _random(network):
    generator = torch.Generator().manual_seed(5)
    convolutions, channels = {}, 3
    for name in layer_names(network):
        width = CHANNELS[int(name[4]) - 1]
        weight = torch.randn(width, channels, 3, 3, generator=generator) * (2 / (9 * channels)) ** 0.5
        convolutions[name] = (weight, torch.randn(width, generator=generator) * 0.1)
        channels = width
    return Weights(network, "random", convolutions, IMAGENET)


def test_nothing_is_run_beyond_the_deepest_layer_asked_for(builtin, cpu, noise, monkeypatch):
    network = FeatureNetwork(builtin, ["relu1_1", "relu4_2", "relu5_1"], "max", "zeros", cpu)
    whole = network(noise)
    ran = []
    monkeypatch.setattr(
        "vidstyle.style.network.vgg.convolve", lambda *args, **kw: ran.append(1) or convolve(*args, **kw)
    )
    part = network(noise, {"relu1_1", "relu4_2"})
    assert set(part) == {"relu1_1", "relu4_2"} and len(ran) == 10
    assert all(torch.equal(part[layer], whole[layer]) for layer in part)
    assert network(noise, ()) == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vgg16", "vgg19"])
def test_features_are_torchvisions(name, cpu, noise):
    weights = _random(name)
    theirs = getattr(torchvision.models, name)(weights=None).features.eval()
    index = 0
    at = {}
    for layer, (weight, bias) in weights.convolutions.items():
        while not isinstance(theirs[index], torch.nn.Conv2d):
            index += 1
        theirs[index].weight.data, theirs[index].bias.data = weight, bias
        theirs[index + 1].inplace = False
        at[layer] = index + 1
        index += 1
    ours = FeatureNetwork(weights, layer_names(name), "max", "zeros", cpu)(noise)
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (IMAGENET.mean, IMAGENET.std))
    x = (noise - mean) / std
    for position, part in enumerate(theirs):
        x = part(x)
        for layer, stop in at.items():
            if stop == position:
                torch.testing.assert_close(ours[layer], x, rtol=1e-4, atol=1e-4)
    assert len(ours) == sum(CONVOLUTIONS[name])


def test_caffe_weights_want_bgr_off_the_mean(cpu, builtin):
    """Red, green and blue each reach the input channel they should, at 0..255."""
    delta = torch.zeros(64, 3, 3, 3)
    for channel in range(3):
        delta[channel, channel, 1, 1] = 1.0
    convolutions = {"relu1_1": (delta, torch.full((64,), 200.0))}
    network = FeatureNetwork(Weights("vgg19", "test", convolutions, CAFFE), ["relu1_1"], "max", "replicate", cpu)
    image = torch.tensor([1.0, 0.5, 0.25]).view(1, 3, 1, 1).expand(1, 3, 4, 4)
    blue, green, red = network(image)["relu1_1"][0, :3, 0, 0].tolist()
    assert blue == pytest.approx(0.25 * 255 - 103.939 + 200, abs=1e-3)
    assert green == pytest.approx(0.5 * 255 - 116.779 + 200, abs=1e-3)
    assert red == pytest.approx(255 - 123.68 + 200, abs=1e-3)


def test_the_network_ends_at_the_deepest_layer_in_use(cpu, builtin):
    network = FeatureNetwork(builtin, ["relu3_1", "relu1_1"], "max", "replicate", cpu)
    names = [name for name, _ in network.named_buffers()]
    assert network.layers == ("relu1_1", "relu3_1")
    assert "relu3_1_weight" in names
    assert "relu3_2_weight" not in names


def test_replicated_edges_leave_a_flat_picture_flat(cpu, builtin):
    flat = torch.full((1, 3, 32, 32), 0.4)
    layers = ["relu1_1", "relu3_1"]
    for name, feature in FeatureNetwork(builtin, layers, "max", "replicate", cpu)(flat).items():
        assert (feature - feature[:, :, :1, :1]).abs().max() < 1e-3 * feature.abs().max(), name
    zeros = FeatureNetwork(builtin, layers, "max", "zeros", cpu)(flat)["relu3_1"]
    assert (zeros - zeros[:, :, 4:5, 4:5]).abs().max() > 0.1 * zeros.abs().max()


def test_average_pooling_averages(cpu, builtin, noise):
    layers = ["relu1_2", "relu2_1"]
    largest = FeatureNetwork(builtin, layers, "max", "replicate", cpu)(noise)
    average = FeatureNetwork(builtin, layers, "average", "replicate", cpu)(noise)
    assert torch.equal(largest["relu1_2"], average["relu1_2"])
    assert not torch.allclose(largest["relu2_1"], average["relu2_1"])


@pytest.mark.parametrize("size", [(1, 1), (3, 17), (40, 2)])
def test_pictures_smaller_than_the_network_still_have_features(size, cpu, builtin):
    network = FeatureNetwork(builtin, ["relu5_1"], "max", "replicate", cpu)
    feature = network(torch.rand(1, 3, *size))["relu5_1"]
    assert feature.isfinite().all()
    assert min(feature.shape[2:]) >= 1


def test_bfloat16_is_close_to_float32(cpu, builtin, noise):
    rough = select_device(RunSettings(device="cpu", precision="bfloat16"))
    fine = FeatureNetwork(builtin, ["relu4_2"], "max", "replicate", cpu)(noise)["relu4_2"]
    coarse = FeatureNetwork(builtin, ["relu4_2"], "max", "replicate", rough)(noise)["relu4_2"]
    assert coarse.dtype == torch.bfloat16
    assert (coarse.float() - fine).norm() < 0.03 * fine.norm()
