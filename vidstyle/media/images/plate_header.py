"""What the headers of EXR and DPX files say: which of their channels are the picture, and what its values mean."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import OpenImageIO as oiio  # noqa: N813  # as everybody calls it

from vidstyle.errors import InputError
from vidstyle.media.color.transfer import BT709, Primaries
from vidstyle.media.frame_rate import common_rate

Window = tuple[int, int, int, int]
"""Left, top, width and height, in pixels."""
DROP_FRAME = 1 << 6
"""The flag of a packed timecode that leaves numbers out."""

FLOATS = (oiio.HALF, oiio.FLOAT, oiio.DOUBLE)
_COLORS = (("r", "g", "b"), ("red", "green", "blue"))
# Layers that renderers write the whole picture to, and those that only look like colours.
_PICTURE, _NO_PICTURE = ("combined", "beauty", "rgba"), "crypto"
_LOG = ("Printing density", "Logarithmic")


@dataclass(frozen=True)
class Plate:
    """What the header of an EXR or DPX file says.

    Attributes
    ----------
    display_window, data_window
        The picture's frame, and the pixels that there are: less than that, or more (overscan).
    part, colors, alpha
        The part that is painted, its channels red, green and blue (of a grey one, thrice the same), and opacity.
    bit_depth, floating
        Bits a channel, and whether they are floats.
    transfer, primaries
        What the values mean; see :class:`vidstyle.media.color.display.DisplayTransform`.
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

    display_window: Window
    data_window: Window
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


def describe_parts(path: Path, specs: list[Any]) -> Plate:
    """What the headers of a file's parts say; InputError where none of them has colours, or they hold deep pixels."""
    if any(spec.deep for spec in specs):
        raise InputError(f"'{path}' holds deep pixels, which can't be painted: flatten it first.")
    found = [(part, *picked) for part, spec in enumerate(specs) if (picked := _picked(spec.channelnames)) is not None]
    if not found:
        names = ", ".join(name for spec in specs for name in spec.channelnames)
        raise InputError(f"'{path}' has no channels R, G and B (it has {names}): write them out with it.")
    # Colours of no layer come before those of a layer, and earlier parts before later ones.
    part, _, colors, alpha = min(found, key=lambda candidate: (candidate[1], candidate[0]))
    spec = specs[part]
    kind = (spec.channelformats or [spec.format] * spec.nchannels)[colors[0]]
    floating = kind.basetype in FLOATS
    bits = int((not floating and spec.getattribute("oiio:BitsPerSample")) or 8 * kind.basesize())
    primaries = spec.getattribute("chromaticities")
    return Plate(
        display_window=(spec.full_x, spec.full_y, spec.full_width, spec.full_height),
        data_window=(spec.x, spec.y, spec.width, spec.height),
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


def _picked(names: tuple[str, ...]) -> tuple[int, tuple[int, int, int], int | None] | None:
    """Of a part's channels: how far from the picture itself, the indices of red, green and blue, and of opacity."""
    indices: dict[tuple[str, str], int] = {}
    for index, name in enumerate(names):
        layer, _, channel = name.lower().rpartition(".")
        indices.setdefault((layer, channel), index)
    layers = dict.fromkeys(layer for layer, _ in indices if not layer.startswith(_NO_PICTURE))
    for layer in sorted(layers, key=_rank):  # of equals, the first
        for trio in _COLORS:
            if all((layer, channel) in indices for channel in trio):
                red, green, blue = (indices[layer, channel] for channel in trio)
                return _rank(layer), (red, green, blue), indices.get((layer, "a"), indices.get((layer, "alpha")))
    if ("", "y") in indices and ("", "ry") not in indices:
        grey = indices["", "y"]
        return 0, (grey, grey, grey), indices.get(("", "a"))
    return None


def _rank(layer: str) -> int:
    """Channels of no layer are the picture; else the layer that renderers call so, or any."""
    return 0 if not layer else 1 if any(word in layer for word in _PICTURE) else 2


def _kept(specs: list[Any], painted: int, channels: tuple[int | None, ...]) -> Iterator[str]:
    for part, spec in enumerate(specs):
        others = [name for index, name in enumerate(spec.channelnames) if part != painted or index not in channels]
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
