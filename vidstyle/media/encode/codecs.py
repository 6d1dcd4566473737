"""The codecs that frames can be written with: which pixels they hold, in which containers, by which options."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from vidstyle.settings import HARDWARE_CODECS, Chroma

Options = Callable[[int, "Pixels"], dict[str, Any]]
"""An encoder's own options for a constant rate factor on x264's scale (0 is lossless), and for pixels."""


class Pixels(NamedTuple):
    """What is stored of a pixel: the resolution of its colours, and bits a channel."""

    chroma: Chroma
    depth: int

    def __str__(self) -> str:
        return f"{self.words}, {self.depth} bits"

    @property
    def words(self) -> str:
        """The resolution of the colours as people write it."""
        return "RGB" if self.chroma == "rgb" else ":".join(self.chroma)


@dataclass(frozen=True)
class Codec:
    """A codec, and how it is written.

    Attributes
    ----------
    formats, alpha_formats
        ffmpeg's pixel format for each kind of pixel that it holds, without opacity and with.
    options
        What the encoder is told.
    min_size
        Width and height of the smallest frame.
    even_only
        Whether an odd side can't be halved for the colours.
    for_editing
        Whether it is made to be edited: colours are kept as they are, and files are large.
    """

    formats: Mapping[Pixels, str]
    options: Options
    alpha_formats: Mapping[Pixels, str] = field(default_factory=dict)
    min_size: tuple[int, int] = (1, 1)
    even_only: bool = False
    for_editing: bool = False


def _yuv(chromas: Sequence[Chroma], depths: Sequence[int], prefix: str = "yuv") -> dict[Pixels, str]:
    return {Pixels(c, d): f"{prefix}{c}p" + (f"{d}le" if d > 8 else "") for c in chromas for d in depths}


def _rgb(depths: Sequence[int], alpha: str = "") -> dict[Pixels, str]:
    return {Pixels("rgb", depth): f"gbr{alpha}p{depth}le" for depth in depths}


def _h264(crf: int, pixels: Pixels) -> dict[str, Any]:
    return {"qp": 0} if crf == 0 else {"crf": crf}  # a factor of 0 is lossless in 8 bits alone


def _h265(crf: int, pixels: Pixels) -> dict[str, Any]:
    return {"crf": crf, "x265-params": "log-level=warning" + (":lossless=1" if crf == 0 else ""), "tag": "hvc1"}


def _av1(crf: int, pixels: Pixels) -> dict[str, Any]:
    return {"svtav1-params": "lossless=1"} if crf == 0 else {"crf": _of_63(crf), "preset": 6}


def _vp9(crf: int, pixels: Pixels) -> dict[str, Any]:
    # Frames come one by one: two passes, or a file of a given size, would need all of them beforehand.
    return {"crf": _of_63(crf), "b": 0, "row-mt": 1, "cpu-used": 2} | ({"lossless": 1} if crf == 0 else {})


def _prores(crf: int, pixels: Pixels) -> dict[str, Any]:
    return {"profile": "hq" if pixels.chroma == "422" else "4444", "vendor": "apl0"}


def _dnxhr(crf: int, pixels: Pixels) -> dict[str, Any]:
    return {"profile": "dnxhr_444" if pixels.chroma != "422" else "dnxhr_hqx" if pixels.depth > 8 else "dnxhr_hq"}


def _ffv1(crf: int, pixels: Pixels) -> dict[str, Any]:
    return {"level": 3, "g": 1, "slicecrc": 1}  # archives' choice: each frame whole and checked by itself


def _webp(crf: int, pixels: Pixels) -> dict[str, Any]:
    return {"lossless": 1} if crf == 0 else {"quality": round(100 - crf * 50 / 51)}


def _of_63(crf: int) -> int:
    """A rate factor on the scale of VP9 and AV1, which ends at 63."""
    return round(crf * 63 / 51)


_ANY: tuple[Chroma, ...] = ("420", "422", "444")
_FFV1_DEPTHS = (10, 12, 16)

CODECS: Mapping[str, Codec] = {
    "h264": Codec(_yuv(_ANY, (8, 10)), _h264, even_only=True),
    # H.265 has no coding block smaller than this.
    "h265": Codec(_yuv(_ANY, (8, 10, 12)), _h265, min_size=(16, 16), even_only=True),
    "av1": Codec(_yuv(["420"], (8, 10)), _av1),
    # By WebM's rules, VP9's opacity has 8 bits and is a second stream.
    "vp9": Codec(_yuv(_ANY, (8, 10, 12)), _vp9, _yuv(["420"], [8], "yuva")),
    "prores": Codec(_yuv(["422", "444"], [10]), _prores, _yuv(["444"], [10], "yuva"), for_editing=True),
    "dnxhr": Codec(_yuv(["422"], (8, 10)) | _yuv(["444"], [10]), _dnxhr, min_size=(256, 120), for_editing=True),
    "ffv1": Codec(
        {Pixels("rgb", 8): "bgr0"} | _rgb(_FFV1_DEPTHS) | _yuv(_ANY, (8, *_FFV1_DEPTHS)),
        _ffv1,
        {Pixels("rgb", 8): "bgra"} | _rgb(_FFV1_DEPTHS, "a") | _yuv(_ANY, (8, *_FFV1_DEPTHS), "yuva"),
        for_editing=True,
    ),
    "gif": Codec({Pixels("rgb", 8): "rgb24"}, lambda crf, pixels: {}, {Pixels("rgb", 8): "rgba"}),
    "webp": Codec(
        {Pixels("rgb", 8): "bgra"},  # the library makes 4:2:0 of it where it loses anything, by WebP's own matrix
        _webp,
        {Pixels("rgb", 8): "bgra"},
    ),
}
"""What each codec of :data:`vidstyle.settings.codec_names.ENCODERS` holds, and how it is written."""

CONTAINER_CODECS: Mapping[str, tuple[str, ...]] = {
    ".mp4": ("h264", "h265", "av1", "vp9"),
    ".mkv": ("h264", "h265", "av1", "vp9", "prores", "dnxhr", "ffv1"),
    ".mov": ("h264", "h265", "prores", "dnxhr", "ffv1"),
    ".webm": ("vp9", "av1"),
    ".gif": ("gif",),
    ".webp": ("webp",),
}
"""Codecs that players and editors expect in a container, the one that plays most widely first."""


def codec(name: str) -> Codec:
    """The codec of a name, be it one of a chip's own."""
    return _hardware(name) if name in HARDWARE_CODECS else CODECS[name]


def family(name: str) -> str:
    """The codec's common name: what a chip's own makes is what the software makes, to a player."""
    return {"hevc": "h265"}.get(name.split("_")[0], name.split("_")[0])


def _hardware(name: str) -> Codec:
    """An encoder of a chip's own, by its maker's scale of quality."""
    maker = name.split("_")[1]
    deep = {} if name.startswith("h264") else {Pixels("420", 10): "p010le"}
    plain = {Pixels("420", 8): "yuv420p" if maker == "nvenc" else "nv12"}
    options: Mapping[str, Options] = {
        "nvenc": lambda crf, pixels: {"preset": "p7", "rc": "constqp", "qp": crf},
        "qsv": lambda crf, pixels: {"global_quality": max(crf, 1)},
        "amf": lambda crf, pixels: {"rc": "cqp", "qp_i": crf, "qp_p": crf, "quality": "quality"},
        "videotoolbox": lambda crf, pixels: {"q:v": round(100 - crf * 99 / 51)},
    }
    if name == "prores_videotoolbox":
        layouts = {Pixels("422", 10): "p210le", Pixels("444", 10): "p410le"}
        profiles: Options = lambda crf, pixels: {"profile": "hq" if pixels.chroma == "422" else "4444"}  # noqa: E731
        return Codec(layouts, profiles, for_editing=True)
    tag = {"tag": "hvc1"} if name.startswith("hevc") else {}
    choose = options[maker]
    return Codec(plain | deep, lambda crf, pixels: choose(crf, pixels) | tag, min_size=(160, 64), even_only=True)
