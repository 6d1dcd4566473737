"""What HDR was mastered on, and how bright it gets (SMPTE ST 2086, CTA-861.3), so that screens can follow."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from av.sidedata.sidedata import Type as SideData
from av.video.frame import VideoFrame

from vidstyle.media.demuxer import side_data

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

    def options(self) -> dict[str, str]:
        """The options of ffmpeg that say it of an input, by their names."""
        options = {}
        if self.display:
            pairs = zip(("G", "B", "R", "WP", "L"), self.display[::2], self.display[1::2], strict=True)
            options["mastering_display"] = "".join(f"{name}({x},{y})" for name, x, y in pairs)
        if self.light:
            options["content_light"] = f"{self.light[0]},{self.light[1]}"
        return options


def mastering_of(frame: VideoFrame) -> Mastering:
    """The mastering data that comes with a decoded frame."""
    kinds = SideData.MASTERING_DISPLAY_METADATA, SideData.CONTENT_LIGHT_LEVEL
    display, light = (side_data(frame, kind) for kind in kinds)
    return Mastering(
        () if display is None else _display(display),
        () if light is None else struct.unpack_from("=2I", light),
    )


def _display(data: bytes) -> tuple[int, ...]:
    *numbers, has_primaries, has_luminance = _DISPLAY.unpack_from(data)
    if not (has_primaries and has_luminance) or not all(numbers[1::2]):
        return ()
    ratios = list(zip(numbers[::2], numbers[1::2], strict=True))
    red, green, blue, white, (least, most) = ratios[:2], ratios[2:4], ratios[4:6], ratios[6:8], ratios[8:]
    places = [round(_CHROMATICITY * a / b) for a, b in (*green, *blue, *red, *white)]
    return (*places, *(round(_LUMINANCE * a / b) for a, b in (most, least)))
