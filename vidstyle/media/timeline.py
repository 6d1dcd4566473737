"""When each written frame is shown."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from vidstyle.media.source import Source

# Coarser ticks than this would round the offset between picture and sound audibly.
_LEAST_TICKS = 10_000


@dataclass(frozen=True)
class Timeline:
    """Presentation times of the frames to write.

    Attributes
    ----------
    ticks
        Ticks a second.
    pts
        Presentation time of each frame, in ticks.
    rate
        Frames a second; the average of a variable rate.
    end
        When the last frame ends, in ticks.
    zero
        The second on the clip's own clock that is 0 in the result.
    whole
        Whether it is the whole clip.
    """

    ticks: int
    pts: tuple[int, ...]
    rate: Fraction
    end: int
    zero: Fraction
    whole: bool

    @property
    def time_base(self) -> Fraction:
        """Seconds a tick."""
        return Fraction(1, self.ticks)


def timeline(source: Source, start: int, stop: int) -> Timeline:
    """The times of frames `start` to `stop` (exclusive) of a clip.

    A whole clip keeps its own times; a part of it begins at 0. A constant rate is spaced exactly, also if the clip's
    own times are rounded, as Matroska's are.
    """
    whole = (start, stop) == (0, len(source.pts))
    zero = _clock(source) if whole else source.pts[start] * source.time_base
    first = source.pts[start] * source.time_base - zero
    if source.variable_rate:
        ticks = source.time_base.denominator
        pts = tuple(round((tick * source.time_base - zero) * ticks) for tick in source.pts[start:stop])
        if stop < len(source.pts):
            last = (source.pts[stop] - source.pts[stop - 1]) * source.time_base
        else:
            last = source.duration - (source.pts[-1] - source.pts[0]) * source.time_base
        end = pts[-1] + round(last * ticks)
        return Timeline(ticks, pts, Fraction(len(pts) * ticks, end - pts[0]), end, zero, whole)
    step = 1 / (source.frame_rate * source.time_base)
    ticks = source.time_base.denominator
    if step.denominator > 1 or source.time_base.numerator > 1 or ticks < _LEAST_TICKS:
        ticks = source.frame_rate.numerator
        while ticks < _LEAST_TICKS:
            ticks *= 2
    step = ticks / source.frame_rate
    times = [round(first * ticks) + index * int(step) for index in range(stop - start + 1)]
    return Timeline(ticks, tuple(times[:-1]), source.frame_rate, times[-1], zero, whole)


def _clock(source: Source) -> Fraction:
    """When a whole clip's clock starts: a transport stream's did with the broadcast, not with the file."""
    return source.origin if source.container in ("mpegts", "mpeg") else Fraction(0)
