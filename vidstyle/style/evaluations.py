"""Evaluations counted while a frame is solved."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from vidstyle.style.objective.objective import Evaluation
from vidstyle.style.pyramid import Plan, Size


@dataclass(frozen=True)
class SolveProgress:
    """What is known after an evaluation; evaluations are counted in full-size ones, by their pixels.

    By their number, those so far are the `number`, of `expected_number`. The frame is being solved at `size`, (H, W),
    and `image` gives it as far as it has come, (H, W, 3) in 0..1.
    """

    evaluations: float
    expected: float
    number: int
    expected_number: int
    loss: float
    losses: Mapping[str, float]
    size: Size
    image: Callable[[], np.ndarray]


class EvaluationCounter:
    """Evaluations spent, and expected by a plan, in evaluations of frames of the full size."""

    def __init__(self, size: Size, plan: Plan) -> None:
        self.pixels = size[0] * size[1]
        self.expected = sum(h * w * count for (h, w), count in plan) / self.pixels
        self.expected_number = sum(count for _, count in plan)
        self.evaluations, self.number = 0.0, 0

    def count(self, size: Size, evaluation: Evaluation, image: Callable[[], np.ndarray]) -> SolveProgress:
        """Count an evaluation at `size`, of a frame that the `image` shows."""
        self.evaluations += size[0] * size[1] / self.pixels
        self.number += 1
        counts = self.evaluations, self.expected, self.number, self.expected_number
        return SolveProgress(*counts, evaluation.loss, evaluation.losses, size, image)
