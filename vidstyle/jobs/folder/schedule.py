"""Which frames of a shot are solved, and which are made of two of those: keyframes and in-betweens, as animators say.

A shot's first frame and its last one are keyframes, and so is every frame whose painting is given. An in-between is
carried along the motion from the keyframes on both sides of it. The next keyframe depends on the clip's frames after
the last one and on the settings alone (see :mod:`vidstyle.render.recurrence.keyframes`), so that a resumed run and
every machine choose alike. In a shot that is painted backwards, what is said to come after lies before in the clip.
"""

from dataclasses import dataclass
from enum import StrEnum


class KeyKind(StrEnum):
    """Where a keyframe's painting comes from.

    It is decided by :func:`vidstyle.render.recurrence.prepare.key_kind`, acted on by
    :meth:`vidstyle.render.recurrence.context.RenderContext.solve`, and recorded as the ``kind`` of the frame.
    """

    FIRST = "first"
    """A shot's first frame, solved from the clip alone."""
    RETURNED = "returned"
    """One that begins with the paint of an earlier shot, which showed the same."""
    SOLVED = "solved"
    """A later one, solved from the clip and from other keyframes."""
    GIVEN = "given"
    """One whose painting is given, and published as it is."""


IN_BETWEEN = "in-between"
"""The ``kind`` of all other frames in their records."""


@dataclass(frozen=True)
class KeyInterval:
    """From a keyframe to the one that is painted next; indices in the clip, from 0."""

    left: int
    right: int

    @property
    def frames(self) -> range:
        """The in-betweens, in the order in which they are painted."""
        step = 1 if self.left < self.right else -1
        return range(self.left + step, self.right, step)
