"""Still images: read as people see them, written as they ask, and the lossless frames of a job folder."""

from pathlib import Path

import cv2
import numpy as np

from vidstyle.errors import InputError, StorageError, UsageError
from vidstyle.media.chunks import png_size, with_comment
from vidstyle.media.color.display import DisplayTransform, from_half_codes, half_codes
from vidstyle.media.files import publish
from vidstyle.media.images.pictures import header_size, read_image_alpha
from vidstyle.media.images.plates import (
    PLATE_SUFFIXES,
    coverage,
    describe_plate,
    holds_light,
    painted_window,
    read_plate,
    unpremultiplied,
)
from vidstyle.media.refusals import MAX_MEGAPIXELS, require_size

IMAGE_WRITABLE = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp")
"""Suffixes that :func:`write_image` knows."""
SMALLEST_STYLE = 16
"""A style picture's least side, in pixels: one pixel in the network's fifth block."""
_LARGEST_STYLE = 4096
WRITABLE_SUFFIXES = (*IMAGE_WRITABLE, *PLATE_SUFFIXES)
"""Suffixes of all pictures that can be written."""


def read_style(path: Path, size: tuple[int, int], scale: float, max_megapixels: int = MAX_MEGAPIXELS) -> np.ndarray:
    """A style picture for frames of that size and strokes of that scale; a huge one is reduced to what can be seen.

    Errors are those of :func:`read_image`.
    """
    side = max(_LARGEST_STYLE, round(2 * max(size) * scale))
    return read_image(path, SMALLEST_STYLE, max_megapixels, side)


def read_image(
    path: Path, min_side: int = 1, max_megapixels: int = MAX_MEGAPIXELS, side: int | None = None
) -> np.ndarray:
    """A picture, (H, W, 3) float32 RGB, 0..1, with its orientation applied and what is transparent shown over white.

    It may have any common format and colour mode. `min_side` is the least width and height, in pixels, that make sense
    to the caller; the most pixels are in millions, and 0 sets no limit. One whose long side is at least twice `side`
    is reduced while it is read.

    Raises
    ------
    InputError
        The file is missing, empty, damaged, no picture, smaller than `min_side`, or larger than `max_megapixels`.
    """
    require_size(path, *header_size(path), max_megapixels)
    image, alpha = _read_plate(path, max_megapixels) if holds_light(path) else read_image_alpha(path, side)
    height, width = image.shape[:2]
    if min(height, width) < min_side:
        raise InputError(f"'{path}' is only {width}×{height} pixels: take a picture of at least {min_side}×{min_side}.")
    return image if alpha is None else over_white(image, alpha)


def over_white(image: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """An (H, W, 3) image of opacity `alpha` (H, W) as it looks on white paper."""
    return image * alpha[..., None] + (1 - alpha[..., None])


def write_image(path: Path, image: np.ndarray, bit_depth: int = 8, comment: str = "") -> None:
    """Write a picture, in the format of its suffix, so that it appears whole or not at all.

    The image is (H, W, 3) RGB or (H, W, 4) RGB and opacity, 0..1; clipped. JPEG shows opacity over white. With a bit
    depth above 8, PNG and TIFF hold 16 bits a channel. PNG and JPEG hold the comment.

    Raises
    ------
    UsageError
        The suffix is of no known format.
    OutputError
        The folder is not there or can't be written.
    StorageError
        The disk is full, or the format can't hold a picture of this size.
    """
    suffix = path.suffix.lower()
    if suffix not in IMAGE_WRITABLE:
        raise UsageError(f"'{path}' ends in no picture format known here: take {', '.join(IMAGE_WRITABLE)}.")
    if suffix in (".jpg", ".jpeg"):
        if image.shape[2] == 4:
            image = over_white(image[..., :3], image[..., 3])
        options = [
            cv2.IMWRITE_JPEG_QUALITY,
            95,
            cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
            cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
        ]
    elif suffix == ".webp":
        options = [cv2.IMWRITE_WEBP_QUALITY, 95]
    else:
        options = []
    deep = bit_depth > 8 and suffix in (".png", ".tif", ".tiff")
    data = _encode(path, quantise(image, 16 if deep else 8), options)
    publish(path, with_comment(data, comment) if comment else data)


def _read_plate(path: Path, max_megapixels: int) -> tuple[np.ndarray, np.ndarray | None]:
    """An EXR or DPX file as an sRGB picture, with its opacity."""
    plate = describe_plate(path)
    require_size(path, *plate.data_window[2:], max_megapixels)
    display = DisplayTransform(plate.transfer, plate.primaries, floating=plate.floating)
    values, alpha = read_plate(path, painted_window([plate]))
    if alpha is not None and plate.floating:
        values = unpremultiplied(values, coverage(values, alpha))
    return DisplayTransform().converted_from(display, display.to_display(values)), alpha


def encode_frame(image: np.ndarray, bit_depth: int, display: DisplayTransform | None = None) -> bytes:
    """A lossless checkpoint (PNG) of a finished frame, (H, W, 3) RGB, 0..1.

    The bit depth is the clip's own; above 8 it is kept in 16 bits. The values are kept that `display` shows so: whole
    numbers, clipped, or the bits of half floats, so that nothing is lost of them but by painting.
    """
    values = display.from_display(image) if display else image
    pixels = half_codes(values) if display and display.floating else quantise(values, 16 if bit_depth > 8 else 8)
    # By default OpenCV compresses runs alone: that takes half the time of any stated level, at 2% more bytes.
    return _encode(Path("frame.png"), pixels, [])


def decode_frame(
    data: bytes, size: tuple[int, int], display: DisplayTransform | None = None, name: Path | str = "frame"
) -> np.ndarray:
    """A checkpoint of :func:`encode_frame` with the same display transform: (H, W, 3) float32 RGB, 0..1.

    That must be its size, width first. Messages call it by the name.

    Raises
    ------
    StorageError
        It is damaged, or has another size.
    """
    pixels = None
    if png_size(data) == size:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise StorageError(f"the frame file '{name}' is damaged: delete it and run the same command again.")
    pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
    if display and display.floating and pixels.dtype == np.uint16:
        return display.to_display(from_half_codes(pixels))
    image = pixels.astype(np.float32) / np.float32(np.iinfo(pixels.dtype).max)
    return display.to_display(image) if display else image


def quantise(image: np.ndarray, bits: int) -> np.ndarray:
    """Whole numbers, uint8 or uint16, for values 0..1: clipped, rounded to the nearest."""
    top = (1 << bits) - 1
    whole: np.ndarray = np.rint(np.clip(image, 0, 1) * np.float32(top))
    return whole.astype(np.uint8 if bits == 8 else np.uint16)


def _encode(path: Path, pixels: np.ndarray, options: list[int]) -> bytes:
    order = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    try:
        written, data = cv2.imencode(path.suffix, cv2.cvtColor(pixels, order), options)
    except cv2.error:
        written = False
    if not written:
        height, width = pixels.shape[:2]
        raise StorageError(f"'{path}' can't hold a picture of {width}×{height} pixels: take .png or .tif.")
    return data.tobytes()
