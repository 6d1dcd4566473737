"""What both optimisers share: what they know, what they give back, and when they stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from vidstyle.errors import NonFiniteLoss
from vidstyle.style.objective.objective import Evaluation

Evaluate = Callable[[Tensor], Evaluation]
"""The loss and its gradient at an image, (1, 3, H, W)."""

MAX_STEP_RMS = 0.015
"""No step moves the pixels by more than this, root mean square, at the start; then by as much as has proved right."""
# Evaluations over which the stop rule looks back.
_PATIENCE = 4


@dataclass(frozen=True)
class Pair:
    """A step s, the change y of the gradient along it, and their product s·y, a tensor of one number."""

    s: Tensor
    y: Tensor
    sy: Tensor


@dataclass(frozen=True)
class OptimiserState:
    """What L-BFGS knows about an objective, for the next run on one like it.

    Attributes
    ----------
    curvature
        Of each band of frequency, (3, bands); None: not known.
    pixel_weights
        How much steeper the objective is at each pixel than on average, (1, 1, H, W); None: not known.
    pairs
        The latest ones, oldest first.
    max_step
        The longest step that is tried, root mean square.
    """

    curvature: Tensor | None = None
    pixel_weights: Tensor | None = None
    pairs: Sequence[Pair] = ()
    max_step: float = MAX_STEP_RMS

    def scaled(self, factor: float) -> OptimiserState:
        """What is known of the objective times a factor; how far a step may go stays as it is."""
        return replace(
            self,
            curvature=None if self.curvature is None else factor * self.curvature,
            pairs=[replace(pair, y=factor * pair.y, sy=factor * pair.sy) for pair in self.pairs],
        )


@dataclass(frozen=True)
class Result:
    """Where a run ended: the best image met, or a step farther; its best evaluation; and what it knows."""

    image: Tensor
    evaluation: Evaluation
    state: OptimiserState = field(default_factory=OptimiserState)


def not_finite(evaluation: Evaluation) -> NonFiniteLoss:
    """What is raised where a loss or its gradient is not finite."""
    terms = ", ".join(f"{name} {loss:.3g}" for name, loss in evaluation.losses.items()) or evaluation.loss
    return NonFiniteLoss(
        f"its loss or the gradient is no number ({terms}). Try --precision float32, or --device cpu; if that "
        "changes nothing, the objective's weights are too large or the file of the network's weights is damaged."
    )


def has_settled(losses: Sequence[float], tolerance: float) -> bool:
    """Whether the loss fell by less than the tolerance, relative, over the last evaluations; never where that is 0."""
    if tolerance <= 0 or len(losses) <= _PATIENCE:
        return False
    return losses[-1 - _PATIENCE] - losses[-1] < tolerance * abs(losses[-1 - _PATIENCE])


def worth_taking(start: Result, best: Result, tolerance: float) -> Result:
    """The best, unless all steps together gained less than the tolerance: then the start."""
    gained = start.evaluation.loss - best.evaluation.loss
    return start if gained < tolerance * abs(start.evaluation.loss) else best


def dot(a: Tensor, b: Tensor) -> Tensor:
    """Σ ab, left on the device: to read it is to wait for the device."""
    return torch.dot(a.flatten(), b.flatten())


def mean_square(a: Tensor) -> Tensor:
    """The mean of a², left on the device."""
    return a.square().mean()
