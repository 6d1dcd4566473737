"""What is asked of an output: where it goes, which frames it shows, and how it is written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vidstyle.media.encode.encoders import VIDEO_SUFFIXES, EncodeOptions
from vidstyle.media.images.pattern import files_of, is_pattern
from vidstyle.media.images.stills import WRITABLE_SUFFIXES
from vidstyle.media.source import Source
from vidstyle.settings import Hdr, Settings


@dataclass(frozen=True)
class OutputRequest:
    """A file, or numbered pictures, that a clip's frames are written to.

    Another version of a result is another request: ``dataclasses.replace(request, path=…, encode=…)``.

    Attributes
    ----------
    path
        A video file, a pattern of picture files (``out/%04d.png``), or one picture file for a still or a single frame.
    frames
        The indices of its frames in the clip, from 0, without a gap. Sound and subtitles are cut to them.
    size
        Width and height, in pixels.
    hdr
        What becomes of light above white; see :func:`vidstyle.media.output.output_color.output_color`.
    encode
        How a video is encoded.
    ffmpeg
        The program; empty finds one.
    overwrite
        Whether files that are there may be replaced.
    inputs
        What the frames were made from besides the clip, and so is never replaced.
    """

    path: Path
    frames: range
    size: tuple[int, int]
    hdr: Hdr = "auto"
    encode: EncodeOptions = field(default_factory=EncodeOptions)
    ffmpeg: str = ""
    overwrite: bool = False
    inputs: tuple[Path, ...] = ()

    @property
    def is_pictures(self) -> bool:
        """Whether it is numbered pictures, or the picture of a single frame, and no video."""
        suffix = self.path.suffix.lower()
        one = len(self.frames) == 1 and suffix in WRITABLE_SUFFIXES and suffix not in VIDEO_SUFFIXES
        return one or is_pattern(self.path)

    def numbers(self, source: Source) -> Sequence[int]:
        """What numbered pictures are named by: what people call these frames of the clip."""
        return [source.number(index) for index in self.frames]

    def files(self, source: Source) -> tuple[Path, ...]:
        """The files that are written."""
        return files_of(self.path, self.numbers(source))


def output_request(
    path: Path,
    frames: range,
    size: tuple[int, int],
    settings: Settings,
    *,
    overwrite: bool = False,
    inputs: Sequence[Path] = (),
) -> OutputRequest:
    """The request that a job's settings make; see :class:`OutputRequest`."""
    media = settings.media
    encode = EncodeOptions(media.crf, media.codec, media.pixel_format, media.audio)
    return OutputRequest(path, frames, size, media.hdr, encode, settings.run.ffmpeg, overwrite, tuple(inputs))
