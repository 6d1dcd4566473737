"""Adam on the pixels, with one network evaluation a step."""

import math

import torch
from torch import Tensor

from vidstyle.style.objective.objective import Evaluation
from vidstyle.style.optimiser.state import Evaluate, Result, has_settled, mean_square, not_finite, worth_taking


class Adam:
    """Adam (Kingma and Ba 2015, algorithm 1), its rate, in image units of 0..1, falling to nothing along a half cosine.

    The other parameters are as those of :class:`vidstyle.style.optimiser.lbfgs.LBFGS`.
    """

    def __init__(
        self, evaluate: Evaluate, image: Tensor, evaluations: int, *, tolerance: float = 0.0, rate: float = 0.01
    ) -> None:
        self._evaluate, self._image, self._evaluations = evaluate, image, evaluations
        self._tolerance, self._rate = tolerance, rate
        self._mean, self._square = torch.zeros_like(image), torch.zeros_like(image)
        self._losses: list[float] = []
        self._current: Evaluation

    @property
    def done(self) -> bool:
        """Whether there is no step left to take."""
        return len(self._losses) >= self._evaluations or has_settled(self._losses, self._tolerance)

    @property
    def image(self) -> Tensor:
        """Where the run is now, (1, 3, H, W)."""
        return self._image

    def step(self) -> Evaluation:
        """Evaluate the start, or from the next call on take a step and evaluate where it leads.

        Raises
        ------
        NonFiniteLoss
            The loss is not finite: no later step is, since the running means keep such a gradient.
        """
        taken = len(self._losses)
        if taken:
            gradient = self._current.gradient
            self._mean = 0.9 * self._mean + 0.1 * gradient
            self._square = 0.99 * self._square + 0.01 * gradient.square()
            mean, square = self._mean / (1 - 0.9**taken), self._square / (1 - 0.99**taken)
            decay = 0.5 * (1 + math.cos(math.pi * (taken - 1) / self._evaluations))
            self._image = self._image - self._rate * decay * mean / (square.sqrt() + 1e-12)
        self._current = self._evaluate(self._image)
        self._losses.append(self._current.loss)
        gradient_ms = 0.0 if taken else float(mean_square(self._current.gradient))
        if not math.isfinite(self._current.loss + gradient_ms):
            raise not_finite(self._current)
        if not taken:
            self._start = self._best = Result(self._image, self._current)
        if self._current.loss < self._best.evaluation.loss:
            self._best = Result(self._image, self._current)
        return self._current

    @property
    def result(self) -> Result:
        """The best image that was met, or the start."""
        return worth_taking(self._start, self._best, self._tolerance)
