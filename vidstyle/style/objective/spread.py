"""Style is what is everywhere in a picture, and its subject what is in one place: channels weighed by their spread.

A Gram matrix forgets places, but a deep channel that means "eye" still asks for an eye somewhere. How evenly its
energy is spread over the style picture tells it from a channel that means brush strokes.
"""

from __future__ import annotations

import torch
from torch import Tensor

_BLOCKS = 4
"""Along each side of the picture."""
_UNEVEN, _EVEN = 0.35, 0.65
"""At most this spread, and a channel is subject; at least that, and it is style."""


def block_energies(features: Tensor) -> Tensor:
    """The mean square of each channel over the blocks of a picture, (C, 16), float32.

    Parameters
    ----------
    features
        (1, C, H, W); where a side has fewer positions than blocks, blocks share them.
    """
    rows, columns = _bounds(features.shape[2]), _bounds(features.shape[3])
    blocks = [features[0, :, top:bottom, left:right] for top, bottom in rows for left, right in columns]
    return torch.stack([block.float().square().mean((1, 2)) for block in blocks], 1)


def spread(energies: Tensor) -> Tensor:
    """How evenly each channel's energy lies over the blocks, (C,): 1 if alike in all, 1/n if all is in one of n.

    The participation ratio (Σe)²/(n·Σe²) of the energies e, (C, n).
    """
    total = energies.sum(1)
    return total.square() / (energies.shape[1] * energies.square().sum(1)).clamp_min(1e-20)


def channel_weights(energies: Tensor, subject: float) -> Tensor:
    """How far each channel counts as style, (C,) in 0..1.

    Parameters
    ----------
    energies
        (C, n) of :func:`block_energies`.
    subject
        How much of the picture's subject comes along: at 1 every channel counts fully, as in Gatys et al. 2015.
    """
    style = ((spread(energies) - _UNEVEN) / (_EVEN - _UNEVEN)).clamp(0, 1)
    return style + subject * (1 - style)


def _bounds(length: int) -> list[tuple[int, int]]:
    """Where each block along a side begins and ends; none is empty."""
    return [(i * length // _BLOCKS, -(-(i + 1) * length // _BLOCKS)) for i in range(_BLOCKS)]
