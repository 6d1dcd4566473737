"""Shapes of strong contrast, fine as lettering or as large as a figure: where a frame has them, and what they are."""

from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.style.pyramid import crop_size, resampled

# Lettering is as many pixels wide in a preview as in the film's own size, and finer detail belongs to the brush: so a
# frame is looked at with a long side of about so many pixels.
_LONG_SIDE = 320
# Standard deviation, in those pixels, of the blur that detail is left by, and of the window that contrast is found in.
_WIDTH = 2.0
# Root mean square contrast, 0..1, from which on detail counts, and at which it counts in full. What is usual in the
# frame, such as foliage, grain and noise, is no lettering: it has to be so many times the frame's median as well.
_CONTRAST, _OVER_MEDIAN = (0.05, 0.12), (2.0, 4.0)
# Letters of a large frame may be too small to be seen there, so that it is looked at with so many pixels, too. Leaves
# have contrast there as well, and are the brush's: what counts has more. Of outlines, wires and furrows, which have it,
# too, letters are told by the directions of their strokes: how even these are where they begin to count, and in full.
_SMALL_SIDE, _DIRECTIONS = 960, (0.35, 0.6)
_SMALL_CONTRAST, _SMALL_OVER_MEDIAN = (0.06, 0.14), (2.5, 4.5)
FORMS = 64
"""Pixels along the long side of a frame in which its forms are as wide as lettering is in a preview: a coat, a face."""
# Root mean square contrast, 0..1, from which on a form counts, and at which it counts in full.
_FORM_CONTRAST = 0.08, 0.16
# The same beyond which a surface is not plain: of its detail, which counts so many pixels around it, and of its forms.
_PLAIN, _AROUND, _PLAIN_FORM = (0.02, 0.04), 4, (0.05, 0.1)
# Root mean square contrast, 0..1, up to which detail that is to be read is raised, and how many times at the most.
_LEGIBLE, _MOST_RAISED = 0.1, 2.0
_LUMA = (0.299, 0.587, 0.114)


def strong_detail(content: Tensor, *, small: bool = False) -> Tensor:
    """How far each pixel of a whole frame, (1, 3, H, W) in 0..1, belongs to a fine shape of strong contrast.

    It is (1, 1, H, W), 0 to 1. With `small` ones those of a large frame count that can't be seen in a preview of it.
    """
    size = (content.shape[2], content.shape[3])
    found = _enlarged(_strong(grey_detail(content, size), _CONTRAST, _OVER_MEDIAN), content)
    if not small:
        return found
    luma = reduced(grey(content), size, _SMALL_SIDE)
    strong = _strong(luma - _blurred(luma), _SMALL_CONTRAST, _SMALL_OVER_MEDIAN)
    return torch.maximum(found, _enlarged(strong * _between(_directions(luma), *_DIRECTIONS), content))


def _strong(detail: Tensor, levels: tuple[float, float], over_median: tuple[float, float]) -> Tensor:
    """How far the contrast of detail lies between two levels, each at least so many times its median, (1, 1, h, w)."""
    contrast = _contrast(detail)
    median = float(contrast.flatten().sort().values[contrast.numel() // 2])
    low, high = (max(level, times * median) for level, times in zip(levels, over_median, strict=True))
    return _between(contrast, low, high)


def _directions(luma: Tensor) -> Tensor:
    """How evenly the edges about each pixel of luma, (1, 1, h, w), go in all directions: 0 for one, 1 for all.

    It is the lesser eigenvalue of the structure tensor over their mean (Förstner and Gülch 1987).
    """
    padded = F.pad(luma, (1, 1, 1, 1), mode="replicate")
    x, y = padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2], padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]
    xx, yy, xy = (_blurred(_blurred(product)) for product in (x * x, y * y, x * y))
    apart = ((xx - yy).square() + 4 * xy.square()).sqrt()
    return 1 - apart / (xx + yy).clamp_min(1e-9)


def fine_shapes(content: Tensor, *levels: tuple[float, float]) -> list[Tensor]:
    """The same for shapes of any contrast, 0..1, for pairs of levels: where it counts from, and where in full."""
    contrast = _contrast(grey_detail(content, (content.shape[2], content.shape[3])))
    return [_enlarged(_between(contrast, *pair), content) for pair in levels]


def strong_form(content: Tensor, frame_size: tuple[int, int], *, smooth: bool = False) -> Tensor:
    """How far each place of a part of a frame, (1, 3, H, W) in 0..1, is as large as a figure and of strong contrast.

    It is (1, 1, h, w), 0 to 1, as small as forms are looked at.
    """
    return _between(_contrast(grey_detail(content, frame_size, FORMS, smooth=smooth)), *_FORM_CONTRAST)


def plainness(content: Tensor, frame_size: tuple[int, int]) -> Tensor:
    """How far each pixel of a part of a frame, (1, 3, H, W) in 0..1, belongs to a surface without any shape.

    It is (1, 1, H, W), 0 to 1; a shape's surroundings are no such surface either.
    """
    fine = _between(_contrast(grey_detail(content, frame_size)), *_PLAIN)
    form = _between(_contrast(grey_detail(content, frame_size, FORMS)), *_PLAIN_FORM)
    around = F.max_pool2d(fine, 2 * _AROUND + 1, 1, _AROUND)
    return (1 - _enlarged(around, content)) * (1 - _enlarged(form, content))


def legible(grey: Tensor) -> Tensor:
    """Detail of luma, (1, 1, h, w), with its weak shapes raised: among strokes they would not be seen as they are."""
    return grey * _raising(grey)


def legible_fine(image: Tensor, frame_size: tuple[int, int]) -> Tensor:
    """The :func:`fine_detail` of an image's luma, (1, 1, H, W), with the same shapes raised."""
    luma = grey(image)
    raising = _raising(detail(luma, frame_size, smooth=True))
    return fine_detail(luma, frame_size) * resampled(raising, (image.shape[2], image.shape[3]))


def _raising(grey: Tensor) -> Tensor:
    """What the detail of luma, (1, 1, h, w), is multiplied by to be legible, from 1 on."""
    return (_LEGIBLE / _contrast(grey).clamp_min(_LEGIBLE / _MOST_RAISED)).clamp_min(1)


def _contrast(grey: Tensor) -> Tensor:
    """The root mean square contrast of the detail of luma, both (1, 1, h, w)."""
    return _blurred(grey.square()).clamp_min(0).sqrt()


def _between(contrast: Tensor, low: float, high: float) -> Tensor:
    """How far contrast lies between two levels, 0 to 1."""
    return ((contrast - low) / (high - low)).clamp(0, 1)


def _enlarged(plane: Tensor, content: Tensor) -> Tensor:
    """A plane at the size of the frame that it is of."""
    return F.interpolate(plane, content.shape[2:], mode="bilinear", align_corners=False)


def grey_detail(
    image: Tensor, frame_size: tuple[int, int], long_side: int = _LONG_SIDE, *, smooth: bool = False
) -> Tensor:
    """The detail of an image's luma, (1, 1, h, w); see :func:`detail`."""
    return detail(grey(image), frame_size, long_side, smooth=smooth)


def detail(image: Tensor, frame_size: tuple[int, int], long_side: int = _LONG_SIDE, *, smooth: bool = False) -> Tensor:
    """What a blur takes away of an image, (1, C, H, W), part of a frame of a size (H, W): (1, C, h, w), about 0.

    The frame is looked at with a long side of so many pixels.
    """
    small = reduced(image, frame_size, long_side, smooth=smooth)
    return small - _blurred(small)


def fine_detail(image: Tensor, frame_size: tuple[int, int]) -> Tensor:
    """The same, with all that is finer than that, as large as the image is: (1, C, H, W), about 0."""
    broad = _blurred(reduced(image, frame_size, smooth=True))
    return image - resampled(broad, (image.shape[2], image.shape[3]))


def grey(image: Tensor) -> Tensor:
    """The luma of an image, (1, 3, H, W): (1, 1, H, W)."""
    return (image * torch.tensor(_LUMA, device=image.device).view(1, 3, 1, 1)).sum(1, keepdim=True)


def reduced(image: Tensor, frame_size: tuple[int, int], long_side: int = _LONG_SIDE, *, smooth: bool = False) -> Tensor:
    """A part of a frame, (1, C, H, W), as small as detail is looked at, (1, C, h, w).

    With mean values, which are quick, or `smooth`: in the enlargement of a preview squares of these would be seen.
    """
    if smooth:
        scale = long_side / max(frame_size)
        small = round(scale * frame_size[0]), round(scale * frame_size[1])
        return resampled(image, crop_size((image.shape[2], image.shape[3]), frame_size, small))
    factor = min(max(1, round(max(frame_size) / long_side)), image.shape[2], image.shape[3])
    return F.avg_pool2d(image, factor) if factor > 1 else image


def _blurred(image: Tensor) -> Tensor:
    """The image, (1, C, h, w), blurred; what is beyond its edges has no part in it.

    It is so small that a product with all of a matrix takes a tenth of the time that a convolution's gradient does.
    """
    down, across = (_blur_matrix(side, image.device) for side in image.shape[2:])
    return down @ image @ across.T


@lru_cache(32)
def _blur_matrix(side: int, device: torch.device) -> Tensor:
    """The Gaussian by which each of so many positions sees the others, (side, side); its rows come to 1."""
    positions = torch.arange(side, dtype=torch.float32, device=device)
    distance = (positions[:, None] - positions).abs()
    weight = torch.exp(-distance.square() / (2 * _WIDTH**2)) * (distance <= int(3 * _WIDTH))
    return weight / weight.sum(1, keepdim=True)
