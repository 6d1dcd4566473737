"""The terms that an objective is a sum of: each a weighted loss over an image and its features."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from vidstyle.style.memory import StyleGain
from vidstyle.style.objective.losses import (
    MaskedPositions,
    gram_matrix,
    sliced_distance,
    squared_distance,
    temporal_loss,
    total_variation,
)
from vidstyle.style.objective.shot_colour import ShotColour, mean_colour
from vidstyle.style.objective.targets import Distribution, StyleTarget

Features = Mapping[str, Tensor]
Coefficient = float | Tensor
"""A number, or a tensor of one where only the device knows it: to read it would be to wait for the device."""

# The drift of a frame's mean colour, in opponent colours of 0..1, beyond which it is not led back more strongly.
_FAR_DRIFT = 0.02


class Term:
    """A weighted loss with a name to report it by."""

    name: str

    def __call__(self, image: Tensor, features: Features) -> Tensor:
        """The weighted loss, a scalar."""
        raise NotImplementedError

    def scaled(self, gain: StyleGain) -> Term | None:
        """The term where the style is asked for with that gain; None where nothing of it is left."""
        return self

    @property
    def stiffness(self) -> Tensor | None:
        """The diagonal of its Hessian, (1, 1, H, W), if it is diagonal and known exactly; else None."""
        return None


@dataclass(frozen=True)
class ContentTerm(Term):
    """Σₗ kₗ·Σ (F − P)² over layers l, with features P of the content frame (Gatys et al. 2015, equation 1)."""

    targets: Features
    coefficients: Mapping[str, Coefficient]
    name: str = "content"

    def __call__(self, image: Tensor, features: Features) -> Tensor:
        losses = [k * squared_distance(features[layer], self.targets[layer]) for layer, k in self.coefficients.items()]
        return torch.stack(losses).sum()


@dataclass(frozen=True)
class StyleTerm(Term):
    """Σₗ kₗ·‖G − A‖² over layers l, with Gram matrices A of the style (Gatys et al. 2015, equations 4 and 5).

    Both matrices are weighted by channel, so that the style's subject is not asked for: see `StyleTarget`.

    With masks, one for each layer, G is of the features inside the mask alone. The loss over a whole frame is blind to
    a small hole: the painted rest already satisfies it.
    """

    targets: Mapping[str, StyleTarget]
    coefficients: Mapping[str, Coefficient]
    masks: Mapping[str, MaskedPositions] | None = None
    name: str = "style"

    def __call__(self, image: Tensor, features: Features) -> Tensor:
        losses = []
        for layer, k in self.coefficients.items():
            target = self.targets[layer]
            gram = gram_matrix(features[layer], self.masks[layer] if self.masks else None)
            losses.append(k * squared_distance(target.weighted(gram), target.gram))
        return torch.stack(losses).sum()

    def scaled(self, gain: StyleGain) -> StyleTerm:
        """The term times the Gram matrices' gain."""
        return replace(self, coefficients=_times(gain.gram, self.coefficients))


@dataclass(frozen=True)
class SlicedTerm(Term):
    """Σₗ kₗ·SW² over layers l: the features' whole distribution is to be the style's (Heitz et al. 2021).

    A Gram matrix holds second moments alone: a painting can have the style's and still be far from it.

    Attributes
    ----------
    targets, rows
        The style's distribution at each layer, and which positions are compared with it; None: all.
    """

    targets: Mapping[str, Distribution]
    rows: Mapping[str, Tensor | None]
    coefficients: Mapping[str, Coefficient]
    name: str = "sliced"

    def __call__(self, image: Tensor, features: Features) -> Tensor:
        losses = []
        for layer, k in self.coefficients.items():
            target = self.targets[layer]
            losses.append(k * sliced_distance(features[layer], target.directions, target.quantiles, self.rows[layer]))
        return torch.stack(losses).sum()

    def scaled(self, gain: StyleGain) -> SlicedTerm | None:
        """The term times its own gain; where that is 0, there is none."""
        return replace(self, coefficients=_times(gain.sliced, self.coefficients)) if gain.sliced > 0 else None


@dataclass(frozen=True)
class ShotColourTerm(Term):
    """k·‖d − f‖², with the drift d of the frame's mean colour from its shot's, and what is forgiven of that, f.

    Beyond some distance it grows linearly (Huber 1964): a hole can't make up for much, however its colours are bent.

    Attributes
    ----------
    shot_colour
        What the shot began with.
    clip
        (3,), the mean colour of the clip's frame.
    constrained_mean
        (3,), what the pixels outside the hole, which the temporal term holds, add to the frame's mean.
    hole
        (1, 1, H, W) in 0..1: the pixels that make up for the drift.
    forgiven
        (3,), the drift that they need not make up for.
    """

    shot_colour: ShotColour
    clip: Tensor
    constrained_mean: Tensor
    hole: Tensor
    forgiven: Tensor
    coefficient: Coefficient
    name: str = "shot_colour"

    def __call__(self, image: Tensor, features: Features) -> Tensor:
        drift = self.shot_colour.drift(self.constrained_mean + mean_colour(image, self.hole), self.clip)
        square = (drift - self.forgiven).square().sum()
        linear = 2 * _FAR_DRIFT * square.clamp_min(_FAR_DRIFT**2).sqrt() - _FAR_DRIFT**2
        return self.coefficient * torch.minimum(square, linear)

    def scaled(self, gain: StyleGain) -> ShotColourTerm:
        """The term times the Gram matrices' gain, whose colours it keeps within bounds."""
        return replace(self, coefficient=gain.gram * self.coefficient)


@dataclass(frozen=True)
class TemporalTerm(Term):
    """k·Σ c·(x − ω)²/(3·H·W): stay where the earlier result, warped into this frame, is (Ruder et al. 2016, eq. 8)."""

    target: Tensor
    reliability: Tensor
    coefficient: float
    name: str = "temporal"

    def __call__(self, image: Tensor, features: Features) -> Tensor:
        return self.coefficient * temporal_loss(image, self.target, self.reliability)

    @property
    def stiffness(self) -> Tensor:
        """The diagonal of its Hessian, (1, 1, H, W): the term is quadratic, so it is all there is to know."""
        return self.reliability * (2 * self.coefficient / self.target.numel())


@dataclass(frozen=True)
class VariationTerm(Term):
    """k·Σ (∂x)² + (∂y)²: no pixel noise, which the feature losses hardly see."""

    coefficient: float
    name: str = "tv"

    def __call__(self, image: Tensor, features: Features) -> Tensor:
        return self.coefficient * total_variation(image)


@dataclass(frozen=True)
class DetailTerm(Term):
    """k·mean c·(D(x) − d)²: shapes of strong contrast can be read, in the colours that the painting gives them.

    D takes an image less its blur, as the Laplacian does in Li et al. 2017, "Laplacian-steered neural style transfer".
    Of fine shapes it takes all channels, since colours of equal luma that differ as much are glaring. Of what is as
    large as a figure it takes the luma of a smaller frame: a dark coat before a light ground stays darker than that,
    whatever strokes cross it, and in whatever colours. A large frame's fine shapes are looked at down to its pixels.

    Attributes
    ----------
    name
        "detail", "fine detail" where it is held down to the pixel, or "form" where shapes are as large as a figure.
    detail_of
        D, from an image, (1, 3, H, W), to (1, C, h, w).
    target
        d, (1, 1, h, w): the detail of the clip's luma, where fine with its weak shapes raised.
    mask
        c, (1, 1, h, w) in 0..1: where there is such a shape.
    """

    name: str
    detail_of: Callable[[Tensor], Tensor]
    target: Tensor
    mask: Tensor
    coefficient: float

    def __call__(self, image: Tensor, features: Features) -> Tensor:
        return self.coefficient * (self.mask * (self.detail_of(image) - self.target).square()).mean()


def _times(factor: float, coefficients: Mapping[str, Coefficient]) -> Mapping[str, Coefficient]:
    return {layer: factor * k for layer, k in coefficients.items()}
