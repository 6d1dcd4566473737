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
    """How an output file is written: by which ffmpeg, which other streams go along, and the frames' width and height.

    The source is the clip, with the colour tags and the depth that the result has.
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
