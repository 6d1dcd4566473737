"""The mean colour that a shot began with, and how far a later frame's has drifted from it.

Frames of a shot that are painted alone come to nearly the same mean colour, the style's. Where only a little of each
frame is painted anew and the rest is carried on, nothing leads a mean back that has drifted: within some seconds a shot
turns blue.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

# Brightness may stay while the two other colours together change as the clip's do, or the other way round.
_APART = slice(0, 1), slice(1, 3)
# Squared, in units of 0..1: a clip whose mean colour moves by less stands still.
_STILL = 1e-12


@cache  # or a device would be waited for with every use
def opponent(device: torch.device) -> Tensor:
    """The matrix (3, 3) from RGB to opponent colours: brightness, red against blue, green against both.

    Its rows are orthonormal, so that energies add up.
    """
    rows = torch.tensor([[1.0, 1.0, 1.0], [1.0, 0.0, -1.0], [1.0, -2.0, 1.0]], device=device)
    return rows / rows.norm(dim=1, keepdim=True)


def mean_colour(image: Tensor, weights: Tensor | None = None) -> Tensor:
    """The mean opponent colour, (3,), of an image (1, 3, H, W), or what a part of the image adds to it.

    The part is given by `weights`, (1, 1, H, W) in 0..1. What the parts add sums up to the whole image's mean.
    """
    part = image if weights is None else weights * image
    return opponent(image.device) @ part.mean((0, 2, 3))


@dataclass(frozen=True)
class ShotColour:
    """The mean opponent colours, (3,), of a painting and of the clip's frame that was painted."""

    painting: Tensor
    clip: Tensor

    @classmethod
    def of(cls, painting: Tensor, clip: Tensor) -> ShotColour:
        """Those of a shot that begins with a painting of the clip's frame, both (1, 3, H, W)."""
        return cls(mean_colour(painting.clamp(0, 1)), mean_colour(clip))

    @classmethod
    def from_array(cls, array: NDArray[np.float32], device: torch.device) -> ShotColour:
        """What :meth:`to_array` gave."""
        return cls(*torch.from_numpy(array).to(device))

    def to_array(self) -> NDArray[np.float32]:
        """Both, (2, 3)."""
        return torch.stack([self.painting, self.clip]).cpu().numpy()

    def drift(self, painting: Tensor, clip: Tensor) -> Tensor:
        """From the nearest mean colour that a later painting may have to its own, (3,).

        It may stay as it was, or change as the mean colour of the `clip`, (3,), has, or anything between: a painting
        need not get as bright as its clip does, nor change its colours where the clip turns from green to grey.
        """
        drifts = []
        for part in _APART:
            change, clip_change = (painting - self.painting)[part], (clip - self.clip)[part]
            followed = ((change @ clip_change) / (clip_change @ clip_change).clamp_min(_STILL)).clamp(0, 1)
            drifts.append(change - followed * clip_change)
        return torch.cat(drifts)
