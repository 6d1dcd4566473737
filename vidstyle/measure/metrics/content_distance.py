"""Content distance: is what is where it was in the clip, however it is painted?"""

import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.measure.metrics.features import feature_network
from vidstyle.motion.flow import Array
from vidstyle.style.network.device import Device, to_tensor
from vidstyle.style.pyramid import resize

LAYER = "relu3_1"

CONTENT_SIDE = 256
"""Pixels of the reduced frames: at the layer, 64 positions along, whose similarities are a 2300² matrix at 16:9."""

TEMPERATURE = 0.1


class ContentDistance:
    """CFSD, the content feature structural distance of Chung et al. 2024 ("Style injection in diffusion").

    Each position's similarities to all others make a distribution; the distance is the mean, over positions, of the
    Kullback-Leibler divergence from the clip's distribution to the painting's. Colours and strokes may be others:
    what counts is which parts are alike.

    Differs from Chung et al. in that similarities are cosines of features less their mean, over a temperature of
    0.1, where they take inner products over the channels: that depends on the scale of the network's input.
    """

    def __init__(self, device: Device) -> None:
        self._device = device
        self._network = feature_network((LAYER,), device)

    def structure(self, image: Array) -> Tensor:
        """The log-probabilities, (n, n), of an image (H, W, 3) in 0..1: row i is position i's."""
        tensor = to_tensor(image, self._device)
        height, width = image.shape[:2]
        scale = min(1.0, CONTENT_SIDE / max(height, width))
        small = resize(tensor, (max(1, round(height * scale)), max(1, round(width * scale))))
        with torch.inference_mode():
            return log_similarities(self._network(small)[LAYER])


def log_similarities(features: Tensor) -> Tensor:
    """The log-softmax, over all positions, of each position's similarities, (n, n), from features (1, C, H, W)."""
    flat = features.float().flatten(2)[0].T  # (1, C, H, W) -> (n, C)
    flat = F.normalize(flat - flat.mean(0), dim=1)
    return F.log_softmax(flat @ flat.T / TEMPERATURE, dim=1)


def divergence(clip: Tensor, painting: Tensor) -> float:
    """``1/n Σᵢ KL(clipᵢ ‖ paintingᵢ)``, in nats, of two matrices from :func:`log_similarities`."""
    return float(F.kl_div(painting, clip, log_target=True, reduction="sum")) / len(clip)
