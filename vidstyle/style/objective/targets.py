"""What the layers of a frame are to look like: the Gram matrices of the style pictures, without their subjects.

Style is what is everywhere in a picture, and its subject what is in one place. A Gram matrix forgets places, but a deep
channel that means "eye" still asks for an eye somewhere. How evenly its energy is spread over the style picture tells
it from a channel that means brush strokes, so channels are weighted by their spread.

Where strokes are seen, the distribution of their features is known besides.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from vidstyle.style.network.layers import finer_layers, is_deep, layer_shares, receptive_field
from vidstyle.style.network.vgg import FeatureNetwork
from vidstyle.style.objective.losses import gram_matrix
from vidstyle.style.objective.sliced_wasserstein import PAINTED, STROKE_LAYERS, blended, directions, project
from vidstyle.style.pyramid import Size, scaled_style

Pictures = Sequence[tuple[Tensor, float]]
"""Features (1, C, H, W) of each picture of a blend, and its share; shares sum to 1."""

# A layer of which less is kept counts a sixth of what it did at most, and its convolutions are not worth running.
_NEGLIGIBLE = 0.4
# How many pixels across a layer sees that sees no more than bristles. Enlarged, a picture smaller than the frame has
# nothing so fine: what such a layer sees in it are its own pixels. For strokes they would be too small, beside those of
# the frame's preview.
_BRISTLE = 3
# Blocks along each side of the picture.
_BLOCKS = 4
# A channel with at most the one spread is subject, and with at least the other style.
_UNEVEN, _EVEN = 0.35, 0.65


@dataclass(frozen=True)
class Distribution:
    """How features are distributed: the quantiles, (L, K), of their projections on some directions, (C, K), float32.

    In these each channel is multiplied by its weight.
    """

    directions: Tensor
    quantiles: Tensor


@dataclass(frozen=True)
class StyleTarget:
    """What a layer is to look like.

    Attributes
    ----------
    gram
        (C, C), each entry (i, j) times wᵢ·wⱼ.
    weights
        (C,), the channels' weights w, 0..1, by which the frame's Gram matrix is multiplied too; None: all are 1.
    kept
        The norm of `gram` over that without weights, 0..1. The layer counts by its square, so that what is left of it
        counts as it did beside the other layers, and is not amplified.
    distribution
        That of the pictures' features together, where it was asked for.
    share
        What the layer counts among all.
    field
        How many pixels across one of its positions sees.
    """

    gram: Tensor
    weights: Tensor | None = None
    kept: float = 1.0
    distribution: Distribution | None = None
    share: float = 1.0
    field: int = 1

    @property
    def is_negligible(self) -> bool:
        """Whether so little is kept that the layer may be left out."""
        return self.kept < _NEGLIGIBLE

    def weighted(self, gram: Tensor) -> Tensor:
        """A frame's Gram matrix, to be compared with the target's."""
        return gram if self.weights is None else gram * torch.outer(self.weights, self.weights)


class StyleTargets:
    """What a blend of style pictures asks of frames, whose strokes scale with the frames.

    Parameters
    ----------
    pictures
        (1, 3, h, w) in 0..1, each with what its sides are multiplied by beside the frames', and its share.
    layers
        Where style is seen.
    subject
        How much of the pictures' subjects comes along, 0 to 1.
    full_size
        The (H, W) of frames at which the distributions at the layers of strokes are known too; None: at none.
    """

    def __init__(
        self,
        network: FeatureNetwork,
        pictures: Sequence[tuple[Tensor, float, float]],
        layers: Sequence[str],
        subject: float,
        full_size: tuple[int, int] | None,
    ) -> None:
        self._network, self._pictures, self._layers, self._full_size = network, pictures, layers, full_size
        self._subject = subject
        self._targets: dict[tuple[Size, Size | None], Mapping[str, StyleTarget]] = {}

    def at(self, size: Size, preview: Size | None = None) -> Mapping[str, StyleTarget]:
        """The layers' targets for frames of a size, (H, W), without negligible ones; made when first asked for.

        Those of a frame that has a `preview` of a size beside it are of the layers, if there are such, that see little
        of that at once. Each counts as it does among all.
        """
        if (size, preview) not in self._targets:
            layers, architecture = self._layers, self._network.architecture
            if preview is not None:
                layers = finer_layers(layers, architecture, max(size) / max(preview))
            self._targets[size, preview] = self._made(size, layers, preview is not None) if layers else {}
        return self._targets[size, preview]

    @torch.no_grad()
    def features(
        self, size: tuple[int, int], layers: Sequence[str], most: float = math.inf
    ) -> list[tuple[dict[str, Tensor], float]]:
        """Those of each picture as frames of a size see it, `most` times enlarged at the most, with its share."""
        return [
            (self._network(scaled_style(picture, size, scale, most), layers), share)
            for picture, scale, share in self._pictures
        ]

    def _made(self, size: Size, layers: Sequence[str], has_preview: bool) -> Mapping[str, StyleTarget]:
        total = sum(share for *_, share in self._pictures)
        network, targets = self._network.architecture, {}
        fields = {layer: receptive_field(layer, network) for layer in layers}
        bristles = [layer for layer in layers if has_preview and fields[layer] <= _BRISTLE]
        pictures = [(features, share / total) for features, share in self.features(size, layers)]
        if bristles:
            for (features, _), (fine, _) in zip(pictures, self.features(size, bristles, 1.0), strict=True):
                features.update(fine)
        for layer in layers:
            # Shallow layers know no subjects, and colours are style. Where things are known by their shape, as an eye
            # is, their distribution would bring them along.
            deep = is_deep(layer)
            distributed = layer in STROKE_LAYERS and not deep and size == self._full_size
            targets[layer] = style_target(
                [(features[layer], share) for features, share in pictures],
                self._subject if deep else 1.0,
                self._subject if distributed else None,
            )
        targets = {layer: target for layer, target in targets.items() if not target.is_negligible} or targets
        plain = layer_shares(self._layers, network, size)
        counted = {layer: plain[layer] * target.kept**2 for layer, target in targets.items()}
        whole = sum(counted.values()) / (sum(plain[layer] for layer in layers) if has_preview else 1.0)
        return {
            layer: replace(targets[layer], share=count / whole, field=fields[layer]) for layer, count in counted.items()
        }


def style_target(pictures: Pictures, subject: float, in_distribution: float | None = None) -> StyleTarget:
    """The target of a layer, blended of pictures, each given by its features.

    Parameters
    ----------
    pictures, subject
        How much of the pictures' subjects comes along; 1: all of it, and no channel is weighted.
    in_distribution
        The same of their distribution, in whose tails things are that a Gram matrix averages away, such as eyes; None:
        no distribution is wanted.
    """
    distribution = None if in_distribution is None else _distribution(pictures, in_distribution)
    gram = blended_gram(pictures)
    if subject >= 1:
        return StyleTarget(gram, distribution=distribution)
    weights = _weights(pictures, subject)
    weighted = gram * torch.outer(weights, weights)
    return StyleTarget(weighted, weights, float(weighted.norm() / gram.norm().clamp_min(1e-20)), distribution)


def blended_gram(pictures: Pictures) -> Tensor:
    """The mean Gram matrix of several pictures, (C, C), by their shares."""
    return torch.stack([share * gram_matrix(features) for features, share in pictures]).sum(0)


def block_energies(features: Tensor) -> Tensor:
    """The mean square of each channel of `features`, (1, C, H, W), over the blocks of a picture, (C, 16), float32.

    Where a side has fewer positions than blocks, blocks share them.
    """
    rows, columns = _bounds(features.shape[2]), _bounds(features.shape[3])
    blocks = [features[0, :, top:bottom, left:right] for top, bottom in rows for left, right in columns]
    return torch.stack([block.float().square().mean((1, 2)) for block in blocks], 1)


def spread(energies: Tensor) -> Tensor:
    """How evenly each channel's energy lies over the blocks, (C,): 1 if alike in all, 1/n if all is in one of n.

    The participation ratio (Σe)²/(n·Σe²) of the energies e, (C, n).
    """
    total = energies.sum(1)
    return total.square() / (energies.shape[1] * energies.square().sum(1)).clamp_min(1e-20)


def channel_weights(energies: Tensor, subject: float) -> Tensor:
    """How far each channel counts as style, (C,) in 0..1, by its :func:`block_energies`, (C, n).

    `subject` is how much of the picture's subject comes along: at 1 every channel counts fully, as in Gatys et al.
    2015.
    """
    style = ((spread(energies) - _UNEVEN) / (_EVEN - _UNEVEN)).clamp(0, 1)
    return style + subject * (1 - style)


def _bounds(length: int) -> list[tuple[int, int]]:
    """Where each block along a side begins and ends; none is empty."""
    return [(i * length // _BLOCKS, -(-(i + 1) * length // _BLOCKS)) for i in range(_BLOCKS)]


def _weights(pictures: Pictures, subject: float) -> Tensor:
    """How far each channel is style, (C,): by how much of its energy in the blend comes from where it is spread."""
    styled = whole = torch.zeros((), device=pictures[0][0].device)
    for features, share in pictures:
        energies = block_energies(features)
        energy = share * energies.mean(1)
        styled = styled + energy * channel_weights(energies, subject)
        whole = whole + energy
    return styled / whole.clamp_min(1e-20)


def _distribution(pictures: Pictures, subject: float) -> Distribution:
    features, _ = pictures[0]
    axes = directions(features.shape[1], PAINTED).to(features.device)
    if subject < 1:
        axes = _weights(pictures, subject)[:, None] * axes
    return Distribution(axes, blended([(project(features, axes), share) for features, share in pictures]))
