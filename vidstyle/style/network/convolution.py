"""Layers of a frozen network, which keep little for the backward pass; no padding draws a border."""

import math
import mmap
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from vidstyle.style.network import winograd

# torch saves in 64 bits which of four values was the largest, as much as all four take. From this many bytes on, those
# of a frame of a megapixel, it is computed again in the backward pass, for 3% more time, and a gradient is written over
# where nobody else has it, a strip of so many bytes at a time.
_LARGE, _STRIP = 2**27, 2**23


class _Convolution(torch.autograd.Function):
    """A 3×3 convolution and its ReLU, of which only the result is saved for the backward pass.

    Plain autograd also saves the padded input, as if the weights were to change.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, replicated: bool) -> Tensor:
        ctx.replicated = replicated
        if replicated:
            x = replicate_pad(x)
        ctx.shape, ctx.layout = x.shape, _layout(x)
        features = _rectified(x, weight, bias, padding=0 if replicated else 1)
        ctx.save_for_backward(features, weight)
        return features

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, None, None, None]:
        features, weight = ctx.saved_tensors
        slope = _rectified_slope(slope, features)
        padded = _unread(ctx.shape, ctx.layout, slope)  # torch asks for the shape and the layout alone
        edge = 0 if ctx.replicated else 1
        slope, _, _ = torch.ops.aten.convolution_backward(
            slope, padded, weight, None, (1, 1), (edge, edge), (1, 1), False, (0, 0), 1, (True, False, False)
        )
        return replicate_pad_backward(slope) if ctx.replicated else slope, None, None, None


class _ConvolutionByTiles(torch.autograd.Function):
    """The same by :mod:`vidstyle.style.network.winograd`, whose weights these are."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weights: Tensor, bias: Tensor, replicated: bool) -> Tensor:
        ctx.replicated = replicated
        features = winograd.rectified(x, weights, bias, replicated=replicated)
        ctx.save_for_backward(features, weights)
        return features

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, None, None, None]:
        features, weights = ctx.saved_tensors
        slope = winograd.gradient(_rectified_slope(slope, features), weights)
        return replicate_pad_backward(slope) if ctx.replicated else slope[:, :, 1:-1, 1:-1], None, None, None


def _rectified(x: Tensor, weight: Tensor, bias: Tensor, padding: int) -> Tensor:
    """The convolution of x, with 0 for what is negative."""
    # oneDNN does both in one pass over memory, to the same bits; torch asks for it so where it compiles a model.
    if x.device.type == "cpu" and _onednn_takes(x.dtype):
        return torch.ops.mkldnn._convolution_pointwise(
            x, weight, bias, (padding, padding), (1, 1), (1, 1), 1, "relu", [], ""
        )
    return F.relu(F.conv2d(x, weight, bias, padding=padding))  # half the time that it takes in place


def _rectified_slope(slope: Tensor, features: Tensor) -> Tensor:
    """The gradient before a ReLU, from the one behind it, which is written over where that is large."""
    rectified = torch.ops.aten.threshold_backward
    is_ours = slope._use_count() == 1 and not slope._is_view()  # type: ignore[attr-defined]
    if not is_ours or slope.device.type != "cpu" or slope.nbytes < _LARGE:
        return rectified(slope, features, 0)
    strips = math.ceil(slope.nbytes / _STRIP)
    for piece, behind in zip(slope.chunk(strips, 2), features.chunk(strips, 2), strict=True):
        piece.copy_(rectified(piece, behind, 0))
    return slope


@cache
def _onednn_takes(precision: torch.dtype) -> bool:
    """Whether oneDNN, torch's library for CPUs, is there and works in a precision on this one."""
    if not hasattr(torch.ops.mkldnn, "_convolution_pointwise"):
        return False
    if precision == torch.bfloat16:
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())  # not without AVX512
    return precision == torch.float32


def _unread(shape: torch.Size, layout: torch.memory_format, like: Tensor) -> Tensor:
    """A tensor of a shape (1, C, H, W) and a layout that nobody reads or writes, which takes no memory on a CPU."""
    if like.device.type != "cpu":
        return torch.empty(shape, dtype=like.dtype, device=like.device, memory_format=layout)
    # torch would give it pages that others have used and that are kept. What nobody touches of these has none.
    room = torch.frombuffer(mmap.mmap(-1, math.prod(shape) * like.element_size()), dtype=like.dtype)
    _, C, H, W = shape
    return room.view(1, H, W, C).permute(0, 3, 1, 2) if layout == torch.channels_last else room.view(shape)


def convolve(x: Tensor, weight: Tensor, bias: Tensor, *, replicated: bool, transformed: Tensor | None = None) -> Tensor:
    """A 3×3 convolution of (1, C, H, W) and its ReLU, with edges replicated or zeros around.

    It is made by tiles where that is quicker and the weights are there as :func:`winograd.transformed` gives them.
    """
    if transformed is not None and winograd.pays(x.shape[2], x.shape[3]):
        return _ConvolutionByTiles.apply(x, transformed, bias, replicated)
    return _Convolution.apply(x, weight, bias, replicated)


def pool(x: Tensor, kind: str) -> Tensor:
    """The largest or the average value of each 2×2 square of (1, C, H, W)."""
    # Below two pixels there is nothing left to halve. Squares that share no pixel have a gradient without sums, the
    # same on every card.
    square = (min(2, x.shape[2]), min(2, x.shape[3]))
    if kind == "average":
        return F.avg_pool2d(x, square)
    if x.nbytes < _LARGE:
        return F.max_pool2d(x, square)
    return checkpoint(F.max_pool2d, x, square, use_reentrant=False, preserve_rng_state=False)


def replicate_pad(x: Tensor) -> Tensor:
    """(1, C, H, W) with its edges repeated once, (1, C, H+2, W+2), in the same memory layout.

    The same as ``F.pad(x, (1, 1, 1, 1), mode="replicate")``, which gives up channels last on CUDA.
    """
    _, C, H, W = x.shape
    padded = torch.empty((1, C, H + 2, W + 2), dtype=x.dtype, device=x.device, memory_format=_layout(x))
    padded[:, :, 1:-1, 1:-1] = x
    padded[:, :, 1:-1, 0], padded[:, :, 1:-1, -1] = x[..., 0], x[..., -1]
    padded[:, :, 0], padded[:, :, -1] = padded[:, :, 1], padded[:, :, -2]
    return padded


def replicate_pad_backward(slope: Tensor) -> Tensor:
    """The gradient at `x`, (1, C, H, W), from that at ``replicate_pad(x)``: what lies beyond the edges is added to
    them.

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


def _layout(x: Tensor) -> torch.memory_format:
    """How a 4-D tensor lies in memory."""
    return torch.channels_last if x.is_contiguous(memory_format=torch.channels_last) else torch.contiguous_format
