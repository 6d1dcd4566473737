"""Pixels without opacity show nothing, so that their colours must decide nothing."""

from __future__ import annotations

import cv2
import numpy as np


def with_invisible_filled(image: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """An (H, W, 3) picture in which pixels of an opacity, (H, W), of 0 have the colours of what is visible around them.

    What a program left there depends on the program; so whatever it was, the result is the same. From level to level of
    a pyramid the visible pixels are averaged, and what is not visible is filled from the next coarser level ("pull and
    push", Gortler et al. 1996). Where nothing is visible the picture is black.
    """
    visible = alpha > 0
    if visible.all():
        return image
    return _filled(np.where(visible[..., None], image, 0).astype(np.float32), visible.astype(np.float32))


def _filled(colours: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Colours, multiplied by their weight, divided by it, and filled in where it is 0."""
    own = colours / np.maximum(weight, np.float32(1e-6))[..., None]
    height, width = weight.shape
    if weight.all() or height == width == 1:
        return own
    half = (width + 1) // 2, (height + 1) // 2
    coarse = _filled(
        *(
            cv2.resize(plane, half, interpolation=cv2.INTER_AREA).reshape(half[1], half[0], *plane.shape[2:])
            for plane in (colours, weight)
        )
    )
    around = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR).reshape(colours.shape)
    filled: np.ndarray = np.where(weight[..., None] > 0, own, around)
    return filled
