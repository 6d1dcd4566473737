"""A shot's palette: the mean colour that it began with, and how far a later frame's has strayed from it.

Painted alone, frames of a shot come to nearly the same mean colour, the style's. Where a little is newly painted in
each and the rest is held, nothing leads a mean back that has strayed: within some seconds a shot turns blue.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

# Brightness may stay while the two others together change as the clip's do, or the other way round.
_APART = slice(0, 1), slice(1, 3)
# Squared, in units of 0..1: less than this a clip's mean colour does not move.
_STILL = 1e-12


@dataclass(frozen=True)
class Palette:
    """The mean opponent colours, (3,), of a painting and of the clip's frame that it is of."""

    painted: Tensor
    clip: Tensor

    def strayed(self, painted: Tensor, clip: Tensor) -> Tensor:
        """The squared distance from a later painting's mean colour, (3,), to the nearest that it may have.

        It may stay as it was, or change as the mean colour of the `clip`, (3,), has, or anything between: a painting
        need not get as bright as its clip does, nor leave its palette where the clip turns from green to grey.
        """
        squares = []
        for part in _APART:
            change, clips = (painted - self.painted)[part], (clip - self.clip)[part]
            followed = ((change @ clips) / (clips @ clips).clamp_min(_STILL)).clamp(0, 1)
            squares.append((change - followed * clips).square().sum())
        return torch.stack(squares).sum()
