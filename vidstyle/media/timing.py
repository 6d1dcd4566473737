"""When frames are shown: constant or variable rate, told from the presentation times themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

# Matroska rounds times to a millisecond; copies of such files keep that error in finer ticks.
_JITTER = Fraction(1, 1000)


@dataclass(frozen=True)
class Timing:
    """How presentation times hang together.

    Attributes
    ----------
    frame_rate
        Frames a second; the average if it varies.
    variable
        Whether frames are unevenly spaced.
    duration
        Seconds from the first frame's appearance to the last one's end.
    """

    frame_rate: Fraction
    variable: bool
    duration: Fraction


def measure(pts: Sequence[int], time_base: Fraction, last_duration: int, rates: Iterable[Fraction | None]) -> Timing:
    """The timing of frames shown at `pts`.

    Parameters
    ----------
    pts
        Presentation times, rising, in ticks.
    time_base
        Seconds a tick.
    last_duration
        How long the last frame is shown, in ticks; 0 if unknown.
    rates
        What the file says its rate is, most trusted first. It counts only if each frame is where it says.
    """
    intervals = len(pts) - 1
    span = (pts[-1] - pts[0]) * time_base
    stated = [rate for rate in rates if rate]
    tolerance = max(time_base, _JITTER)
    for rate in stated + (_common_rates(intervals / span) if intervals else []):
        if all(abs((tick - pts[0]) * time_base - index / rate) <= tolerance for index, tick in enumerate(pts)):
            return Timing(rate, False, len(pts) / rate)
    if not intervals:
        rate = 1 / (last_duration * time_base) if last_duration else Fraction(25)
        return Timing(rate, False, 1 / rate)
    last = (last_duration or pts[-1] - pts[-2]) * time_base
    return Timing(len(pts) / (span + last), True, span + last)


def _common_rates(mean: Fraction) -> list[Fraction]:
    """The whole rate and the NTSC rate (1000/1001 of a whole one) nearest to a measured mean."""
    whole, ntsc = round(mean), Fraction(round(mean * Fraction(1001, 1000)) * 1000, 1001)
    return [rate for rate in (Fraction(whole), ntsc) if rate]
