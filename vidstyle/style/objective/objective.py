"""What a good frame is: terms that compose, summed, with the gradient at the image.

Ours divides each loss by its target's own energy, so that one set of weights holds at every size and for every style.
Ruder et al. 2016's differs only in its coefficients, so both are made of the same terms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.settings import ObjectiveSettings
from vidstyle.style.network.layers import is_of_colours
from vidstyle.style.objective.colours import mean_colour
from vidstyle.style.objective.losses import (
    Inside,
    gram_matrix,
    inside,
    sliced_distance,
    squared_distance,
    temporal_loss,
    total_variation,
)
from vidstyle.style.objective.palette import Palette
from vidstyle.style.objective.targets import Distribution, StyleTarget

Features = Mapping[str, Tensor]
# A number, or a tensor of one where only the device knows it: to ask would be to wait.
Coefficient = float | Tensor


_DISTANCES = (0.1, 1.0)
# How much a palette weighs, per weight of the style: at 40 no shot of three films strays by more than two just visible
# steps of colour, at no cost in style, content or steadiness that could be measured.
_PALETTE = 40.0
# Positions of a layer that are put in order, drawn at random: all of a frame 320 pixels wide. To sort those of larger
# ones would take as long as the network.
_SAMPLE = 1 << 12
# The distance from its palette, in opponent colours of 0..1, beyond which a frame is not led back more strongly.
_FAR_ASTRAY = 0.02


class Term(Protocol):
    """A weighted loss with a name to report it by."""

    @property
    def name(self) -> str: ...

    def __call__(self, image: Tensor, features: Features) -> Tensor:
        """The weighted loss, a scalar."""


@dataclass(frozen=True)
class ContentTerm:
    """Σₗ kₗ·Σ (F − P)² over layers l, with features P of the content frame (Gatys et al. 2015, equation 1)."""

    targets: Features
    coefficients: Mapping[str, Coefficient]
    name: str = "content"

    def __call__(self, image: Tensor, features: Features) -> Tensor:
        losses = [k * squared_distance(features[layer], self.targets[layer]) for layer, k in self.coefficients.items()]
        return torch.stack(losses).sum()


@dataclass(frozen=True)
class StyleTerm:
    """Σₗ kₗ·‖G − A‖² over layers l, with Gram matrices A of the style (Gatys et al. 2015, equations 4 and 5).

    Both matrices are weighed by channels, so that the style's subject is not asked for: see `StyleTarget`.

    With masks, one a layer, G is of the features inside the mask alone. The loss over a whole frame is blind to a
    small hole: the painted rest already satisfies it.
    """

    targets: Mapping[str, StyleTarget]
    coefficients: Mapping[str, Coefficient]
    masks: Mapping[str, Inside] | None = None
    name: str = "style"

    def __call__(self, image: Tensor, features: Features) -> Tensor:
        losses = []
        for layer, k in self.coefficients.items():
            target = self.targets[layer]
            gram = gram_matrix(features[layer], self.masks[layer] if self.masks else None)
            losses.append(k * squared_distance(target.weighed(gram), target.gram))
        return torch.stack(losses).sum()

    def emphasised(self, emphasis: float) -> StyleTerm:
        """The same with its weight multiplied."""
        return replace(self, coefficients={layer: emphasis * k for layer, k in self.coefficients.items()})


@dataclass(frozen=True)
class SlicedTerm:
    """Σₗ kₗ·SW² over layers l: the features' whole distribution is to be the style's (Heitz et al. 2021).

    A Gram matrix holds second moments alone: a painting can have the style's and still be far from it.

    Attributes
    ----------
    targets, rows
        Of each layer, the style's distribution, and which positions are looked at.
    """

    targets: Mapping[str, Distribution]
    rows: Mapping[str, Tensor | None]
    coefficients: Mapping[str, Coefficient]
    name: str = "sliced"

    def __call__(self, image: Tensor, features: Features) -> Tensor:
        losses = [
            k
            * sliced_distance(
                features[layer], self.targets[layer].sides, self.targets[layer].quantiles, self.rows[layer]
            )
            for layer, k in self.coefficients.items()
        ]
        return torch.stack(losses).sum()

    def pulling(self, pull: float) -> SlicedTerm:
        """The same with its weight multiplied."""
        return replace(self, coefficients={layer: pull * k for layer, k in self.coefficients.items()})


@dataclass(frozen=True)
class PaletteTerm:
    """k·d², with the distance d by which the frame's mean colour has strayed from its shot's palette.

    Beyond some distance it grows linearly (Huber 1964): a small hole can't make up for much, however its colours are
    bent.

    What is in the `hole`, (1, 1, H, W), makes up for it: the rest is held, and adds `held`, (3,), to the mean. The
    clip's frame has the mean colour `clip`, (3,).
    """

    palette: Palette
    clip: Tensor
    held: Tensor
    hole: Tensor
    coefficient: Coefficient
    name: str = "palette"

    def __call__(self, image: Tensor, features: Features) -> Tensor:
        square = self.palette.strayed(self.held + mean_colour(image, self.hole), self.clip)
        linear = 2 * _FAR_ASTRAY * square.clamp_min(_FAR_ASTRAY**2).sqrt() - _FAR_ASTRAY**2
        return self.coefficient * torch.minimum(square, linear)

    def emphasised(self, emphasis: float) -> PaletteTerm:
        """The same with its weight multiplied."""
        return replace(self, coefficient=emphasis * self.coefficient)


@dataclass(frozen=True)
class TemporalTerm:
    """k·Σ c·(x − ω)²/(3·H·W): stay where the earlier result, carried along the motion, is (Ruder et al., eq. 8)."""

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
class VariationTerm:
    """k·Σ (∂x)² + (∂y)²: no pixel noise, which the feature losses hardly see."""

    coefficient: float
    name: str = "tv"

    def __call__(self, image: Tensor, features: Features) -> Tensor:
        return self.coefficient * total_variation(image)


@dataclass(frozen=True)
class Evaluation:
    """The objective at an image: the sum, its gradient (1, 3, H, W), and each term's share."""

    loss: float
    gradient: Tensor
    losses: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Objective:
    """A sum of terms over one pass of the network.

    Parameters
    ----------
    network
        Image (1, 3, H, W) → features by layer.
    terms
        What is summed.
    """

    network: Callable[[Tensor], Features]
    terms: Sequence[Term]

    def __call__(self, image: Tensor) -> Evaluation:
        """The objective and its gradient at `image`, (1, 3, H, W)."""
        image = image.detach().requires_grad_()
        features = self.network(image)
        losses = torch.stack([term(image, features) for term in self.terms])
        total = losses.sum()
        del features  # or none could be let go on the way back
        (gradient,) = torch.autograd.grad(total, image)
        values = torch.cat([losses.detach(), total.detach().view(1)]).tolist()  # one wait for the device
        named: dict[str, float] = {}
        for term, value in zip(self.terms, values[:-1], strict=True):
            named[term.name] = named.get(term.name, 0.0) + value
        return Evaluation(values[-1], gradient, named)

    def emphasised(self, emphasis: float, pull: float = 0.0) -> Objective:
        """The same with the style's weight multiplied, and the palette's, which keeps it in bounds.

        A sliced term has its own factor, the `pull`; where that is 0, there is none.
        """
        terms: list[Term] = []
        for term in self.terms:
            if isinstance(term, StyleTerm | PaletteTerm):
                terms.append(term.emphasised(emphasis))
            elif not isinstance(term, SlicedTerm):
                terms.append(term)
            elif pull > 0:
                terms.append(term.pulling(pull))
        return replace(self, terms=terms)

    @property
    def stiffness(self) -> Tensor | None:
        """The diagonal of the Hessian as far as it is known exactly, (1, 1, H, W); None where nothing is."""
        known = [term.stiffness for term in self.terms if isinstance(term, TemporalTerm)]
        return torch.stack(known).sum(0) if known else None


def content_term(targets: Features, settings: ObjectiveSettings) -> ContentTerm:
    """The content term of `settings` for a frame's own features."""
    coefficients: dict[str, Coefficient] = {}
    for layer, target in targets.items():
        # Mean (F − P)², ours divided by mean P².
        if _is_ruder(settings):
            coefficients[layer] = settings.content_weight / target.numel()
        else:
            coefficients[layer] = settings.content_weight / len(targets) / _energy(target)
    return ContentTerm(targets, coefficients)


def style_term(
    targets: Mapping[str, StyleTarget],
    settings: ObjectiveSettings,
    shares: Mapping[str, float],
    frame: Features,
    mask: Tensor | None = None,
) -> StyleTerm:
    """The style term of `settings`, over the frame or over the `mask` (1, 1, H, W) of newly uncovered regions.

    The layers weigh by their `shares`; Ruder's are summed as they are. Ours is divided by what it comes to for the
    clip's own frame, whose features are `frame`, so that one weight looks alike for a clip that is near to the style
    and for one that is far from it.

    The masked term is weighted by the mask's share of the frame, so that a pixel of it weighs as much as any other. It
    asks for the style's strokes alone, where some layer knows them. A region begins with the colours that the painting
    makes of the clip's, and its shot's palette keeps them (see :class:`PaletteTerm`).
    """
    weight: Coefficient = settings.style_weight
    if not _is_ruder(settings):
        weight = settings.style_weight / _distance(targets, shares, frame)
    coefficients: dict[str, Coefficient] = {}
    counted = {layer: shares[layer] for layer in targets}
    for layer, share in (counted if mask is None else _of_strokes(counted)).items():
        gram = targets[layer].gram
        # Ruder's Gram matrix is divided by C·H·W where ours is by H·W, and its distance is a mean over C·C.
        if _is_ruder(settings):
            coefficients[layer] = settings.style_weight / len(gram) ** 4
        else:
            coefficients[layer] = weight * share / _energy(gram)
    if mask is None:
        return StyleTerm(targets, coefficients)
    hole = mask.cpu()  # the one wait for the device: from here on everything is known before it is needed
    masks = {}
    for layer in coefficients:
        feature = frame[layer]
        pooled = F.adaptive_avg_pool2d(hole, (feature.shape[2], feature.shape[3]))
        masks[layer] = inside(pooled, feature.device)
    covered = float(hole.mean())
    return StyleTerm(targets, {k: covered * v for k, v in coefficients.items()}, masks, "uncovered")


def sliced_term(targets: Mapping[str, StyleTarget], settings: ObjectiveSettings, frame: Features) -> SlicedTerm | None:
    """The sliced term at the layers whose targets have a distribution; None where there is none.

    It is divided by what it comes to for the clip's own frame, whose features are `frame`.
    """
    known = {layer: target.distribution for layer, target in targets.items() if target.distribution is not None}
    rows, coefficients = {}, {}
    for layer, target in known.items():
        own = frame[layer]
        rows[layer] = _drawn(own.shape[2] * own.shape[3], own.device)
        spread = target.quantiles.var(0, correction=0).mean().clamp_min(1e-12)
        distance = sliced_distance(own, target.sides, target.quantiles, rows[layer]) / spread
        coefficients[layer] = settings.style_weight / (len(known) * distance.clamp_min(_DISTANCES[0]) * spread)
    return SlicedTerm(known, rows, coefficients) if known else None


def _drawn(positions: int, device: torch.device) -> Tensor | None:
    """Some of so many positions, always the same ones; None: all."""
    if positions <= _SAMPLE:
        return None
    drawn = torch.randperm(positions, generator=torch.Generator().manual_seed(positions))
    return drawn[:_SAMPLE].sort().values.to(device)


def palette_term(
    palette: Palette, frame: Tensor, earlier: Sequence[tuple[Tensor, Tensor]], hole: Tensor, settings: ObjectiveSettings
) -> PaletteTerm:
    """The palette term for the clip's `frame`, where what the `hole` leaves is held to `earlier` results.

    It weighs less where most of a frame is new: what fills it need not look like what it hides.
    """
    held = torch.stack([mean_colour(result, reliability) for result, reliability in earlier]).sum(0)
    weight = _PALETTE * settings.style_weight * (1 - hole.mean().square())
    return PaletteTerm(palette, mean_colour(frame), held, hole, weight)


def temporal_term(target: Tensor, reliability: Tensor, settings: ObjectiveSettings) -> TemporalTerm:
    """The temporal term of `settings` for one earlier result, warped."""
    scale = 255.0**2 if _is_ruder(settings) else 1.0
    return TemporalTerm(target, reliability, settings.temporal_weight * scale)


def variation_term(pixels: int, settings: ObjectiveSettings) -> VariationTerm:
    """The total variation of `settings`: a mean over pixels, in Ruder's half a sum."""
    scale = 0.5 * 255.0**2 if _is_ruder(settings) else 1 / pixels
    return VariationTerm(settings.tv_weight * scale)


def _of_strokes(shares: Mapping[str, float]) -> Mapping[str, float]:
    """The shares of layers that know strokes, raised to what all come to; of all, where none does."""
    strokes = {layer: share for layer, share in shares.items() if not is_of_colours(layer)}
    raised = sum(shares.values()) / sum(strokes.values()) if strokes else 1.0
    return {layer: raised * share for layer, share in (strokes or shares).items()}


def _is_ruder(settings: ObjectiveSettings) -> bool:
    return settings.objective == "ruder2016"


def _distance(targets: Mapping[str, StyleTarget], shares: Mapping[str, float], frame: Features) -> Tensor:
    """How far a frame is from the style, 0.1 to 1: 0 would be the style itself, 1 is as far as black.

    A frame that is farther, brighter than a dark painting, takes no less of it. One that is as good as painted keeps
    its content.
    """
    layers = [
        shares[layer] * squared_distance(target.weighed(gram_matrix(frame[layer])), target.gram) / _energy(target.gram)
        for layer, target in targets.items()
    ]
    return torch.stack(layers).sum().clamp(*_DISTANCES)


def _energy(target: Tensor) -> Tensor:
    return target.float().square().sum().clamp_min(1e-12)
