"""Pictures as bytes that a page can hold."""

import base64
import math

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.errors import StorageError
from vidstyle.media.images.stills import quantise
from vidstyle.media.reader import resize
from vidstyle.motion.filters import scaled_down

Pixels = npt.NDArray[np.uint8]
Image = npt.NDArray[np.float32]

LOSSLESS = 101
"""OpenCV's word for it, as a quality of WebP."""


def fit(image: Image, most_pixels: float, longest: int) -> Image:
    """The image, made smaller where it has more pixels than that or a side that is longer."""
    height, width = image.shape[:2]
    scale = min(1.0, math.sqrt(most_pixels / (width * height)), longest / max(width, height))
    return resize(image, (max(1, round(width * scale)), max(1, round(height * scale))))


def encode(pixels: Pixels, quality: int) -> bytes:
    """A picture, (H, W, 3) RGB, as WebP at a quality of 1 to 100, or `LOSSLESS`."""
    return _encoded(pixels, ".webp", [cv2.IMWRITE_WEBP_QUALITY, quality])


def glance(image: Image, longest: int, quality: int = 80) -> bytes:
    """A small JPEG of an image, (H, W, 3) in 0..1, in a millisecond, which WebP takes ten times as long for."""
    return _encoded(quantise(scaled_down(image, longest), 8), ".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality])


def base64_text(data: bytes) -> str:
    """Bytes as the text that a page holds them in."""
    return base64.b64encode(data).decode()


def _encoded(pixels: Pixels, suffix: str, options: list[int]) -> bytes:
    done, data = cv2.imencode(suffix, np.ascontiguousarray(pixels[..., ::-1]), options)
    if not done:
        height, width = pixels.shape[:2]
        raise StorageError(f"a picture of {width}×{height} pixels for the page could not be encoded.")
    return data.tobytes()
