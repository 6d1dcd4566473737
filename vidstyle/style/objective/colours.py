"""Opponent colours: brightness, red against blue, green against both."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor


@cache  # or a device would be waited for with every use
def opponent(device: torch.device) -> Tensor:
    """The matrix (3, 3) from red, green and blue: orthonormal rows, so that energies add up."""
    rows = torch.tensor([[1.0, 1.0, 1.0], [1.0, 0.0, -1.0], [1.0, -2.0, 1.0]], device=device)
    orthonormal: Tensor = rows / rows.norm(dim=1, keepdim=True)
    return orthonormal


def mean_colour(image: Tensor, weights: Tensor | None = None) -> Tensor:
    """The mean opponent colour, (3,), of an image (1, 3, H, W), or what a part of the image adds to it.

    The part is given by `weights`, (1, 1, H, W) in 0..1. What the parts add sums up to the whole image's mean.
    """
    part = image if weights is None else weights * image
    return opponent(image.device) @ part.mean((0, 2, 3))
