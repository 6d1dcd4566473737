"""Frames into a file, with the clip's sound, subtitles, chapters and tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

import av
import ffmpeg as builder
import numpy as np

from vidstyle.media.destination import check_output
from vidstyle.media.encoders import Encoding, choose_encoding
from vidstyle.media.ffmpeg import find_ffmpeg, running
from vidstyle.media.files import hidden_part, publish_part, storage_error
from vidstyle.media.numbered import write_numbered
from vidstyle.media.reader import read_frames
from vidstyle.media.sequence import is_pattern
from vidstyle.media.source import Source
from vidstyle.media.stills import quantise
from vidstyle.media.streams import Track, plan_tracks
from vidstyle.media.timeline import Timeline, offset, timeline
from vidstyle.media.verify import verify

# Lossy encoders' rates for transparent sound, bits a second and channel.
_SOUND_RATE = {"aac": 96_000, "libopus": 80_000}
# H.264's field for the shape of a pixel; the filter's own limit of 100 would round it.
_LARGEST_SAR = 65_535
# Those that every encoder in use takes; ffmpeg picks the nearest.
_LAYOUTS = "mono|stereo|3.0|quad|5.0|5.1|6.1|7.1"
_PICTURE_STREAM = ("metadata:s:0", "metadata:s:v:0")


def write_video(
    source: Source,
    frames: Iterable[np.ndarray],
    output: Path,
    *,
    start: int = 0,
    stop: int | None = None,
    size: tuple[int, int] | None = None,
    crf: int = 16,
    ffmpeg: str = "",
    overwrite: bool = False,
) -> Iterator[int]:
    """Encode frames with all else that the clip has; the file appears only once it is whole and verified.

    Parameters
    ----------
    source
        The clip that the frames were made from.
    frames
        For each of its frames `start` to `stop` an (H, W, 3) float32 RGB image, 0..1. Opacity is the clip's own.
    output
        Ends in .mp4, .mkv, .mov or .webm, or is a pattern of picture files such as ``out/%04d.png``.
    start, stop
        The part of the clip, from 0, `stop` exclusive; its sound and subtitles are cut to it, a whole clip's copied.
    size
        Width and height of the images; None: the clip's.
    crf
        Constant rate factor on x264's scale: 0 (lossless) to 51.
    ffmpeg
        The program; empty finds one.
    overwrite
        Whether an existing file may be replaced.

    Yields
    ------
    written
        Frames handed to the encoder. The file is finished when the generator ends; closed earlier, it leaves nothing.

    Raises
    ------
    UsageError, OutputError, MissingError
        As :func:`check_output`.
    StorageError
        The disk is full, or ffmpeg failed, or what it wrote is not what it was given.
    """
    stop = len(source.pts) if stop is None else stop
    size = size or (source.width, source.height)
    check_output(source, output, overwrite, size=size, ffmpeg=ffmpeg)
    if is_pattern(output):
        yield from write_numbered(
            _with_opacity(source, frames, start, stop, size) if source.has_alpha else frames,
            output,
            source.bit_depth,
        )
        return
    suffix = output.suffix.lower()
    encoding = choose_encoding(source, suffix, size, crf)
    tracks, _ = plan_tracks(source, suffix)
    times = timeline(source, start, stop)
    part = hidden_part(output)
    images = _with_opacity(source, frames, start, stop, size) if encoding.alpha else frames
    try:
        # Whatever an interrupted run may still be writing to is not this file.
        part.unlink(missing_ok=True)
        command = _command(find_ffmpeg(ffmpeg), source, part, encoding, tracks, times, start, stop, size)
        with running(command, output) as pipe:
            yield from _feed(pipe, images, encoding, times, size)
        verify(part, output, times, size, tracks)
        publish_part(part, output)
    except OSError as error:
        raise storage_error(output, error) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _with_opacity(
    source: Source, frames: Iterable[np.ndarray], start: int, stop: int, size: tuple[int, int]
) -> Iterator[np.ndarray]:
    for image, frame in zip(frames, read_frames(source, start, stop, size), strict=True):
        yield np.dstack([image, frame.alpha]) if frame.alpha is not None else image


def _feed(
    pipe: IO[bytes], images: Iterable[np.ndarray], encoding: Encoding, times: Timeline, size: tuple[int, int]
) -> Iterator[int]:
    """Write raw frames with their exact times to ffmpeg's standard input, as a NUT stream."""
    bits = 16 if "10" in encoding.pixel_format else 8
    # ffmpeg's white, as in decoding; opacity has none.
    gain = np.ones(4 if encoding.alpha else 3, np.float32)
    if bits == 16:
        gain[:3] = encoding.color.white(10) / 65_535
    layout = {(8, False): "rgb24", (8, True): "rgba", (16, False): "rgb48le", (16, True): "rgba64le"}
    with av.open(pipe, "w", format="nut") as container:
        stream = container.add_stream("rawvideo", rate=times.rate)
        stream.width, stream.height = size
        stream.pix_fmt = layout[bits, encoding.alpha]
        stream.time_base = stream.codec_context.time_base = times.time_base
        for index, (image, pts) in enumerate(zip(images, times.pts, strict=True)):
            frame = av.VideoFrame.from_ndarray(quantise(np.clip(image, 0, 1) * gain, bits), format=stream.pix_fmt)
            frame.pts, frame.time_base = pts, times.time_base
            for packet in stream.encode(frame):
                container.mux(packet)
            yield index + 1
        for packet in stream.encode():
            container.mux(packet)


def _command(
    program: str,
    source: Source,
    part: Path,
    encoding: Encoding,
    tracks: Sequence[Track],
    times: Timeline,
    start: int,
    stop: int,
    size: tuple[int, int],
) -> list[str]:
    frames = builder.input("pipe:0", f="nut", thread_queue_size=8)
    streams = [_converted(frames.video, source, encoding, size)]
    options: dict[str, Any] = {
        "c:0": encoding.encoder,
        **{f"{name}:0": value for name, value in (encoding.options | encoding.tags()).items()},
        "fps_mode:0": "passthrough",
        "enc_time_base:0": f"1/{times.ticks}",
        "max_muxing_queue_size": 4096,
    }
    whole = (start, stop) == (0, len(source.pts))
    if not source.files:
        streams += _others(source, tracks, times, start, stop, whole)
        options |= {"map_metadata": 1, "map_chapters": 1}
        # Two names of one stream, since ffmpeg-python gives an option but once.
        options |= {name: "=".join(tag) for name, tag in zip(_PICTURE_STREAM, source.tags, strict=False)}
        for place, track in enumerate(tracks, 1):
            options |= _track_options(place, track, times, whole)
    if not whole:
        options["t"] = _seconds(times.end * times.time_base)
    if source.variable_rate:
        # Else the last frame would be shown for an average time; nothing reads the other durations.
        options["bsf:0"] = f"setts=pts=PTS:dts=DTS:duration={times.end - times.pts[-1]}/{times.ticks}/TB"
    if part.suffix.lower() in (".mp4", ".mov"):
        options |= {"movflags": "+faststart", "video_track_timescale": times.ticks}
    command = [program, "-nostdin", "-hide_banner", "-nostats", "-loglevel", "warning", "-y"]
    if whole:  # keep the clip's clock: a sound track may begin before or after the picture
        command.append("-copyts")
    compiled: list[str] = builder.output(*streams, f"file:{part}", **options).compile(cmd=command)
    return compiled


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


def _others(source: Source, tracks: Sequence[Track], times: Timeline, start: int, stop: int, whole: bool) -> list[Any]:
    """The clip's other streams, on the clock of the result."""
    zero = offset(source, start, stop)
    if whole:
        timing = {"itsoffset": _seconds(-zero)} if zero else {}
    else:  # -ss counts from where the file begins
        timing = {"ss": _seconds(zero - source.origin)}
    clip = builder.input(f"file:{source.path}", **timing)
    # Without a stream of it, an input's tags and chapters could not be named: "?" maps what isn't there.
    return [clip[str(track.stream.index)] for track in tracks] or [clip["a:99?"]]


def _track_options(place: int, track: Track, times: Timeline, whole: bool) -> dict[str, Any]:
    options: dict[str, Any] = {f"c:{place}": track.encoder}
    if track.stream.kind == "audio" and track.encoder != "copy":
        options[f"filter:{place}"] = f"aformat=channel_layouts={_LAYOUTS}"
    if track.encoder in _SOUND_RATE:
        options[f"b:{place}"] = _SOUND_RATE[track.encoder] * track.stream.channels
    if track.stream.kind == "cover":
        options[f"disposition:{place}"] = "attached_pic"
    if whole:
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
