"""Which encoder and pixel format a file's frames are written with."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from vidstyle.errors import UsageError
from vidstyle.media.color.tags import Color
from vidstyle.media.encode.codecs import CODECS, CONTAINER_CODECS, Codec, Pixels, codec, family
from vidstyle.media.encode.viewing import holds
from vidstyle.media.source import Source
from vidstyle.settings import Chroma, parse_pixel_format
from vidstyle.settings.codec_names import encoder_of

VIDEO_SUFFIXES = tuple(CONTAINER_CODECS)
"""Containers that can be written."""

# The codec that comes nearest to a clip's own, by FFmpeg's name of that.
_CODEC_LIKE = {
    "h264": "h264",
    "hevc": "h265",
    "av1": "av1",
    "vp9": "vp9",
    "dnxhd": "dnxhr",
    "ffv1": "ffv1",
    # Other codecs for editing, most of which are not written here.
    **dict.fromkeys(("prores", "v210", "v410", "r210", "cfhd", "apv"), "prores"),
}
# A clip's codec that is not kept: the container holds it, but few players play it there.
_NOT_KEPT = {(".mp4", "vp9")}
_RICHNESS: tuple[Chroma, ...] = ("420", "422", "444", "rgb")
Wanted = tuple[Chroma | None, int | None]
"""The resolution of colours and the bits a channel that are asked for; None where it is all the same."""


class EncodeOptions(NamedTuple):
    """How a video is to be encoded, as in the settings.

    Attributes
    ----------
    crf
        Constant rate factor on x264's scale: 0 (lossless) to 51.
    codec, pixel_format
        A codec's name, and what is stored of a pixel ("422-10"); "auto" where it is all the same.
    audio
        What becomes of the sound: "auto", "copy", "convert", "none", or a file's name.
    """

    crf: int = 16
    codec: str = "auto"
    pixel_format: str = "auto"
    audio: str = "auto"

    @property
    def unused_by_pictures(self) -> tuple[str, ...]:
        """The names of the settings that only a video knows, where they differ from the defaults."""
        return tuple(name for name in ("codec", "pixel_format", "audio") if getattr(self, name) != "auto")


@dataclass(frozen=True)
class Encoding:
    """How frames become a video stream: the codec by its common name, the rest by ffmpeg's names.

    The colour is of the tags written; its space and range are those that the frames are converted to.
    """

    codec: str
    encoder: str
    pixel_format: str
    pixels: Pixels
    alpha: bool
    color: Color
    options: dict[str, Any] = field(default_factory=dict)

    def tags(self) -> dict[str, str]:
        """The colour tags as ffmpeg's options."""
        color = self.color
        named = {
            "color_primaries": color.primaries,
            "color_trc": color.transfer,
            "colorspace": "rgb" if color.space == "gbr" else color.space,
            "color_range": color.range,
        }
        return {option: value for option, value in named.items() if value is not None}


def choose_encoding(source: Source, suffix: str, size: tuple[int, int], asked: EncodeOptions) -> Encoding:
    """What plays most widely in a container and still keeps the clip's depth, opacity and colours in frames of a size.

    Raises
    ------
    UsageError
        The codec doesn't go with the container, the pixels or the size.
    """
    wanted = parse_pixel_format(asked.pixel_format)
    name = _fitting(source, suffix, size, wanted) if asked.codec == "auto" else _asked(asked.codec, suffix, size)
    chosen = codec(name)
    alpha = source.has_alpha and _keeps_alpha(name, suffix)
    formats = chosen.alpha_formats if alpha else _of_size(chosen, size)
    pixels = _nearest(formats, *_ideal(source, name, wanted))
    if not _has([pixels], wanted):
        raise _no_such_pixels(name, suffix, size, wanted, alpha)
    options = chosen.options(asked.crf, pixels)
    if family(name) in ("h264", "h265") and source.variable_rate:
        # An MP4 states a last duration that is right only if frames are stored in the order shown.
        options["bf"] = 0
    if name == "vp9" and alpha:
        options["auto-alt-ref"] = 0  # frames that are never shown have no opacity beside them
    if name == "prores" and alpha:
        options["alpha_bits"] = 16
    color = _output_color(source, suffix, name, pixels)
    return Encoding(family(name), encoder_of(name), formats[pixels], pixels, alpha, color, options)


def encoding_warnings(source: Source, suffix: str, size: tuple[int, int], encoding: Encoding) -> tuple[str, ...]:
    """What a container can't keep, or not without a price."""
    chosen, pixels = CODECS[encoding.codec], encoding.pixels
    odd = chosen.even_only and (size[0] % 2 or size[1] % 2)
    stored = Pixels(source.chroma, source.bit_depth)
    poorer = source.kind == "video" and _RICHNESS.index(pixels.chroma) < _RICHNESS.index(stored.chroma)
    stereo, sphere = holds(suffix, source.viewing)
    eyes = source.viewing.stereo.replace("_", " ")
    paletted = source.container in ("gif", "apng")  # made of few colours, and for the screen
    names = (encoding.codec, *CONTAINER_CODECS[suffix])
    keepers = [name for name in names if _has(_of_size(CODECS[name], size), (stored.chroma, None))]
    flag = "" if keepers[:1] == [encoding.codec] else f"--codec {keepers[0]} " if keepers else ""
    advice = f"; {flag}--pixel-format {stored.chroma} keeps it" if keepers else ""
    sentences = {
        f"{suffix} can't hold transparency: it is shown over white; .mov and .webm keep it.": source.has_alpha
        and not encoding.alpha,
        f"{size[0]}×{size[1]} is odd: kept by storing colours as {pixels.words}, which some players don't show; "
        "--size with an even result avoids that.": odd,
        f"the clip's colours are stored as {stored.words}, the result's as {pixels.words}{advice}.": poorer
        and not (paletted or odd),
        f"the clip has {stored.depth} bits a channel: the result is written with {pixels.depth}.": stored.depth
        > pixels.depth
        and _CODEC_LIKE.get(source.codec) != encoding.codec,
        "the clip is marked as 360° video in a way that the result can't be: players will show it flat until a tool "
        "marks it again.": sphere is False and source.viewing.projection == "other",
        f"{suffix} can't say that the clip is 360° video: players will show it flat; .mp4 and .mkv say it.": (
            sphere is False and source.viewing.projection != "other"
        ),
        "the clip is stereo in a way that the result can't be: what a player shows of it is painted, and no more.": (
            stereo is False and eyes == "other"
        ),
        f"{suffix} can't say that the clip is stereo ({eyes}): players will show it as it is stored; .mkv says it.": (
            stereo is False and eyes != "other"
        ),
        ".gif has 256 colours a frame, dithered; .webp has them all.": suffix == ".gif",
    }
    return tuple(sentence for sentence, holds in sentences.items() if holds)


def _asked(name: str, suffix: str, size: tuple[int, int]) -> str:
    if family(name) not in CONTAINER_CODECS[suffix]:
        others = [other for other, codecs in CONTAINER_CODECS.items() if family(name) in codecs]
        raise UsageError(
            f"--codec {name}: {suffix} can't hold it, but {_any_of(others)} can. "
            f"Or leave it out: {suffix} is written with {_any_of(CONTAINER_CODECS[suffix])}."
        )
    least = codec(name).min_size
    if not _is_large_enough(size, codec(name)):
        raise UsageError(
            f"--codec {name}: its smallest frame is {least[0]}×{least[1]}, and the result has {size[0]}×{size[1]}: "
            "take a larger --size, or another codec."
        )
    return name


def _fitting(source: Source, suffix: str, size: tuple[int, int], wanted: Wanted) -> str:
    """The container's codec that fits best: the clip's own, else the one that plays most widely."""
    like_source = _CODEC_LIKE.get(source.codec)
    names = [name for name in CONTAINER_CODECS[suffix] if _is_large_enough(size, CODECS[name])]
    deep = (wanted[1] or source.bit_depth) > 8
    kept = [name for name in names if name == like_source and (suffix, name) not in _NOT_KEPT]
    if deep and (like_source != "h264" or source.bit_depth <= 8):  # in 10 bits it plays almost nowhere
        kept = [name for name in kept if name != "h264"]
        names.sort(key=lambda name: name == "h264")
    names = kept + names
    if source.has_alpha and (suffix not in (".mp4", ".mkv") or kept):
        names = [name for name in names if _keeps_alpha(name, suffix)] or names
    return next((name for name in names if _has(_of_size(CODECS[name], size), wanted)), names[0])


def _ideal(source: Source, name: str, wanted: Wanted) -> tuple[Chroma, int]:
    """The pixels that would be right, whether the codec holds them or not."""
    keep = codec(name).for_editing or _CODEC_LIKE.get(source.codec) == name
    chroma, depth = wanted
    if chroma is None:
        chroma = source.chroma if keep else "420"
    return chroma, depth or (source.bit_depth if keep else min(source.bit_depth, 10))


def _is_large_enough(size: tuple[int, int], chosen: Codec) -> bool:
    return size[0] >= chosen.min_size[0] and size[1] >= chosen.min_size[1]


def _of_size(chosen: Codec, size: tuple[int, int]) -> dict[Pixels, str]:
    """The pixels that a codec holds in frames of a size."""
    odd = {"420": size[0] % 2 or size[1] % 2, "422": size[0] % 2} if chosen.even_only else {}
    return {pixels: name for pixels, name in chosen.formats.items() if not odd.get(pixels.chroma)}


def _nearest(formats: Iterable[Pixels], chroma: Chroma, depth: int) -> Pixels:
    """Of some kinds of pixel the one that loses least, and of these the one that takes least."""

    def loss(pixels: Pixels) -> tuple[int, int, int, int]:
        richer = _RICHNESS.index(pixels.chroma) - _RICHNESS.index(chroma)
        deeper = pixels.depth - depth
        return max(-richer, 0), max(-deeper, 0), max(richer, 0), max(deeper, 0)

    return min(formats, key=loss)


def _has(formats: Iterable[Pixels], wanted: Wanted) -> bool:
    chroma, depth = wanted
    return any(chroma in (None, pixels.chroma) and depth in (None, pixels.depth) for pixels in formats)


def _keeps_alpha(name: str, suffix: str) -> bool:
    """Whether opacity can be kept: of VP9 it is a second stream, which MP4 has no place for."""
    return bool(codec(name).alpha_formats) and (suffix, name) != (".mp4", "vp9")


def _no_such_pixels(name: str, suffix: str, size: tuple[int, int], wanted: Wanted, alpha: bool) -> UsageError:
    """The sentence that a codec doesn't hold the pixels that were asked for, and what does."""
    asked = "-".join(str(part) for part in wanted if part)
    formats = codec(name).alpha_formats if alpha else _of_size(codec(name), size)
    others = [
        other for other in CONTAINER_CODECS[suffix] if other != name and _has(_of_size(CODECS[other], size), wanted)
    ]
    advice = f"Or take --codec {_any_of(others)}." if others else "Or leave it out."
    elsewhere = _has(codec(name).formats, wanted)
    why = " with opacity" if alpha and elsewhere else " of this odd size" if elsewhere else ""
    return UsageError(
        f"--pixel-format {asked}: {name} holds none such{why}, but {_any_of(sorted(map(str, formats)))}. {advice}"
    )


def _output_color(source: Source, suffix: str, name: str, pixels: Pixels) -> Color:
    """The source's own tags; what was stored as RGB gets those of high-definition video."""
    color = source.color
    if pixels.chroma == "rgb":
        return Color(color.primaries or "bt709", color.transfer or "bt709", "gbr", "pc")
    if source.files or color.space in ("gbr", "ycgco"):
        space = "bt2020nc" if color.primaries == "bt2020" else "bt709"
        return Color(color.primaries or "bt709", color.transfer or "bt709", space, "tv")
    if name == "prores" or (name == "ffv1" and suffix == ".mov"):  # full range could not be told
        return Color(color.primaries, color.transfer, color.space, "tv")
    if name == "dnxhr":  # its own header says this matrix, whatever the container says
        return Color(color.primaries, color.transfer, "bt709", color.range)
    return color


def _any_of(words: list[str] | tuple[str, ...]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
