"""Opponent colours: brightness, red against blue, green against both."""

from __future__ import annotations

import torch
from torch import Tensor


def opponent(device: torch.device) -> Tensor:
    """The matrix (3, 3) from red, green and blue: orthonormal rows, so that energies add up."""
    rows = torch.tensor([[1.0, 1.0, 1.0], [1.0, 0.0, -1.0], [1.0, -2.0, 1.0]], device=device)
    orthonormal: Tensor = rows / rows.norm(dim=1, keepdim=True)
    return orthonormal
