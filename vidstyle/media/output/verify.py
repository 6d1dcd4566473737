"""Is a finished file what it was meant to be? Decoded to its end and compared."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
from PIL import Image, ImageSequence

from vidstyle.errors import InputError, StorageError
from vidstyle.media import demuxer
from vidstyle.media.encode.streams import OutputTrack
from vidstyle.media.encode.timeline import Timeline
from vidstyle.media.images.pictures import read_image_alpha
from vidstyle.media.images.plates import describe_plate, holds_light, read_plate, require_ends

# Seconds: the length of a long packet, and of the silence that encoders add before and after.
_SOUND_SLACK = 0.25


class Mismatch(StorageError):
    """A file is not what was meant; `what` says in which way."""

    def __init__(self, output: Path, what: str) -> None:
        super().__init__(
            f"'{output}' was encoded but is not right: {what}. It was not kept. Try another format, such as .mkv or "
            ".mp4, or another ffmpeg (--ffmpeg)."
        )
        self.what = what


def verify(
    part: Path, output: Path, times: Timeline, size: tuple[int, int], tracks: Sequence[OutputTrack] | None
) -> None:
    """Decode every frame of `part` and compare size, number, times, duration and streams with what was meant.

    Where `tracks` is None, the streams beside the picture are not looked at.

    Raises
    ------
    StorageError
        The file differs; the message calls it `output`.
    """
    if part.suffix.lower() == ".webp":
        _verify_webp(part, output, times, size)
        return
    try:
        with demuxer.opened(part) as container:
            stream = demuxer.picture_stream(container)
            if stream is None:
                raise Mismatch(output, "it has no video stream")
            shown: list[int | None] = []
            decoder = demuxer.Decoder(container, stream)
            for frame in decoder:
                if (frame.width, frame.height) != size:
                    raise Mismatch(output, f"a frame is {frame.width}×{frame.height}, not {size[0]}×{size[1]}")
                if frame.is_corrupt:
                    raise Mismatch(output, f"frame {len(shown) + 1} is damaged")
                shown.append(frame.pts)
            if decoder.undecodable or decoder.read_error is not None:
                raise Mismatch(output, f"a frame after frame {len(shown)} can't be decoded")
            time_base = demuxer.fraction(stream.time_base) or Fraction(1, 1000)
            # Matroska tells how long the whole file is, sound included, not the picture.
            matroska = "matroska" in container.format.name
            duration = None if stream.duration is None or matroska else stream.duration * time_base
            kinds = sorted(other.type for other in container.streams if other.type in ("audio", "subtitle"))
    except (av.FFmpegError, OSError) as error:
        raise Mismatch(output, f"it can't be decoded ({error})") from error
    if len(shown) != len(times.pts):
        raise Mismatch(output, f"it has {len(shown)} frames, not {len(times.pts)}")
    tick = max(time_base, times.time_base)
    # Matroska has no times before 0: if a sound begins there, picture and sound are shifted alike.
    shift = (shown[0] or 0) * time_base - times.pts[0] * times.time_base if matroska else Fraction(0)
    for index, (pts, meant) in enumerate(zip(shown, times.pts, strict=True)):
        if pts is None or abs(pts * time_base - meant * times.time_base - shift) > tick:
            raise Mismatch(output, f"frame {index + 1} is shown at the wrong time")
    length = Fraction(times.end - times.pts[0], times.ticks)
    if duration is not None and abs(duration - length) > tick:
        raise Mismatch(output, f"it lasts {float(duration):.3f} s, not {float(length):.3f} s")
    if tracks is None:
        return
    meant_kinds = sorted(track.stream.kind for track in tracks if track.stream.kind in ("audio", "subtitle"))
    if kinds != meant_kinds:
        raise Mismatch(output, f"it has the streams {kinds}, not {meant_kinds}")
    _verify_sounds(part, output, times, [track for track in tracks if track.stream.kind == "audio"], shift)


def _verify_sounds(part: Path, output: Path, times: Timeline, tracks: Sequence[OutputTrack], shift: Fraction) -> None:
    """Compare when each sound begins and ends, by its packets, with when the clip's own does."""
    try:
        with demuxer.opened(part) as container:
            sounds = list(container.streams.audio)
            spans: dict[int, list[Fraction]] = {sound.index: [] for sound in sounds}
            for packet in demuxer.packets(container, *sounds) if sounds else ():
                if packet.pts is not None:
                    first = packet.pts * packet.time_base
                    last = first + (packet.duration or 0) * packet.time_base
                    span = spans[packet.stream_index] or [first, last]
                    spans[packet.stream_index] = [min(span[0], first), max(span[1], last)]
    except (av.FFmpegError, OSError) as error:
        raise Mismatch(output, f"its sound can't be read ({error})") from error
    length = times.end * times.time_base
    for track, span in zip(tracks, spans.values(), strict=True):
        if track.file or track.stream.begin is None or track.stream.end is None:
            continue
        # Only some containers can hold sound before 0.
        begin = max(track.stream.begin - float(times.zero), 0.0)
        end = min(track.stream.end - float(times.zero), float(length))
        if end - begin <= _SOUND_SLACK:
            continue
        found = [float(time - shift) for time in span] or [0.0, 0.0]
        if found[0] > begin + _SOUND_SLACK or found[1] < end - _SOUND_SLACK:
            raise Mismatch(
                output,
                f"its sound ({track}) is heard from {found[0]:.2f} to {found[1]:.2f} s, not from {begin:.2f} to "
                f"{end:.2f} s; --audio convert may bring it along",
            )


def verify_picture(part: Path, output: Path, size: tuple[int, int]) -> None:
    """Decode a picture that was written, and compare its size with what was meant (an EXR or DPX file has its own).

    Raises
    ------
    StorageError
        The picture differs; the message calls it `output`.
    """
    try:
        if holds_light(part):
            require_ends(part)
            read_plate(part, describe_plate(part).data_window)
            return
        values = read_image_alpha(part)[0]
    except InputError as error:
        raise StorageError(f"'{output}': a picture that was written can't be read again: {error}") from error
    found = (values.shape[1], values.shape[0])
    if found != size:
        raise StorageError(
            f"'{output}': a picture was written with {found[0]}×{found[1]} pixels, not {size[0]}×{size[1]}."
        )


def _verify_webp(part: Path, output: Path, times: Timeline, size: tuple[int, int]) -> None:
    """The same for an animated WebP, which FFmpeg writes but doesn't read; equal frames are one that lasts longer."""
    begins, begin = [], times.pts[0]
    try:
        with Image.open(part) as picture:
            if picture.size != size:
                raise Mismatch(output, f"a frame is {picture.width}×{picture.height}, not {size[0]}×{size[1]}")
            if not getattr(picture, "is_animated", False):  # of frames that are all alike it makes a picture
                picture.load()
                return
            for frame in ImageSequence.Iterator(picture):
                frame.load()
                begins.append(begin)
                begin += round(frame.info["duration"])
    except (OSError, SyntaxError, KeyError) as error:
        raise Mismatch(output, f"it can't be decoded ({error})") from error
    if not set(begins) <= set(times.pts):
        raise Mismatch(output, "a frame is shown at the wrong time")
    if begin != times.end:
        raise Mismatch(output, f"it lasts {begin - times.pts[0]} ms, not {times.end - times.pts[0]}")
