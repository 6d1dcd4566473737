"""How far each pixel of a frame is painted at all, by the masks of the styles and the bars of its shot."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from vidstyle.jobs.folder.job import Job
from vidstyle.jobs.masks import read_mask
from vidstyle.motion.bars import Picture
from vidstyle.render.direction.panorama import widened

Masks = tuple[np.ndarray | None, ...]
"""Where each style is asked for, (H, W) in 0..1; None: it takes what the others leave. Empty: none has a mask."""


class MaskReader:
    """Reads the masks of a job's styles, each frame's once where it is asked for again soon.

    With a `margin` they have that of frames that wrap, as these are painted.
    """

    def __init__(self, job: Job, margin: int = 0) -> None:
        self._margin = margin
        self._size = job.size
        self._in_clip = job.in_clip
        self._folders = [style.mask.path if style.mask else None for style in job.styles]
        # Given keyframes are styles without masks.
        self._folders += [None for key in job.given if key.is_style]
        self.masked = any(self._folders)
        self.at = lru_cache(16)(self._at)
        self._pictures = [shot.picture for shot in job.shots]
        self._starts = [shot.start for shot in job.shots]
        self.partial = self.masked or any(self._pictures)
        # Where a style has no mask, it takes what the others leave.
        self.covers_all = not any(self._pictures) and not all(self._folders)

    def area(self, index: int) -> np.ndarray | None:
        """Where a frame is painted at all, (H, W) in 0..1: not in its shot's bars; None: everywhere."""
        picture = self._pictures[bisect_right(self._starts, index) - 1]  # pieces of a shot have the same
        return None if picture is None else widened(within(picture, self._size), self._margin)

    def coverage(self, index: int) -> np.ndarray | None:
        """How far each pixel of a frame is painted, (H, W) in 0..1; None: all of them fully."""
        covered, area = coverage(self.at(index)), self.area(index)
        return covered if area is None else area if covered is None else area * covered

    def _at(self, index: int) -> Masks:
        """The masks of a frame."""
        index = self._in_clip(index)
        return (
            tuple(
                None if folder is None else widened(read_mask(folder, index, self._size), self._margin)
                for folder in self._folders
            )
            if self.masked
            else ()
        )


@lru_cache(16)
def within(picture: Picture, size: tuple[int, int]) -> np.ndarray:
    """A picture as a mask of a (width, height): how much of each pixel is in it, (H, W)."""
    columns, rows = (
        (np.minimum(stop * side, np.arange(side) + 1) - np.maximum(start * side, np.arange(side))).clip(0, 1).round(6)
        for side, (start, stop) in zip(size, (picture[2:], picture[:2]), strict=True)
    )
    return np.outer(rows, columns).astype(np.float32)


def coverage(masks: Masks) -> np.ndarray | None:
    """How far each pixel is painted, (H, W) in 0..1; None: all of them fully."""
    drawn: Sequence[np.ndarray] = [mask for mask in masks if mask is not None]
    if not masks or len(drawn) < len(masks):
        return None
    covered: np.ndarray = np.minimum(np.sum(drawn, axis=0), np.float32(1))
    return covered
