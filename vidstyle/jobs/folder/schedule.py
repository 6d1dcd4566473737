"""Which frames of a shot are solved, and which are made of two of those: keyframes and in-betweens, as animators say.

A shot's first frame and its last one are keyframes. An in-between is carried along the motion from the keyframes on
both sides of it. The next keyframe depends on the clip's frames after the last one and on the settings alone (see
:mod:`vidstyle.render.keyframes`), so that a resumed run and every machine choose alike.
"""

from dataclasses import dataclass
from enum import StrEnum


class KeySource(StrEnum):
    """Where a keyframe's painting comes from.

    It is decided by :class:`vidstyle.render.prepare.FrameTask`, acted on by
    :meth:`vidstyle.render.context.RenderContext.solve`, and recorded as the ``kind`` of the frame. A keyframe that an
    artist has painted would be a third source.
    """

    FIRST = "first"
    """A shot's first frame, solved from the clip alone."""
    SOLVED = "solved"
    """A later one, solved from the clip and from earlier keyframes."""


IN_BETWEEN = "in-between"
"""The ``kind`` of all other frames in their records."""


@dataclass(frozen=True)
class KeyInterval:
    """From a keyframe to the next one; indices in the clip, from 0."""

    left: int
    right: int

    @property
    def frames(self) -> range:
        """The in-betweens."""
        return range(self.left + 1, self.right)
