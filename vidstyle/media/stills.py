"""Pictures: reading what people have, writing what they ask for, and the lossless frames of a job folder."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pictures
from PIL import ImageCms, ImageOps, UnidentifiedImageError

from vidstyle.errors import InputError, StorageError, UsageError
from vidstyle.media.files import publish

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".avif", ".jp2")
"""Suffixes of files that a folder of frames is made of."""

WRITABLE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp")
"""Suffixes that :func:`write_image` knows."""

# Named so that Pillow doesn't take an MPEG stream or a font for a picture.
_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF", "AVIF", "JPEG2000", "PPM")
_ANIMATED = ("PNG", "GIF", "WEBP", "AVIF")
_ORIENTATION, _BITS_PER_SAMPLE = 274, 258  # TIFF tags


@dataclass(frozen=True)
class Picture:
    """What a picture's header says.

    Attributes
    ----------
    width, height
        As shown, in pixels: orientation applied.
    bit_depth
        Bits a channel.
    has_alpha
        Whether some of it may be transparent.
    animated
        Whether it is a moving picture.
    """

    width: int
    height: int
    bit_depth: int
    has_alpha: bool
    animated: bool


def describe_image(path: Path) -> Picture:
    """What a picture's header says, without decoding it.

    Raises
    ------
    InputError
        Missing, empty, or no picture.
    """
    with _opened(path) as picture:
        return _describe(picture)


def header_size(path: Path) -> tuple[int, int]:
    """Width and height as stored, in pixels: :func:`describe_image`'s, orientation apart, and far quicker.

    Raises
    ------
    InputError
        Missing, empty, or no picture.
    """
    with _opened(path) as picture:
        return picture.size


def read_image(path: Path, min_side: int = 1) -> np.ndarray:
    """A picture with its orientation applied and what is transparent shown over white.

    Parameters
    ----------
    path
        A picture in any common format and colour mode.
    min_side
        The least width and height, in pixels, that make sense to the caller.

    Returns
    -------
    image
        (H, W, 3) float32 RGB, 0..1.

    Raises
    ------
    InputError
        Missing, empty, damaged, no picture, or smaller than `min_side`.
    """
    image, alpha = read_image_alpha(path)
    height, width = image.shape[:2]
    if min(height, width) < min_side:
        raise InputError(f"'{path}' is only {width}×{height} pixels: take a picture of at least {min_side}×{min_side}.")
    return image if alpha is None else over_white(image, alpha)


def read_image_alpha(path: Path) -> tuple[np.ndarray, np.ndarray | None]:
    """A picture and its opacity.

    Returns
    -------
    image
        (H, W, 3) float32 RGB, 0..1, as stored under transparent parts.
    alpha
        (H, W) float32, 0 transparent to 1, or None if the picture has none.

    Raises
    ------
    InputError
        Missing, empty, damaged, or no picture.
    """
    with _opened(path) as picture:
        try:
            bit_depth = _bit_depth(picture)
            picture.load()
            profile = _foreign_profile(picture)
            pixels = None
            if bit_depth > 8 and profile is None:
                pixels = _read_deep(path, picture.getexif().get(_ORIENTATION, 1))
            if pixels is None:
                pixels = np.asarray(_to_srgb(ImageOps.exif_transpose(picture), profile))
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            raise InputError(f"'{path}' is damaged ({error}): save or download it again.") from error
    scale = np.iinfo(pixels.dtype).max if np.issubdtype(pixels.dtype, np.integer) else 1
    values = np.clip(np.nan_to_num(pixels.astype(np.float32) / scale), 0, 1)
    image = np.ascontiguousarray(values[..., :3])
    return image, values[..., 3].copy() if values.shape[2] == 4 else None


def over_white(image: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """An (H, W, 3) image of opacity `alpha` (H, W) as it looks on white paper."""
    shown: np.ndarray = image * alpha[..., None] + (1 - alpha[..., None])
    return shown


def write_image(path: Path, image: np.ndarray, bit_depth: int = 8) -> None:
    """Write a picture, in the format of its suffix, so that it appears whole or not at all.

    Parameters
    ----------
    path
        Ends in .png, .jpg, .jpeg, .tif, .tiff or .webp.
    image
        (H, W, 3) RGB or (H, W, 4) RGB and opacity, 0..1; clipped. JPEG shows opacity over white.
    bit_depth
        Above 8, PNG and TIFF hold 16 bits a channel.

    Raises
    ------
    UsageError
        A suffix of no known format.
    OutputError
        The folder is not there or can't be written.
    StorageError
        The disk is full, or the format can't hold a picture of this size.
    """
    suffix = path.suffix.lower()
    if suffix not in WRITABLE_SUFFIXES:
        raise UsageError(f"'{path}' ends in no picture format known here: take {', '.join(WRITABLE_SUFFIXES)}.")
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
    publish(path, _encode(path, quantise(image, 16 if deep else 8), options))


def write_frame_file(path: Path, image: np.ndarray, bit_depth: int) -> None:
    """Write a lossless checkpoint (PNG, 8 or 16 bits) of a finished frame; atomic.

    Parameters
    ----------
    path
        Ends in .png.
    image
        (H, W, 3) RGB, 0..1; values beyond are clipped.
    bit_depth
        The clip's own; above 8 it is kept in 16 bits.

    Raises
    ------
    OutputError, StorageError
        As for :func:`write_image`.
    """
    # Level 1 writes painted texture four times as fast as the default for a few per cent more bytes.
    publish(path, _encode(path, quantise(image, 16 if bit_depth > 8 else 8), [cv2.IMWRITE_PNG_COMPRESSION, 1]))


def read_frame_file(path: Path) -> np.ndarray:
    """A checkpoint written by :func:`write_frame_file`: (H, W, 3) float32 RGB, 0..1.

    Raises
    ------
    StorageError
        It is gone or damaged.
    """
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise StorageError(f"the frame file '{path}' can't be read: {error.strerror}.") from error
    pixels = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if data.size else None
    if pixels is None or pixels.ndim != 3:
        raise StorageError(f"the frame file '{path}' is damaged: delete it and run the same command again.")
    image: np.ndarray = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB).astype(np.float32)
    return image / np.float32(np.iinfo(pixels.dtype).max)


def quantise(image: np.ndarray, bits: int) -> np.ndarray:
    """Whole numbers, uint8 or uint16, for values 0..1: clipped, rounded to the nearest."""
    top = (1 << bits) - 1
    whole: np.ndarray = np.rint(np.clip(image, 0, 1) * np.float32(top))
    return whole.astype(np.uint8 if bits == 8 else np.uint16)


@contextmanager
def _opened(path: Path) -> Iterator[Pictures.Image]:
    try:
        if path.is_dir():
            raise InputError(f"'{path}' is a folder: name one picture.")
        if path.stat().st_size == 0:
            raise InputError(f"'{path}' is empty: save or download it again.")
        with warnings.catch_warnings():
            # Large scans of paintings are no attack.
            warnings.simplefilter("ignore", Pictures.DecompressionBombWarning)
            picture = Pictures.open(path, formats=_FORMATS)
    except FileNotFoundError as error:
        raise InputError(f"there is no file '{path}': check the name.") from error
    except UnidentifiedImageError as error:
        raise InputError(f"'{path}' is no picture that can be read: take a PNG, JPEG, TIFF or WebP.") from error
    except Pictures.DecompressionBombError as error:
        raise InputError(f"'{path}' has too many pixels: make it smaller first.") from error
    except OSError as error:
        raise InputError(f"'{path}' can't be read: {error.strerror or error}.") from error
    with picture:
        yield picture


def _describe(picture: Pictures.Image) -> Picture:
    bit_depth = _bit_depth(picture)  # first: asking a PNG for its EXIF data decodes it
    width, height = picture.size
    if picture.getexif().get(_ORIENTATION, 1) >= 5:  # these swap rows and columns
        width, height = height, width
    return Picture(
        width,
        height,
        bit_depth,
        picture.has_transparency_data,
        picture.format in _ANIMATED and getattr(picture, "n_frames", 1) > 1,
    )


def _bit_depth(picture: Pictures.Image) -> int:
    """8 or 16 bits a channel, of a picture that was opened and not yet decoded."""
    if picture.format == "TIFF":
        return 16 if max(np.atleast_1d(picture.getexif().get(_BITS_PER_SAMPLE, 1))) > 8 else 8
    # Pillow turns 16-bit colour into 8 bits; only its decoder's own name for the layout tells.
    tiles = getattr(picture, "tile", ())
    return 16 if picture.mode.startswith("I") or any("16" in str(tile.args) for tile in tiles) else 8


def _read_deep(path: Path, orientation: int) -> np.ndarray | None:
    """More than 8 bits a channel, which Pillow can't hold: (H, W, 3 or 4), or None if OpenCV can't."""
    pixels: np.ndarray | None = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype not in (np.uint16, np.float32):
        return None
    if pixels.ndim == 2:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB)
    else:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGBA if pixels.shape[2] == 4 else cv2.COLOR_BGR2RGB)
    # EXIF 2.32, tag 0x0112: 2-4 flip and turn, 5-8 do so after swapping rows and columns.
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels


def _foreign_profile(picture: Pictures.Image) -> ImageCms.ImageCmsProfile | None:
    """The picture's colour profile, unless it has none, or sRGB, or one that can't be read."""
    data = picture.info.get("icc_profile")
    if not data:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        return None if "srgb" in ImageCms.getProfileDescription(profile).lower() else profile
    except (OSError, ImageCms.PyCMSError):
        return None


def _to_srgb(picture: Pictures.Image, profile: ImageCms.ImageCmsProfile | None) -> Pictures.Image:
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    if profile is not None and picture.mode in ("RGB", "CMYK", "L"):
        try:
            converted = ImageCms.profileToProfile(picture, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except ImageCms.PyCMSError:  # a profile for another colour mode than the pixels'
            converted = None
        if converted is not None:
            return converted
    return picture.convert("RGB")


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
