"""Which encoder and pixel format a file's frames are written with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from vidstyle.media.color import Color
from vidstyle.media.source import Source

VIDEO_SUFFIXES = (".mp4", ".mkv", ".mov", ".webm")
"""Containers that can be written."""

# HEVC has no coding block smaller than this.
_LEAST_HEVC_SIDE = 16


@dataclass(frozen=True)
class Encoding:
    """How frames become a video stream.

    Attributes
    ----------
    encoder, pixel_format
        As ffmpeg names them.
    alpha
        Whether opacity is kept.
    color
        The tags written; its space and range are those that the frames are converted to.
    options
        The encoder's own, as ffmpeg's options.
    """

    encoder: str
    pixel_format: str
    alpha: bool
    color: Color
    options: dict[str, Any] = field(default_factory=dict)

    def tags(self) -> dict[str, str]:
        """The colour tags as ffmpeg's options."""
        color = self.color
        named = {
            "color_primaries": color.primaries,
            "color_trc": color.transfer,
            "colorspace": color.space,
            "color_range": color.range,
        }
        return {option: value for option, value in named.items() if value is not None}


def choose_encoding(source: Source, suffix: str, size: tuple[int, int], crf: int) -> Encoding:
    """What plays most widely in a container and still keeps the clip's size, depth, opacity and colours.

    Parameters
    ----------
    source
        The clip whose properties are kept.
    suffix
        One of :data:`VIDEO_SUFFIXES`.
    size
        Width and height of the frames.
    crf
        Constant rate factor on x264's scale: 0 (lossless) to 51.
    """
    deep = "10le" if source.bit_depth > 8 else ""
    color = _output_color(source)
    if source.has_alpha and suffix == ".mov":
        options: dict[str, Any] = {"profile": "4444", "alpha_bits": 16, "vendor": "apl0"}
        limited = Color(color.primaries, color.transfer, color.space, "tv")
        return Encoding("prores_ks", "yuva444p10le", True, limited, options)
    if suffix == ".webm":
        # Its scale ends at 63; two passes or a bit rate would need the length beforehand.
        options = {"crf": round(crf * 63 / 51), "b": 0, "row-mt": 1, "cpu-used": 2}
        if crf == 0:
            options["lossless"] = 1
        if source.has_alpha:
            # Frames that are never shown have no opacity beside them; 10 bits can't have any.
            return Encoding("libvpx-vp9", "yuva420p", True, color, {**options, "auto-alt-ref": 0})
        return Encoding("libvpx-vp9", f"yuv420p{deep}", False, color, options)
    # H.264 and HEVC can't halve an odd side for the colours.
    pixel_format = ("yuv444p" if size[0] % 2 or size[1] % 2 else "yuv420p") + deep
    # An MP4 states a last duration that is right only if frames are stored in the order shown.
    options = {"crf": crf, **({"bf": 0} if source.variable_rate else {})}
    if deep and min(size) >= _LEAST_HEVC_SIDE:  # 10-bit H.264 plays almost nowhere
        quiet = "log-level=warning" + (":lossless=1" if crf == 0 else "")
        return Encoding("libx265", pixel_format, False, color, {**options, "x265-params": quiet, "tag": "hvc1"})
    return Encoding("libx264", pixel_format, False, color, options)


def encoding_remarks(source: Source, suffix: str, size: tuple[int, int]) -> tuple[str, ...]:
    """What a container can't keep, or not without a price."""
    odd = suffix != ".webm" and (size[0] % 2 or size[1] % 2)
    said = {
        f"{suffix} can't hold transparency: it is left out; .mov and .webm keep it.": source.has_alpha
        and suffix not in (".mov", ".webm"),
        f"{size[0]}×{size[1]} is odd: kept by storing full colour resolution (4:4:4), which some players "
        "don't show; --size with an even result avoids that.": odd and not (source.has_alpha and suffix == ".mov"),
    }
    return tuple(sentence for sentence, holds in said.items() if holds)


def _output_color(source: Source) -> Color:
    """The source's own tags; what was stored as RGB gets those of high-definition video."""
    color = source.color
    if source.files or color.space in ("gbr", "ycgco"):
        space = "bt2020nc" if color.primaries == "bt2020" else "bt709"
        return Color(color.primaries or "bt709", color.transfer or "bt709", space, "tv")
    return color
