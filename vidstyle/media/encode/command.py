"""What is decided of an output file before its first frame is painted, and the ffmpeg command that writes it so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg as builder

from vidstyle.media.color.tags import Mastering
from vidstyle.media.encode.encoders import Encoding
from vidstyle.media.encode.metadata import made_tags, needs_free_keys, tag_arguments
from vidstyle.media.encode.sound import is_discrete, sound_filter
from vidstyle.media.encode.streams import ATTACHED, OutputTrack
from vidstyle.media.encode.timeline import Timeline
from vidstyle.media.formats import READING
from vidstyle.media.source import Source

# Lossy encoders' rates for transparent sound, bits a second and channel.
_SOUND_RATE = {"aac": 96_000, "libopus": 80_000}
# The largest number in H.264's field for the shape of a pixel; the filter's default of 100 would round it.
_LARGEST_SAR = 65_535
# Frames a second from which a millisecond, a movie's usual tick, is too coarse.
_FAST = 500
# Formats that FFmpeg reads well only from their beginning.
_WITHOUT_SEEKING = ("swf", "gxf")


@dataclass(frozen=True)
class OutputPlan:
    """How an output file is written: by which ffmpeg, which other streams go along, and the frames' width and height.

    The source is the clip, with the colour tags and the depth that the result has.
    """

    program: str
    source: Source
    encoding: Encoding
    tracks: tuple[OutputTrack, ...]
    times: Timeline
    size: tuple[int, int]
    mastering: Mastering = field(default_factory=Mastering)

    def languages(self) -> list[str | None]:
        """The languages of its streams, the picture's first."""
        return [dict(self.source.tags).get("language"), *(track.stream.language for track in self.tracks)]


def encoding_command(
    plan: OutputPlan,
    part: Path,
    covers: Mapping[int, Path],
    seconds: Fraction | None = None,
    stored: bool = False,
) -> list[str]:
    """The command that makes `part` of frames on its standard input (NUT, RGB) and the clip's other streams.

    Parameters
    ----------
    plan, part, covers
        What is made, as which file, with which pictures attached, by their stream in the clip.
    seconds
        How much of the other streams goes along; None: all.
    stored
        Whether the frames come in the clip's own pixels instead of RGB.
    """
    source, encoding, tracks, times = plan.source, plan.encoding, plan.tracks, plan.times
    suffix = part.suffix.lower()
    mapped = [track for track in tracks if track.encoder != ATTACHED]
    frames = builder.input("pipe:0", f="nut", thread_queue_size=8, **_mastering(plan.mastering))
    streams = [_converted(frames.video, source, encoding, plan.size, stored)]
    options: dict[str, Any] = {
        "c:0": encoding.encoder,
        **{f"{name}:0": value for name, value in (encoding.options | encoding.tags()).items()},
        "fps_mode:0": "passthrough",
        "enc_time_base:0": f"1/{times.ticks}",
        "max_muxing_queue_size": 4096,
        "fflags": "+bitexact",  # the same frames make the same file: no random identifiers, no version of a library
        # The last frame's duration is set on all frames: those of a constant rate are alike, and nothing reads the
        # others of a variable rate. Without this, the last one would be shown for an average time.
        "bsf:0": f"setts=pts=PTS:dts=DTS:duration={times.end - times.pts[-1]}/{times.ticks}/TB",
    }
    arguments: list[str] = []
    if not source.files:
        streams += _others(source, mapped, times)
        options |= {"map_metadata": 1, "map_chapters": 1}
        arguments += tag_arguments(source, suffix, times)
    else:
        arguments += made_tags(source, suffix, times)
    streams += _sounds(mapped, times)
    for number, track in enumerate(mapped, 1):
        options |= _track_options(number, track, times, source.container not in _WITHOUT_SEEKING)
    for number, track in enumerate(track for track in tracks if track.encoder == ATTACHED):
        arguments += ["-attach", f"file:{covers[track.stream.index]}", *_attachment(number + len(mapped) + 1, track)]
    if not times.whole or seconds is not None:
        options["t"] = _seconds(times.end * times.time_base if seconds is None else seconds)
    if suffix in (".mp4", ".mov"):
        every_key = "+use_metadata_tags" if needs_free_keys(source, suffix) else ""
        options |= {"movflags": f"+faststart{every_key}", "video_track_timescale": times.ticks}
        # Chapters and edit lists count in the movie's ticks, too: a usual one of 1 ms is longer than such frames.
        if times.rate > _FAST:
            options["movie_timescale"] = times.ticks
    if suffix in (".gif", ".webp"):
        options["loop"] = 0
    if suffix == ".gif":
        options["final_delay"] = times.end - times.pts[-1]
    command = [plan.program, "-nostdin", "-hide_banner", "-nostats", "-loglevel", "warning", "-y"]
    if times.from_start:  # keep the clip's clock: a sound track may begin before or after the picture
        command.append("-copyts")
    compiled: list[str] = builder.output(*streams, _encodable(f"file:{part}"), **options).compile(cmd=command)
    compiled[-1:-1] = arguments  # ffmpeg-python gives an option but once
    read = (source.path, *(track.file for track in tracks if track.file))
    names = {_encodable(name): name for name in (f"file:{part}", *(f"file:{path}" for path in read))}
    return [names.get(word, word) for word in compiled]


def _converted(frames: Any, source: Source, encoding: Encoding, size: tuple[int, int], stored: bool) -> Any:
    """To the encoder's own format, by the matrix that the tags (or, without any, players) name."""
    color, sar = encoding.color, source.sample_aspect_ratio
    if encoding.codec == "gif":
        return _paletted(frames, encoding.alpha)
    stored_as = {"in_color_matrix": source.color.matrix(size)} if stored and source.color.space != "gbr" else {}
    if stored and source.color.range == "pc":
        stored_as["in_range"] = "pc"
    return (
        frames.filter(
            "scale",
            **stored_as,
            out_color_matrix=color.matrix(size),
            out_range=color.range or "tv",
            flags="bicubic+accurate_rnd+full_chroma_int",
        )
        .filter("format", encoding.pixel_format)
        .filter(
            "setparams",
            color_primaries=color.primaries or "unknown",
            color_trc=color.transfer or "unknown",
            colorspace=color.space or "unknown",
            range=color.range or "unknown",
        )
        .filter("setsar", f"{sar.numerator}/{sar.denominator}", max=_LARGEST_SAR)
    )


def _mastering(mastering: Mastering) -> dict[str, str]:
    """The options of ffmpeg that tell of an input what it was mastered on."""
    options = {}
    if mastering.display:
        pairs = zip(("G", "B", "R", "WP", "L"), mastering.display[::2], mastering.display[1::2], strict=True)
        options["mastering_display"] = "".join(f"{name}({x},{y})" for name, x, y in pairs)
    if mastering.light:
        options["content_light"] = f"{mastering.light[0]},{mastering.light[1]}"
    return options


def _paletted(frames: Any, alpha: bool) -> Any:
    """RGB in 256 colours, one of them clear where there is opacity.

    Each frame has a palette of its own: one for all would need all frames beforehand.
    """
    both = frames.filter_multi_output("split")
    palette = both[0].filter("palettegen", stats_mode="single", reserve_transparent=int(alpha))
    return builder.filter([both[1], palette], "paletteuse", new=1, dither="sierra2_4a")


def _others(source: Source, tracks: Sequence[OutputTrack], times: Timeline) -> list[Any]:
    """The clip's other streams, on the clock of the result."""
    if times.from_start:
        timing = {"itsoffset": _seconds(-times.zero)} if times.zero else {}
    elif source.container in _WITHOUT_SEEKING:
        timing = {"itsoffset": _seconds(source.origin - times.zero)}
    else:  # -ss counts from where the file begins
        timing = {"ss": _seconds(times.zero - source.origin)}
    clip = builder.input(_encodable(f"file:{source.path}"), **READING, **timing)
    # The tags and chapters of an input without any stream could not be named: "?" maps a stream that isn't there.
    return [clip[str(track.stream.index)] for track in tracks if track.file is None] or [clip["a:99?"]]


def _sounds(tracks: Sequence[OutputTrack], times: Timeline) -> list[Any]:
    """The streams of sound files, whose first moment is the clip's."""
    begin = Fraction(0) if times.from_start else times.zero
    timing = {"ss": _seconds(begin)} if begin else {}
    files = dict.fromkeys(track.file for track in tracks if track.file)
    inputs = {file: builder.input(_encodable(f"file:{file}"), **READING, **timing) for file in files}
    return [inputs[track.file][str(track.stream.index)] for track in tracks if track.file]


def _attachment(number: int, track: OutputTrack) -> list[str]:
    name, kind = ("cover.png", "image/png") if track.stream.codec == "png" else ("cover.jpg", "image/jpeg")
    return [f"-metadata:s:{number}", f"filename={name}", f"-metadata:s:{number}", f"mimetype={kind}"]


def _encodable(name: str) -> str:
    """What stands for a file's name, which need not be UTF-8, while ffmpeg-python makes the command."""
    return name.encode(errors="backslashreplace").decode()


def _track_options(number: int, track: OutputTrack, times: Timeline, seeking: bool) -> dict[str, Any]:
    # A packet of PCM may last most of a second, so that a part's sound is cut within packets, by encoding it anew.
    is_cut = track.stream.codec.startswith("pcm_") and track.encoder == "copy" and not times.whole
    options: dict[str, Any] = {f"c:{number}": track.stream.codec if is_cut else track.encoder}
    if track.stream.kind == "audio" and (channels := sound_filter(track.stream, track.encoder)):
        options[f"filter:{number}"] = channels
    if is_discrete(track.stream, track.encoder):
        options[f"mapping_family:{number}"] = 255
    if track.encoder in _SOUND_RATE:
        options[f"b:{number}"] = _SOUND_RATE[track.encoder] * track.stream.channels
    if track.stream.kind == "cover":
        options[f"disposition:{number}"] = "attached_pic"
    if track.stream.kind == "audio":
        filters = []
        if not (times.from_start or seeking or track.file):  # all of the sound was read
            filters.append("noise=drop='lt(pts,0)'")
        if track.encoder == "copy":
            # Ogg's last packet may last less than nothing, which is written as hours.
            filters.append("setts=pts=PTS:dts=DTS:duration='if(gt(DURATION,60/TB),1,DURATION)'")
        if filters:
            options[f"bsf:{number}"] = ",".join(filters)
    if times.whole:
        if track.file:  # cut where the picture ends; as an input's own option it would leave out all of a WAV file
            options[f"bsf:{number}"] = f"noise=drop='gte(pts*tb,{_seconds(times.end * times.time_base)})'"
        return options
    if track.stream.kind == "audio" and not times.from_start:  # not with a packet hidden before the first one inside
        options[f"copypriorss:{number}"] = 0
    if track.stream.kind == "subtitle":
        options[f"bsf:{number}"] = _clipped(times.end * times.time_base)
    return options


def _clipped(end: Fraction) -> str:
    """Bitstream filters that leave out subtitles before 0 and cut those that begin earlier or end after `end`."""
    begin, last = "max(PTS,0)", f"min(PTS+DURATION,{_seconds(end)}/TB)"
    return f"noise=drop='lte(pts+duration,0)',setts=pts='{begin}':dts='{begin}':duration='{last}-{begin}'"


def _seconds(time: Fraction) -> str:
    return f"{float(time):.6f}"
