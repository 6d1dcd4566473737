"""All that is decided of an output file before its first frame is painted."""

from __future__ import annotations

from dataclasses import dataclass, field

from vidstyle.media.color.tags import Mastering
from vidstyle.media.encode.encoders import Encoding
from vidstyle.media.encode.streams import OutputTrack
from vidstyle.media.encode.timeline import Timeline
from vidstyle.media.source import Source


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
