"""The light of a shot's frames, as a job keeps it: plain numbers, for those who have no need of NumPy."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from vidstyle.motion.flow import Array


class Light(NamedTuple):
    """Shown values are normal ones times a gain, plus an offset."""

    gain: float = 1.0
    offset: float = 0.0

    def on(self, image: Array) -> Array:
        """A picture in normal light as this one shows it, 0..1."""
        shown: Array = (image * self.gain + self.offset).clip(0, 1)
        return shown

    def off(self, image: Array) -> Array:
        """What was shown in this light as it is in normal light, 0..1."""
        normal: Array = ((image - self.offset) * (1 / max(self.gain, 1e-3))).clip(0, 1)
        return normal


NORMAL = Light()


@dataclass(frozen=True)
class ShotLight:
    """The light of a shot's frames.

    Attributes
    ----------
    gains, offsets
        Of each frame, beside the shot's normal light.
    blind
        Positions of frames in which next to nothing is seen, since they are black, or burnt out by a flash.
    exposure
        What dark shots are lifted by where they are painted: they are divided by it, 0.2 to 1.
    dimmed
        What their painting is multiplied by where it is shown, 0 to 1.
    """

    gains: tuple[float, ...]
    offsets: tuple[float, ...]
    blind: tuple[int, ...] = ()
    exposure: float = 1.0
    dimmed: float = 1.0

    def is_for(self, frames: int) -> bool:
        """Whether it is the light of so many frames."""
        return len(self.gains) == len(self.offsets) == frames and all(0 <= place < frames for place in self.blind)

    def part(self, start: int, stop: int) -> ShotLight:
        """That of the frames `start` to before `stop`."""
        blind = tuple(position - start for position in self.blind if start <= position < stop)
        return ShotLight(self.gains[start:stop], self.offsets[start:stop], blind, self.exposure, self.dimmed)

    def taken_off(self, position: int) -> Light:
        """The light that a frame is freed of before it is painted."""
        return Light(self.gains[position] * self.exposure, self.offsets[position])

    def put_on(self, position: int) -> Light:
        """The light that a frame's painting is shown in."""
        return Light(self.gains[position] * self.dimmed, self.offsets[position])

    @cached_property
    def content(self) -> tuple[int, ...]:
        """For each position that of the frame whose content is painted: of a blind one the nearest that is none."""
        places = range(len(self.gains))
        seen = sorted(set(places).difference(self.blind))
        if not seen:
            return tuple(places)
        return tuple(min(_around(seen, place), key=lambda one: abs(one - place)) for place in places)


def _around(seen: Sequence[int], place: int) -> Sequence[int]:
    """The nearest places seen before and after one, or at it; the one before comes first."""
    after = bisect_left(seen, place)
    return seen[max(after - 1, 0) : after + 1]
