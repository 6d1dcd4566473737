"""EXR and DPX files: what is painted in them, and all else, which is kept. By OpenImageIO."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenImageIO as oiio  # noqa: N813  # as everybody calls it

from vidstyle.errors import InputError, StorageError
from vidstyle.media.files import hidden_part, publish_part, storage_error
from vidstyle.media.light import BT709, Primaries
from vidstyle.media.timing import common_rate

PLATE_SUFFIXES = (".exr", ".dpx")
"""Suffixes of the files that are read and written here."""

Window = tuple[int, int, int, int]
"""Left, top, width and height, in pixels."""
Slices = tuple[slice, slice]

_COLORS = (("r", "g", "b"), ("red", "green", "blue"))
# Layers that renderers write the whole picture to, and those that only look like colours.
_PICTURE, _NO_PICTURE = ("combined", "beauty", "rgba"), "crypto"
_LOG = ("Printing density", "Logarithmic")
_HALF_MOST = 65_504.0
# A data window of more than this many display windows is no overscan.
_MOST_OVERSCAN = 4
# OpenEXR doesn't say why it can't write; a disk with less room than this is why.
_FULL = 1 << 20
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


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
    shape: Fraction
    layer: str
    kept: tuple[str, ...]


def is_plate(path: Path) -> bool:
    """Whether a file's name says that it is one of these."""
    return path.suffix.lower() in PLATE_SUFFIXES


def describe_plate(path: Path) -> Plate:
    """What a file's header says.

    Raises
    ------
    InputError
        Missing, empty, damaged, or without colours.
    """
    with _opened(path) as file:
        return _describe(path, _specs(file))


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
    with _opened(path) as file:
        plate = _describe(path, _specs(file))
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


def uncovered(colors: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Premultiplied colours as they are without the opacity's edge; 0 where there is nothing."""
    cover = coverage(colors, alpha)
    divided: np.ndarray = np.divide(colors, cover, out=np.zeros_like(colors), where=cover > 0)
    return divided


def write_plate_like(original: Path, path: Path, values: np.ndarray, window: Window) -> None:
    """Write a file that differs from another one in its colours alone, or also in its size.

    Parameters
    ----------
    original
        The other file, of the same kind.
    path
        The file to write; it appears whole or not at all.
    values
        (H, W, 3) float32, as stored, not multiplied by the opacity.
    window
        What they are of `original`, in its pixels; of another size than the values, all windows are scaled alike.

    Raises
    ------
    InputError
        `original` can't be read.
    OutputError, StorageError
        It can't be written, the disk is full.
    """
    scale = (values.shape[1] / window[2], values.shape[0] / window[3])
    with _opened(original) as file:
        headers = _specs(file)
        plate = _describe(original, headers)
        areas = [_scaled((header.x, header.y, header.width, header.height), scale) for header in headers]
        areas[plate.part], inside, here = _overlap(areas[plate.part], _scaled(window, scale))

        def channels(part: int) -> np.ndarray:
            pixels = _read(original, file, part, 0, headers[part].nchannels, _kind(headers[part]))
            if part != plate.part:
                return _picked(pixels, areas[part][2:])
            size = _scaled((0, 0, headers[part].width, headers[part].height), scale)[2:]
            return _painted(plate, pixels, size, inside, values[here])

        specs = [_respecified(*one, scale, original) for one in zip(headers, areas, strict=True)]
        _write(path, specs, map(channels, range(len(headers))))


def write_plate(
    path: Path,
    values: np.ndarray,
    alpha: np.ndarray | None,
    bit_depth: int,
    primaries: Primaries,
    rate: Fraction,
    clip: Path,
) -> None:
    """Write a file of its own: EXR in half floats, or DPX of 8, 10 or 16 bits.

    Parameters
    ----------
    path
        The file to write; it appears whole or not at all.
    values, alpha
        (H, W, 3) and (H, W) float32.
    bit_depth
        Of the clip.
    primaries, rate, clip
        Written into the header: colours, frames a second, and the time stamp of the clip's file.

    Raises
    ------
    OutputError, StorageError
        It can't be written, the disk is full.
    """
    exr = path.suffix.lower() == ".exr"
    if exr:
        values = np.clip(values, -_HALF_MOST, _HALF_MOST)
    if alpha is not None:
        values = np.dstack([values * alpha[..., None] if exr else values, alpha])
    bits = 8 if bit_depth <= 8 else 10 if bit_depth <= 10 else 16
    height, width, channels = values.shape
    spec = oiio.ImageSpec(width, height, channels, "half" if exr else "uint8" if bits == 8 else "uint16")
    if exr:
        _date(spec, clip)
        spec.attribute("compression", "zip")
        spec.attribute("chromaticities", "float[8]", primaries)
        spec.attribute("FramesPerSecond", oiio.TypeRational, (rate.numerator, rate.denominator))
    else:
        spec.attribute("oiio:BitsPerSample", bits)
        spec.attribute("dpx:FrameRate", float(rate))
    _write(path, [spec], [values])


def _overlap(data: Window, window: Window) -> tuple[Window, Slices, Slices]:
    """What a data window shares with what was painted, and where that is in either."""
    left, top = max(data[0], window[0]), max(data[1], window[1])
    right = max(left + 1, min(data[0] + data[2], window[0] + window[2]))
    bottom = max(top + 1, min(data[1] + data[3], window[1] + window[3]))
    inside, here = (
        (slice(top - area[1], bottom - area[1]), slice(left - area[0], right - area[0])) for area in (data, window)
    )
    return (left, top, right - left, bottom - top), inside, here


def _painted(plate: Plate, pixels: np.ndarray, size: tuple[int, int], inside: Slices, paint: np.ndarray) -> np.ndarray:
    """The channels of the painted part, at `size` and cut to what is `inside`, with its colours exchanged."""
    channels = [*plate.colors, *([] if plate.alpha is None else [plate.alpha])]
    smooth = _smoothed(pixels[..., channels].astype(np.float32), size)[inside]
    result = _picked(pixels, size)[inside].copy()
    if plate.alpha is not None:
        if plate.floating:
            paint = paint * coverage(smooth[..., :3], smooth[..., 3])
        result[..., plate.alpha] = smooth[..., 3]
    if plate.bit_depth <= 16:
        paint = np.clip(paint, -_HALF_MOST, _HALF_MOST)  # else the brightest becomes infinite
    if len(set(plate.colors)) == 1:
        result[..., plate.colors[0]] = paint @ _LUMA
    else:
        result[..., list(plate.colors)] = paint
    return result


def _respecified(header: Any, data: Window, scale: tuple[float, float], original: Path) -> Any:
    spec = oiio.ImageSpec(header)
    if original.suffix.lower() == ".exr":
        _date(spec, original)
    spec.x, spec.y, spec.width, spec.height = data
    full = (header.full_x, header.full_y, header.full_width, header.full_height)
    spec.full_x, spec.full_y, spec.full_width, spec.full_height = _scaled(full, scale)
    return spec


def _scaled(window: Window, scale: tuple[float, float]) -> Window:
    left, top = round(window[0] * scale[0]), round(window[1] * scale[1])
    right, bottom = round((window[0] + window[2]) * scale[0]), round((window[1] + window[3]) * scale[1])
    return left, top, max(1, right - left), max(1, bottom - top)


def _smoothed(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    if pixels.shape[1::-1] == size:
        return pixels
    method = cv2.INTER_AREA if size[0] * size[1] < pixels.shape[0] * pixels.shape[1] else cv2.INTER_LINEAR
    resized: np.ndarray = cv2.resize(pixels, size, interpolation=method)
    return resized.reshape(*resized.shape[:2], -1)


def _picked(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Each pixel from the nearest: depths and identifiers can't be mixed."""
    if pixels.shape[1::-1] == size:
        return pixels
    rows, columns = (
        ((np.arange(new) + 0.5) * old / new).astype(int) for new, old in zip(size[::-1], pixels.shape[:2], strict=True)
    )
    picked: np.ndarray = pixels[rows[:, None], columns]
    return picked


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
def _opened(path: Path) -> Iterator[Any]:
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
        raise InputError(f"'{path}' is damaged, or no {path.suffix[1:].upper()} file ({_why()}): render it again.")
    try:
        yield file
    finally:
        file.close()


def _specs(file: Any) -> list[Any]:
    specs: list[Any] = []
    while file.seek_subimage(len(specs), 0):
        specs.append(oiio.ImageSpec(file.spec()))
    return specs


def _describe(path: Path, specs: list[Any]) -> Plate:
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
    floating = kind in (oiio.HALF, oiio.FLOAT, oiio.DOUBLE)
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


def _colors(path: Path, file: Any, plate: Plate) -> tuple[np.ndarray, np.ndarray | None]:
    wanted = [*plate.colors, *([] if plate.alpha is None else [plate.alpha])]
    first = min(wanted)
    pixels = _read(path, file, plate.part, first, max(wanted) + 1, "float")
    colors = np.ascontiguousarray(pixels[..., [place - first for place in plate.colors]])
    return colors, None if plate.alpha is None else pixels[..., plate.alpha - first].copy()


def _read(path: Path, file: Any, part: int, first: int, end: int, kind: str) -> np.ndarray:
    pixels: np.ndarray | None = file.read_image(part, 0, first, end, kind)
    if pixels is None:
        raise InputError(f"'{path}' is damaged ({file.geterror() or _why()}): render or copy it again.")
    return pixels


def _kind(spec: Any) -> str:
    """What a part's channels are read as, so that none is rounded and a hundred of them still fit."""
    kinds = {kind.basetype for kind in (*spec.channelformats, *([] if spec.channelformats else [spec.format]))}
    if kinds == {oiio.HALF}:
        return "half"
    # Integers of 32 bits are exact in nothing shorter.
    return "double" if kinds & {oiio.UINT32, oiio.INT32, oiio.DOUBLE} else "float"


def _date(spec: Any, original: Path) -> None:
    """Date an EXR file by what it was made of, where that says no time: else OpenImageIO does, and each run differs."""
    if spec.getattribute("DateTime") is None:
        made = datetime.fromtimestamp(original.stat().st_mtime, UTC)
        spec.attribute("DateTime", made.strftime("%Y:%m:%d %H:%M:%S"))


def _write(path: Path, specs: list[Any], pixels: Iterable[np.ndarray]) -> None:
    part = hidden_part(path)
    try:
        part.unlink(missing_ok=True)
        file = oiio.ImageOutput.create(str(part))
        if file is None:
            raise StorageError(f"'{path}' can't be written: {_why()}.")
        _done(file.open(str(part), specs if len(specs) > 1 else specs[0]), file, path)
        for place, (spec, values) in enumerate(zip(specs, pixels, strict=True)):
            if place:
                _done(file.open(str(part), spec, "AppendSubimage"), file, path)
            _done(file.write_image(_encodable(spec, values)), file, path)
        _done(file.close(), file, path)
        publish_part(part, path)
    except OSError as error:
        raise storage_error(path, error) from error
    finally:
        part.unlink(missing_ok=True)


def _encodable(spec: Any, values: np.ndarray) -> np.ndarray:
    """Values that rounding to the file's own kind leaves where they should be."""
    if spec.format in (oiio.UINT8, oiio.UINT16):
        top = (1 << int(spec.getattribute("oiio:BitsPerSample") or 8 * spec.format.basesize())) - 1
        whole = np.rint(np.clip(values, 0, 1) * np.float32(top)).astype(np.float64)
        most = np.iinfo(np.uint8 if spec.format == oiio.UINT8 else np.uint16).max
        return np.ascontiguousarray(np.rint(whole * (most / top)).astype(np.uint8 if most == 255 else np.uint16))
    return np.ascontiguousarray(values)


def _done(worked: bool, file: Any, path: Path) -> None:
    if not worked:
        if shutil.disk_usage(path.parent).free < _FULL:
            raise OSError(errno.ENOSPC, "no space left")
        raise StorageError(f"writing '{path}' failed: {file.geterror() or _why()}.")


def _why() -> str:
    lines: list[str] = (oiio.geterror() or "not readable").strip().splitlines()
    return lines[0].rstrip(".")
