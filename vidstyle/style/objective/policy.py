"""How an objective scales its terms, and what goes with it: the program's own, and the published one."""

from collections.abc import Mapping
from types import MappingProxyType

import torch
from torch import Tensor

from vidstyle.style.objective.losses import MaskedPositions, energy, gram_matrix, squared_distance
from vidstyle.style.objective.targets import StyleTarget
from vidstyle.style.objective.terms import Coefficient, Features
from vidstyle.style.pyramid import Size, preview_size

Targets = Mapping[str, StyleTarget]
Masks = Mapping[str, MaskedPositions]

LEAST_DISTANCE, MOST_DISTANCE = 0.1, 1.0
"""Relative distances from the style within which a clip's own frame is taken to be."""


class ObjectivePolicy:
    """The program's own objective.

    Each loss is divided by its target's own energy, so that one set of weights holds at every size and for every style.

    Attributes
    ----------
    calibrated
        Whether the style gain is measured in a shot's first frame: see :mod:`vidstyle.style.calibration`.
    paints_disoccluded
        Whether newly uncovered regions are painted at coarse sizes first, with terms of their own.
    checks_priors
        Whether earlier results are trusted only where the clip they were painted on still looks like the frame.
    bounded
        Whether values are kept near 0..1 while a first frame is solved.
    has_preview
        Whether a large frame is asked for what its preview is asked for.
    temporal_scale
        What the temporal loss is multiplied by, beside its weight.
    """

    calibrated = paints_disoccluded = checks_priors = bounded = has_preview = True
    temporal_scale = 1.0

    def preview_size(self, size: Size) -> Size:
        """The (H, W) of the preview that says what a frame of a size is asked for; the same: the frame itself does."""
        return preview_size(size) if self.has_preview else size

    def content_coefficient(self, weight: float, target: Tensor, layers: int) -> Coefficient:
        """What Σ (F − P)² is multiplied by at one of so many layers, whose target P is."""
        return weight / layers / energy(target)

    def style_coefficients(
        self, weight: float, targets: Targets, shares: Mapping[str, float], frame: Features, masks: Masks | None
    ) -> dict[str, Coefficient]:
        """What ‖G − A‖² is multiplied by at the layers that have `shares`, of all that have `targets` A.

        The loss is divided by what it comes to for the clip's own frame, whose features are `frame`, inside `masks`. So
        one weight looks alike for a clip that is near to the style and for one that is far from it.
        """
        normalised = weight / _relative_distance(targets, frame, masks)
        return {layer: normalised * share / energy(targets[layer].gram) for layer, share in shares.items()}

    def variation_scale(self, values: int) -> float:
        """What the total variation of an image of so many values is multiplied by, beside its weight: to a mean."""
        return 1 / values


class Ruder2016(ObjectivePolicy):
    """Ruder et al. 2016 as their program computes it, on values 0..255, with nothing beyond their paper."""

    calibrated = paints_disoccluded = checks_priors = bounded = has_preview = False
    temporal_scale = 255.0**2

    def content_coefficient(self, weight: float, target: Tensor, layers: int) -> Coefficient:
        """The mean of (F − P)²."""
        return weight / target.numel()

    def style_coefficients(
        self, weight: float, targets: Targets, shares: Mapping[str, float], frame: Features, masks: Masks | None
    ) -> dict[str, Coefficient]:
        """The mean over C·C of the distance of Gram matrices that are divided by C·H·W, ours being divided by H·W."""
        return {layer: weight / len(targets[layer].gram) ** 4 for layer in shares}

    def variation_scale(self, values: int) -> float:
        """Half a sum over values of 0..255."""
        return 0.5 * 255.0**2


POLICIES: Mapping[str, ObjectivePolicy] = MappingProxyType({"vidstyle": ObjectivePolicy(), "ruder2016": Ruder2016()})
"""By the names that the setting `objective` has."""


def _relative_distance(targets: Targets, frame: Features, masks: Masks | None) -> Tensor:
    """How far a frame is from the style, 0.1 to 1: 0 would be the style itself, 1 is as far as black.

    A frame that is farther, brighter than a dark painting, takes no less of it. One that is as good as painted keeps
    its content.
    """
    layers = []
    for layer, target in targets.items():
        gram = target.weighted(gram_matrix(frame[layer], masks[layer] if masks else None))
        layers.append(target.share * squared_distance(gram, target.gram) / energy(target.gram))
    return torch.stack(layers).sum().clamp(LEAST_DISTANCE, MOST_DISTANCE)
