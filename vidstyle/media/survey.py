"""Which frames a video file has, and when they are shown: from its packets if they tell, else by decoding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from vidstyle.errors import InputError
from vidstyle.media import clip

# Enough to meet a field-coded frame behind a progressive logo.
_FRAMES_LOOKED_AT = 5
# These give no presentation times (AVI), or have packets without a frame: frames must be counted.
_COUNTED_FORMATS = ("avi",)
_COUNTED_CODECS = ("vp8",)
# For frames without any times, such as those of a bare H.264 stream.
_ASSUMED_RATE = Fraction(25)


@dataclass(frozen=True)
class Survey:
    """The frames of a video stream.

    Attributes
    ----------
    pts, time_base
        Presentation times, rising, in ticks, and seconds a tick.
    last_duration
        Of the last frame, in ticks; 0 if it is not told.
    seekable
        Whether frames can be found by their pts; else only by counting from the first.
    samples
        The first few, decoded.
    """

    pts: tuple[int, ...]
    time_base: Fraction
    last_duration: int
    seekable: bool
    samples: Sequence[VideoFrame]


class _Packet(NamedTuple):
    pts: int | None
    duration: int
    is_keyframe: bool
    is_discarded: bool


def survey(path: Path, container: InputContainer, stream: VideoStream) -> Survey:
    """The frames of a stream of a just opened container, which is read to its end.

    Raises
    ------
    InputError
        There is none.
    av.FFmpegError
        One can't be decoded.
    """
    # What is needed of each packet, and not the packet: all of them are the whole file.
    packets = [
        _Packet(packet.pts, packet.duration or 0, packet.is_keyframe, packet.is_discard)
        for packet in container.demux(stream)
        if packet.size
    ]
    times = [packet.pts for packet in packets if not packet.is_discarded]
    timed = [(packet.pts, packet.duration) for packet in packets if packet.pts is not None]
    seekable = (
        len(timed) == len(packets) > 0
        and len(set(times)) == len(times)
        # A stream that starts in mid-group has frames that can't be decoded.
        and packets[0].is_keyframe
        and packets[0].pts == min(timed)[0]
        and container.format.name not in _COUNTED_FORMATS
        and clip.codec_name(stream) not in _COUNTED_CODECS
    )
    with clip.opened(path) as again:  # not every format can go back to its beginning
        frames = clip.decode(again, clip.stream_at(again, stream.index))
        samples = list(islice(frames, _FRAMES_LOOKED_AT))
        if not seekable:
            times = [frame.pts for frame in samples]
            times += [frame.pts for frame in frames]
    if not samples:
        raise InputError(f"no frame of '{path}' can be decoded: is it cut short, or does it play elsewhere?")
    known = [pts for pts in times if pts is not None]
    if len(set(known)) < len(times):
        rate = stream.average_rate or _ASSUMED_RATE
        return Survey(tuple(range(len(times))), 1 / rate, 1, False, samples)
    # Frames stored in another order than shown have durations of storage order, not of showing.
    last_duration = max(timed)[1] if timed and timed == sorted(timed) else 0
    time_base = stream.time_base or Fraction(1, 1000)
    return Survey(tuple(sorted(known)), time_base, last_duration, seekable, samples)
