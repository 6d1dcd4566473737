"""Fine detail: is what is finer than a stroke the brush's, or does the clip's own show through, as in a photograph?

It is looked at in frame widths, so that a frame, its preview and its enlargement can be compared.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vidstyle.motion.filters import enlarged, scaled_down
from vidstyle.motion.flow import Array

# Standard deviations of the blurs that the band lies between, in long sides of the frame: windows, twigs, wrinkles.
_FINE, _COARSE = 1 / 1000, 1 / 400
# The window in which contrast is found, in long sides; the share of a frame, that with most of it, which is looked at;
# and the root mean square contrast, 0..1, below which there is no detail.
_WINDOW, _BUSY, _LEAST = 1 / 20, 0.4, 2 / 255
# Pixels along the long side of the frame in which busy places are looked for: they are the same at every size.
_SMALL = 320


@dataclass(frozen=True)
class FineDetail:
    """The band of a clip's frame, (H, W), and where it has most of it, (H, W)."""

    band: Array
    busy: NDArray[np.bool_]


def find_fine_detail(clip: Array) -> FineDetail:
    """The fine detail of a clip's frame, (H, W, 3) in 0..1."""
    band = _band(clip)
    small = scaled_down(np.square(band), _SMALL)
    side = max(3, round(max(small.shape) * _WINDOW))
    contrast = enlarged(cv2.blur(small, (side, side)), band.shape)
    return FineDetail(band, contrast > max(float(np.quantile(contrast, 1 - _BUSY)), _LEAST**2))


def kept_detail(clip: FineDetail, output: Array) -> float | None:
    """The correlation of a painting's luma, (H, W, 3) in 0..1, with the clip's in the band of fine detail.

    1 is the clip's own detail, as in a photograph, and 0 that of the brush alone; None: the clip has none.
    """
    if not clip.busy.any():
        return None
    ours, theirs = clip.band[clip.busy], _band(output)[clip.busy]
    energy = float(np.square(ours).sum(dtype=np.float64) * np.square(theirs).sum(dtype=np.float64))
    return float((ours * theirs).sum(dtype=np.float64)) / max(math.sqrt(energy), 1e-12)


def _band(image: Array) -> Array:
    """What of an image's luma lies between the two blurs, (H, W)."""
    grey = cv2.cvtColor(np.ascontiguousarray(image, np.float32), cv2.COLOR_RGB2GRAY)
    fine, coarse = (cv2.GaussianBlur(grey, (0, 0), max(grey.shape) * sigma) for sigma in (_FINE, _COARSE))
    return fine - coarse
