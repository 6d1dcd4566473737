"""What a shot carries from one solved frame to the next, beside the frames themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class StyleGain:
    """How strongly a shot's style is asked for: see :mod:`vidstyle.style.calibration`.

    Attributes
    ----------
    gram
        What the weight of the Gram matrices' style terms is multiplied by, above 0.
    sliced
        The weight of the sliced Wasserstein term, over the style's weight; 0: there is no such term.
    """

    gram: float = 1.0
    sliced: float = 0.0


UNMEASURED = StyleGain()
"""The style is asked for as its weight says."""


@dataclass(frozen=True)
class ShotMemory:
    """What a solved frame leaves to the next one of its shot.

    Attributes
    ----------
    style_gain
        Measured in the shot's first frame, and the same in all later ones.
    shot_colour
        (2, 3): the mean opponent colours that the shot began with, the painting's and the clip's; None before it.
    curvature
        (3, bands), of the objective by opponent colour and band of frequency; None where none was measured.
    """

    style_gain: StyleGain = UNMEASURED
    shot_colour: NDArray[np.float32] | None = None
    curvature: NDArray[np.float32] | None = None

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """The same as named arrays, for a file."""
        gain = np.array([self.style_gain.gram, self.style_gain.sliced])
        arrays = {"style_gain": gain, "shot_colour": self.shot_colour, "curvature": self.curvature}
        return {name: array for name, array in arrays.items() if array is not None}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> ShotMemory:
        """What :meth:`to_arrays` was called on, with the same bits.

        Raises
        ------
        KeyError, ValueError, TypeError
            The arrays are not those of a memory.
        """
        rest: dict[str, Any] = dict(arrays)
        gram, sliced = rest.pop("style_gain").tolist()
        return cls(StyleGain(gram, sliced), **rest)


NO_MEMORY = ShotMemory()
"""What there is before a shot's first frame."""
