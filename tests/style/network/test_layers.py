import pytest
import torch

from vidstyle.errors import UsageError
from vidstyle.style.network.layers import canonical, canonical_all, layer_names, layer_shares, receptive_field


@pytest.mark.parametrize("name", ["relu4_2", "conv4_2", "block4_conv2", "RELU4_2", " conv4_2 "])
def test_three_spellings_name_one_layer(name):
    assert canonical(name, "vgg19") == "relu4_2"


def test_networks_have_their_convolutions():
    assert len(layer_names("vgg19")) == 16
    assert len(layer_names("vgg16")) == 13


@pytest.mark.parametrize("name", ["relu6_1", "relu3_5", "conv1_3", "pool1", "", "4_2"])
def test_unknown_layers_are_refused_with_the_spelling_to_use(name):
    with pytest.raises(UsageError, match=r"write relu4_2, conv4_2 or block4_conv2"):
        canonical(name, "vgg19")


def test_a_layer_of_vgg19_only_is_unknown_to_vgg16():
    assert canonical("conv3_4", "vgg19") == "relu3_4"
    with pytest.raises(UsageError, match="vgg16 has no layer 'conv3_4'"):
        canonical("conv3_4", "vgg16")


def test_a_layer_named_twice_counts_once():
    assert canonical_all(["conv1_1", "relu1_1", "block2_conv1"], "vgg19") == ("relu1_1", "relu2_1")


@pytest.mark.parametrize(
    ("layer", "field"),
    [("relu1_1", 3), ("relu1_2", 5), ("relu2_1", 10), ("relu3_1", 24), ("relu4_1", 68), ("relu5_1", 156)],
)
def test_receptive_fields_of_vgg19(layer, field):
    assert receptive_field(layer, "vgg19") == field


def test_receptive_field_is_what_reaches_a_position():
    """Counted: which pixels have a gradient to the middle of the layer."""
    x = torch.zeros(1, 1, 200, 4, requires_grad=True)
    y = x
    kernel = torch.ones(1, 1, 3, 3)
    for count in (2, 2, 3):
        for _ in range(count):
            y = torch.nn.functional.conv2d(y, kernel, padding=1)
        y = torch.nn.functional.avg_pool2d(y, (2, 1))
    y = torch.nn.functional.conv2d(y, kernel, padding=1)
    y[0, 0, y.shape[2] // 2, 2].backward()
    reached = (x.grad[0, 0].sum(1) > 0).sum().item()
    assert receptive_field("relu4_1", "vgg16") == reached


def test_layers_that_see_the_whole_frame_count_less():
    names = ["relu1_1", "relu2_1", "relu5_1"]
    assert layer_shares(names, "vgg19", (720, 1280)) == pytest.approx(dict.fromkeys(names, 1 / 3))
    small = layer_shares(names, "vgg19", (90, 160))
    assert sum(small.values()) == pytest.approx(1)
    assert small["relu1_1"] == small["relu2_1"] > 10 * small["relu5_1"] > 0


def test_layers_that_see_strokes_count_for_most():
    names = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]
    shares = layer_shares(names, "vgg19", (720, 1280))
    assert shares["relu3_1"] > shares["relu4_1"] > shares["relu1_1"] == shares["relu2_1"] == shares["relu5_1"]
    assert layer_shares(["relu3_1"], "vgg19", (720, 1280)) == {"relu3_1": 1.0}
