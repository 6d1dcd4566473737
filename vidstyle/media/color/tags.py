"""Colour tags: how the numbers in a video are meant (ITU-T H.273), by FFmpeg's names."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from vidstyle.schema import Count

_Tag = Annotated[str, Meta(pattern="^[A-Za-z0-9._-]+$")]
_HDR_TRANSFERS = ("smpte2084", "arib-std-b67")
# Untagged video is BT.601 up to standard definition and BT.709 above, as players take it.
_HD_LONG_SIDE, _HD_SHORT_SIDE = 1280, 577


@dataclass(frozen=True)
class Color:
    """Colour tags, as FFmpeg's -color_primaries, -color_trc, -colorspace and -color_range take them; or None."""

    primaries: _Tag | None = None
    transfer: _Tag | None = None
    space: _Tag | None = None
    range: _Tag | None = None

    @property
    def is_hdr(self) -> bool:
        """Whether the transfer curve is PQ or HLG."""
        return self.transfer in _HDR_TRANSFERS

    def matrix(self, size: tuple[int, int]) -> str:
        """The matrix between RGB and YUV, as FFmpeg's scale filter names it, for frames of this size."""
        if self.space in ("bt709", "fcc", "smpte170m", "bt470bg", "smpte240m"):
            return self.space
        if self.space is not None and (self.space.startswith("bt2020") or self.space == "ictcp"):
            return "bt2020"
        return "bt709" if max(size) >= _HD_LONG_SIDE or min(size) >= _HD_SHORT_SIDE else "smpte170m"

    def white(self, depth: int) -> int:
        """The 16-bit value that FFmpeg's scale filter converts white from, and to, for samples of `depth` bits.

        It widens samples by shifting them, and takes limited range for one of 8 bits, so white is not 65535.
        """
        if self.space == "gbr" and depth > 8:
            return 65_535
        kept = depth if self.range == "pc" or self.space == "gbr" else 8
        return ((1 << kept) - 1) << (16 - kept)


@dataclass(frozen=True)
class Mastering:
    """What HDR was mastered on, and how bright it gets (SMPTE ST 2086, CTA-861.3); empty where that is not told.

    Attributes
    ----------
    display
        x and y of green, blue, red and white in units of 0.00002, most and least luminance in units of 0.0001 cd/m².
    light
        The brightest pixel (MaxCLL) and the brightest frame's mean (MaxFALL), in cd/m².
    """

    display: Annotated[tuple[Count, ...], Meta(max_length=10)] = ()
    light: Annotated[tuple[Count, ...], Meta(max_length=2)] = ()

    def __bool__(self) -> bool:
        return bool(self.display or self.light)
