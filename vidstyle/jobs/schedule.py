"""Which frames of a shot are solved, and which are carried from two of those: keys and in-betweens, as animators say.

A key is solved from the key before it; a shot's first frame and its last one are keys. An in-between is carried from
the keys on both sides of it. The next key depends on the clip's frames after the last one and on the settings alone
(see :mod:`vidstyle.render.keyframes`), so that a resumed run and every machine choose alike.
"""

from __future__ import annotations

from dataclasses import dataclass

FIRST, KEY, BETWEEN = "first", "key", "in-between"
"""Kinds of frames, as records name them: a shot's first, one solved from earlier ones, one carried from two keys."""


@dataclass(frozen=True)
class Gap:
    """From a key to the next one; indices in the clip, from 0."""

    left: int
    right: int

    @property
    def frames(self) -> range:
        """The in-betweens."""
        return range(self.left + 1, self.right)
