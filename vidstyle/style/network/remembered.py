"""A network that looks at a picture once, however many paintings are made of it."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Collection, Sequence

import torch
from torch import Tensor

from vidstyle.style.network.device import Device
from vidstyle.style.network.vgg import FeatureNetwork
from vidstyle.style.network.weights import Weights

# Pictures whose features are kept: a few frames at each of their sizes, and a few styles.
_KEPT = 16


class RememberedNetwork(FeatureNetwork):
    """Remembers the features of pictures that are seen without a gradient: those of the clip and of the styles.

    What is being painted changes from step to step, and is seen with one, or only to be measured.
    """

    def __init__(self, weights: Weights, layers: Sequence[str], pooling: str, padding: str, device: Device) -> None:
        super().__init__(weights, layers, pooling, padding, device)
        self._seen: OrderedDict[tuple[bytes, tuple[int, ...], tuple[str, ...]], dict[str, Tensor]] = OrderedDict()

    def forward(self, image: Tensor, layers: Collection[str] | None = None) -> dict[str, Tensor]:
        """As of the network itself; what it gives is not to be changed."""
        if torch.is_grad_enabled():
            return super().forward(image, layers)
        wanted = tuple(layer for layer in self.layers if layers is None or layer in layers)
        pixels = image.contiguous().cpu().numpy()
        key = hashlib.sha1(pixels.tobytes(), usedforsecurity=False).digest(), pixels.shape, wanted
        if key not in self._seen:
            self._seen[key] = super().forward(image, wanted)
            if len(self._seen) > _KEPT:
                self._seen.popitem(last=False)
        self._seen.move_to_end(key)
        return dict(self._seen[key])
