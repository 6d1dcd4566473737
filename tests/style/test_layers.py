import pytest

from vidstyle.errors import UsageError
from vidstyle.style.layers import canonical, canonical_all, layer_names


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
