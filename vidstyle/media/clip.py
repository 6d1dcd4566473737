"""Opening a clip with PyAV: its picture stream, its packets, its decoded frames."""

from __future__ import annotations

import errno
import math
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from av.packet import Packet
from av.sidedata.sidedata import Type as SideData
from av.stream import Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from vidstyle.errors import InputError

# FFmpeg's own VP8 and VP9 decoders leave out the opacity that WebM keeps beside the picture.
_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
# An empty packet of these is a frame, too: the one before once more.
_REPEATING = ("theora",)


@contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """A clip's container, for reading.

    Raises
    ------
    av.FFmpegError, OSError
        It can't be opened.
    """
    # "file:" keeps names such as "a:b.mp4" or "http…" from being taken for an address.
    with av.open(f"file:{path}", metadata_errors="replace") as container:
        yield container


def picture_stream(container: InputContainer) -> VideoStream | None:
    """The video stream that players show: the largest that is no cover picture."""
    streams = [stream for stream in container.streams.video if not is_cover(stream)]
    if not streams:
        return None
    # Of equals, the first.
    return max(streams, key=lambda stream: (bool(stream.disposition & Disposition.default), _pixels(stream)))


def stream_at(container: InputContainer, index: int) -> VideoStream:
    """The video stream at a place in the file."""
    stream = container.streams[index]
    assert isinstance(stream, VideoStream)
    return stream


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


def decode(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """The stream's frames in the order shown, from where the container stands, not turned.

    Raises
    ------
    av.FFmpegError
        A packet that can't be decoded.
    """
    if has_hidden_alpha(stream):
        context = av.CodecContext.create(_ALPHA_DECODERS[codec_name(stream)], "r")
        assert isinstance(context, VideoCodecContext)
        for packet in container.demux(stream):
            yield from context.decode(packet if packet.size else None)
    elif codec_name(stream) in _REPEATING:
        yield from _repeated(container, stream)
    else:
        stream.thread_type = "AUTO"
        yield from container.decode(stream)


def is_frame(packet: Packet[Any], stream: VideoStream) -> bool:
    """Whether a packet stands for a frame."""
    return packet.size > 0 or (packet.pts is not None and codec_name(stream) in _REPEATING)


def _repeated(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """The frames of a stream in which an empty packet, which FFmpeg refuses, shows the frame before once more."""
    before: VideoFrame | None = None
    for packet in container.demux(stream):
        if packet.size or packet.pts is None:
            for before in packet.decode():
                yield before
        elif before is not None:
            again = VideoFrame.from_ndarray(before.to_ndarray(), format=before.format.name)
            again.pts, again.time_base = packet.pts, packet.time_base
            again.colorspace, again.color_range = before.colorspace, before.color_range
            before = again
            yield again


def orientation(frame: VideoFrame) -> tuple[int, bool]:
    """How a decoded frame is to be shown: turned clockwise (0, 90, 180 or 270 degrees), then mirrored.

    From the display matrix (ISO/IEC 14496-12 section 8.2.2): x' = a x + c y, y' = b x + d y, y downwards.
    """
    # PyAV's stub calls this a mapping by name; it is one by type.
    matrix: Any = frame.side_data.get(SideData.DISPLAYMATRIX)  # type: ignore[call-overload]
    if matrix is None:
        return 0, False
    a, b, _, c, d, *_ = struct.unpack("=9i", bytes(matrix))
    mirrored = a * d - b * c < 0
    turn = math.degrees(math.atan2(b, -a if mirrored else a))
    return round(turn / 90) * 90 % 360, mirrored


def input_error(path: Path, error: Exception) -> InputError:
    """The sentence for a clip that PyAV refused."""
    if isinstance(error, FileNotFoundError):
        return InputError(f"there is no file '{path}': check the name.")
    if isinstance(error, PermissionError) and error.errno == errno.EACCES:
        return InputError(f"'{path}' may not be read: change its permissions.")
    # Not permitted is what a text file that lists other files gets.
    if isinstance(error, (av.InvalidDataError, av.DecoderNotFoundError, PermissionError)):
        return InputError(f"'{path}' is no video that can be read: is it a video file, and does it play elsewhere?")
    return InputError(f"'{path}' can't be read: {getattr(error, 'strerror', None) or error}.")


def _pixels(stream: VideoStream) -> int:
    return stream.codec_context.width * stream.codec_context.height if stream.codec_context else 0
