"""Which frames a video file has, and when they are shown: from its packets if they tell, else by decoding."""

from __future__ import annotations

import bisect
import itertools
import math
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
# Where more times than this share are useless, none is believed.
_MENDABLE = 0.2


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
    mended
        How many had no time of their own, or one that does not come after the frame before.
    """

    pts: tuple[int, ...]
    time_base: Fraction
    last_duration: int
    seekable: bool
    samples: Sequence[VideoFrame]
    mended: int = 0


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
        if clip.is_frame(packet, stream)
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
    time_base = stream.time_base or Fraction(1, 1000)
    pts, scale, mended = mend(times if not seekable else sorted(time for time in times if time is not None))
    if mended > _MENDABLE * len(times):
        rate = stream.average_rate or _ASSUMED_RATE
        return Survey(tuple(range(len(times))), 1 / rate, 1, False, samples)
    # Frames stored in another order than shown have durations of storage order, not of showing.
    last_duration = max(timed)[1] if timed and timed == sorted(timed) else 0
    return Survey(tuple(pts), time_base / scale, last_duration * scale, seekable, samples, mended)


def mend(times: Sequence[int | None]) -> tuple[list[int], int, int]:
    """Times that rise, in place of those that are missing or don't; all others are kept.

    Parameters
    ----------
    times
        Of the frames in the order shown.

    Returns
    -------
    pts, scale, mended
        Rising times in ticks `scale` times as fine, and how many of them are new.
    """
    good = _rising(times)
    if not good:
        return list(range(len(times))), 1, len(times)
    known = [(place, _time(times, place)) for place in good]
    rises = sorted(Fraction(late - early, b - a) for (a, early), (b, late) in itertools.pairwise(known))
    usual = rises[(len(rises) - 1) // 2] if rises else Fraction(1)
    exact = [known[0][1] + (place - known[0][0]) * usual for place in range(known[0][0])]
    for (a, early), (b, late) in itertools.pairwise(known):
        exact += [early + Fraction(late - early, b - a) * count for count in range(b - a)]
    last, end = known[-1]
    exact += [end + (place - last) * usual for place in range(last, len(times))]
    rounded = [round(time) for time in exact]
    scale = 1
    if any(late <= early for early, late in itertools.pairwise(rounded)):  # more frames than ticks
        scale = math.lcm(*(time.denominator for time in exact))
        rounded = [int(time * scale) for time in exact]
    return rounded, scale, len(times) - len(good)


def _rising(times: Sequence[int | None]) -> list[int]:
    """The places of the most times that rise: what is not among them is taken for a mistake."""
    ends: list[int] = []  # the least time in which a rising row of each length can end, …
    tails: list[int] = []  # … its place, …
    before: dict[int, int] = {}  # … and the place in front of each
    for place, time in enumerate(times):
        if time is None:
            continue
        length = bisect.bisect_left(ends, time)
        if ends[length : length + 1] == [time]:  # of frames at one time the first is right
            continue
        ends[length : length + 1] = [time]
        tails[length : length + 1] = [place]
        if length:
            before[place] = tails[length - 1]
    places = tails[-1:]
    while places and places[-1] in before:
        places.append(before[places[-1]])
    return places[::-1]


def _time(times: Sequence[int | None], place: int) -> int:
    time = times[place]
    assert time is not None
    return time
