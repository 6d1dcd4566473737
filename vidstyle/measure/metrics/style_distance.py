"""Style distance: is it painted like the style picture, everywhere or in a part of the frame?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import torch
from torch import Tensor

from vidstyle.measure.metrics import borrowed
from vidstyle.measure.metrics.borrowed import Borrowed, Subject
from vidstyle.measure.metrics.drift import look
from vidstyle.measure.metrics.features import feature_network
from vidstyle.motion.flow import Array
from vidstyle.style.network.device import Device, to_image, to_tensor
from vidstyle.style.objective.losses import gram_matrix, squared_distance
from vidstyle.style.objective.sliced_wasserstein import STROKE_LAYERS, blended, project, quantiles, wasserstein
from vidstyle.style.objective.targets import blended_gram
from vidstyle.style.pyramid import scaled_style

GRAM_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
"""Where Gatys et al. 2015 see style; it is what most tools minimise."""


@dataclass(frozen=True)
class StyleDistances:
    """How far from the style; 0 is the style itself.

    Attributes
    ----------
    gram
        ``‖G − A‖² / ‖A‖²`` of the Gram matrices, the mean over five layers (Gatys et al. 2015, equation 4, over the
        target's own energy).
    wasserstein
        :func:`vidstyle.style.objective.sliced_wasserstein.wasserstein`, the mean over two layers (Heitz et al. 2021).
    """

    gram: float
    wasserstein: float


def mean_distances(distances: Iterable[StyleDistances | None]) -> StyleDistances | None:
    """The mean of those that are known; None if none is."""
    known = [distance for distance in distances if distance is not None]
    if not known:
        return None
    return StyleDistances(fmean(one.gram for one in known), fmean(one.wasserstein for one in known))


@dataclass(frozen=True)
class StyleFeatures:
    """What style distances see of an image: features by layer, (1, C, H, W), and their projections, (H·W, K)."""

    layers: Mapping[str, Tensor]
    projections: Mapping[str, Tensor]


class Style:
    """The style pictures as frames of a size, (H, W), are compared with them; their `sharpness` is at that size.

    Pictures are (H, W, 3) in 0..1, each with its share of the blend; their strokes scale with the frame: `scale` is
    their long side over the frame's, as they were painted with (``--style-scale``).
    """

    def __init__(
        self, pictures: Sequence[tuple[Array, float]], size: tuple[int, int], scale: float, device: Device
    ) -> None:
        self._device = device
        self._network = feature_network(GRAM_LAYERS, device)
        total = sum(weight for _, weight in pictures)
        seen, self.sharpness = [], 0.0
        self._subjects: list[Subject] = []
        for picture, weight in pictures:
            resized = scaled_style(to_tensor(picture, device), size, scale)
            seen.append((self._features(resized), weight / total))
            image = to_image(resized)
            self.sharpness += look(image).sharpness * weight / total
            self._subjects.append(Subject(seen[-1][0].layers[borrowed.LAYER], image))
        self.grams = {
            layer: blended_gram([(features.layers[layer], share) for features, share in seen]) for layer in GRAM_LAYERS
        }
        self.quantiles = {
            layer: blended([(features.projections[layer], share) for features, share in seen])
            for layer in STROKE_LAYERS
        }

    def features(self, image: Array) -> StyleFeatures:
        """What is seen of an image, (H, W, 3) in 0..1."""
        return self._features(to_tensor(image, self._device))

    def distances(self, features: StyleFeatures) -> StyleDistances:
        """How far an image is from the style."""
        return self.compare(
            {layer: gram_matrix(features.layers[layer]) for layer in GRAM_LAYERS},
            {layer: quantiles(features.projections[layer]) for layer in STROKE_LAYERS},
        )

    def borrowed(self, clip: StyleFeatures, output: StyleFeatures) -> Borrowed:
        """How much of a style picture's subject the output has and the clip has not; of several, the one of most."""
        layers = clip.layers[borrowed.LAYER], output.layers[borrowed.LAYER]
        return max((subject.borrowed(*layers) for subject in self._subjects), key=lambda found: found.share)

    def compare(self, grams: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> StyleDistances:
        """The distances of Gram matrices and quantiles, by layer, from the style's."""
        gram = [float(squared_distance(grams[layer], a) / a.square().sum()) for layer, a in self.grams.items()]
        sliced = [wasserstein(found[layer], target) for layer, target in self.quantiles.items()]
        return StyleDistances(sum(gram) / len(gram), sum(sliced) / len(sliced))

    @torch.inference_mode()
    def _features(self, tensor: Tensor) -> StyleFeatures:
        layers = self._network(tensor)
        return StyleFeatures(layers, {layer: project(layers[layer]) for layer in STROKE_LAYERS})
