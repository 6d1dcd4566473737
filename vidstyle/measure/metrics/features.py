"""The network that judges: VGG19 in float32, the same on every machine and for every tool's files."""

from collections.abc import Sequence

from vidstyle.settings import RunSettings
from vidstyle.style.network.device import Device, select_device
from vidstyle.style.network.vgg import FeatureNetwork
from vidstyle.style.network.weights import load_weights


def judge_device(name: str, threads: int = 0) -> Device:
    """The device of that name ("auto" takes the best) in float32: figures are to be compared between machines."""
    return select_device(RunSettings(device=name, precision="float32", threads=threads), tf32=False)


def feature_network(layers: Sequence[str], device: Device) -> FeatureNetwork:
    """VGG19 with the built-in weights, whatever network painted the clip."""
    return FeatureNetwork(load_weights("builtin", "vgg19"), layers, "max", "replicate", device)
