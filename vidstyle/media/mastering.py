"""What HDR was mastered on, and how bright it gets (SMPTE ST 2086, CTA-861.3), so that screens can follow."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from av.sidedata.sidedata import Type as SideData
from av.video.frame import VideoFrame

# Units of chromaticity and of luminance (cd/m²), as H.265's message counts them (ITU-T H.265, D.3.28).
_CHROMATICITY, _LUMINANCE = 50_000, 10_000
# Red, green, blue, white (x, y each), darkest, brightest: fractions; whether either is there.
_DISPLAY = struct.Struct("=20i2i")


@dataclass(frozen=True)
class Mastering:
    """Mastering data; empty where there is none.

    Attributes
    ----------
    display
        x and y of green, blue, red and white in units of 0.00002, most and least luminance in units of 0.0001 cd/m².
    light
        The brightest pixel (MaxCLL) and the brightest frame's mean (MaxFALL), in cd/m².
    """

    display: tuple[int, ...] = ()
    light: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.display or self.light)

    def words(self, encoder: str) -> list[str]:
        """One of the :data:`ENCODERS`' parameters that write it into the video."""
        if encoder == "libsvtav1":
            names, units = ("mastering-display", "content-light"), (_CHROMATICITY, _LUMINANCE)
        else:
            names, units = ("master-display" if encoder == "libx265" else "mastering-display", "max-cll"), (1, 1)
        if encoder == "libx264":
            names = (names[0], "cll")
        words = []
        if self.display:
            x_y, light = self.display[:8], self.display[8:]
            pairs = [f"({_ratio(x, units[0])},{_ratio(y, units[0])})" for x, y in zip(x_y[::2], x_y[1::2], strict=True)]
            display = "".join(f"{key}{pair}" for key, pair in zip(("G", "B", "R", "WP"), pairs, strict=True))
            words.append(f"{names[0]}={display}L({_ratio(light[0], units[1])},{_ratio(light[1], units[1])})")
        if self.light:
            words.append(f"{names[1]}={self.light[0]},{self.light[1]}")
        return words


ENCODERS = {"libx264": "x264-params", "libx265": "x265-params", "libsvtav1": "svtav1-params"}
"""Encoders that write mastering data, and the option that takes it."""


def mastering_of(frame: VideoFrame) -> Mastering:
    """The mastering data that comes with a decoded frame."""
    # PyAV's stub calls this a mapping by name; it is one by type.
    found: Any = frame.side_data
    display, light = found.get(SideData.MASTERING_DISPLAY_METADATA), found.get(SideData.CONTENT_LIGHT_LEVEL)
    return Mastering(
        () if display is None else _display(bytes(display)),
        () if light is None else struct.unpack_from("=2I", bytes(light)),
    )


def _display(data: bytes) -> tuple[int, ...]:
    *numbers, has_primaries, has_luminance = _DISPLAY.unpack_from(data)
    if not (has_primaries and has_luminance) or not all(numbers[1::2]):
        return ()
    ratios = list(zip(numbers[::2], numbers[1::2], strict=True))
    red, green, blue, white, (least, most) = ratios[:2], ratios[2:4], ratios[4:6], ratios[6:8], ratios[8:]
    places = [round(_CHROMATICITY * a / b) for a, b in (*green, *blue, *red, *white)]
    return (*places, *(round(_LUMINANCE * a / b) for a, b in (most, least)))


def _ratio(value: int, unit: int) -> str:
    return str(value) if unit == 1 else f"{value / unit:.5g}"
