"""What is shown of the painting: all of it, or a part mixed into the clip's own frames.

What is painted, and what later frames are held to, is at full strength all the same.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vidstyle.jobs.job import Job
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Source
from vidstyle.render.overlap import joined


def shown(job: Job, source: Source) -> Iterator[np.ndarray] | None:
    """The job's frames as they are shown, (H, W, 3) float32, 0..1; None where they are the clip's own."""
    if job.unpainted:
        return None
    strength = job.settings.media.strength
    return joined(job, source) if strength == 1 else _mixed(job, source, strength)


def mix(own: np.ndarray, painted: np.ndarray, strength: float) -> np.ndarray:
    """So much of the painting over the clip's own frame."""
    mixed: np.ndarray = own + np.float32(strength) * (painted - own)
    return mixed


def _mixed(job: Job, source: Source, strength: float) -> Iterator[np.ndarray]:
    own = read_frames(source, job.frames.start, job.frames.stop, job.size)
    for painted, frame in zip(joined(job, source), own, strict=True):
        yield mix(frame.image, painted, strength)
