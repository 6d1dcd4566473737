"""Picture files of any common kind, decoded: orientation, depth, opacity and colour profile."""

import io
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pictures
from PIL import ImageCms, ImageOps, ImageSequence, UnidentifiedImageError

from vidstyle.errors import InputError
from vidstyle.media.images.plates import PLATE_SUFFIXES, describe_plate, holds_light
from vidstyle.media.refusals import MAX_MEGAPIXELS, refusal, require_regular

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".avif", ".jp2", *PLATE_SUFFIXES)
"""Suffixes of files that a folder of frames is made of."""

# The formats are named, since Pillow takes an MPEG stream or a font for a picture otherwise.
_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF", "AVIF", "JPEG2000", "PPM")
# The limit is our own, which can be lifted: see :func:`vidstyle.media.refusals.require_size`.
Pictures.MAX_IMAGE_PIXELS = None
# Pillow warns of odd metadata, about which people can do nothing.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
logging.getLogger("PIL").addHandler(logging.NullHandler())
_ANIMATED = ("PNG", "GIF", "WEBP", "AVIF")
_WIDTH, _HEIGHT, _BITS_PER_SAMPLE, _ORIENTATION = 256, 257, 258, 274  # TIFF tags


@dataclass(frozen=True)
class Picture:
    """What a picture's header says: its size in pixels, orientation applied, bits a channel, and its comment.

    It has alpha if some of it may be transparent, and is spherical if its XMP data say that it goes all around.
    """

    width: int
    height: int
    bit_depth: int
    has_alpha: bool
    animated: bool
    spherical: bool = False
    comment: str = ""


def describe_image(path: Path) -> Picture:
    """What a picture's header says, without decoding it.

    Raises
    ------
    InputError
        The file is missing, empty, or no picture.
    """
    if holds_light(path):
        plate = describe_plate(path)
        return Picture(*plate.display_window[2:], plate.bit_depth, plate.alpha is not None, False)
    with _opened(path) as picture:
        bit_depth = _bit_depth(picture)
        # Reading a PNG's EXIF data decodes it, which a picture of such a size must be allowed first.
        exif = {} if picture.width * picture.height > MAX_MEGAPIXELS * 1_000_000 else picture.getexif()
        # From some version on, Pillow's size of a TIFF has its orientation applied already.
        size = exif.get(_WIDTH, picture.width), exif.get(_HEIGHT, picture.height)
        width, height = size[::-1] if exif.get(_ORIENTATION, 1) >= 5 else size  # these swap rows and columns
        animated = picture.format in _ANIMATED and getattr(picture, "n_frames", 1) > 1
        said = picture.info.get("comment", picture.info.get("Comment", ""))
        comment = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        spherical = _is_spherical(picture)
        return Picture(width, height, bit_depth, picture.has_transparency_data, animated, spherical, comment)


def _is_spherical(picture: Pictures.Image) -> bool:
    """Whether a picture is an equirectangular one that goes all around, by Google's photo sphere data."""
    xmp = picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp") or b""
    text = xmp.decode(errors="replace") if isinstance(xmp, bytes) else str(xmp)
    widths = [re.search(rf"{name}Pixels\W+(\d+)", text) for name in ("CroppedAreaImageWidth", "FullPanoWidth")]
    return "equirectangular" in text and len({found and found[1] for found in widths}) == 1


def header_size(path: Path) -> tuple[int, int]:
    """Width and height as stored, in pixels: :func:`describe_image`'s, orientation apart, and far quicker.

    Raises
    ------
    InputError
        The file is missing, empty, or no picture.
    """
    if holds_light(path):
        return describe_plate(path).display_window[2:]
    with _opened(path) as picture:
        return picture.size


def is_transparent_animation(path: Path) -> bool:
    """Whether any of an animation can be seen through; of a damaged one it is taken for granted.

    Raises
    ------
    InputError
        The file is no picture.
    """
    with _opened(path) as picture:
        try:
            return has_transparency(picture)
        except (OSError, EOFError, SyntaxError, ValueError):
            return True


def has_transparency(picture: Pictures.Image) -> bool:
    """Whether any of an opened animation can be seen through: many could be, and have nothing of the kind."""
    if picture.mode == "RGB":
        return False
    return any(np.asarray(frame.convert("RGBA"))[..., 3].min() < 255 for frame in ImageSequence.Iterator(picture))


def read_image_alpha(path: Path, side: int | None = None) -> tuple[np.ndarray, np.ndarray | None]:
    """A picture, (H, W, 3) float32 RGB, as stored under transparent parts, and its opacity, (H, W) or None; in 0..1.

    One whose long side is at least twice `side` is reduced while it is read, to `side` or more.

    Raises
    ------
    InputError
        The file is missing, empty, damaged, or no picture.
    """
    with _opened(path) as picture:
        bit_depth = _bit_depth(picture)  # first: asking a PNG for its EXIF data decodes it
        # OpenCV applies a TIFF's orientation by itself.
        orientation = 1 if picture.format == "TIFF" else picture.getexif().get(_ORIENTATION, 1)
        if side:
            picture.draft(picture.mode, (side, side))  # a JPEG is decoded at a half, a quarter or an eighth
        picture.load()
        profile = _foreign_profile(picture)
        pixels = None
        if bit_depth > 8 and profile is None:
            pixels = _read_deep(path, orientation)
        if pixels is None:
            shown = _to_srgb(ImageOps.exif_transpose(picture), profile)
            pixels = np.asarray(
                shown.reduce(max(shown.size) // side) if side and max(shown.size) >= 2 * side else shown
            )
    if side and (factor := max(pixels.shape[:2]) // side) >= 2:
        pixels = cv2.resize(pixels, None, fx=1 / factor, fy=1 / factor, interpolation=cv2.INTER_AREA)
    scale = np.iinfo(pixels.dtype).max if np.issubdtype(pixels.dtype, np.integer) else 1
    values = np.clip(np.nan_to_num(pixels.astype(np.float32) / scale), 0, 1)
    image = np.ascontiguousarray(values[..., :3])
    return image, values[..., 3].copy() if values.shape[2] == 4 else None


@contextmanager
def _opened(path: Path) -> Iterator[Pictures.Image]:
    """A picture for the time of the block, which only reads it: what fails in it is the file's fault."""
    try:
        if path.is_dir():
            raise InputError(f"'{path}' is a folder: name one picture.")
        status = path.stat()
        require_regular(path, status.st_mode)
        if status.st_size == 0:
            raise InputError(f"'{path}' is empty: save or download it again.")
        with Pictures.open(path, formats=_FORMATS) as picture:
            yield picture
    except (InputError, MemoryError):
        raise
    except UnidentifiedImageError as error:
        raise InputError(f"'{path}' is no picture that can be read: take a PNG, JPEG, TIFF or WebP.") from error
    except Exception as error:  # the formats' decoders raise all kinds
        known = refusal(path, error) if isinstance(error, OSError) else None
        raise known or InputError(f"'{path}' is damaged ({error}): save or download it again.") from error


def _bit_depth(picture: Pictures.Image) -> int:
    """8 or 16 bits a channel, of a picture that was opened and not yet decoded."""
    if picture.format == "TIFF":
        return 16 if max(np.atleast_1d(picture.getexif().get(_BITS_PER_SAMPLE, 1))) > 8 else 8
    # Pillow turns 16-bit colour into 8 bits; only the name that its decoder has for the layout tells.
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
