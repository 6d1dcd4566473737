"""Which frames a video file has, and when they are shown: from its packets if they tell, else by decoding."""

import itertools
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from vidstyle.errors import InputError
from vidstyle.media import demuxer
from vidstyle.media.probe.timestamps import repair_timestamps

# So many that a field-coded frame is among them, even behind a progressive logo.
_FRAMES_LOOKED_AT = 5
# Formats and codecs without presentation times (AVI), or with packets that hold no frame: frames must be counted.
_COUNTED_FORMATS = ("avi",)
_COUNTED_CODECS = ("vp8",)
# These decoders have no threads, so that their log can be captured, and conceal an error without marking the frame.
_LOGGED_CODECS = ("gif",)
# Seconds; a packet that claims to last longer is wrong about it.
_LONGEST_PACKET = 3600
# Taken for frames without any times, such as those of a bare H.264 stream.
_ASSUMED_RATE = Fraction(25)
# If more times than this share are wrong, all are replaced by even ones.
_MENDABLE = 0.2


@dataclass(frozen=True)
class FrameIndex:
    """The frames of a video stream.

    Attributes
    ----------
    pts, time_base
        Presentation times, rising, in ticks, and seconds a tick.
    last_duration
        Of the last frame, in ticks; 0 if it is not known.
    seekable
        Whether frames can be found by their pts; else only by counting from the first.
    samples
        The first few, decoded.
    repaired
        How many had no time of their own, or one that does not come after the frame before.
    undecodable, corrupt
        Where all were decoded: how many packets could not be, and the frames that the decoder had to repair.
    begins, ends
        When each stream's first packet begins and its last one ends, in seconds, by its index in the file.
    read
        How many bytes of the file were read as packets, up to the end of the last one; 0 if it is not known.
    complaints
        What FFmpeg found wrong with the container, in its words.
    """

    pts: tuple[int, ...]
    time_base: Fraction
    last_duration: int
    seekable: bool
    samples: Sequence[VideoFrame]
    repaired: int = 0
    undecodable: int = 0
    corrupt: tuple[int, ...] = ()
    begins: Mapping[int, Fraction] = field(default_factory=dict)
    ends: Mapping[int, Fraction] = field(default_factory=dict)
    read: int = 0
    complaints: tuple[str, ...] = ()


class _Packet(NamedTuple):
    pts: int | None
    duration: int
    is_keyframe: bool
    is_discarded: bool


@dataclass
class _Contents:
    """What reading a file's packets tells."""

    packets: list[_Packet] = field(default_factory=list)
    begins: dict[int, Fraction] = field(default_factory=dict)
    ends: dict[int, Fraction] = field(default_factory=dict)
    read: int = 0
    complaints: tuple[str, ...] = ()


def index_frames(
    path: Path, container: InputContainer, stream: VideoStream, log_lines: Sequence[demuxer.Line] = ()
) -> FrameIndex:
    """The frames of a stream of a just opened container, which is read to its end.

    `log_lines` are what FFmpeg found wrong while it was opened.

    Raises
    ------
    InputError
        The stream has no frame.
    av.FFmpegError
        The file can't be opened again.
    """
    contents = _contents(container, stream, list(log_lines))
    packets = contents.packets
    times = [packet.pts for packet in packets if not packet.is_discarded]
    timed = [(packet.pts, packet.duration) for packet in packets if packet.pts is not None]
    seekable = (
        len(timed) == len(packets) > 0
        and len(set(times)) == len(times)
        # A stream that starts in the middle of a group has frames that can't be decoded.
        and packets[0].is_keyframe
        and packets[0].pts == min(timed)[0]
        and container.format.name not in _COUNTED_FORMATS
        and demuxer.codec_name(stream) not in _COUNTED_CODECS
    )
    corrupt: list[int] = []
    decoder_log: list[demuxer.Line] = []
    is_logged = demuxer.codec_name(stream) in _LOGGED_CODECS
    with demuxer.opened(path) as again:  # not every format can go back to its beginning
        decoder = demuxer.Decoder(again, demuxer.stream_at(again, stream.index), threads=not is_logged)
        with demuxer.capture_log(decoder_log) if is_logged else nullcontext():
            frames = iter(decoder)
            samples = list(islice(frames, _FRAMES_LOOKED_AT))
            if is_logged or not seekable:
                decoded = [(frame.pts, frame.is_corrupt) for frame in itertools.chain(samples, frames)]
                times = times if seekable else [pts for pts, _ in decoded]
                corrupt = [index for index, (_, is_corrupt) in enumerate(decoded) if is_corrupt]
    if not samples:
        raise InputError(
            f"no frame of '{path}' can be decoded. If it plays elsewhere, convert it to MP4 or MKV first; if it "
            "doesn't, it is damaged or cut short: copy or download it again."
        )
    found: dict[str, Any] = {
        "samples": samples,
        "undecodable": 0 if seekable else decoder.undecodable,
        "corrupt": tuple(corrupt),
        "begins": contents.begins,
        "ends": contents.ends,
        "read": contents.read,
        "complaints": (*contents.complaints, *dict.fromkeys(text.strip() for _, _, text in decoder_log)),
    }
    time_base = demuxer.fraction(stream.time_base) or Fraction(1, 1000)
    pts, scale, repaired = repair_timestamps(
        times if not seekable else sorted(time for time in times if time is not None)
    )
    if repaired > _MENDABLE * len(times):
        rate = demuxer.fraction(stream.average_rate) or _ASSUMED_RATE
        # A transport stream's clock, which its sound goes by, began before the file.
        begin = round(next((time for time in times if time is not None), 0) * time_base * rate)
        return FrameIndex(tuple(range(begin, begin + len(times))), 1 / rate, 1, False, **found)
    # Frames stored in another order than shown have durations of storage order, not of showing.
    last_duration = max(timed)[1] if timed and timed == sorted(timed) else 0
    return FrameIndex(tuple(pts), time_base / scale, last_duration * scale, seekable, repaired=repaired, **found)


def glance_frames(path: Path, stream: VideoStream) -> FrameIndex | None:
    """The frames of a stream as the file's own index tells, so that no packet need be read.

    None where there is none, or where frames are not evenly spaced: an index has times of decoding alone.

    Raises
    ------
    InputError, av.FFmpegError
        As :func:`index_frames`.
    """
    times = [entry.timestamp for entry in getattr(stream, "index_entries", ())]  # older PyAV has none
    steps = {later - earlier for earlier, later in itertools.pairwise(times)}
    time_base = demuxer.fraction(stream.time_base)
    if len(times) != stream.frames or len(steps) != 1 or time_base is None:
        return None
    step = steps.pop()
    with demuxer.opened(path) as container:
        samples = list(
            islice(demuxer.Decoder(container, demuxer.stream_at(container, stream.index)), _FRAMES_LOOKED_AT)
        )
    first = samples[0].pts if samples else None
    if first is None or [frame.pts for frame in samples] != [first + number * step for number in range(len(samples))]:
        return None
    return FrameIndex(tuple(range(first, first + step * len(times), step)), time_base, step, True, samples)


def _contents(container: InputContainer, stream: VideoStream, log_lines: list[demuxer.Line]) -> _Contents:
    found = _Contents()
    trouble: tuple[str, ...] = ()
    incomplete = 0
    try:
        with demuxer.capture_log(log_lines):
            for packet in demuxer.packets(container):
                # Only what is needed of each packet is kept: all packets together are the whole file.
                duration, time = packet.duration or 0, packet.pts if packet.pts is not None else packet.dts
                if packet.stream_index == stream.index:
                    found.packets.append(_Packet(packet.pts, duration, packet.is_keyframe, packet.is_discard))
                if time is not None and not packet.is_discard:
                    if duration * packet.time_base > _LONGEST_PACKET:  # Ogg's last one may last less than nothing
                        duration = 0
                    begin, end = time * packet.time_base, (time + duration) * packet.time_base
                    found.begins[packet.stream_index] = min(begin, found.begins.get(packet.stream_index, begin))
                    found.ends[packet.stream_index] = max(end, found.ends.get(packet.stream_index, end))
                incomplete += packet.is_corrupt
                found.read = max(found.read, (packet.pos or 0) + packet.size)
    except av.FFmpegError as error:
        trouble = (demuxer.error_text(error),)
    # Only the container's messages count: decoders complain, too, of what they can't know yet.
    container_words = (text.strip() for _, name, text in log_lines if name == container.format.name)
    if incomplete:
        trouble = (*trouble, f"{incomplete} packets are incomplete" if incomplete > 1 else "a packet is incomplete")
    found.complaints = tuple(dict.fromkeys((*container_words, *trouble)))
    return found
