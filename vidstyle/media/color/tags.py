"""Colour tags: how the numbers in a video are meant (ITU-T H.273), by FFmpeg's names."""

from __future__ import annotations

from dataclasses import dataclass

from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from vidstyle.settings import Chroma

_PRIMARIES = {
    1: "bt709",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "film",
    9: "bt2020",
    10: "smpte428",
    11: "smpte431",
    12: "smpte432",
    22: "jedec-p22",
}
_TRANSFERS = {
    1: "bt709",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "linear",
    9: "log100",
    10: "log316",
    11: "iec61966-2-4",
    12: "bt1361e",
    13: "iec61966-2-1",
    14: "bt2020-10",
    15: "bt2020-12",
    16: "smpte2084",
    17: "smpte428",
    18: "arib-std-b67",
}
_SPACES = {
    0: "gbr",
    1: "bt709",
    4: "fcc",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "ycgco",
    9: "bt2020nc",
    10: "bt2020c",
    14: "ictcp",
}
_RANGES = {1: "tv", 2: "pc"}
_HDR_TRANSFERS = ("smpte2084", "arib-std-b67")
# Untagged video is BT.601 up to standard definition and BT.709 above, as players take it.
_HD_LONG_SIDE, _HD_SHORT_SIDE = 1280, 577


@dataclass(frozen=True)
class Color:
    """Colour tags; None where there is none.

    Attributes
    ----------
    primaries, transfer, space, range
        As FFmpeg's options -color_primaries, -color_trc, -colorspace and -color_range name them.
    """

    primaries: str | None = None
    transfer: str | None = None
    space: str | None = None
    range: str | None = None

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


def color_of(frame: VideoFrame, context: VideoCodecContext) -> Color:
    """The tags of a decoded frame, or else of its stream; what is stored as RGB has the space "gbr"."""
    return Color(
        _PRIMARIES.get(int(frame.color_primaries)) or _PRIMARIES.get(int(context.color_primaries)),
        _TRANSFERS.get(int(frame.color_trc)) or _TRANSFERS.get(int(context.color_trc)),
        _SPACES.get(int(frame.colorspace)) or _SPACES.get(int(context.colorspace))
        if any(component.is_luma for component in frame.format.components)
        else "gbr",
        _RANGES.get(int(frame.color_range)) or _RANGES.get(int(context.color_range)),
    )


def chroma_of(frame: VideoFrame) -> Chroma:
    """The resolution of a decoded frame's colours; of those with a name here, the next richer."""
    stored = frame.format
    if not any(component.is_luma for component in stored.components):
        return "rgb"
    width, height = stored.chroma_width(64), stored.chroma_height(64)
    if len(stored.components) < 3 or width * height <= 32 * 32:  # grey, and 4:1:1 too, which has as much as 4:2:0
        return "420"
    return "422" if (width, height) == (32, 64) else "444"
