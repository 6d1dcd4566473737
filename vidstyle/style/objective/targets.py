"""What a style layer is to look like: the Gram matrix of one or several pictures, without their subjects.

Where strokes are seen, the distribution of their features is known besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from vidstyle.style.objective.losses import gram_matrix
from vidstyle.style.objective.sliced_wasserstein import PAINTED, blended, directions, project
from vidstyle.style.objective.spread import block_energies, channel_weights

# Below this a layer has a sixth of its say at most, and its convolutions are not worth running.
_NOTHING = 0.4


@dataclass(frozen=True)
class Distribution:
    """How features are distributed.

    Attributes
    ----------
    sides
        (C, K), float32: the directions that they are seen from, each channel times its weight.
    quantiles
        (L, K), float32: theirs along each.
    """

    sides: Tensor
    quantiles: Tensor


@dataclass(frozen=True)
class StyleTarget:
    """A layer's Gram matrix.

    Attributes
    ----------
    gram
        (C, C), float32, each entry (i, j) times wᵢ·wⱼ.
    weights
        (C,), the channels' weights w, 0..1, by which the frame's Gram matrix is multiplied too; None: all are 1.
    kept
        The norm of `gram` over that without weights, 0..1. The layer counts by its square, so that what is left of it
        counts as it did beside the rest, and is not shouted.
    distribution
        That of the pictures' features together, where it was asked for.
    """

    gram: Tensor
    weights: Tensor | None = None
    kept: float = 1.0
    distribution: Distribution | None = None

    @property
    def says_nothing(self) -> bool:
        """Whether so little is kept that the layer may be left out."""
        return self.kept < _NOTHING

    def weighed(self, gram: Tensor) -> Tensor:
        """A frame's Gram matrix, to be compared with the target's."""
        return gram if self.weights is None else gram * torch.outer(self.weights, self.weights)


def style_target(
    pictures: Sequence[tuple[Tensor, float]], subject: float, in_distribution: float | None = None
) -> StyleTarget:
    """The target of a layer, blended of pictures.

    Parameters
    ----------
    pictures
        Features (1, C, H, W) of each picture, and its share; shares sum to 1.
    subject
        How much of the pictures' subjects comes along; 1: all, and no channel is weighed.
    in_distribution
        The same of their distribution, in whose tails things are that a Gram matrix averages away, such as eyes; None:
        no distribution is wanted.
    """
    distribution = None if in_distribution is None else _distribution(pictures, in_distribution)
    gram = torch.stack([share * gram_matrix(features) for features, share in pictures]).sum(0)
    if subject >= 1:
        return StyleTarget(gram, distribution=distribution)
    weights = _weights(pictures, subject)
    weighed = gram * torch.outer(weights, weights)
    return StyleTarget(weighed, weights, float(weighed.norm() / gram.norm().clamp_min(1e-20)), distribution)


def _weights(pictures: Sequence[tuple[Tensor, float]], subject: float) -> Tensor:
    """How far each channel is style, (C,): as far as its energy in the blend is of pictures in which it is spread."""
    styled = whole = torch.zeros((), device=pictures[0][0].device)
    for features, share in pictures:
        energies = block_energies(features)
        energy = share * energies.mean(1)
        styled = styled + energy * channel_weights(energies, subject)
        whole = whole + energy
    weights: Tensor = styled / whole.clamp_min(1e-20)
    return weights


def _distribution(pictures: Sequence[tuple[Tensor, float]], subject: float) -> Distribution:
    features, _ = pictures[0]
    sides = directions(features.shape[1], PAINTED).to(features.device)
    if subject < 1:
        sides = _weights(pictures, subject)[:, None] * sides
    return Distribution(sides, blended([(project(features, sides), share) for features, share in pictures]))
