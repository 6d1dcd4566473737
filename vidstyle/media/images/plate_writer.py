"""EXR and DPX files, written like the ones that were read, or anew."""

import errno
import re
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenImageIO as oiio  # noqa: N813  # as everybody calls it

from vidstyle.errors import StorageError
from vidstyle.media.color.transfer import Primaries
from vidstyle.media.files import published
from vidstyle.media.images.plate_header import DROP_FRAME, Plate, Window, describe_parts
from vidstyle.media.images.plates import coverage, oiio_error, opened_plate, part_specs, read_channels

Slices = tuple[slice, slice]

_HALF_MOST = 65_504.0
# OpenEXR doesn't say why it can't write: if the disk has less room than this, it is full.
_FULL = 1 << 20
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def write_plate_like(original: Path, path: Path, values: np.ndarray, window: Window) -> None:
    """Write a file that differs from another one in its colours alone, or also in its size.

    The file appears whole or not at all. The values are (H, W, 3) float32, as stored, not multiplied by the opacity.
    The window says what they are of `original`, in its pixels; of another size than the values, all windows are scaled
    alike.

    Raises
    ------
    InputError
        `original` can't be read.
    OutputError, StorageError
        The file can't be written, or the disk is full.
    """
    scale = (values.shape[1] / window[2], values.shape[0] / window[3])
    with opened_plate(original) as file:
        headers = part_specs(file)
        plate = describe_parts(original, headers)
        areas = [_scaled((header.x, header.y, header.width, header.height), scale) for header in headers]
        areas[plate.part], inside, painted = _overlap(areas[plate.part], _scaled(window, scale))

        def channels(part: int) -> np.ndarray:
            pixels = read_channels(original, file, part, 0, headers[part].nchannels, _read_type(headers[part]))
            if part != plate.part:
                return _nearest_pixels(pixels, areas[part][2:])
            size = _scaled((0, 0, headers[part].width, headers[part].height), scale)[2:]
            return _painted(plate, pixels, size, inside, values[painted])

        specs = [_new_spec(header, area, scale, original) for header, area in zip(headers, areas, strict=True)]
        _write(path, specs, map(channels, range(len(headers))))


def write_plate(
    path: Path,
    values: np.ndarray,
    bit_depth: int,
    primaries: Primaries,
    rate: Fraction,
    timecode: str | None,
    clip: Path,
) -> None:
    """Write a file of its own, which appears whole or not at all: EXR in half floats, or DPX of 8, 10 or 16 bits.

    The values are (H, W, 3) float32, or (H, W, 4) with opacity; the colours are not multiplied by it. Colours, frames a
    second, "01:00:00:00", and the time stamp of the clip's file are written into the header. The bit depth is the
    clip's.

    Raises
    ------
    OutputError, StorageError
        The file can't be written, or the disk is full.
    """
    exr = path.suffix.lower() == ".exr"
    if exr:
        values = np.clip(values, -_HALF_MOST, _HALF_MOST)
        if values.shape[2] == 4:
            values[..., :3] *= values[..., 3:]
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
    if packed := _packed_timecode(timecode):
        spec.attribute("smpte:TimeCode", oiio.TypeTimeCode, (packed, 0))
    _write(path, [spec], [values])


def _packed_timecode(timecode: str | None) -> int:
    """A timecode in decimal digits of four bits; 0 where there is none."""
    match = re.fullmatch(r"(\d\d):(\d\d):(\d\d)([:;.])(\d\d)", timecode or "")
    if match is None:
        return 0
    return int("".join(match.group(1, 2, 3, 5)), 16) | (0 if match[4] == ":" else DROP_FRAME)


def _overlap(data: Window, window: Window) -> tuple[Window, Slices, Slices]:
    """What a data window shares with what was painted, and the slices of that in either."""
    left, top = max(data[0], window[0]), max(data[1], window[1])
    right = max(left + 1, min(data[0] + data[2], window[0] + window[2]))
    bottom = max(top + 1, min(data[1] + data[3], window[1] + window[3]))
    inside, painted = (
        (slice(top - area[1], bottom - area[1]), slice(left - area[0], right - area[0])) for area in (data, window)
    )
    return (left, top, right - left, bottom - top), inside, painted


def _painted(plate: Plate, pixels: np.ndarray, size: tuple[int, int], inside: Slices, paint: np.ndarray) -> np.ndarray:
    """The channels of the painted part, at `size` and cut to what is `inside`, with its colours exchanged."""
    channels = [*plate.colors, *([] if plate.alpha is None else [plate.alpha])]
    smooth = _resized(pixels[..., channels].astype(np.float32), size)[inside]
    result = _nearest_pixels(pixels, size)[inside].copy()
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


def _new_spec(header: Any, data: Window, scale: tuple[float, float], original: Path) -> Any:
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


def _resized(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    if pixels.shape[1::-1] == size:
        return pixels
    method = cv2.INTER_AREA if size[0] * size[1] < pixels.shape[0] * pixels.shape[1] else cv2.INTER_LINEAR
    resized: np.ndarray = cv2.resize(pixels, size, interpolation=method)
    return resized.reshape(*resized.shape[:2], -1)


def _nearest_pixels(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Each pixel from the nearest: depths and identifiers can't be mixed."""
    if pixels.shape[1::-1] == size:
        return pixels
    rows, columns = (
        ((np.arange(new) + 0.5) * old / new).astype(int) for new, old in zip(size[::-1], pixels.shape[:2], strict=True)
    )
    return pixels[rows[:, None], columns]


def _read_type(spec: Any) -> str:
    """What a part's channels are read as, so that none is rounded and a hundred of them still fit."""
    kinds = {kind.basetype for kind in (*spec.channelformats, *([] if spec.channelformats else [spec.format]))}
    if kinds == {oiio.HALF}:
        return "half"
    # Only a double holds integers of 32 bits exactly.
    return "double" if kinds & {oiio.UINT32, oiio.INT32, oiio.DOUBLE} else "float"


def _date(spec: Any, original: Path) -> None:
    """Date an EXR file by what it was made of, where that says no time: else OpenImageIO does, and each run differs."""
    if spec.getattribute("DateTime") is None:
        made = datetime.fromtimestamp(original.stat().st_mtime, UTC)
        spec.attribute("DateTime", made.strftime("%Y:%m:%d %H:%M:%S"))


def _write(path: Path, specs: list[Any], pixels: Iterable[np.ndarray]) -> None:
    with published(path) as part:
        file = oiio.ImageOutput.create(str(part))
        if file is None:
            raise StorageError(f"'{path}' can't be written: {oiio_error()}.")
        try:
            _require_success(file.open(str(part), specs if len(specs) > 1 else specs[0]), file, path)
            for part_number, (spec, values) in enumerate(zip(specs, pixels, strict=True)):
                if part_number:
                    _require_success(file.open(str(part), spec, "AppendSubimage"), file, path)
                _require_success(file.write_image(_encodable(spec, values)), file, path)
        except BaseException:
            file.close()  # The error's traceback holds the file, which would stay open as long.
            raise
        _require_success(file.close(), file, path)


def _encodable(spec: Any, values: np.ndarray) -> np.ndarray:
    """Values that rounding to the file's own kind leaves where they should be."""
    if spec.format.basetype in (oiio.UINT8, oiio.UINT16):
        top = (1 << int(spec.getattribute("oiio:BitsPerSample") or 8 * spec.format.basesize())) - 1
        whole = np.rint(np.clip(values, 0, 1) * np.float32(top)).astype(np.float64)
        most = np.iinfo(np.uint8 if spec.format.basetype == oiio.UINT8 else np.uint16).max
        return np.ascontiguousarray(np.rint(whole * (most / top)).astype(np.uint8 if most == 255 else np.uint16))
    return np.ascontiguousarray(values)


def _require_success(worked: bool, file: Any, path: Path) -> None:
    if not worked:
        if shutil.disk_usage(path.parent).free < _FULL:
            raise OSError(errno.ENOSPC, "no space left")
        raise StorageError(f"writing '{path}' failed: {oiio_error(file)}.")
