"""The sizes a frame is solved at, coarse to fine, and resizing between them."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

# The coarsest level's long side is at least this: VGG's deepest style layer then still has six positions along it.
_COARSEST = 96


def levels(size: tuple[int, int], most: int) -> list[tuple[int, int]]:
    """Sizes (H, W), finest first, each half the one before, `most` at the most."""
    sizes = [size]
    while len(sizes) < most and max(sizes[-1]) >= 2 * _COARSEST:
        scale = 0.5 ** len(sizes)
        sizes.append((max(1, round(size[0] * scale)), max(1, round(size[1] * scale))))
    return sizes


def resize(tensor: Tensor, size: tuple[int, int]) -> Tensor:
    """(1, C, h, w) brought to (1, C, H, W): antialiased down, bicubic up; the same tensor where nothing changes."""
    if tuple(tensor.shape[2:]) == size:
        return tensor
    # MPS has neither in the oldest torch that will do; its memory is the CPU's, and a frame is resized few times.
    where = torch.device("cpu") if tensor.device.type == "mps" else tensor.device
    smaller = size[0] * size[1] < tensor.shape[2] * tensor.shape[3]
    mode = "bilinear" if smaller else "bicubic"
    resized = F.interpolate(tensor.to(where), size, mode=mode, antialias=smaller, align_corners=False)
    return resized.to(tensor.device)


def scaled_style(picture: Tensor, size: tuple[int, int], scale: float) -> Tensor:
    """A style picture (1, 3, h, w) as frames of `size` see it: with as many pixels as they, sides times `scale`."""
    h, w = picture.shape[2:]
    zoom = scale * math.sqrt(size[0] * size[1] / (h * w))
    return resize(picture, (max(1, round(h * zoom)), max(1, round(w * zoom))))
