"""Features with their outermost values once more around them, so that no convolution draws a border."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class _Replicate(torch.autograd.Function):
    """One more row and column on each side, as ``F.pad(x, (1, 1, 1, 1), mode="replicate")`` makes them.

    On CUDA torch's own adds up the gradient of the edges by atomics, in another order each time, and gives up
    channels last.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        _, C, H, W = x.shape
        ctx.layout = _layout(x)
        padded = torch.empty((1, C, H + 2, W + 2), dtype=x.dtype, device=x.device, memory_format=ctx.layout)
        padded[:, :, 1:-1, 1:-1] = x
        padded[:, :, 1:-1, 0], padded[:, :, 1:-1, -1] = x[..., 0], x[..., -1]
        padded[:, :, 0], padded[:, :, -1] = padded[:, :, 1], padded[:, :, -2]
        return padded

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        inner = grad[:, :, 1:-1, 1:-1].clone(memory_format=ctx.layout)
        for row in (0, -1):
            inner[:, :, row] += grad[:, :, row, 1:-1]
            for column in (0, -1):
                inner[:, :, row, column] += grad[:, :, row, column]
        for column in (0, -1):
            inner[..., column] += grad[:, :, 1:-1, column]
        return inner


def replicate(x: Tensor) -> Tensor:
    """(1, C, H, W) with its edges repeated once, (1, C, H+2, W+2), in the same memory layout."""
    padded: Tensor = _Replicate.apply(x)
    return padded


def _layout(x: Tensor) -> torch.memory_format:
    return torch.channels_last if x.is_contiguous(memory_format=torch.channels_last) else torch.contiguous_format
