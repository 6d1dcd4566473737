"""The ffmpeg command that encodes frames and takes along what else a clip has."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg as builder

from vidstyle.media.encoders import Encoding
from vidstyle.media.source import Source
from vidstyle.media.streams import Track
from vidstyle.media.timeline import Timeline

# Lossy encoders' rates for transparent sound, bits a second and channel.
_SOUND_RATE = {"aac": 96_000, "libopus": 80_000}
# H.264's field for the shape of a pixel; the filter's own limit of 100 would round it.
_LARGEST_SAR = 65_535
# Those that every encoder in use takes; ffmpeg picks the nearest.
_LAYOUTS = "mono|stereo|3.0|quad|5.0|5.1|6.1|7.1"
_PICTURE_STREAM = ("metadata:s:0", "metadata:s:v:0")


def encoding_command(
    program: str,
    source: Source,
    part: Path,
    encoding: Encoding,
    tracks: Sequence[Track],
    times: Timeline,
    size: tuple[int, int],
) -> list[str]:
    """The command that makes `part` of frames on its standard input (NUT, RGB) and the clip's other streams.

    Parameters
    ----------
    program
        ffmpeg.
    source, tracks
        The clip, and those of its streams that go along.
    part
        The file written.
    encoding, times, size
        How the frames are encoded, when they are shown, and their width and height.
    """
    frames = builder.input("pipe:0", f="nut", thread_queue_size=8)
    streams = [_converted(frames.video, source, encoding, size)]
    options: dict[str, Any] = {
        "c:0": encoding.encoder,
        **{f"{name}:0": value for name, value in (encoding.options | encoding.tags()).items()},
        "fps_mode:0": "passthrough",
        "enc_time_base:0": f"1/{times.ticks}",
        "max_muxing_queue_size": 4096,
        "fflags": "+bitexact",  # the same frames make the same file: no random identifiers, no version of a library
    }
    if not source.files:
        streams += _others(source, tracks, times)
        options |= {"map_metadata": 1, "map_chapters": 1}
        # Two names of one stream, since ffmpeg-python gives an option but once.
        options |= {name: "=".join(tag) for name, tag in zip(_PICTURE_STREAM, source.tags, strict=False)}
        for place, track in enumerate(tracks, 1):
            options |= _track_options(place, track, times)
    if not times.whole:
        options["t"] = _seconds(times.end * times.time_base)
    if source.variable_rate:
        # Else the last frame would be shown for an average time; nothing reads the other durations.
        options["bsf:0"] = f"setts=pts=PTS:dts=DTS:duration={times.end - times.pts[-1]}/{times.ticks}/TB"
    if part.suffix.lower() in (".mp4", ".mov"):
        options |= {"movflags": "+faststart", "video_track_timescale": times.ticks}
    command = [program, "-nostdin", "-hide_banner", "-nostats", "-loglevel", "warning", "-y"]
    if times.whole:  # keep the clip's clock: a sound track may begin before or after the picture
        command.append("-copyts")
    compiled: list[str] = builder.output(*streams, _encodable(f"file:{part}"), **options).compile(cmd=command)
    names = {_encodable(name): name for name in (f"file:{source.path}", f"file:{part}")}
    return [names.get(word, word) for word in compiled]


def _converted(frames: Any, source: Source, encoding: Encoding, size: tuple[int, int]) -> Any:
    """RGB to the encoder's own format, by the matrix that the tags (or, without any, players) name."""
    color, sar = encoding.color, source.sample_aspect_ratio
    return (
        frames.filter(
            "scale",
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


def _others(source: Source, tracks: Sequence[Track], times: Timeline) -> list[Any]:
    """The clip's other streams, on the clock of the result."""
    if times.whole:
        timing = {"itsoffset": _seconds(-times.zero)} if times.zero else {}
    else:  # -ss counts from where the file begins
        timing = {"ss": _seconds(times.zero - source.origin)}
    clip = builder.input(_encodable(f"file:{source.path}"), **timing)
    # Without a stream of it, an input's tags and chapters could not be named: "?" maps what isn't there.
    return [clip[str(track.stream.index)] for track in tracks] or [clip["a:99?"]]


def _encodable(name: str) -> str:
    """What stands for a file's name, which need not be UTF-8, while ffmpeg-python makes the command."""
    return name.encode(errors="backslashreplace").decode()


def _track_options(place: int, track: Track, times: Timeline) -> dict[str, Any]:
    options: dict[str, Any] = {f"c:{place}": track.encoder}
    if track.stream.kind == "audio" and track.encoder != "copy":
        options[f"filter:{place}"] = f"aformat=channel_layouts={_LAYOUTS}"
    if track.encoder in _SOUND_RATE:
        options[f"b:{place}"] = _SOUND_RATE[track.encoder] * track.stream.channels
    if track.stream.kind == "cover":
        options[f"disposition:{place}"] = "attached_pic"
    if times.whole:
        return options
    if track.stream.kind == "audio":  # begin with the first packet inside, not with one hidden before it
        options[f"copypriorss:{place}"] = 0
    if track.stream.kind == "subtitle":
        options[f"bsf:{place}"] = _clipped(times.end * times.time_base)
    return options


def _clipped(end: Fraction) -> str:
    """Bitstream filters that leave out subtitles before 0 and cut those that begin earlier or end after `end`."""
    begin, last = "max(PTS,0)", f"min(PTS+DURATION,{_seconds(end)}/TB)"
    return f"noise=drop='lte(pts+duration,0)',setts=pts='{begin}':dts='{begin}':duration='{last}-{begin}'"


def _seconds(time: Fraction) -> str:
    return f"{float(time):.6f}"
