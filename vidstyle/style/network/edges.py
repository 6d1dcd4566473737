"""Features with their outermost values once more around them, so that no convolution draws a border."""

from __future__ import annotations

import torch
from torch import Tensor


def replicate(x: Tensor) -> Tensor:
    """(1, C, H, W) with its edges repeated once, (1, C, H+2, W+2), in the same memory layout.

    The same as ``F.pad(x, (1, 1, 1, 1), mode="replicate")``, which gives up channels last on CUDA.
    """
    _, C, H, W = x.shape
    padded = torch.empty((1, C, H + 2, W + 2), dtype=x.dtype, device=x.device, memory_format=layout(x))
    padded[:, :, 1:-1, 1:-1] = x
    padded[:, :, 1:-1, 0], padded[:, :, 1:-1, -1] = x[..., 0], x[..., -1]
    padded[:, :, 0], padded[:, :, -1] = padded[:, :, 1], padded[:, :, -2]
    return padded


def fold(slope: Tensor) -> Tensor:
    """The gradient at `x`, (1, C, H, W), from that at ``replicate(x)``: what is around the edges is added to them.

    A view of `slope`, which is written to. On CUDA torch's own adds by atomics, in another order each time.
    """
    sides = ((1, 0), (-2, -1))
    for row, beyond in sides:
        slope[:, :, row, 1:-1] += slope[:, :, beyond, 1:-1]
        for column, outside in sides:
            slope[:, :, row, column] += slope[:, :, beyond, outside]
    for column, beyond in sides:
        slope[:, :, 1:-1, column] += slope[:, :, 1:-1, beyond]
    return slope[:, :, 1:-1, 1:-1]


def layout(x: Tensor) -> torch.memory_format:
    """How a 4-D tensor lies in memory."""
    return torch.channels_last if x.is_contiguous(memory_format=torch.channels_last) else torch.contiguous_format
