"""The sizes that a frame is solved at, coarse to fine, and resizing between them."""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

Size = tuple[int, int]
Plan = list[tuple[Size, int]]
"""Sizes (H, W) to solve at with the evaluations at each, coarsest first."""

# The coarsest level's long side is at least this: VGG's deepest style layer then still has six positions along it.
_COARSEST = 96
# A frame with a much longer side is asked for what its preview, that of its whole parts nearest to this, is asked for.
_PREVIEW = 512
# The sizes at which a first frame is solved. Its evaluations at the coarsest, which lays the large strokes, and at
# those between, for each full-size one: what more of them gain is lost again within a few full-size ones.
_FIRST_SIZES = 5
_COARSEST_SHARE, _MIDDLE_SHARE = 4 / 9, 5 / 18


def levels(size: Size, most: int) -> list[Size]:
    """Sizes (H, W), finest first, each half the one before, `most` at the most."""
    sizes = [size]
    while len(sizes) < most and max(sizes[-1]) >= 2 * _COARSEST:
        scale = 0.5 ** len(sizes)
        sizes.append((max(1, round(size[0] * scale)), max(1, round(size[1] * scale))))
    return sizes


def pyramid_plan(size: Size, evaluations: Sequence[int]) -> Plan:
    """Where to spend `evaluations`, which are finest first."""
    return list(zip(levels(size, len(evaluations)), evaluations, strict=False))[::-1]


def first_frame_plan(size: Size, evaluations: int, factor: int = 1) -> Plan:
    """Where to solve a first frame that gets so many full-size `evaluations`.

    Where it is so many times larger than its preview, it is begun at all sizes of that.
    """
    preview = preview_size(size, factor)
    between = [2**k for k in range(1, factor.bit_length() - 1)][::-1]
    sizes = [size] * (factor > 1) + [(preview[0] * times, preview[1] * times) for times in between]
    sizes += levels(preview, _FIRST_SIZES)
    shares = [1.0, *[_MIDDLE_SHARE] * (len(sizes) - 2), _COARSEST_SHARE][: len(sizes)]
    return [(size, math.ceil(evaluations * share)) for size, share in zip(sizes, shares, strict=True)][::-1]


def preview_factor(size: Size) -> int:
    """How many times smaller the preview of a frame of a size (H, W) is: 1 where the frame is as small as one.

    Of n times and n + 1 times the nearer is taken, by ratio: a much smaller preview would promise less of the clip.
    """
    ratio = max(size) / _PREVIEW
    return max(1, math.ceil(math.sqrt(ratio**2 + 0.25) - 0.5))


def preview_size(size: Size, factor: int) -> Size:
    """The (H, W) of :func:`shrunk` frames or parts of them."""
    factor = min(factor, *size)
    return -(-size[0] // factor), -(-size[1] // factor)


def shrunk(tensor: Tensor, factor: int) -> Tensor:
    """(1, C, H, W) made a whole number of times smaller, each pixel the mean of those it stands for.

    Unlike :func:`resize` it has a gradient without sums, the same on every card.
    """
    factor = min(factor, tensor.shape[2], tensor.shape[3])
    return F.avg_pool2d(tensor, factor, ceil_mode=True) if factor > 1 else tensor


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
