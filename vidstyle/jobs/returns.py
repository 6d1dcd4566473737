"""Which shots of a job begin with what an earlier one showed, so that they can go on with its paint."""

import dataclasses
from collections import deque
from collections.abc import Iterator, Sequence

import numpy as np

from vidstyle.jobs.folder.job import Shot
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
    begins = [not place or shot.start >= shots[place - 1].stop for place, shot in enumerate(shots)]
    if not asked or sum(begins) < 2:
        return tuple(shots)
    images = _read(source, [shot.order[0] for shot, is_begin in zip(shots, begins, strict=True) if is_begin])
    flow = flow_method("dis")
    earlier: deque[tuple[Shot, np.ndarray]] = deque(maxlen=_REMEMBERED)
    found: list[Shot] = []
    for shot, is_begin in zip(shots, begins, strict=True):
        if is_begin:
            image = next(images)
            views = [(other.number, _shown(seen)) for other, seen in earlier if other.picture == shot.picture]
            place = earlier_view(_shown(image), [view for _, view in views], flow)
            earlier.append((shot, image))
            if place is not None and shot.order[0] not in given:
                shot = dataclasses.replace(shot, returns=views[place][0])
        found.append(shot)
    return tuple(found)


def _read(source: Source, indices: Sequence[int]) -> Iterator[np.ndarray]:
    """Frames by their indices, reduced, in whole numbers: many are kept."""
    size = scaled_size(source, min(RETURNS_SIDE, max(source.size)))
    for index in indices:
        for frame in read_frames(source, index, index + 1, size, to_paint=True):
            yield np.rint(255 * frame.image.clip(0, 1)).astype(np.uint8)


def _shown(image: np.ndarray) -> np.ndarray:
    return image / np.float32(255)
