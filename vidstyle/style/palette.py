"""A shot's palette: the mean colour that it began with, and how far a later frame's has strayed from it.

Painted alone, frames of a shot come to nearly the same mean colour, the style's. Where a little is newly painted in
each and the rest is held, nothing leads a mean back that has strayed: within some seconds a shot turns blue.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

# Brightness, and the two others together: each may stay or go by itself.
_APART = slice(0, 1), slice(1, 3)
_STANDING_STILL = 1e-12


@dataclass(frozen=True)
class Palette:
    """The mean opponent colours, (3,), of a painting and of the clip's frame that it is of."""

    painted: Tensor
    clip: Tensor

    def strayed(self, painted: Tensor, clip: Tensor) -> Tensor:
        """How far a later painting's mean colour, (3,), is from the nearest that it may have, squared.

        It may stay as it was, or go with the `clip`, whose mean colour is (3,) too, or anything between: a painting
        need not get as bright as its clip does, nor leave its palette where the clip turns from green to grey.
        """
        gained, led = painted - self.painted, clip - self.clip
        squares = []
        for part in _APART:
            along, way = gained[part], led[part]
            gone = ((along @ way) / (way @ way).clamp_min(_STANDING_STILL)).clamp(0, 1)
            squares.append((along - gone * way).square().sum())
        return torch.stack(squares).sum()
