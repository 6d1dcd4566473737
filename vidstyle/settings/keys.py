"""Values that change over time: keys, as animators set them, and the ease between two of them."""

from __future__ import annotations

import itertools
import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from vidstyle.errors import UsageError

# Share of the way over which a value sets off, and over which it arrives.
_BEND = 0.1
# By what power of a weight more of it is seen.
_TAIL = 0.8
_UNITS = {"ms": Fraction(1, 1000), "m": Fraction(60), "min": Fraction(60), "h": Fraction(3600)}
_LONGEST = 32
"""Characters of a moment: longer numbers would be calculated for long."""


@dataclass(frozen=True, order=True)
class Moment:
    """When: a frame's number, which may lie between two frames, seconds from the clip's beginning, or a timecode.

    Of a timecode the value is its order among others, and which frame it names is the clip's to say.
    """

    value: Fraction
    in_seconds: bool
    timecode: str = ""

    @classmethod
    def parse(cls, text: str) -> Moment:
        """That of "41" or "41f" (a frame), "1s", "500ms", "2m", "1:30" or "00:01:30", or the timecode "01:00:12:05".

        Raises
        ------
        UsageError
            It is none of these.
        """
        written = text.strip().lower()
        if len(written) > _LONGEST:
            written = ""
        if match := re.fullmatch(r"(\d+(?:/[1-9]\d*)?)\s*(?:f|frames?)?", written):
            return cls(Fraction(match[1]), False)
        if match := re.fullmatch(r"(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)", written):
            return cls(int(match[1] or 0) * 3600 + int(match[2]) * 60 + Fraction(match[3]), True)
        if match := re.fullmatch(r"(\d+(?:\.\d+)?|\.\d+)\s*(ms|s|sec|m|min|h)", written):
            return cls(Fraction(match[1]) * _UNITS.get(match[2], Fraction(1)), True)
        if match := re.fullmatch(r"(\d\d?):(\d\d):(\d\d)[:;](\d\d\d?)", written):
            hours, minutes, seconds, number = (int(part) for part in match.groups())
            order = (hours * 60 + minutes) * 60 + seconds + Fraction(number, 1000)
            return cls(order, False, written)
        raise UsageError(
            f"'{text.strip()}' is no time: write 1s, 500ms, 1:30 or a timecode such as 01:00:12:05, or the number of "
            "a frame."
        )

    @property
    def kind(self) -> Literal["frame", "seconds", "timecode"]:
        """What it is told by: moments of one kind have an order."""
        return "timecode" if self.timecode else "seconds" if self.in_seconds else "frame"

    def __str__(self) -> str:
        return self.timecode or (f"{float(self.value):.12g}s" if self.in_seconds else str(self.value))


@dataclass(frozen=True, init=False, repr=False)
class Keys:
    """A value at some moments, eased between them; before the first one and after the last it stays as it is there.

    Parameters
    ----------
    values
        By moment: "0s", "500ms", "1:30", or the number of a frame, as text or as a number.

    Raises
    ------
    UsageError
        There is none, a moment is not understood or stands there twice, or a value is no number.

    Examples
    --------
    >>> Keys({"0s": 0, "1s": 1})
    Keys.parse('0@0s,1@1s')
    """

    points: tuple[tuple[Moment, float], ...]

    def __init__(self, values: Mapping[str, float] | Mapping[int, float]) -> None:
        self._set([(Moment.parse(str(moment)), value) for moment, value in values.items()])

    @classmethod
    def parse(cls, text: str) -> Keys:
        """The keys of a text such as "0@0s,1@1s": each a value and its moment."""
        points = []
        for part in text.split(","):
            value, _, moment = part.strip().partition("@")
            try:
                points.append((Moment.parse(moment), float(value)))
            except (UsageError, ValueError):
                raise UsageError(
                    f"'{part.strip()}' is no key: write a value and a time or a frame, such as 0@0s,1@1s or 0@1,1@25."
                ) from None
        return cls._of(points)

    @classmethod
    def _of(cls, points: Sequence[tuple[Moment, float]]) -> Keys:
        keys = cls.__new__(cls)
        keys._set(points)
        return keys

    def _set(self, points: Sequence[tuple[Moment, float]]) -> None:
        for moment, value in points:
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
                raise UsageError(f"{value!r} at {moment} is no number.")
        if not points:
            raise UsageError("there is no key: write a value and a time, such as 0@0s,1@1s.")
        if len({moment.kind for moment, _ in points}) > 1:
            raise UsageError("keys are at times, at timecodes or at frames: take one of these.")
        points = sorted((moment, float(value)) for moment, value in points)
        for (moment, _), (after, _) in itertools.pairwise(points):
            if moment == after:
                raise UsageError(f"there are two values at {moment}.")
        object.__setattr__(self, "points", tuple(points))

    def __str__(self) -> str:
        return ",".join(f"{value!r}@{moment}" for moment, value in self.points).replace(".0@", "@")

    def __format__(self, form: str) -> str:
        return str(self)  # as a number's form says nothing of keys

    def __repr__(self) -> str:
        return f"Keys.parse('{self}')"

    @property
    def values(self) -> tuple[float, ...]:
        """The values, in order of time."""
        return tuple(value for _, value in self.points)

    def in_frames(
        self,
        seconds: Sequence[Fraction],
        numbers: Sequence[int] = (),
        index_of: Callable[[str], int] | None = None,
    ) -> Keys:
        """The same keys at frames counted from 1, or between two of them.

        Parameters
        ----------
        seconds
            When each of the clip's frames is shown, from its beginning, and last when it ends.
        numbers
            The numbers of the clip's pictures, if they have any.
        index_of
            The index, from 0, of the frame of a timecode; see :meth:`vidstyle.media.source.Source.index_of`.

        Raises
        ------
        UsageError
            A key lies beyond the clip's end.
        """
        known = numbers or range(1, len(seconds))

        def place(moment: Moment) -> Fraction:
            if moment.timecode and index_of is not None:
                index = index_of(moment.timecode)
                if not 0 <= index < len(seconds) - 1:
                    raise UsageError(f"the key at {moment} is outside the clip.")
                return Fraction(index + 1)
            if not moment.in_seconds:
                if not known[0] <= moment.value <= known[-1]:
                    raise UsageError(
                        f"the key at frame {moment} is outside the clip, whose frames are {known[0]} to {known[-1]}."
                    )
                return Fraction(bisect_left(known, moment.value) + 1)
            if moment.value > seconds[-1]:
                raise UsageError(f"the key at {moment} is beyond the clip's end, at {float(seconds[-1]):.6g}s.")
            index = min(bisect_right(seconds, moment.value), len(seconds) - 1) - 1
            return index + 1 + (moment.value - seconds[index]) / (seconds[index + 1] - seconds[index])

        places: dict[Fraction, float] = {}
        for moment, value in self.points:
            places[place(moment)] = value
        return Keys._of([(Moment(place, False), value) for place, value in places.items()])

    def at(self, index: int, half: float = 0.0) -> float:
        """The value at a frame, counted from 0, of keys that are :meth:`in_frames`.

        What goes evenly is the value or, where that is given of which `half` is seen, how much of it is :func:`seen`.
        """
        places = [moment.value for moment, _ in self.points]
        after = bisect_right(places, index + 1)
        if after in (0, len(places)):
            return self.points[max(after - 1, 0)][1]
        (first, last), (begin, end) = self.values[after - 1 : after + 1], places[after - 1 : after + 1]
        way = eased(float((index + 1 - begin) / (end - begin)))
        if half <= 0 or way == 0 or first == last:
            return first + (last - first) * way
        first, last = seen(first, half), seen(last, half)
        return value_of_seen(first + (last - first) * way, half)


def seen(value: float, half: float) -> float:
    """How much of a weight, 0 or more, is seen, 0..1: a half of it where it is `half`, above 0, and never all.

    It sets in soon and is slow to be complete; the power is that of stills of three pairs, by how far they have come in
    sliced and Gram distances.
    """
    power: float = (value / half) ** _TAIL
    return power / (1 + power)


def value_of_seen(share: float, half: float) -> float:
    """The weight of which a share, 0..1 without 1, is :func:`seen`."""
    value: float = half * (share / (1 - share)) ** (1 / _TAIL)
    return value


def eased(way: float) -> float:
    """How far a value has come when so much of the way, 0..1, is over: it sets off and arrives gently.

    At its steepest it is a ninth faster than even, so that no frame is a jump.
    """
    if way > 0.5:
        return 1 - eased(1 - way)
    steepest = 1 / (1 - _BEND)
    return steepest * way * way / (2 * _BEND) if way < _BEND else steepest * (way - _BEND / 2)


def value_at(value: float | Keys, index: int, half: float = 0.0) -> float:
    """A value at a frame, counted from 0, whether it changes or not; as :meth:`Keys.at`."""
    return value.at(index, half) if isinstance(value, Keys) else value


def values_of(value: float | Keys) -> tuple[float, ...]:
    """The one value, or all that are keyed."""
    return value.values if isinstance(value, Keys) else (value,)


def mean_of(value: float | Keys) -> float:
    """The one value, or the mean of all that are keyed."""
    return sum(values_of(value)) / len(values_of(value))
