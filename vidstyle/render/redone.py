"""All painted frames of a job in order, with those that were painted anew over those that were there before.

No join is seen: over the first and the last frames of such a range the old painting turns into the new one and back,
as where two pieces of a shot meet. At a cut there is nothing to hide.
"""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterator, Mapping
from types import MappingProxyType

import numpy as np

from vidstyle.jobs.folder.job import Job, Shot
from vidstyle.jobs.folder.redos import is_finished, redos
from vidstyle.jobs.shots import whole_shots
from vidstyle.media.source import Source
from vidstyle.motion.blend import blend
from vidstyle.render.direction.panorama import joined
from vidstyle.render.overlap import joined_pieces, joining_flow, shares

TURN = 8
"""The most frames over which the old painting turns into the new one, on either side."""


def painted_frames(
    job: Job, source: Source, missing: Mapping[int, Container[int]] = MappingProxyType({})
) -> Iterator[np.ndarray | None]:
    """The job's painted frames from first to last, (H, W, 3) float32; None for those that are `missing`.

    `source` is the job's clip. The missing ones are named by the numbers of their shots.
    """
    images = joined_pieces(job, source, missing)
    for redo in redos(job):
        if is_finished(redo):
            images = _over(job, redo, source, images)
    for image in images:
        yield None if image is None else joined(image, job.margin)


def _over(job: Job, redo: Job, source: Source, images: Iterator[np.ndarray | None]) -> Iterator[np.ndarray | None]:
    """The images of all of a job's frames, with a range that was painted anew over them."""
    amounts = (amount for whole in whole_shots(redo) for amount in _amounts(job, source, whole))
    anew = zip(joined_pieces(redo, source, {}), amounts, strict=True)
    for index, old in zip(job.frames, images, strict=True):
        if index not in redo.frames:
            yield old
            continue
        new, amount = next(anew)
        yield new if new is None or old is None or amount is None else blend(new, old, amount)


def _amounts(job: Job, source: Source, part: Shot) -> Iterator[np.ndarray | None]:
    """How much of each frame of a part of a shot, (H, W), is the new painting; None: all."""
    wholes = whole_shots(job)
    whole = next(shot for shot in wholes if part.start in shot.frames)
    turn = min(TURN, len(part.frames) // 2)
    begin = turn if part.start > whole.start else 0
    end = turn if part.stop < whole.stop else 0
    before, first = whole, part.frames[:begin]
    if part.start == job.frames.start and job.closing:  # what comes before is the end of the loop
        begin = min(turn, job.closing)
        before, first = wholes[-1], range(job.frames.stop, job.frames.stop + begin)
    flow = joining_flow(job) if begin or end else None
    if begin and flow:
        yield from (1 - share for _, share in shares(job, source, before, first, flow))
    yield from itertools.repeat(None, len(part.frames) - begin - end)
    if end and flow:
        yield from (share for _, share in shares(job, source, whole, part.frames[-end:], flow))
