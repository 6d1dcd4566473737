"""The program's own solver, with its objective and each full-size picture that it tries in reach."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any

from torch import Tensor

from vidstyle.motion.flow import Array
from vidstyle.settings import Settings
from vidstyle.style.evaluations import SolveProgress
from vidstyle.style.memory import UNMEASURED, StyleGain
from vidstyle.style.network.device import Device
from vidstyle.style.objective.objective import Objective
from vidstyle.style.objective.terms import Features
from vidstyle.style.optimiser.state import Result
from vidstyle.style.request import FrameRequest
from vidstyle.style.solver import FrameSolver


class Painter(FrameSolver):
    """A solver whose parts can be looked at.

    Parameters
    ----------
    styles, size, settings
        As :class:`FrameSolver`'s.
    device
        The precision and layout, where they are not to be the settings'.
    steps
        Full-size steps that every frame may take, whatever the settings say; the coarse ones are not affected.
    """

    def __init__(
        self,
        styles: Sequence[tuple[Array, float]],
        size: tuple[int, int],
        settings: Settings,
        device: Device | None = None,
        steps: int | None = None,
    ) -> None:
        super().__init__(styles, size, settings, device)
        self._steps = steps
        self.tried: Tensor | None = None
        """The full-size picture that was evaluated last, (1, 3, H, W); None as long as the solver is at coarse ones."""

    def objective(self, request: FrameRequest, gain: StyleGain | None = UNMEASURED) -> Objective:
        """What a frame is solved for, which notes each full-size picture that it is evaluated at."""
        objective = super().objective(request, gain)

        def watched(image: Tensor) -> Features:
            self.tried = image.detach() if request.size == self._size else None
            return objective.network(image)

        return replace(objective, network=watched)

    def _minimise(
        self, objective: Objective, start: Tensor, evaluations: int, *rest: Any, **named: Any
    ) -> Generator[SolveProgress, None, Result]:
        full = (start.shape[2], start.shape[3]) == self._size
        many = self._steps if full and self._steps else evaluations
        return (yield from super()._minimise(objective, start, many, *rest, **named))
