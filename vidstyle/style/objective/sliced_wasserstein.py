"""Sliced Wasserstein distance: how unlike two sets of features are, projected on many directions."""

from collections.abc import Sequence

import torch
from torch import Tensor

PROJECTIONS = 128
LEVELS = 1024
"""Directions that the sets are projected on, and quantiles that are compared along each."""

STROKE_LAYERS = ("relu3_1", "relu4_1")
"""Where strokes are seen, of VGG16 as of VGG19."""

MEASURED, PAINTED = 0, 10_000
"""Seeds of the directions that a painting is measured along, and of those that it is painted by: what is measured must
not be what was asked for."""


def directions(channels: int, seed: int = MEASURED) -> Tensor:
    """Unit vectors, (C, K), drawn evenly from all directions; always the same."""
    drawn = torch.randn(channels, PROJECTIONS, generator=torch.Generator().manual_seed(seed + channels))
    return drawn / drawn.norm(dim=0)


def project(features: Tensor, axes: Tensor | None = None) -> Tensor:
    """Features (1, C, H, W) projected on `axes`, (C, K), or on :func:`directions`: (H·W, K), float32."""
    flat = features.flatten(2)[0].T.float()  # (1, C, H, W) -> (H*W, C)
    return flat @ (directions(flat.shape[1]) if axes is None else axes).to(flat.device)


def quantiles(values: Tensor, weights: Tensor | None = None) -> Tensor:
    """The quantiles at (i + ½)/L of each column, (L, K), of values (n, K).

    Weights, (n,), 0 or more and not all 0, are how often each row counts; None: once.
    """
    # On the CPU: Apple's GPUs know no float64, and these sums over many rows need it.
    levels = (torch.arange(LEVELS, dtype=torch.float64) + 0.5) / LEVELS
    if weights is None:
        order = (levels * len(values)).long()
        return values.sort(0).values[order.to(values.device)]
    ranked, order = values.cpu().sort(0)
    reached = weights.cpu().double()[order].cumsum(0)  # (n, K)
    wanted = levels[:, None] * reached[-1]  # (L, K)
    index = torch.searchsorted(reached.T.contiguous(), wanted.T.contiguous(), right=True).T
    return ranked.gather(0, index.clamp_max(len(values) - 1)).to(values.device)


def blended(sets: Sequence[tuple[Tensor, float]]) -> Tensor:
    """The quantiles (L, K) of several sets of projections, (n, K) each with its share, together."""
    if len(sets) == 1:
        return quantiles(sets[0][0])
    weights = torch.cat([torch.full((len(values),), share / len(values)) for values, share in sets])
    return quantiles(torch.cat([values for values, _ in sets]), weights)


def wasserstein(values: Tensor, target: Tensor) -> float:
    """The sliced 2-Wasserstein distance between two sets of quantiles, (L, K), over the target's own spread.

    ``√(mean (Q − Q*)²) / √(mean over directions of the variance of Q*)``: 0 for the same distribution, 1 for one that
    is as far off as the target's features are from their mean.
    """
    spread = target.var(0, correction=0).mean().sqrt().clamp_min(1e-12)
    return float((values - target).square().mean().sqrt() / spread)
