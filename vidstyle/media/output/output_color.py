"""What the values of a result are: the clip's own kind of light, or another that its format can hold."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vidstyle.errors import UsageError
from vidstyle.media.color.display import DisplayTransform
from vidstyle.media.color.tags import Color
from vidstyle.media.color.transfer import BT2020
from vidstyle.media.images.pictures import IMAGE_SUFFIXES
from vidstyle.media.source import Source
from vidstyle.settings import Hdr

_PICTURES = (*IMAGE_SUFFIXES, ".gif")
_SDR = Color("bt709", "bt709", "bt709", "tv")
_HDR = {
    "pq": Color("bt2020", "smpte2084", "bt2020nc", "tv"),
    "hlg": Color("bt2020", "arib-std-b67", "bt2020nc", "tv"),
}


@dataclass(frozen=True)
class OutputColor:
    """What goes into a file: `painted` frames, as values of the transform `display`.

    The source is the clip, with the colour tags and the depth that the result has. The warnings say what is done where
    it isn't what the clip had.
    """

    source: Source
    painted: DisplayTransform
    display: DisplayTransform
    warnings: tuple[str, ...] = ()

    def values(self, image: np.ndarray) -> np.ndarray:
        """A painted frame, (H, W, 3), as the file's values."""
        return self.display.converted_from(self.painted, image)


def output_color(source: Source, output: Path, hdr: Hdr = "auto") -> OutputColor:
    """What a clip's painted frames become in a file of this name.

    Raises
    ------
    UsageError
        The format can't hold what is asked for.
    """
    display, suffix = source.display, output.suffix.lower()
    if suffix == ".exr":
        if hdr not in ("auto", "keep"):
            raise UsageError(f"--hdr {hdr}: .exr holds scene-linear light; leave it out, or take another format.")
        if _suffix(source) == suffix:
            return OutputColor(source, display, display)
        light = DisplayTransform("linear", display.primaries, floating=True)
        return OutputColor(source, display, light, (".exr holds scene-linear light: the values are turned into that.",))
    if hdr in _HDR:
        if suffix in _PICTURES:
            raise UsageError(f"--hdr {hdr}: {suffix} has no tag for it; take .mp4, .mkv or .mov.")
        tagged = dataclasses.replace(source, color=_HDR[hdr], bit_depth=max(10, min(source.bit_depth, 12)))
        changes = (f"the result is HDR ({hdr.upper()}, BT.2020): white is at 203 nits.",)
        return OutputColor(tagged, display, DisplayTransform(hdr, BT2020), () if hdr == display.transfer else changes)
    if _is_kept(source, suffix, hdr):
        color = source.color if source.kind == "video" else _HDR.get(display.transfer, Color())
        return OutputColor(dataclasses.replace(source, color=color), display, display)
    way = ".exr" if suffix in _PICTURES else "--hdr pq" if display.floating else "--hdr keep"
    changes = (
        f"the result is SDR (sRGB): light above white is drawn in{'' if hdr == 'sdr' else f'; {way} keeps it'}.",
    )
    return OutputColor(dataclasses.replace(source, color=_SDR), display, DisplayTransform(), changes)


def _is_kept(source: Source, suffix: str, hdr: Hdr) -> bool:
    """Whether the result holds values of the same kind as the clip."""
    display = source.display
    if display.is_plain or hdr == "sdr":
        return display.is_plain
    if suffix in _PICTURES and _suffix(source) == suffix:
        return True
    if display.floating:
        if hdr == "keep":
            raise UsageError(f"--hdr keep: {suffix} can't hold scene-linear light; take .exr, or --hdr pq, hlg or sdr.")
        return False
    if hdr == "keep":
        return True
    return suffix not in _PICTURES and (source.kind == "video" or display.transfer in _HDR)


def _suffix(source: Source) -> str:
    return source.files[0].suffix.lower() if source.files else ""
