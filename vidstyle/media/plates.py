"""EXR and DPX files: what is painted in them, and all else, which is kept. By OpenImageIO."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813  # as everybody calls it

from vidstyle.errors import InputError
from vidstyle.media.light import BT709, Primaries
from vidstyle.media.timing import common_rate

PLATE_SUFFIXES = (".exr", ".dpx")
"""Suffixes of the files that are read and written here."""

Window = tuple[int, int, int, int]
"""Left, top, width and height, in pixels."""
DROP_FRAME = 1 << 6
"""The flag of a packed timecode that leaves numbers out."""

_FLOATS = (oiio.HALF, oiio.FLOAT, oiio.DOUBLE)
_COLORS = (("r", "g", "b"), ("red", "green", "blue"))
# Layers that renderers write the whole picture to, and those that only look like colours.
_PICTURE, _NO_PICTURE = ("combined", "beauty", "rgba"), "crypto"
_LOG = ("Printing density", "Logarithmic")
# A data window of more than this many display windows is no overscan.
_MOST_OVERSCAN = 4


@dataclass(frozen=True)
class Plate:
    """What the header of an EXR or DPX file says.

    Attributes
    ----------
    display, data
        The picture's frame, and the pixels that there are: less than that, or more (overscan).
    part, colors, alpha
        The part that is painted, its channels red, green and blue (of a grey one, thrice the same), and opacity.
    bit_depth, floating
        Bits a channel, and whether they are floats.
    transfer, primaries
        What the values mean; see :class:`vidstyle.media.view.View`.
    rate
        Frames a second, where the file says it.
    timecode
        As "01:00:00:00", with a semicolon where frames are dropped; None without one.
    shape
        Width over height of a pixel.
    layer
        The layer that the channels are of, where they are of one.
    kept
        What there is besides, in words: other channels and parts.
    """

    display: Window
    data: Window
    part: int
    colors: tuple[int, int, int]
    alpha: int | None
    bit_depth: int
    floating: bool
    transfer: str
    primaries: Primaries
    rate: Fraction | None
    timecode: str | None
    shape: Fraction
    layer: str
    kept: tuple[str, ...]


def is_plate(path: Path) -> bool:
    """Whether a file's name says that it is one of these."""
    return path.suffix.lower() in PLATE_SUFFIXES


def holds_light(path: Path) -> bool:
    """Whether a picture is one of these, or a TIFF file of floats, which holds the same."""
    if path.suffix.lower() not in (".tif", ".tiff"):
        return is_plate(path)
    try:
        with opened_plate(path) as file:
            return file.spec().format.basetype in _FLOATS
    except InputError:  # for Pillow to say what is wrong with it
        return False


def describe_plate(path: Path) -> Plate:
    """What a file's header says.

    Raises
    ------
    InputError
        Missing, empty, damaged, or without colours.
    """
    with opened_plate(path) as file:
        return describe_parts(path, part_specs(file))


def require_ends(path: Path) -> None:
    """Make sure that the first and the last rows of all parts are there, whichever is last in the file.

    What is kept as it is would else be found to be cut short only when it is copied, with all painted.

    Raises
    ------
    InputError
        They are not.
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
    """Decode the parts that are kept as they are: what can't be copied is found before the others' paint is dry.

    Raises
    ------
    InputError
        One is damaged.
    """
    with opened_plate(path) as file:
        specs = part_specs(file)
        painted = describe_parts(path, specs).part
        for part, spec in enumerate(specs):
            if part != painted:
                read_channels(path, file, part, 0, spec.nchannels, "half")


def canvas(plates: list[Plate]) -> Window:
    """What is painted of pictures with these windows: their frame, and the overscan of all."""
    display = plates[0].display
    windows = [display, *(plate.data for plate in plates)]
    left, top = (min(window[axis] for window in windows) for axis in (0, 1))
    right, bottom = (max(window[axis] + window[axis + 2] for window in windows) for axis in (0, 1))
    if (right - left) * (bottom - top) > _MOST_OVERSCAN * display[2] * display[3]:
        return display
    return left, top, right - left, bottom - top


def read_plate(path: Path, window: Window) -> tuple[np.ndarray, np.ndarray | None]:
    """Colours and opacity within a window; 0 where the file has no pixels.

    Returns
    -------
    colors
        (H, W, 3) float32 as stored: in an EXR file multiplied by the opacity; whole numbers as 0..1.
    alpha
        (H, W) float32, or None.
    """
    with opened_plate(path) as file:
        plate = describe_parts(path, part_specs(file))
        colors, alpha = _colors(path, file, plate)
    placed = _placed(colors, plate.data, window)
    return placed, None if alpha is None else _placed(alpha, plate.data, window)


def coverage(colors: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """What premultiplied colours are divided by to be painted, and multiplied by afterwards: (H, W, 1).

    That is the opacity, save where there is light without it, a flare for instance, which is painted as it is.
    """
    light = np.minimum(np.abs(colors).max(axis=2), 1)
    cover: np.ndarray = np.maximum(np.clip(alpha, 0, 1), light)[..., None]
    return cover


def uncovered(colors: np.ndarray, cover: np.ndarray) -> np.ndarray:
    """Premultiplied colours divided by their coverage; 0 where there is nothing."""
    divided: np.ndarray = np.divide(colors, cover, out=np.zeros_like(colors), where=cover > 0)
    return divided


def _placed(pixels: np.ndarray, data: Window, window: Window) -> np.ndarray:
    """Pixels of a data window in another window."""
    if data == window:
        return pixels
    result = np.zeros((window[3], window[2], *pixels.shape[2:]), pixels.dtype)
    left, top = max(data[0], window[0]), max(data[1], window[1])
    right, bottom = (min(data[axis] + data[axis + 2], window[axis] + window[axis + 2]) for axis in (0, 1))
    if right > left and bottom > top:
        here = slice(top - window[1], bottom - window[1]), slice(left - window[0], right - window[0])
        result[here] = pixels[top - data[1] : bottom - data[1], left - data[0] : right - data[0]]
    return result


@contextmanager
def opened_plate(path: Path) -> Iterator[Any]:
    try:
        if path.stat().st_size == 0:
            raise InputError(f"'{path}' is empty: render or copy it again.")
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise InputError(f"there is no file '{path}': check the name.") from error
    except OSError as error:
        raise InputError(f"'{path}' can't be read: {error.strerror or error}.") from error
    file = oiio.ImageInput.open(str(path))
    if file is None:
        raise InputError(f"'{path}' is damaged, or no {path.suffix[1:].upper()} file ({why()}): render it again.")
    try:
        yield file
    finally:
        file.close()


def part_specs(file: Any) -> list[Any]:
    specs: list[Any] = []
    while file.seek_subimage(len(specs), 0):
        specs.append(oiio.ImageSpec(file.spec()))
    return specs


def describe_parts(path: Path, specs: list[Any]) -> Plate:
    if any(spec.deep for spec in specs):
        raise InputError(f"'{path}' holds deep pixels, which can't be painted: flatten it first.")
    found = [(part, *place) for part, spec in enumerate(specs) if (place := _places(spec.channelnames)) is not None]
    if not found:
        names = ", ".join(name for spec in specs for name in spec.channelnames)
        raise InputError(f"'{path}' has no channels R, G and B (it has {names}): write them out with it.")
    # Colours of no layer before those of one, earlier parts before later ones.
    part, _, colors, alpha = min(found, key=lambda one: (one[1], one[0]))
    spec = specs[part]
    kind = (spec.channelformats or [spec.format] * spec.nchannels)[colors[0]]
    floating = kind.basetype in _FLOATS
    bits = int((not floating and spec.getattribute("oiio:BitsPerSample")) or 8 * kind.basesize())
    primaries = spec.getattribute("chromaticities")
    return Plate(
        display=(spec.full_x, spec.full_y, spec.full_width, spec.full_height),
        data=(spec.x, spec.y, spec.width, spec.height),
        part=part,
        colors=colors,
        alpha=alpha,
        bit_depth=bits,
        floating=floating,
        transfer="linear" if floating else "log" if spec.getattribute("dpx:Transfer") in _LOG else "srgb",
        primaries=tuple(map(float, primaries)) if primaries and len(primaries) == 8 else BT709,
        rate=_rate(spec),
        timecode=_timecode(spec),
        shape=Fraction(spec.getattribute("PixelAspectRatio") or 1).limit_denominator(1000),
        layer=spec.channelnames[colors[0]].rpartition(".")[0],
        kept=tuple(_kept(specs, part, (*colors, alpha))),
    )


def _places(names: tuple[str, ...]) -> tuple[int, tuple[int, int, int], int | None] | None:
    """Of a part's channels: how far from the picture itself, the places of red, green and blue, that of opacity."""
    places: dict[tuple[str, str], int] = {}
    for place, name in enumerate(names):
        layer, _, channel = name.lower().rpartition(".")
        places.setdefault((layer, channel), place)
    layers = dict.fromkeys(layer for layer, _ in places if not layer.startswith(_NO_PICTURE))
    for layer in sorted(layers, key=_rank):  # of equals, the first
        for trio in _COLORS:
            if all((layer, channel) in places for channel in trio):
                red, green, blue = (places[layer, channel] for channel in trio)
                return _rank(layer), (red, green, blue), places.get((layer, "a"), places.get((layer, "alpha")))
    if ("", "y") in places and ("", "ry") not in places:
        grey = places["", "y"]
        return 0, (grey, grey, grey), places.get(("", "a"))
    return None


def _rank(layer: str) -> int:
    """Channels of no layer are the picture; else the layer that renderers call so, or any."""
    return 0 if not layer else 1 if any(word in layer for word in _PICTURE) else 2


def _kept(specs: list[Any], painted: int, places: tuple[int | None, ...]) -> Iterator[str]:
    for part, spec in enumerate(specs):
        others = [name for place, name in enumerate(spec.channelnames) if part != painted or place not in places]
        if part != painted:
            yield f"part '{spec.getattribute('oiio:subimagename') or part + 1}'"
        elif others:
            yield f"{', '.join(others[:6])}{' …' if len(others) > 6 else ''}"


def _rate(spec: Any) -> Fraction | None:
    stated: Any = spec.getattribute("FramesPerSecond") or spec.getattribute("framesPerSecond")
    if isinstance(stated, (tuple, list)):
        return Fraction(*stated) if all(number > 0 for number in stated) else None
    for name in ("dpx:FrameRate", "dpx:TemporalFrameRate"):
        stated = stated or spec.getattribute(name)
    if not isinstance(stated, (int, float)) or not 0.1 <= stated <= 10_000:
        return None
    return common_rate(Fraction(stated).limit_denominator(100_000))


def _timecode(spec: Any) -> str | None:
    """What SMPTE ST 12-1 packs into 32 bits: decimal digits, and flags in the bits that these leave."""
    packed = spec.getattribute("smpte:TimeCode")
    if not isinstance(packed, (tuple, list)):
        return None
    masks = (0x3F, 0x7F, 0x7F, 0x3F)
    hours, minutes, seconds, frames = (
        f"{packed[0] >> shift & mask:02x}" for shift, mask in zip((24, 16, 8, 0), masks, strict=True)
    )
    return f"{hours}:{minutes}:{seconds}{';' if packed[0] & DROP_FRAME else ':'}{frames}"


def _colors(path: Path, file: Any, plate: Plate) -> tuple[np.ndarray, np.ndarray | None]:
    wanted = [*plate.colors, *([] if plate.alpha is None else [plate.alpha])]
    first = min(wanted)
    pixels = read_channels(path, file, plate.part, first, max(wanted) + 1, "float")
    colors = np.ascontiguousarray(pixels[..., [place - first for place in plate.colors]])
    return colors, None if plate.alpha is None else pixels[..., plate.alpha - first].copy()


def read_channels(path: Path, file: Any, part: int, first: int, end: int, kind: str) -> np.ndarray:
    pixels: np.ndarray | None = file.read_image(part, 0, first, end, kind)
    if pixels is None:
        raise _damaged(path, file)
    return pixels


def _damaged(path: Path, file: Any) -> InputError:
    return InputError(f"'{path}' is damaged ({file.geterror() or why()}): render or copy it again.")


def why() -> str:
    lines: list[str] = (oiio.geterror() or "not readable").strip().splitlines()
    return lines[0].rstrip(".")
