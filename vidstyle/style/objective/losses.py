"""The pieces an objective is made of: each a scalar from an image or its features, with its gradient.

Images are (1, 3, H, W), RGB, 0..1, float32; features (1, C, H, W) at the network's precision. Every sum is taken in
float32: a Gram matrix overflows float16 and loses its small entries in bfloat16.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

# Rows of features brought to float32 at a time: a megabyte or so, which is read again before it has left the cache.
_ROWS = 1 << 12
# Rows of which a product is taken in bfloat16, in a third to half of the time that float32 takes on CPUs with matrix
# units. Each is rounded by itself, by 1/500, and they are added up in float32: together they are off by 1/2000.
_PIECE, _PIECES = 1 << 9, 1 << 4


@dataclass(frozen=True)
class MaskedPositions:
    """The positions of a feature map that a mask has.

    Attributes
    ----------
    rows
        (n,) positions, y·W + x, each once.
    weights
        (n,) float32, how far each counts, 0..1. Some may be 0: see :func:`masked_positions`.
    total
        The weights' sum, above 0.
    """

    rows: Tensor
    weights: Tensor
    total: float


def masked_positions(mask: Tensor, device: torch.device) -> MaskedPositions:
    """The positions inside a mask, (1, 1, H, W) in 0..1 and somewhere above 0, on the device that the features are on.

    Holes of all sizes come to few numbers of positions, with some from outside the mask that weigh nothing: oneDNN
    keeps a kernel for each shape it meets, and would fill the memory frame by frame. The mask is on the CPU, or the
    device is waited for.
    """
    flat = mask.flatten().cpu()
    rows = flat.nonzero().squeeze(1)
    others = (flat == 0).nonzero().squeeze(1)[: _rung(len(rows)) - len(rows)]
    rows = torch.cat([rows, others])
    return MaskedPositions(rows.to(device), flat[rows].to(device), float(flat.sum()))


def _rung(count: int) -> int:
    """The next number of positions on a ladder with two rungs an octave: 256, 384, 512, 768, and so on."""
    rung = 256
    while rung < count:
        rung = rung * 3 // 2 if rung & (rung - 1) == 0 else rung * 4 // 3
    return rung


class _Gram(torch.autograd.Function):
    """FᵀΩF/ΣΩ in float32 whose gradient, 2ΩF·dG/ΣΩ, is made straight from the half-precision features.

    Plain autograd would keep a float32 copy of every feature map for the backward pass.
    """

    @staticmethod
    def forward(ctx: Any, features: Tensor, rows: Tensor | None, weights: Tensor | None, total: float) -> Tensor:
        flat = _flatten(features, rows)
        gram = torch.zeros(flat.shape[1], flat.shape[1], device=flat.device)

        def parts(start: int, stop: int, count: int, precision: torch.dtype) -> Iterator[tuple[Tensor, Tensor]]:
            """So many rows at a time, and the same times their weights."""
            for begin in range(start, stop, count):
                which = slice(begin, min(begin + count, stop))
                part = flat[which].to(precision)
                yield part, part if weights is None else part * weights[which, None].to(precision)

        in_pieces = flat.dtype == torch.bfloat16 and flat.device.type == "cpu"
        whole = len(flat) // _PIECE * _PIECE if in_pieces else 0
        for pair in parts(0, whole, _PIECE * _PIECES, torch.bfloat16):
            part, scaled = (values.view(-1, _PIECE, flat.shape[1]) for values in pair)
            gram += (part.transpose(1, 2) @ scaled).sum(0, dtype=torch.float32)  # (k, C, n) @ (k, n, C) -> (k, C, C)
        for part, scaled in parts(whole, len(flat), _ROWS, torch.float32):
            gram.addmm_(part.T, scaled)  # (C, n) @ (n, C) -> (C, C)
        ctx.save_for_backward(features, rows, weights)
        ctx.total = total
        return gram / total

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None]:
        features, rows, weights = ctx.saved_tensors
        flat = _flatten(features, rows)
        slope = ((grad + grad.T) / ctx.total).to(flat.dtype)
        # Made whole, not as a view: autograd then adds the other gradients of these features to it where it lies.
        gradient = torch.empty_like(features, memory_format=torch.channels_last)
        inner = gradient.permute(0, 2, 3, 1).view(-1, features.shape[1])
        if rows is None or weights is None:
            torch.mm(flat, slope, out=inner)  # (n, C) @ (C, C) -> (n, C)
        else:
            inner.zero_().index_copy_(0, rows, (flat @ slope) * weights[:, None].to(flat.dtype))
        return gradient, None, None, None


class _Sliced(torch.autograd.Function):
    """Mean (p − q)² over directions and ranks, with projections p = F·d in order and the quantiles q of another set.

    The gradient is made on the way: only the forward pass knows which rank each position has.
    """

    @staticmethod
    def forward(ctx: Any, features: Tensor, rows: Tensor | None, directions: Tensor, quantiles: Tensor) -> Tensor:
        flat = _flatten(features, rows)
        ranked, order = (flat.float() @ directions).T.contiguous().sort(1)  # (n, C) @ (C, K) -> (K, n)
        # At ranks (i + ½)/n, between those that are known.
        difference = ranked - F.interpolate(quantiles.T[None], size=len(flat), mode="linear")[0]
        off = torch.empty_like(difference).scatter_(1, order, difference).T.to(flat.dtype)
        ctx.save_for_backward(features, rows, directions, off)
        return difference.square().mean()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None]:
        features, rows, directions, off = ctx.saved_tensors
        gradient = torch.empty_like(features, memory_format=torch.channels_last)
        inner = gradient.permute(0, 2, 3, 1).view(-1, features.shape[1])
        slope = (off @ directions.T.to(off.dtype)) * (grad * (2 / off.numel())).to(
            off.dtype
        )  # (n, K) @ (K, C) -> (n, C)
        if rows is None:
            inner.copy_(slope)
        else:
            inner.zero_().index_copy_(0, rows, slope)
        return gradient, None, None, None


def sliced_distance(features: Tensor, directions: Tensor, quantiles: Tensor, rows: Tensor | None = None) -> Tensor:
    """The squared sliced Wasserstein distance of features to a set (Heitz et al. 2021, equation 3).

    All positions are sorted along all directions at once, which takes some twenty bytes for each of both.

    Parameters
    ----------
    features
        (1, C, H, W).
    directions
        (C, K), float32: what both are projected on.
    quantiles
        (L, K), float32: the other set's along each, at (i + ½)/L.
    rows
        (n,) positions that are looked at, y·W + x; None: all.
    """
    return _Sliced.apply(features, rows, directions, quantiles)


def gram_matrix(features: Tensor, within: MaskedPositions | None = None) -> Tensor:
    """The Gram matrix FᵀF/n of features (1, C, H, W): (C, C), float32.

    It is that of Gatys et al. 2015, equation 3, divided by positions. Of those `within`, each counts as if its features
    were multiplied by the root of its weight; the divisor is then the weights' sum. None: all count.
    """
    # A hole is small: only the features inside it are touched.
    part = (within.rows, within.weights, within.total) if within else (None, None, features[0, 0].numel())
    return _Gram.apply(features, *part)


def energy(target: Tensor) -> Tensor:
    """Σ a², in float32, above 0: what a distance from the target is divided by."""
    return target.float().square().sum().clamp_min(1e-12)


def squared_distance(a: Tensor, b: Tensor) -> Tensor:
    """Σ (a − b)², in float32."""
    return (a.float() - b.float()).square().sum()


def temporal_loss(image: Tensor, target: Tensor, reliability: Tensor) -> Tensor:
    """Σ c·(x − ω)² / (3·H·W) for an earlier result ω warped into this frame (Ruder et al. 2016, equation 8).

    Both images are (1, 3, H, W), the reliability c of the motion (1, 1, H, W) in 0..1.
    """
    return (reliability * (image - target).square()).sum() / image.numel()


def total_variation(image: Tensor) -> Tensor:
    """Σ (∂x)² + (∂y)² over all pixels and channels (the smooth form, Mahendran and Vedaldi 2015, β = 2)."""
    dx = image[..., :, 1:] - image[..., :, :-1]
    dy = image[..., 1:, :] - image[..., :-1, :]
    return dx.square().sum() + dy.square().sum()


def _flatten(features: Tensor, rows: Tensor | None) -> Tensor:
    flat = features.permute(0, 2, 3, 1).flatten(0, 2)  # (1, C, H, W) -> (H*W, C), a view where channels are last
    return flat if rows is None else flat[rows]
