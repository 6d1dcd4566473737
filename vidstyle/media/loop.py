"""A clip that is shown round and round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from vidstyle.media.reader import Frame, read_frames
from vidstyle.media.source import Source


def read_round(
    source: Source, start: int, stop: int, size: tuple[int, int] | None = None, *, loop: range
) -> Iterator[Frame]:
    """The frames `start` to before `stop`, to be painted; what is behind the end of the `loop` is its beginning again.

    Each has the index that it has so. Parameters and errors are those of :func:`vidstyle.media.reader.read_frames`.
    """
    yield from read_frames(source, start, min(stop, loop.stop), size, to_paint=True)
    round_once = len(loop)
    for frame in read_frames(source, max(start - round_once, loop.start), stop - round_once, size, to_paint=True):
        yield replace(frame, index=frame.index + round_once)
