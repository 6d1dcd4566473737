"""What a good frame is: terms that compose, summed, with the gradient at the image."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from vidstyle.style.memory import StyleGain
from vidstyle.style.objective.terms import Features, Term
from vidstyle.style.pyramid import Size, resampled


@dataclass(frozen=True)
class Evaluation:
    """The objective at an image: the sum, its gradient (1, 3, H, W), and each term's share."""

    loss: float
    gradient: Tensor
    losses: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Objective:
    """A sum of terms over one pass of the network, from an image, (1, 3, H, W), to features by layer.

    A `preview` adds what is asked of the image where it is seen smaller.
    """

    network: Callable[[Tensor], Features]
    terms: Sequence[Term]
    preview: Preview | None = None

    def __call__(self, image: Tensor) -> Evaluation:
        """The objective and its gradient at `image`, (1, 3, H, W)."""
        image = image.detach().requires_grad_()
        losses = torch.stack(self._losses(image))
        total = losses.sum()
        (gradient,) = torch.autograd.grad(total, image)
        values = torch.cat([losses.detach(), total.detach().view(1)]).tolist()  # one wait for the device
        named: dict[str, float] = {}
        for name, value in zip(self._names(), values[:-1], strict=True):
            named[name] = named.get(name, 0.0) + value
        return Evaluation(values[-1], gradient, named)

    def _losses(self, image: Tensor) -> list[Tensor]:
        """Each term's; features are let go, or none could be freed during the backward pass."""
        features = self.network(image)
        losses = [term(image, features) for term in self.terms]
        if self.preview is not None:
            losses += self.preview.objective._losses(resampled(image, self.preview.size))
        return losses

    def _names(self) -> list[str]:
        return [term.name for term in self.terms] + (self.preview.objective._names() if self.preview else [])

    def scaled(self, gain: StyleGain) -> Objective:
        """The objective where the style is asked for with that gain."""
        terms = [term.scaled(gain) for term in self.terms]
        preview = self.preview and replace(self.preview, objective=self.preview.objective.scaled(gain))
        return replace(self, terms=[term for term in terms if term is not None], preview=preview)

    @property
    def stiffness(self) -> Tensor | None:
        """The diagonal of the Hessian as far as it is known exactly, (1, 1, H, W); None where nothing is."""
        known = [stiffness for term in self.terms if (stiffness := term.stiffness) is not None]
        return torch.stack(known).sum(0) if known else None


@dataclass(frozen=True)
class Preview:
    """An objective of the image where it is seen at a smaller (H, W)."""

    size: Size
    objective: Objective
