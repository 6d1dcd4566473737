"""Opponent colours: brightness, red against blue, green against both."""

from __future__ import annotations

import torch
from torch import Tensor


def opponent(device: torch.device) -> Tensor:
    """The matrix (3, 3) from red, green and blue: orthonormal rows, so that energies add up."""
    rows = torch.tensor([[1.0, 1.0, 1.0], [1.0, 0.0, -1.0], [1.0, -2.0, 1.0]], device=device)
    orthonormal: Tensor = rows / rows.norm(dim=1, keepdim=True)
    return orthonormal


def mean_colour(image: Tensor, weights: Tensor | None = None) -> Tensor:
    """What an image (1, 3, H, W) adds to the mean opponent colour of its frame, (3,).

    All of it, or as much of each pixel as `weights`, (1, 1, H, W) in 0..1, say: parts whose weights sum to 1 add up.
    """
    part = image if weights is None else weights * image
    return opponent(image.device) @ part.mean((0, 2, 3))
