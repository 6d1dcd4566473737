"""The frames of the output: the painted ones, or these mixed into the clip's by ``strength``.

Frames are painted at full strength all the same, and so are the priors of later ones.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vidstyle.jobs.job import Job
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Source
from vidstyle.render.overlap import painted_frames


def visible_frames(job: Job, source: Source) -> Iterator[np.ndarray] | None:
    """The job's frames as the output shows them, (H, W, 3) float32, 0..1; None where they are the clip's own."""
    if job.unpainted:
        return None
    strength = job.settings.media.strength
    return painted_frames(job, source) if strength == 1 else _mixed(job, source, strength)


def mix(source: np.ndarray, painted: np.ndarray, strength: float) -> np.ndarray:
    """A painted frame over the clip's, with an opacity of `strength`, 0..1."""
    mixed: np.ndarray = source + np.float32(strength) * (painted - source)
    return mixed


def _mixed(job: Job, source: Source, strength: float) -> Iterator[np.ndarray]:
    frames = read_frames(source, job.frames.start, job.frames.stop, job.size)
    for painted, frame in zip(painted_frames(job, source), frames, strict=True):
        yield mix(frame.image, painted, strength)
