"""Motion, reliability and error as pictures that people can read."""

import cv2
import numpy as np

from vidstyle.measure.metrics.boil import Rest, boil_map
from vidstyle.measure.metrics.warp_error import ClipMotion, residual
from vidstyle.media.images.stills import quantise
from vidstyle.motion.flow import Array
from vidstyle.motion.reliability import Mask
from vidstyle.page.pictures import Pixels

FULL_ERROR = 0.25
"""The difference, in units of 0..1, that is drawn brightest."""

FULL_LIKENESS = 0.5
"""How much more like the style picture's subject a place is that is drawn with all its light."""

UNLIT = 0.2
"""The light of all other places."""

ELSEWHERE = (40, 60, 110)
"""The colour of what is not compared."""


def flow_picture(flow: Array) -> tuple[Pixels, float]:
    """Direction as hue, length as saturation, white where nothing moves; and the length, in pixels, of full colour."""
    length, angle = cv2.cartToPolar(np.ascontiguousarray(flow[..., 0]), np.ascontiguousarray(flow[..., 1]))
    full = max(float(np.percentile(length, 99)), 1.0)
    hsv = np.stack([np.degrees(angle), np.minimum(length / full, 1), np.ones_like(length)], -1)
    return quantise(cv2.cvtColor(hsv.astype(np.float32), cv2.COLOR_HSV2RGB), 8), full


def mask_picture(mask: Mask) -> Pixels:
    """A mask: white is kept."""
    return np.repeat(mask[..., None] * np.uint8(255), 3, -1)


def error_picture(motion: ClipMotion, image: Array, earlier: Array) -> Pixels:
    """Where a frame differs from the one before, carried along, where that can be compared: dark to bright."""
    error = np.sqrt(np.square(residual(motion, image, earlier)).mean(-1))
    return cv2.applyColorMap(quantise(error / FULL_ERROR, 8), cv2.COLORMAP_INFERNO)[..., ::-1]


def boil_picture(rest: Rest, image: Array, earlier: Array) -> Pixels:
    """Where a frame changes though the clip rests there: dark to bright; blue where the clip doesn't rest."""
    change = np.sqrt(boil_map(rest, image, earlier))
    drawn: Pixels = cv2.applyColorMap(quantise(change / FULL_ERROR, 8), cv2.COLORMAP_INFERNO)[..., ::-1]
    return np.where(rest.mask[..., None], drawn, np.array(ELSEWHERE, np.uint8))


def lit_picture(image: Array, places: Array) -> Pixels:
    """An image that is dark but for some places, (h, w) in 0..1 over it."""
    light = cv2.resize((places / FULL_LIKENESS).clip(0, 1), image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return quantise(image * (UNLIT + (1 - UNLIT) * light[..., None]), 8)
