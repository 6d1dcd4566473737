"""When frames are shown: constant or variable rate, told from the presentation times themselves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from vidstyle.settings import parse_rate

# Matroska rounds times to a millisecond; copies of such files keep that error in finer ticks.
_JITTER = Fraction(1, 1000)
# A container that rounds its times states 59.94 as 19001/317: a common rate this near, relative, is what was meant.
_NEAR = Fraction(1, 10_000)
# People write 23.98 for 24000/1001, which is farther off, and still nearer than any other rate in use.
_SHORT = Fraction(1, 5000)
# If the last frame lasts so many times as long as the others, that was meant: a still at the end, a title.
_LONG = Fraction(3, 2)


@dataclass(frozen=True)
class Timing:
    """How presentation times hang together: frames a second (the average if they vary), and whether they do.

    The duration is in seconds, from the first frame's appearance to the last one's end.
    """

    frame_rate: Fraction
    variable: bool
    duration: Fraction


def infer_frame_rate(
    pts: Sequence[int], time_base: Fraction, last_duration: int, rates: Iterable[Fraction | None]
) -> Timing:
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
    stated = [meant for rate in rates if rate for meant in (*_unrounded(rate), rate)]
    for rate in stated + (_common_rates(intervals / span) if intervals else []):
        if intervals and last_duration * time_base > _LONG / rate:
            continue
        if _fits(rate, pts, time_base):
            return Timing(rate, False, len(pts) / rate)
    if not intervals:
        rate = 1 / (last_duration * time_base) if last_duration else Fraction(25)
        return Timing(rate, False, 1 / rate)
    last = (last_duration or pts[-1] - pts[-2]) * time_base
    return Timing(len(pts) / (span + last), True, span + last)


def _fits(rate: Fraction, pts: Sequence[int], time_base: Fraction) -> bool:
    """Whether each frame is where the rate says, but for rounding.

    That is less than half a frame: where ticks are as coarse as frames, a tick more is a frame that was left out.
    """
    tolerance, half = max(time_base, _JITTER), 1 / (2 * rate)
    errors = (abs((tick - pts[0]) * time_base - index / rate) for index, tick in enumerate(pts))
    return all(error <= tolerance and error < half for error in errors)


def asked_rate(fps: str | None) -> Fraction | None:
    """The frame rate that the user asks for, 23.976 as 24000/1001."""
    return None if fps is None else common_rate(parse_rate(fps))


def common_rate(rate: Fraction) -> Fraction:
    """The common rate that people write shortly (23.98 for 24000/1001), or the rate itself."""
    near = (common for common in _common_rates(rate) if abs(common - rate) <= _SHORT * rate)
    return min(near, key=lambda common: abs(common - rate), default=rate)


def _unrounded(rate: Fraction) -> list[Fraction]:
    """The common rate that a container's rounding made another one of."""
    if rate.denominator in (1, 1001):
        return []
    return [common for common in _common_rates(rate) if abs(common - rate) <= _NEAR * rate]


def _common_rates(mean: Fraction) -> list[Fraction]:
    """The whole rate and the NTSC rate (1000/1001 of a whole one) nearest to a measured mean."""
    whole, ntsc = round(mean), Fraction(round(mean * Fraction(1001, 1000)) * 1000, 1001)
    return [rate for rate in (Fraction(whole), ntsc) if rate]
