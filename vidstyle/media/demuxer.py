"""Opening a clip with PyAV: its picture stream, its packets, its decoded frames."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from vidstyle.errors import InputError
from vidstyle.media.formats import READING
from vidstyle.media.images.animated_webp import as_film, is_animated_webp
from vidstyle.media.refusals import refusal

# Before 19, PyAV refuses text that is no UTF-8 unless it is told to hand it on, as 19 always does.
_TOLERANT: dict[str, Any] = {} if int(av.__version__.split(".")[0]) >= 19 else {"metadata_errors": "surrogateescape"}

Line = tuple[int, str, str]
"""What FFmpeg says: level, speaker, words."""

# AVERROR_INVALIDDATA, as FFmpeg's headers spell it.
_INVALID_DATA = int.from_bytes(b"INDA", "little")
# FFmpeg's own VP8 and VP9 decoders leave out the opacity that WebM keeps beside the picture.
_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


@contextmanager
def opened(path: Path, log_lines: list[Line] | None = None) -> Iterator[InputContainer]:
    """A clip's container, for reading; what FFmpeg finds wrong while it opens the file is added to `log_lines`.

    Raises
    ------
    av.FFmpegError, OSError
        The file can't be opened.
    """
    # "file:" keeps names such as "a:b.mp4" or "http…" from being taken for an address.
    name: Any = as_film(path) if path.is_file() and is_animated_webp(path) else f"file:{path}"
    if log_lines is None:
        container = av.open(name, options=dict(READING), **_TOLERANT)
    else:
        with capture_log(log_lines):
            container = av.open(name, options=dict(READING), **_TOLERANT)
    with container:
        yield container


@contextmanager
def capture_log(log_lines: list[Line]) -> Iterator[None]:
    """Add to `log_lines` what FFmpeg finds wrong during the block.

    Nothing may be decoded in the block: a decoder's threads would wait for this one to take their messages.
    """
    level, skipping = av.logging.get_level(), av.logging.get_skip_repeated()
    av.logging.set_skip_repeated(False)
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture() as lines:
            yield
    finally:
        av.logging.set_level(level)
        av.logging.set_skip_repeated(skipping)
        log_lines.extend(lines)


def picture_stream(container: InputContainer) -> VideoStream | None:
    """The video stream that players show: the largest that is no cover picture."""
    streams = [stream for stream in container.streams.video if not is_cover(stream)]
    if not streams:
        return None

    def rank(stream: VideoStream) -> tuple[bool, bool, int]:
        # An animated AVIF holds a single picture, too.
        return bool(stream.disposition & Disposition.default), stream.frames != 1, _pixels(stream)

    return max(streams, key=rank)  # of equals, the first


def stream_at(container: InputContainer, index: int) -> VideoStream:
    """The video stream at a place in the file."""
    stream = container.streams[index]
    assert isinstance(stream, VideoStream)
    return stream


def fraction(rational: Any) -> Fraction | None:
    """A rate or a time base of PyAV's as a fraction; None where it is not set.

    From 19 on it is of a kind of its own, which can't be rounded, and which may have a denominator of 0.
    """
    return Fraction(rational) if rational else None


def tags_of(tagged: InputContainer | av.stream.Stream) -> dict[str, str]:
    """The tags of a file or a stream, by name; what in them is no UTF-8 becomes replacement characters."""
    return {utf8_text(key): utf8_text(text) for key, text in tagged.metadata.items()}


def utf8_text(text: str) -> str:
    """The text without surrogates, which stand for what is no UTF-8 and can be neither printed nor saved."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def is_cover(stream: VideoStream) -> bool:
    """Whether a video stream is a picture attached to the file rather than a film."""
    return bool(stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails))


def has_hidden_alpha(stream: VideoStream) -> bool:
    """Whether WebM keeps an opacity channel beside the coded picture."""
    return codec_name(stream) in _ALPHA_DECODERS and stream.metadata.get("alpha_mode") == "1"


def codec_name(stream: av.stream.Stream) -> str:
    """The codec's name in FFmpeg ("h264"), not its decoder's ("libdav1d"); empty if it is not known."""
    context = getattr(stream, "codec_context", None)
    return context.codec.canonical_name if context is not None else ""


class Decoder:
    """The stream's frames in the order shown, from where its container stands, not turned.

    What can't be decoded is passed over, and so is what comes after a place where the file can't be read.

    Parameters
    ----------
    container, stream
        Opened, and not read by anybody else.
    threads
        Whether several may be used. A damaged frame is the same each time only without them.

    Attributes
    ----------
    packet_times
        The presentation times, in ticks, of the packets so far; None is among them if one has none.
    unchanged_times
        Those of packets that only say that the picture stays as it is.
    undecodable
        How many of them could not be decoded.
    read_error
        What ended the reading before the file's end, or None.
    """

    def __init__(self, container: InputContainer, stream: VideoStream, threads: bool = True) -> None:
        self.packet_times: set[int | None] = set()
        self.unchanged_times: set[int | None] = set()
        self.undecodable = 0
        self.read_error: av.FFmpegError | None = None
        self._container, self._stream = container, stream
        self._context: VideoCodecContext = stream.codec_context
        if has_hidden_alpha(stream):
            context = av.CodecContext.create(_ALPHA_DECODERS[codec_name(stream)], "r")
            assert isinstance(context, VideoCodecContext)
            self._context = context
        elif threads:
            stream.thread_type = "AUTO"

    def __iter__(self) -> Iterator[VideoFrame]:
        for packet in self._packets():
            self.packet_times.add(packet.pts)
            if packet.size:
                yield from self._decoded(packet)
            else:  # a decoder would take it for the end
                self.unchanged_times.add(packet.pts)
        yield from self._decoded(None)

    def _packets(self) -> Iterator[Packet[Any]]:
        try:
            yield from packets(self._container, self._stream)
        except av.FFmpegError as error:
            self.read_error = error

    def _decoded(self, packet: Packet[Any] | None) -> list[VideoFrame]:
        try:
            frames = self._context.decode(packet)
        except av.FFmpegError:
            self.undecodable += packet is not None
            return []
        for frame in frames:
            frame.time_base = frame.time_base or self._stream.time_base
        return frames


def sizes_refused(log_lines: Iterable[Line]) -> list[tuple[int, int]]:
    """Width and height of the pictures that FFmpeg found too large for itself, as it never shows them otherwise."""
    found = (re.search(r"Picture size (\d+)x(\d+) is invalid", text) for _, _, text in log_lines)
    return [(int(size[1]), int(size[2])) for size in found if size]


def error_text(error: av.FFmpegError) -> str:
    """What FFmpeg means by an error, in its words."""
    return str(error.log[-1]).strip() if error.log else str(error.strerror)


def packets(container: InputContainer, *streams: av.stream.Stream) -> Iterator[Packet[Any]]:
    """The packets of some streams (none named: of all), without those that PyAV makes up to mark the end.

    A stream that shows up only later is none of them.

    Raises
    ------
    av.FFmpegError
        The file can't be read on.
    """
    try:
        for packet in container.demux(*(streams or container.streams)):
            if packet.size or packet.dts is not None or packet.pts is not None:
                yield packet
    except IndexError as error:  # PyAV's, of a stream that shows up later
        raise av.InvalidDataError(_INVALID_DATA, "a stream begins in the middle of the file") from error


def input_error(path: Path, error: Exception) -> InputError:
    """The sentence for a clip that PyAV refused."""
    if isinstance(error, OSError) and (said := refusal(path, error)) is not None:
        return said
    if getattr(error, "errno", None) == errno.EINVAL:
        return InputError(
            f"'{path}' is no video of a kind that is opened: a playlist, a list of files and a text are none. Name the "
            "video itself, or convert it to MP4 or MKV first."
        )
    # Without a line of FFmpeg's log, all that is known is "invalid argument" or "invalid data".
    how = f" (ffmpeg says: {error_text(error)})" if isinstance(error, av.FFmpegError) and error.log else ""
    return InputError(
        f"'{path}' is no video that can be read{how}. If it plays elsewhere, convert it to MP4 or MKV first; if it "
        "doesn't, copy or download it again."
    )


def _pixels(stream: VideoStream) -> int:
    return stream.codec_context.width * stream.codec_context.height if stream.codec_context else 0


def library_licence() -> str:
    """What PyAV, with the FFmpeg in it, is passed on under: it calls itself LGPL, which x264 and x265 are not."""
    return "the GPL (x264, x265)" if {"libx264", "libx265"} & av.codecs_available else "the LGPL"
