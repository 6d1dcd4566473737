"""The program's own solver, with its objective and each full-size picture that it tries in reach."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from vidstyle.motion.flow import Array
from vidstyle.settings import Settings
from vidstyle.style.network.device import Device, to_tensor
from vidstyle.style.network.vgg import FeatureNetwork
from vidstyle.style.network.weights import load_weights
from vidstyle.style.objective.objective import Features, Objective
from vidstyle.style.optimiser.lbfgs import NOTHING, Learnt, Minimum
from vidstyle.style.solver import FrameSolver, Prior, Step, _Ledger


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
        super().__init__(styles, size, settings)
        self._steps = steps
        self.tried: Tensor | None = None
        """The full-size picture that was evaluated last, (1, 3, H, W); None as long as the solver is at coarse ones."""
        if device is not None:
            choice = settings.network
            weights = load_weights(choice.network_weights, choice.network)
            self.device = device
            self._network = FeatureNetwork(weights, self._network.layers, choice.pooling, choice.padding, device)

    @property
    def network(self) -> FeatureNetwork:
        """The network at the device's precision and layout."""
        return self._network

    def objective(self, content: Array, priors: Sequence[Prior] = ()) -> Objective:
        """What a frame is solved for: a first one, or with `priors` a later one, uncovered regions included."""
        frame = to_tensor(content, self.device)
        earlier = [(to_tensor(prior.image, self.device), to_tensor(prior.reliability, self.device)) for prior in priors]
        if not earlier:
            return self._build(frame, [])
        uncovered = (1 - torch.stack([trust for _, trust in earlier]).sum(0)).clamp(0, 1)
        return self._build(frame, earlier, uncovered if self._objective.objective == "vidstyle" else None)

    def _minimise(
        self, objective: Objective, start: Tensor, steps: int, ledger: _Ledger, learnt: Learnt = NOTHING
    ) -> Generator[Step, None, Minimum]:
        full = (start.shape[2], start.shape[3]) == self._size

        def watched(image: Tensor) -> Features:
            self.tried = image.detach() if full else None
            return objective.network(image)

        many = self._steps if full and self._steps else steps
        return (yield from super()._minimise(replace(objective, network=watched), start, many, ledger, learnt))
