"""EXR and DPX files: what is painted in them, and all else, which is kept. By OpenImageIO."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813  # as everybody calls it

from vidstyle.errors import InputError
from vidstyle.media.images.plate_header import FLOATS, Plate, Window, describe_parts

PLATE_SUFFIXES = (".exr", ".dpx")
"""Suffixes of the files that are read and written here."""

# Of EXR, DPX and TIFF, in both orders of bytes.
_BEGINNINGS = (b"\x76\x2f\x31\x01", b"SDPX", b"XPDS", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# If a data window is as large as more than this many display windows, it is no overscan.
_MOST_OVERSCAN = 4


def is_plate(path: Path) -> bool:
    """Whether a file's name says that it is an EXR or DPX file."""
    return path.suffix.lower() in PLATE_SUFFIXES


def holds_light(path: Path) -> bool:
    """Whether a picture holds light: an EXR or DPX file, or a TIFF file of floats."""
    if path.suffix.lower() not in (".tif", ".tiff"):
        return is_plate(path)
    try:
        with opened_plate(path) as file:
            return file.spec().format.basetype in FLOATS
    except InputError:  # for Pillow to say what is wrong with it
        return False


def describe_plate(path: Path) -> Plate:
    """What a file's header says.

    Raises
    ------
    InputError
        The file is missing, empty, damaged, or without colours.
    """
    with opened_plate(path) as file:
        return describe_parts(path, part_specs(file))


def require_ends(path: Path) -> None:
    """Make sure that the first and the last rows of all parts are there, whichever is last in the file.

    A part that is kept as it is would otherwise be found to be cut short only when all is painted.

    Raises
    ------
    InputError
        Some are not there.
    """
    with opened_plate(path) as file:
        for part, spec in enumerate(part_specs(file)):
            across = (spec.x, spec.x + spec.width)
            step = spec.tile_height or 1
            for top in {spec.y, spec.y + (spec.height - 1) // step * step}:
                down = (top, min(top + step, spec.y + spec.height))
                if spec.tile_width:
                    rows = file.read_tiles(part, 0, *across, *down, 0, 1, 0, spec.nchannels, "float")
                else:
                    rows = file.read_scanlines(part, 0, *down, 0, 0, spec.nchannels, "float")
                if rows is None:
                    raise _damaged(path, file)


def require_other_parts(path: Path) -> None:
    """Decode the parts that are kept as they are, so that one that can't be copied is found before anything is painted.

    Raises
    ------
    InputError
        One of them is damaged.
    """
    with opened_plate(path) as file:
        specs = part_specs(file)
        painted = describe_parts(path, specs).part
        for part, spec in enumerate(specs):
            if part != painted:
                read_channels(path, file, part, 0, spec.nchannels, "half")


def painted_window(plates: list[Plate]) -> Window:
    """What is painted of pictures with these windows: their frame, and the overscan of all."""
    frame = plates[0].display_window
    windows = [frame, *(plate.data_window for plate in plates)]
    left, top = (min(window[axis] for window in windows) for axis in (0, 1))
    right, bottom = (max(window[axis] + window[axis + 2] for window in windows) for axis in (0, 1))
    if (right - left) * (bottom - top) > _MOST_OVERSCAN * frame[2] * frame[3]:
        return frame
    return left, top, right - left, bottom - top


def read_plate(path: Path, window: Window) -> tuple[np.ndarray, np.ndarray | None]:
    """Colours, (H, W, 3) float32, and opacity, (H, W) or None, within a window; 0 where the file has no pixels.

    They are as stored: in an EXR file multiplied by the opacity; whole numbers as 0..1.
    """
    with opened_plate(path) as file:
        plate = describe_parts(path, part_specs(file))
        wanted = [*plate.colors, *([] if plate.alpha is None else [plate.alpha])]
        first = min(wanted)
        pixels = read_channels(path, file, plate.part, first, max(wanted) + 1, "float")
    colors = _in_window(pixels[..., [channel - first for channel in plate.colors]], plate.data_window, window)
    if plate.alpha is None:
        return colors, None
    return colors, _in_window(pixels[..., plate.alpha - first], plate.data_window, window)


def coverage(colors: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """What premultiplied colours are divided by to be painted, and multiplied by afterwards: (H, W, 1).

    That is the opacity, save where there is light without it, a flare for instance, which is painted as it is.
    """
    light = np.minimum(np.abs(colors).max(axis=2), 1)
    return np.maximum(np.clip(alpha, 0, 1), light)[..., None]


def unpremultiplied(colors: np.ndarray, cover: np.ndarray) -> np.ndarray:
    """Premultiplied colours divided by their coverage; 0 where there is nothing."""
    return np.divide(colors, cover, out=np.zeros_like(colors), where=cover > 0)


def _in_window(pixels: np.ndarray, data: Window, window: Window) -> np.ndarray:
    """Pixels of a data window in another window, contiguous."""
    if data == window:
        return np.ascontiguousarray(pixels)
    result = np.zeros((window[3], window[2], *pixels.shape[2:]), pixels.dtype)
    left, top = max(data[0], window[0]), max(data[1], window[1])
    right, bottom = (min(data[axis] + data[axis + 2], window[axis] + window[axis + 2]) for axis in (0, 1))
    if right > left and bottom > top:
        target = slice(top - window[1], bottom - window[1]), slice(left - window[0], right - window[0])
        result[target] = pixels[top - data[1] : bottom - data[1], left - data[0] : right - data[0]]
    return result


@contextmanager
def opened_plate(path: Path) -> Iterator[Any]:
    """OpenImageIO's reader of a file, for the time of the block; InputError where it can't be opened."""
    try:
        if path.stat().st_size == 0:
            raise InputError(f"'{path}' is empty: render or copy it again.")
        with path.open("rb") as content:
            known = content.read(4) in _BEGINNINGS
    except FileNotFoundError as error:
        raise InputError(f"there is no file '{path}': check the name.") from error
    except OSError as error:
        raise InputError(f"'{path}' can't be read: {error.strerror or error}.") from error
    # By a name that says another format, it would be opened as that.
    file = oiio.ImageInput.open(str(path)) if known else None
    if file is None:
        raise InputError(
            f"'{path}' is damaged, or no {path.suffix[1:].upper()} file ({oiio_error()}): render it again."
        )
    try:
        yield file
    finally:
        file.close()


def part_specs(file: Any) -> list[Any]:
    """OpenImageIO's description of each part of an opened file."""
    specs: list[Any] = []
    while file.seek_subimage(len(specs), 0):
        specs.append(oiio.ImageSpec(file.spec()))
    return specs


def read_channels(path: Path, file: Any, part: int, first: int, end: int, kind: str) -> np.ndarray:
    """The channels `first` to `end` (exclusive) of a part, (H, W, C), as numbers of OpenImageIO's type `kind`."""
    pixels: np.ndarray | None = file.read_image(part, 0, first, end, kind)
    if pixels is None:
        raise _damaged(path, file)
    return pixels


def _damaged(path: Path, file: Any) -> InputError:
    return InputError(f"'{path}' is damaged ({oiio_error(file)}): render or copy it again.")


def oiio_error(file: Any = None) -> str:
    """What OpenImageIO found wrong with a file, in its words."""
    try:
        said: str = (file.geterror() if file is not None else "") or oiio.geterror()
    except UnicodeDecodeError:  # it shows names out of the file, which are no text
        said = ""
    return (said or "not readable").strip().splitlines()[0].rstrip(".")
