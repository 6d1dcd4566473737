"""Frames handed to ffmpeg."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import IO

import av
import numpy as np
from av.video.frame import VideoFrame

from vidstyle.media.encode.encoders import Encoding
from vidstyle.media.encode.timeline import Timeline
from vidstyle.media.images.stills import quantise

_SLOWEST = Fraction(1, 1000)


def pipe_frames(
    pipe: IO[bytes],
    images: Iterable[np.ndarray | VideoFrame],
    encoding: Encoding,
    times: Timeline,
    size: tuple[int, int],
) -> Iterator[int]:
    """Write raw frames with their exact times to ffmpeg's standard input, as a NUT stream, and count them.

    The images, of that width and height, are (H, W, 3) float32 RGB, 0..1, or (H, W, 4) where `encoding` keeps opacity;
    or frames as a clip stores them.
    """
    bits = 16 if encoding.pixels.depth > 8 else 8
    # Colours are scaled to ffmpeg's white, as in decoding; opacity is not.
    gain = np.ones(4 if encoding.alpha else 3, np.float32)
    if bits == 16:
        gain[:3] = encoding.color.white(encoding.pixels.depth) / 65_535
    layout = {(8, False): "rgb24", (8, True): "rgba", (16, False): "rgb48le", (16, True): "rgba64le"}
    with av.open(pipe, "w", format="nut") as container:
        stream = container.add_stream("rawvideo", rate=_bounded(times.rate))
        stream.width, stream.height = size
        stream.time_base = stream.codec_context.time_base = times.time_base
        for index, (image, pts) in enumerate(zip(images, times.pts, strict=True)):
            if isinstance(image, VideoFrame):
                frame = image
            else:
                pixels = quantise(np.clip(image, 0, 1) * gain, bits)
                frame = av.VideoFrame.from_ndarray(pixels, format=layout[bits, encoding.alpha])
            if index == 0:
                stream.pix_fmt = frame.format.name
            frame.pts, frame.time_base = pts, times.time_base
            for packet in stream.encode(frame):
                container.mux(packet)
            yield index + 1
        for packet in stream.encode():
            container.mux(packet)


def _bounded(rate: Fraction) -> Fraction:
    """A rate in numbers that FFmpeg can hold; it only tells how many frames to expect, as each has its own time."""
    return rate if max(rate.numerator, rate.denominator) < 1 << 31 else rate.limit_denominator(1000) or _SLOWEST
