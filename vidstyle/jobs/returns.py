"""Which shots of a job begin with what an earlier one showed, so that they can go on with its paint."""

import dataclasses
from collections import deque
from collections.abc import Sequence

import numpy as np

from vidstyle.jobs.folder.job import Shot, shot_spans
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Source, scaled_size
from vidstyle.motion.methods import flow_method
from vidstyle.motion.shots.returns import RETURNS_SIDE, earlier_view
from vidstyle.settings import Settings

_REMEMBERED = 60
"""So many shots are looked back over: set-ups come back within a scene."""


def with_returns(
    source: Source, shots: Sequence[Shot], settings: Settings, frames: range, given: Sequence[int]
) -> tuple[Shot, ...]:
    """The shots of some frames of a clip, each with the earlier one that it returns to, if there is one.

    Only what follows on a cut returns, and begins with a frame whose painting is not `given`. It returns to a first
    frame, which is painted before the rest of its shot: hardly anybody waits.
    """
    motion = settings.motion
    asked = motion.returns == "auto" and motion.flow != "none" and settings.objective.objective == "vidstyle"
    begins = {span.start for span in shot_spans(tuple(shots), frames)}
    if not asked or len(begins) < 2:
        return tuple(shots)
    size, flow = scaled_size(source, min(RETURNS_SIDE, max(source.size))), flow_method("dis")
    earlier: deque[tuple[Shot, np.ndarray]] = deque(maxlen=_REMEMBERED)
    found: list[Shot] = []
    for shot in shots:
        returns, first = None, shot.order[0]
        if shot.start in begins:
            (frame,) = read_frames(source, first, first + 1, size, to_paint=True)
            if first not in given:
                alike = [(other.number, seen) for other, seen in earlier if other.picture == shot.picture]
                place = earlier_view(frame.image, [seen for _, seen in alike], flow)
                returns = None if place is None else alike[place][0]
            earlier.append((shot, frame.image))
        found.append(dataclasses.replace(shot, returns=returns))
    return tuple(found)
