"""The sizes that a frame is solved at, coarse to fine, and resizing between them."""

import math
from collections.abc import Sequence
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

Size = tuple[int, int]
Plan = list[tuple[Size, int]]
"""Sizes (H, W) to solve at with the evaluations at each, coarsest first."""

# The coarsest level's long side is at least this: VGG's deepest style layer then still has six positions along it.
_COARSEST = 96
# A frame with a longer side is asked for what its preview, as long as this, is asked for.
_PREVIEW = 512
# A first frame is solved at sizes between its preview's and its own that are so many times as large as the preview.
_FURTHER = 1.75
# A first frame's evaluations at the coarsest size, which lays the large strokes, and at those between, for each
# full-size one: what more of them gain is lost again within a few full-size ones.
_COARSEST_SHARE, _MIDDLE_SHARE = 4 / 9, 5 / 18


def levels(size: Size, most: float = math.inf) -> list[Size]:
    """Sizes (H, W), finest first, each half the one before, `most` at the most."""
    sizes = [size]
    while len(sizes) < most and max(sizes[-1]) >= 2 * _COARSEST:
        scale = 0.5 ** len(sizes)
        sizes.append((max(1, round(size[0] * scale)), max(1, round(size[1] * scale))))
    return sizes


def pyramid_plan(size: Size, evaluations: Sequence[int]) -> Plan:
    """Where to spend `evaluations`, which are finest first."""
    return list(zip(levels(size, len(evaluations)), evaluations, strict=False))[::-1]


def first_frame_plan(size: Size, evaluations: int, preview: Size) -> Plan:
    """Where to solve a first frame that gets so many full-size `evaluations`.

    Larger than its `preview`, it is begun as that is, and goes on from there.
    """
    larger = [larger for larger in levels(size) if max(larger) >= _FURTHER * max(preview)]
    sizes = [*(larger or [size] * (size != preview)), *levels(preview)]
    shares = [1.0, *[_MIDDLE_SHARE] * (len(sizes) - 2), _COARSEST_SHARE][: len(sizes)]
    return [(size, math.ceil(evaluations * share)) for size, share in zip(sizes, shares, strict=True)][::-1]


def preview_size(size: Size) -> Size:
    """The (H, W) of the preview that says what a frame of a size is asked for; the same where it is as small as one."""
    scale = min(1.0, _PREVIEW / max(size))
    return max(1, round(scale * size[0])), max(1, round(scale * size[1]))


def resampled(tensor: Tensor, size: Size) -> Tensor:
    """(1, C, H, W) brought to (1, C, h, w) by a cubic; the same tensor where nothing changes.

    Unlike that of :func:`resize` its gradient is the same on every card. And it is smooth: that of mean values would
    stand still within each pixel of the small image, and step from one to the next.
    """
    if tuple(tensor.shape[2:]) == size:
        return tensor
    down, across = (_cubic(*sides, tensor.device) for sides in zip(tensor.shape[2:], size, strict=True))
    return down @ tensor @ across.T


@lru_cache(32)
def _cubic(side: int, other: int, device: torch.device) -> Tensor:
    """What each of so many pixels in a row is of those of another one, (other, side); its rows come to 1.

    It is the cubic convolution of Keys 1981, as wide as the pixels of the smaller one are apart, so that what that can
    show at all is neither softened nor folded back.
    """
    times = side / other
    here = (torch.arange(other, dtype=torch.float64) + 0.5) * times - 0.5
    away = (here[:, None] - torch.arange(side, dtype=torch.float64)).abs() / max(1.0, times)
    near = (1.5 * away - 2.5) * away.square() + 1
    far = ((-0.5 * away + 2.5) * away - 4) * away + 2
    weight = torch.where(away < 1, near, torch.where(away < 2, far, 0.0))
    return (weight / weight.sum(1, keepdim=True)).float().to(device)


def crop_size(crop: Size, frame: Size, scaled_frame: Size) -> Size:
    """The (H, W) of a crop of a frame once the frame has another size."""
    return max(1, round(crop[0] * scaled_frame[0] / frame[0])), max(1, round(crop[1] * scaled_frame[1] / frame[1]))


def resize(tensor: Tensor, size: Size) -> Tensor:
    """(1, C, h, w) brought to (1, C, H, W): antialiased down, bicubic up; the same tensor where nothing changes."""
    if tuple(tensor.shape[2:]) == size:
        return tensor
    # MPS has neither in the oldest torch that will do; its memory is the CPU's, and a frame is resized few times.
    device = torch.device("cpu") if tensor.device.type == "mps" else tensor.device
    smaller = size[0] * size[1] < tensor.shape[2] * tensor.shape[3]
    mode = "bilinear" if smaller else "bicubic"
    resized = F.interpolate(tensor.to(device), size, mode=mode, antialias=smaller, align_corners=False)
    return resized.to(tensor.device)


def scaled_style(picture: Tensor, size: Size, scale: float, most: float = math.inf) -> Tensor:
    """A style picture (1, 3, h, w) as frames of `size` see it: with as many pixels as they, sides times `scale`.

    Its sides are made `most` times as long at the most.
    """
    h, w = picture.shape[2:]
    zoom = min(scale * math.sqrt(size[0] * size[1] / (h * w)), most)
    return resize(picture, (max(1, round(h * zoom)), max(1, round(w * zoom))))
