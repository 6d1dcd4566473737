"""How far each pixel of a frame is painted at all, by the masks of the styles."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from vidstyle.jobs.job import Job
from vidstyle.jobs.masks import read_mask

Masks = tuple[np.ndarray | None, ...]
"""Where each style is asked for, (H, W) in 0..1; None: it takes what the others leave. Empty: none has a mask."""


class MaskReader:
    """Reads the masks of a job's styles, each frame's once where it is asked for again soon."""

    def __init__(self, job: Job) -> None:
        self._size = job.size
        self._folders = [style.mask.path if style.mask else None for style in job.styles]
        self.masked = any(self._folders)
        self.at = lru_cache(16)(self._at)

    def _at(self, index: int) -> Masks:
        """The masks of a frame."""
        return (
            tuple(None if folder is None else read_mask(folder, index, self._size) for folder in self._folders)
            if self.masked
            else ()
        )


def coverage(masks: Masks) -> np.ndarray | None:
    """How far each pixel is painted, (H, W) in 0..1; None: all of them fully."""
    drawn: Sequence[np.ndarray] = [mask for mask in masks if mask is not None]
    if not masks or len(drawn) < len(masks):
        return None
    covered: np.ndarray = np.minimum(np.sum(drawn, axis=0), np.float32(1))
    return covered
