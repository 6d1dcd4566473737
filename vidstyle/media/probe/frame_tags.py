"""What a decoded frame tells of its clip: orientation, colour tags, what HDR was mastered on, stereo and 360°."""

import math
import struct
from typing import Any, Literal

from av.sidedata.sidedata import Type as SideData
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from vidstyle.media.color.tags import Color, Mastering
from vidstyle.media.source import Viewing
from vidstyle.settings import Chroma

# Colour tags by their numbers (ITU-T H.273).
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
# Units of chromaticity and of luminance (cd/m²), as H.265's message counts them (ITU-T H.265, D.3.28).
_CHROMATICITY, _LUMINANCE = 50_000, 10_000
# FFmpeg's structure: x and y of red, green, blue and white, darkest and brightest, all as fractions; two flags.
_DISPLAY = struct.Struct("=20i2i")
# FFmpeg's structure: the kind of projection, yaw, pitch and roll, the bounds, and the padding.
_SPHERE = struct.Struct("=4i5I")
_PROJECTIONS: dict[int, Literal["equirectangular", "cubemap"]] = {
    0: "equirectangular",
    1: "cubemap",
    2: "equirectangular",
}
# FFmpeg's kinds of stereo, the left eye first and the right eye first.
_EYES = {
    0: ("", ""),
    1: ("left_right", "right_left"),
    2: ("top_bottom", "bottom_top"),
    3: ("block_lr", "block_rl"),
    4: ("checkerboard_lr", "checkerboard_rl"),
    6: ("row_interleaved_lr", "row_interleaved_rl"),
    7: ("col_interleaved_lr", "col_interleaved_rl"),
}


def orientation(frame: VideoFrame) -> tuple[int, bool]:
    """How a decoded frame is to be shown: turned clockwise (0, 90, 180 or 270 degrees), then mirrored.

    From the display matrix (ISO/IEC 14496-12 section 8.2.2): x' = a x + c y, y' = b x + d y, y downwards.
    """
    matrix = _side_data(frame, SideData.DISPLAYMATRIX)
    if matrix is None:
        return 0, False
    a, b, _, c, d, *_ = struct.unpack("=9i", matrix)
    mirrored = a * d - b * c < 0
    turn = math.degrees(math.atan2(b, -a if mirrored else a))
    return round(turn / 90) * 90 % 360, mirrored


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


def mastering_of(frame: VideoFrame) -> Mastering:
    """The mastering data that comes with a decoded frame."""
    kinds = SideData.MASTERING_DISPLAY_METADATA, SideData.CONTENT_LIGHT_LEVEL
    display, light = (_side_data(frame, kind) for kind in kinds)
    return Mastering(
        () if display is None else _display(display),
        () if light is None else struct.unpack_from("=2I", light),
    )


def viewing_of(frame: VideoFrame) -> Viewing:
    """How a decoded frame is meant to be seen, where that is not flat."""
    stereo, sphere = _side_data(frame, SideData.STEREO3D), _side_data(frame, SideData.SPHERICAL)
    kind, flags = (0, 0) if stereo is None else struct.unpack_from("=2i", stereo)
    eyes = _EYES.get(kind, ("other", "other"))[flags & 1]
    if sphere is None:
        return Viewing(eyes)
    projection, *numbers = _SPHERE.unpack_from(sphere)
    return Viewing(
        eyes, _PROJECTIONS.get(projection, "other"), tuple(numbers[:3]), tuple(numbers[3:7]), numbers[7], frame.width
    )


def _display(data: bytes) -> tuple[int, ...]:
    *numbers, has_primaries, has_luminance = _DISPLAY.unpack_from(data)
    if not (has_primaries and has_luminance) or not all(numbers[1::2]):
        return ()
    ratios = list(zip(numbers[::2], numbers[1::2], strict=True))
    red, green, blue, white, (least, most) = ratios[:2], ratios[2:4], ratios[4:6], ratios[6:8], ratios[8:]
    chromaticities = [round(_CHROMATICITY * a / b) for a, b in (*green, *blue, *red, *white)]
    return (*chromaticities, *(round(_LUMINANCE * a / b) for a, b in (most, least)))


def _side_data(frame: VideoFrame, kind: SideData) -> bytes | None:
    """What comes with a decoded frame, of one kind; None where nothing does."""
    found: Any = frame.side_data  # some of PyAV's stubs call this a mapping by name; it is one by type
    data = found.get(kind)
    return None if data is None else bytes(data)
