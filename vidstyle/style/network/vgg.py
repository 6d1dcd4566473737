"""A VGG feature network, frozen and cut after the deepest layer in use (Simonyan and Zisserman 2014)."""

from collections.abc import Collection, Sequence

from torch import Tensor, nn

from vidstyle.style.network.convolution import convolve, pool
from vidstyle.style.network.device import Device
from vidstyle.style.network.layers import layer_names
from vidstyle.style.network.weights import Weights
from vidstyle.style.network.winograd import transformed


class FeatureNetwork(nn.Module):
    """The features of an image at some layers.

    Parameters
    ----------
    layers
        Canonical names of the layers to return; the network ends at the deepest.
    pooling
        ``"max"`` (Simonyan and Zisserman) or ``"average"`` (Gatys et al. 2015).
    padding
        ``"replicate"`` or ``"zeros"`` (VGG's own, which draws a border around a stylised picture).
    """

    def __init__(self, weights: Weights, layers: Sequence[str], pooling: str, padding: str, device: Device) -> None:
        super().__init__()
        names = layer_names(weights.network)
        self.architecture = weights.network
        self.layers = tuple(name for name in names if name in layers)
        self._names = names[: names.index(self.layers[-1]) + 1]
        self._pooling = pooling
        self._replicated = padding == "replicate"
        self._bgr = weights.preprocessing.bgr
        for name in self._names:
            weight, bias = weights.convolutions[name]
            weight = device.to_device(weight)
            self.register_buffer(f"{name}_weight", weight)
            self.register_buffer(f"{name}_transformed", transformed(weight))
            self.register_buffer(f"{name}_bias", bias.to(device.device, device.dtype))
        pre = weights.preprocessing
        mean, std = Tensor(pre.mean).view(1, 3, 1, 1), Tensor(pre.std).view(1, 3, 1, 1)
        self._gain, self._offset = (pre.scale / std).to(device.device), (mean / std).to(device.device)
        self._to_device = device.to_device

    def forward(self, image: Tensor, layers: Collection[str] | None = None) -> dict[str, Tensor]:
        """Features of an image, (1, 3, H, W), RGB, 0..1, float32, by layer, (1, C, H/2^b, W/2^b).

        They are at the device's precision. Nothing is run beyond the deepest of the `layers` wanted; None: all.
        """
        wanted = [layer for layer in self.layers if layers is None or layer in layers]
        if not wanted:
            return {}
        channels = image.flip(1) if self._bgr else image
        x = self._to_device(channels * self._gain - self._offset)
        features = {}
        for name in self._names[: self._names.index(wanted[-1]) + 1]:
            if name.endswith("_1") and name != "relu1_1":
                x = pool(x, self._pooling)
            weight, bias = getattr(self, f"{name}_weight"), getattr(self, f"{name}_bias")
            by_tiles = getattr(self, f"{name}_transformed")
            x = convolve(x, weight, bias, replicated=self._replicated, transformed=by_tiles)
            if name in wanted:
                features[name] = x
        return features
