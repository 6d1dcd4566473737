"""All that is decided of an output file before its first frame is painted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from vidstyle.media.color.mastering import Mastering
from vidstyle.media.encode.encoders import Encoding
from vidstyle.media.encode.streams import OutputTrack
from vidstyle.media.encode.timeline import Timeline
from vidstyle.media.source import Source


class EncodeOptions(NamedTuple):
    """How a file is to be written, as in the settings."""

    crf: int = 16
    codec: str = "auto"
    pixel_format: str = "auto"
    audio: str = "auto"

    @property
    def idle(self) -> tuple[str, ...]:
        """The settings that only a video knows, where they are not as usual."""
        usual = EncodeOptions()
        return tuple(name for name in ("codec", "pixel_format", "audio") if getattr(self, name) != getattr(usual, name))


@dataclass(frozen=True)
class OutputPlan:
    """How an output file is written.

    Attributes
    ----------
    program
        ffmpeg.
    source, tracks
        The clip, with the colour tags and the depth that the result has; the streams that go along.
    encoding, times, size
        How the frames are encoded, when each is shown, their width and height.
    mastering
        What is said of HDR's mastering.
    """

    program: str
    source: Source
    encoding: Encoding
    tracks: tuple[OutputTrack, ...]
    times: Timeline
    size: tuple[int, int]
    mastering: Mastering = field(default_factory=Mastering)

    def languages(self) -> list[str | None]:
        """The languages of its streams, the picture's first."""
        return [dict(self.source.tags).get("language"), *(track.stream.language for track in self.tracks)]
