"""Crops around what is to be painted: a few pixels need not cost a whole frame."""

import cv2
import numpy as np
from numpy.typing import NDArray

Crop = tuple[slice, slice]
"""Rows and columns of a frame."""

_MARGIN = 8
"""Pixels of the frame around what is painted: they constrain it, and the network sees it beside them."""
_SIDE = 32
"""Sides are multiples of it, since oneDNN keeps a kernel for each new shape. In frames larger than `_USUAL` they are
multiples of as much more, so that there are no more shapes."""
_USUAL = 640
_THIN = 5
"""Pixels: what is narrower, along the rim of something, shows no stroke."""
_LEAST = 1e-3
"""Share of the frame below which a region is left alone."""


def crops(region: NDArray[np.bool_]) -> list[Crop]:
    """Crops that cover a region of a frame, (H, W), one for each part of it that lies alone.

    Thin parts and very small ones are left out.
    """
    height, width = region.shape
    broad = cv2.morphologyEx(region.astype(np.uint8), cv2.MORPH_OPEN, np.ones((_THIN, _THIN), np.uint8))
    reach = cv2.dilate(broad, np.ones((2 * _MARGIN + 1, 2 * _MARGIN + 1), np.uint8))
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(reach)
    pixels_in = np.bincount(labels[broad > 0], minlength=count)
    side = _SIDE * -(-max(height, width) // _USUAL)
    return [
        (_span(top, rows, side, height), _span(left, columns, side, width))
        for (left, top, columns, rows, _), pixels in zip(boxes[1:].tolist(), pixels_in[1:], strict=True)
        if pixels >= _LEAST * region.size
    ]


def _span(start: int, length: int, side: int, whole: int) -> slice:
    """A stretch made longer to a multiple of `side`, within the `whole` length; all of that where there is no room."""
    rounded = min(-(-length // side) * side, whole)
    begin = min(max(start - (rounded - length) // 2, 0), whole - rounded)
    return slice(begin, begin + rounded)
