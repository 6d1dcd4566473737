"""When each written frame is shown."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from fractions import Fraction

from vidstyle.errors import UsageError
from vidstyle.media.source import Source

# Ticks a second: with fewer, the offset between picture and sound would be rounded audibly.
_LEAST_TICKS = 10_000
# Ticks a second: more don't fit into a file's header.
_MOST_TICKS = 1_000_000_000

# Animations count in hundredths and thousandths of a second, and browsers slow a GIF down that shows a frame for one.
_TICKS = {".gif": 100, ".webp": 1000}
_LEAST_GAP = {".gif": 2, ".webp": 1}


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
    first
        The clip's frame, from 0, that comes first.
    """

    ticks: int
    pts: tuple[int, ...]
    rate: Fraction
    end: int
    zero: Fraction
    whole: bool
    first: int = 0

    @property
    def from_start(self) -> bool:
        """Whether it begins with the clip, and so keeps the clip's clock: a sound may begin before the picture."""
        return self.first == 0

    @property
    def time_base(self) -> Fraction:
        """Seconds a tick."""
        return Fraction(1, self.ticks)

    def rounded(self, ticks: int) -> Timeline:
        """The same times in ticks of another length; two may come to be the same."""
        pts = tuple(round(Fraction(tick * ticks, self.ticks)) for tick in self.pts)
        return replace(self, ticks=ticks, pts=pts, end=max(round(Fraction(self.end * ticks, self.ticks)), pts[-1] + 1))

    def beginning(self, count: int) -> Timeline:
        """The first frames alone."""
        return self if count >= len(self.pts) else replace(self, pts=self.pts[:count], end=self.pts[count])


def timeline(source: Source, start: int, stop: int) -> Timeline:
    """The times of frames `start` to `stop` (exclusive) of a clip.

    What begins with the clip keeps its times; another part of it begins at 0. A constant rate is spaced exactly, also
    if the clip's own times are rounded, as Matroska's are.
    """
    whole = (start, stop) == (0, len(source.pts))
    zero = source.pts[start] * source.time_base if start else _clock(source)
    first = source.pts[start] * source.time_base - zero
    if source.variable_rate:
        ticks = min(source.time_base.denominator, _MOST_TICKS)
        pts = tuple(round((tick * source.time_base - zero) * ticks) for tick in source.pts[start:stop])
        if stop < len(source.pts):
            last = (source.pts[stop] - source.pts[stop - 1]) * source.time_base
        else:
            last = source.duration - (source.pts[-1] - source.pts[0]) * source.time_base
        end = pts[-1] + round(last * ticks)
        return Timeline(ticks, pts, Fraction(len(pts) * ticks, end - pts[0]), end, zero, whole, start)
    step = 1 / (source.frame_rate * source.time_base)
    ticks = source.time_base.denominator
    if step.denominator > 1 or source.time_base.numerator > 1 or ticks < _LEAST_TICKS:
        ticks = source.frame_rate.numerator
        while ticks < _LEAST_TICKS:
            ticks *= 2
    step = ticks / source.frame_rate
    times = [round(first * ticks) + index * int(step) for index in range(stop - start + 1)]
    return Timeline(ticks, tuple(times[:-1]), source.frame_rate, times[-1], zero, whole, start)


def container_times(suffix: str, times: Timeline) -> Timeline:
    """The times as a container counts them: animations do in ticks of their own.

    Raises
    ------
    UsageError
        The container can't show frames so fast.
    """
    if suffix not in _TICKS:
        return times
    rounded = times.rounded(_TICKS[suffix])
    gaps = [late - early for early, late in itertools.pairwise((*rounded.pts, rounded.end))]
    if min(gaps) < _LEAST_GAP[suffix]:
        most = _TICKS[suffix] // _LEAST_GAP[suffix]
        raise UsageError(
            f"{suffix} shows at most {most} frames a second, and these are {float(times.rate):.6g}: "
            "take a video format such as .mp4."
        )
    return rounded


def _clock(source: Source) -> Fraction:
    """When a whole clip's clock starts: a transport stream's did with the broadcast, not with the file."""
    return source.origin if source.container in ("mpegts", "mpeg") else Fraction(0)
