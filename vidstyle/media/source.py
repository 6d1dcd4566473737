"""What a clip is: the values that everything else goes by."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from vidstyle.errors import UsageError
from vidstyle.media.color.display import PLAIN, DisplayTransform
from vidstyle.media.color.tags import Color, Mastering
from vidstyle.media.images.plate_header import Window
from vidstyle.media.timecode import frames_from
from vidstyle.schema import Count, PictureNumber, Side
from vidstyle.settings import Chroma, Moment

ClipKind = Literal["video", "still", "sequence"]
Fixed = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
Share = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Fields = Literal["", "marked", "top", "bottom"]
Kind = Literal["audio", "subtitle", "data", "attachment", "cover", "video"]


@dataclass(frozen=True)
class Stream:
    """A stream beside the picture.

    Attributes
    ----------
    index
        Its index in the file.
    kind
        What it is; a cover is a picture attached to the file.
    codec
        FFmpeg's name; empty if it is not known.
    language
        ISO 639 code, or None.
    channels
        Of sound; else 0.
    layout
        Where the channels of sound are, by FFmpeg's name ("5.1"); empty if that is not told.
    timecode
        Whether it is QuickTime's timecode, which is the clip's own, too.
    begin, end
        When its first packet begins and its last one ends, in seconds on the clip's clock; None where it is not known,
        as in a clip that is damaged.
    """

    index: Count
    kind: Kind
    codec: str
    language: str | None
    channels: Count
    layout: str = ""
    timecode: bool = False
    begin: float | None = field(default=None, compare=False)
    end: float | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Viewing:
    """How a picture is meant to be seen that is not flat: by two eyes, or from within.

    Attributes
    ----------
    stereo
        Where it has the two eyes' pictures, as Matroska names it in FFmpeg; "other" where that has no name; else empty.
    projection
        How it lies on a sphere around the viewer; empty where it doesn't.
    pose
        Of the sphere: yaw, pitch and roll, in degrees times 65536.
    bounds
        What is left out of a whole sphere at the left, top, right and bottom, as shares times 2^32.
    padding
        Pixels around each face of a cube, of a picture of `width`, that repeat its neighbours'.
    width
        Of the stored picture, in pixels.
    """

    stereo: str = ""
    projection: Literal["", "equirectangular", "cubemap", "other"] = ""
    pose: tuple[Fixed, Fixed, Fixed] = (0, 0, 0)
    bounds: tuple[Share, Share, Share, Share] = (0, 0, 0, 0)
    padding: Count = 0
    width: Count = 0

    @property
    def goes_around(self) -> bool:
        """Whether the left and the right edge are neighbours, as of a whole sphere for both eyes or one."""
        beside = self.stereo in ("left_right", "right_left")  # each eye has edges of its own
        return self.projection == "equirectangular" and not (beside or self.bounds[0] or self.bounds[2])


@dataclass(frozen=True)
class Source:
    """What is in a clip.

    Attributes
    ----------
    path, kind, files
        The clip as named, what it is, and the picture files of a still or a sequence.
    width, height
        In pixels, as shown: rotation applied.
    rotation, mirrored
        How the stored pixels are turned to be shown: clockwise degrees, then left and right exchanged or not.
    tags
        The picture stream's language and title, and the name of its reel.
    viewing
        Whether it is stereo or 360°, and how.
    time_base
        Seconds a tick.
    pts
        Presentation time of each frame, in ticks, in the order shown.
    frame_rate, variable_rate, duration
        Frames a second (average), whether `pts` are unevenly spaced, seconds from first to last.
    sample_aspect_ratio, frame_shape
        Width over height of a pixel as shown, and as the first frame itself says it of its stored pixels.
    bit_depth, has_alpha, color
        Of the pixels: bits a channel, opacity, colour tags.
    interlaced
        Which frames are deinterlaced: none, those that are "marked", or all, the "top" or the "bottom" field first.
    stream, seekable
        The picture stream's index, and whether its frames can be found by their pts (else only by counting).
    container, origin
        FFmpeg's name of the format, and the time, in seconds, that the file's clock starts at.
    codec, chroma
        The picture's codec by FFmpeg's name, and the resolution that its colours are stored at.
    metadata
        The file's tags: title, camera and so on.
    timecode
        Of the first frame, as in ``01:00:00:00``; None if there is none.
    mastering
        What the picture was mastered on, and how bright it gets, where the clip says so.
    streams, chapters
        What else there is.
    display
        What the stored values mean, and so how they are shown to the painter.
    numbers
        Of numbered pictures, the numbers in their names.
    window
        Of EXR and DPX files, what is painted of them (left, top, width, height): their frame and all overscan.
    damaged
        Whether something of it is gone or broken: then it is always read from its beginning, to the same frames.
    uneven
        Whether decoding has shown frames of another size or pixel shape than the first one's.
    warnings
        A sentence for each unusual thing, with what will be done about it.
    """

    path: Path
    kind: ClipKind
    width: Side
    height: Side
    rotation: Annotated[int, Meta(ge=0, le=270, multiple_of=90)]
    time_base: Fraction
    pts: tuple[int, ...]
    frame_rate: Fraction
    variable_rate: bool
    duration: Fraction
    sample_aspect_ratio: Fraction
    bit_depth: Annotated[int, Meta(ge=1, le=64)]
    has_alpha: bool
    interlaced: Fields
    color: Color
    streams: tuple[Stream, ...]
    chapters: Count
    warnings: tuple[str, ...]
    mirrored: bool = False
    tags: tuple[tuple[str, str], ...] = ()
    files: tuple[Path, ...] = ()
    stream: Count = 0
    seekable: bool = True
    container: str = ""
    origin: Fraction = Fraction(0)
    damaged: bool = False
    display: DisplayTransform = PLAIN
    numbers: tuple[PictureNumber, ...] = ()
    window: Window | None = None
    codec: str = ""
    chroma: Chroma = "420"
    metadata: tuple[tuple[str, str], ...] = ()
    timecode: str | None = None
    viewing: Viewing = Viewing()
    frame_shape: Fraction = Fraction(1)
    uneven: bool = False
    mastering: Mastering = field(default_factory=Mastering)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, in pixels, as shown."""
        return self.width, self.height

    @property
    def seconds(self) -> tuple[Fraction, ...]:
        """When each frame is shown, from the clip's beginning, and when the last one ends if it lasts as most do."""
        times = [(pts - self.pts[0]) * self.time_base for pts in self.pts]
        return (*times, times[-1] + (1 / self.frame_rate if self.frame_rate else 1))

    def index_of(self, timecode: str) -> int:
        """The index of the frame with a timecode, which may lie outside the clip.

        Raises
        ------
        UsageError
            The clip has no timecode.
        """
        index = frames_from(self.timecode or "", timecode, self.frame_rate)
        if index is None:
            raise UsageError(
                f"'{self.path}' has no timecode, so that {timecode} is no frame of it: name a time or a frame."
            )
        return index

    def range_of(self, first: Moment | None, last: Moment | None) -> range:
        """The indices of the frames from a moment to another, as :func:`vidstyle.settings.parse_frames` reads them.

        A part begins with the frame that is shown at its first moment. It may be empty.

        Raises
        ------
        UsageError
            A timecode is asked for, and the clip has none.
        """
        known, seconds = self.numbers or range(1, len(self.pts) + 1), self.seconds
        start, stop = 0, len(self.pts)
        if first is not None:
            if first.timecode:
                start = max(self.index_of(first.timecode), 0)
            elif first.in_seconds:
                start = bisect_right(seconds, first.value) - 1
            else:
                start = bisect_left(known, first.value)
        if last is not None:
            if last.timecode:
                stop = min(self.index_of(last.timecode) + 1, stop)
            elif last.in_seconds:
                stop = min(start + 1 if last == first else bisect_left(seconds, last.value), stop)
            else:
                stop = bisect_right(known, last.value)
        return range(start, max(start, stop))

    def is_beyond(self, moment: Moment) -> bool:
        """Whether a moment comes after the clip's end."""
        if moment.timecode:
            return self.index_of(moment.timecode) >= len(self.pts)
        return moment.value > (self.seconds[-1] if moment.in_seconds else self.number(len(self.pts) - 1))

    def number(self, index: int) -> int:
        """What people call a frame: the number in its picture's name, else its place, counted from 1."""
        return self.numbers[index] if self.numbers else index + 1


def scaled_size(source: Source, long_side: int | None) -> tuple[int, int]:
    """Width and height with the long side at `long_side` pixels (None: unchanged); may be odd.

    Raises
    ------
    UsageError
        The long side is below 1.
    """
    if long_side is None:
        return source.size
    if long_side < 1:
        raise UsageError(f"a size of {long_side} makes no picture: the long side is 1 pixel or more.")
    scale = Fraction(long_side, max(source.size))
    return max(1, round(source.width * scale)), max(1, round(source.height * scale))
