"""What of a clip is gone or broken, in words, and whether that stops the run."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from vidstyle.errors import InputError
from vidstyle.media.demuxer import fraction
from vidstyle.media.frame_rate import Timing
from vidstyle.media.images.animated_webp import is_animated_webp, lost_frames
from vidstyle.media.probe.frame_index import FrameIndex
from vidstyle.media.truncation import missing_bytes, zeroed_bytes
from vidstyle.ranges import format_numbers, format_ranges
from vidstyle.settings import OnDamage

FEW = 3
"""So many frames may be gone or broken without anybody being asked: a broken one at the end is common."""

# Formats that state no duration: FFmpeg computes one from what is there.
_WITHOUT_DURATION = ("mpegts", "mpeg")
# Seconds: headers differ in how they count the end of a sound, the last packet's length, or a start after 0.
_SLACK = Fraction(1, 10)
# Formats that state how long the picture is, apart from the sound.
_OWN_DURATION = ("mov,mp4,m4a,3gp,3g2,mj2", "mxf")
# A sound that begins so many seconds before the first frame, or goes on after the last one, is worth a warning.
_LONGER_SOUND = Fraction(1, 2)
# Frames: many writers of AVI count one that is never there.
_AVI_SLACK = 1
# If two frames are this many usual steps apart, others are missing between them.
_GAP = Fraction(3, 2)
# The share of steps that must be alike for a gap to be counted in frames.
_STEADY = 0.8
# Formats in which only a small index may follow the last packet: less than a share of the file, or so many bytes.
_WITHOUT_INDEX = ("swf", "flv", "asf", "dv", "gif", "apng", "yuv4mpegpipe", "mpeg", "mpegts")
_UNREAD = 0.1
_UNREAD_BYTES = 8192
# Formats made for a constant rate, in which a gap is no pause.
_CONSTANT = ("mxf", "gxf", "mpeg", "mpegts", "dv")
# Formats that hold nothing but frames, without their number or times. Zeros may fill up a frame to its share of a
# constant bit rate; a run of zeros as long as this many frames is frames that are gone.
_BARE = ("h264", "hevc", "vvc", "mpegvideo", "m4v", "cavsvideo")
_FILLED = 4
# Formats of which every byte belongs to a frame.
_FIXED = ("yuv4mpegpipe", "dv")


@dataclass(frozen=True)
class Loss:
    """What is not there, or not as it was, in words that follow "the clip is".

    About so many frames are gone or broken; None if nobody knows. `instead` is what becomes of it if the clip is
    painted all the same.
    """

    what: str
    frames: int | None
    instead: str = "what is there is painted"


def accept_losses(path: Path, losses: Sequence[Loss], on_damage: OnDamage, few: int = FEW) -> tuple[str, ...]:
    """A sentence for each loss, for a clip that is painted all the same.

    Raises
    ------
    InputError
        More than a `few` frames are gone, and the user has not said that what is there is to be painted.
    """
    known = [loss.frames for loss in losses if loss.frames is not None]
    if on_damage == "stop" and losses and (len(known) < len(losses) or sum(known) > few):
        raise InputError(
            f"'{path}' is {'; it is '.join(loss.what for loss in losses)}. "
            "Copy or download it again, or paint what is there with --on-damage paint."
        )
    return tuple(f"the clip is {loss.what}: {loss.instead}." for loss in losses)


def losses_of_pictures(gaps: Sequence[tuple[int, int]], broken: Sequence[InputError]) -> tuple[Loss, ...]:
    """What numbered pictures lack, by the first and the last of each run of missing numbers, and by what is broken."""
    gone = sum(last - first + 1 for first, last in gaps)
    numbers = format_ranges(gaps, most=8)
    reasons = "; ".join(str(error).rstrip(".") for error in broken[:3])
    more = f"; so are {len(broken) - 3} more pictures" if len(broken) > 3 else ""
    losses = (Loss(f"without {gone} of its pictures ({numbers})", gone), Loss(f"broken: {reasons}{more}", len(broken)))
    return tuple(loss for loss in losses if loss.frames)


def losses_of_file(
    path: Path, container: InputContainer, stream: VideoStream, frames: FrameIndex, timing: Timing
) -> tuple[Loss, ...]:
    """What the file's own headers, size and other streams promise beyond the frames that are there.

    Raises
    ------
    OSError
        The file can't be read.
    """
    count, size = len(frames.pts), path.stat().st_size
    end = _after(count - 1, frames)
    words = frames.complaints
    quote = f" (ffmpeg says: {words[0]})" if words else ""
    gone = _promised(container, stream, frames, timing)
    missing, exact = missing_bytes(path)
    if missing:
        if exact:
            gone = max(gone, round(count * Fraction(missing, size)))
        and_frames = f", and with them about {gone} of {count + gone} frames" if gone else ""
        amount = f"{_megabytes(missing)} of {_megabytes(missing + size)}" if exact else f"{missing} bytes or more"
        what = f"cut short: {amount} are missing or can't be read{and_frames}, {end}{quote}"
        return (Loss(what, gone if exact else gone or None),)
    if is_animated_webp(path):
        return _losses_of_animation(path)
    unread = size - frames.read if frames.read and container.format.name in _WITHOUT_INDEX else 0
    if unread > max(_UNREAD * size, _UNREAD_BYTES):
        gone = max(gone, round(count * Fraction(unread, frames.read)))
    if gone:
        return (Loss(f"damaged: about {gone} of {count + gone} frames are gone, {end}{quote}", gone),)
    if unread and container.format.name in _FIXED:
        return (Loss(f"cut short: it ends in the middle of frame {count + 1}", None),)
    if container.format.name in _BARE and (zeros := zeroed_bytes(path, _FILLED * size // count)):
        gone = max(1, round(count * Fraction(zeros, max(1, size - zeros))))
        what = f"damaged: {_megabytes(zeros)} of {_megabytes(size)} are zeros, and {gone} frames or more are gone"
        return (Loss(f"{what}{quote}", gone),)
    reason = words or container.format.name in _CONSTANT
    steps = missing_after(frames.pts, None if reason else frames.corrupt)
    gone = max(sum(steps.values()), frames.undecodable)
    if gone:
        where = f", {_places(steps, frames)}" if steps else ""
        return (Loss(f"damaged: about {gone} of {count + gone} frames are gone{where}{quote}", gone),)
    if words:
        return (Loss(f"damaged in places{quote}, but no frame seems to be gone", 0),)
    if pauses := missing_after(frames.pts, None):
        what = f"perhaps damaged: frames are gone or the picture stands still, {_places(pauses, frames)}"
        return (Loss(what, 0, "each frame keeps its own time"),)
    if stream.index not in frames.ends:
        return ()
    earlier = frames.pts[0] * frames.time_base - min(frames.begins.values())
    longer = max(frames.ends.values()) - frames.ends[stream.index]
    found = []
    if earlier > _LONGER_SOUND:
        found.append(Loss(f"perhaps damaged: its sound begins {float(earlier):.1f} s before the first frame", 0))
    if longer > _LONGER_SOUND:
        found.append(Loss(f"perhaps damaged: its sound goes on for {float(longer):.1f} s after the last frame", 0))
    return tuple(found)


def _losses_of_animation(path: Path) -> tuple[Loss, ...]:
    count, lost = lost_frames(path)
    if not lost:
        return ()
    numbers = format_numbers([index + 1 for index in lost], most=8)
    what = f"damaged: {len(lost)} of {count} frames ({numbers}) can't be read"
    return (Loss(what, len(lost), "the frame before is shown longer instead"),)


def missing_after(pts: Sequence[int], near: Sequence[int] | None) -> dict[int, int]:
    """How many frames are missing after a frame, by its index, in a clip that is damaged.

    The times rise, in ticks; nothing can be said of a clip whose rate varies. Only gaps beside the damaged frames,
    `near`, count; None: all do.
    """
    steps = [late - early for early, late in itertools.pairwise(pts)]
    usual = sorted(steps)[len(steps) // 2] if steps else 1
    # Times that were rounded differ by a tick.
    if sum(abs(step - usual) <= 1 for step in steps) < _STEADY * len(steps):
        return {}
    beside = None if near is None else {step for index in near for step in (index - 1, index)}
    return {
        index: round(Fraction(step, usual)) - 1
        for index, step in enumerate(steps)
        if step > _GAP * usual + 1 and (beside is None or index in beside)
    }


def _places(steps: Mapping[int, int], frames: FrameIndex) -> str:
    first = _after(min(steps), frames)
    return first if len(steps) == 1 else f"in {len(steps)} places, the first {first}"


def _after(index: int, frames: FrameIndex) -> str:
    return f"after frame {index + 1} (at {float((frames.pts[index] - frames.pts[0]) * frames.time_base):.2f} s)"


def _promised(container: InputContainer, stream: VideoStream, frames: FrameIndex, timing: Timing) -> int:
    """How many frames the headers promise after the last one that is there."""
    name, rate = container.format.name, timing.frame_rate
    if name == "avi" and stream.frames:
        return max(0, stream.frames - len(frames.pts) - _AVI_SLACK)
    base = fraction(stream.time_base) or Fraction(1)
    durations = [Fraction(stream.duration) * base] if stream.duration else []
    if container.duration:
        durations.append(Fraction(container.duration, av.time_base))
    if container.format.name in _WITHOUT_DURATION or not frames.ends or not durations:
        return 0
    end = max(frames.ends.values())
    if name in _OWN_DURATION and stream.duration:
        if name in _CONSTANT:
            return max(0, round(durations[0] * (fraction(stream.average_rate) or rate)) - len(frames.pts))
        end, durations = frames.ends.get(stream.index, end), durations[:1]
    if max(durations) <= end + max(_SLACK, FEW / rate):
        return 0
    return round((max(durations) - frames.ends.get(stream.index, end)) * rate)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size} bytes"
