"""All painted frames of a job in order, with those that were painted anew over those that were there before.

No join is seen: over the first and the last frames of such a range the old painting turns into the new one and back,
as where two pieces of a shot meet. A frame that somebody painted may look quite otherwise. It is turned into all the
way from the range's end, in patches, since halfway between two unlike paintings there is but grey. At a cut there is
nothing to hide.
"""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from vidstyle.jobs.folder.job import Job, Shot
from vidstyle.jobs.folder.redos import is_finished, redos
from vidstyle.jobs.shots import whole_shots
from vidstyle.media.source import Source
from vidstyle.motion.blend import blend, turn_order, turned
from vidstyle.motion.warp import warp
from vidstyle.render.direction.canvas import frames_to_paint
from vidstyle.render.direction.panorama import joined
from vidstyle.render.overlap import joined_pieces, joining_flow, shares

TURN = 8
"""The most frames over which the old painting turns into the new one, on either side."""
_GIVEN_TURN = 24
"""The same on the way to a given keyframe."""
_TURNING = 0.15
"""Share of that way during which a patch turns: one or two frames of ten, so that there is little grey."""


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
    given = [key.index for key in redo.given]
    amounts = (amount for whole in whole_shots(redo) for amount in _amounts(job, source, whole, given))
    anew = zip(joined_pieces(redo, source, {}), amounts, strict=True)
    for index, old in zip(job.frames, images, strict=True):
        if index not in redo.frames:
            yield old
            continue
        new, amount = next(anew)
        yield new if new is None or old is None or amount is None else blend(new, old, amount)


def _amounts(job: Job, source: Source, part: Shot, given: Sequence[int]) -> Iterator[np.ndarray | None]:
    """How much of each frame of a part of a shot, (H, W), is the new painting; None: all, as of those in `given`."""
    wholes = whole_shots(job)
    whole = next(shot for shot in wholes if part.start in shot.frames)
    inside = [index for index in given if index in part.frames]
    if inside:
        turns = [min(_GIVEN_TURN, count) for count in (inside[0] - part.start, part.stop - 1 - inside[-1])]
    else:
        turns = [min(TURN, len(part.frames) // 2)] * 2
    begin = turns[0] if part.start > whole.start else 0
    end = turns[1] if part.stop < whole.stop else 0
    before, first = whole, part.frames[:begin]
    if part.start == job.frames.start and job.closing:  # what comes before is the end of the loop
        begin = min(turns[0], job.closing)
        before, first = wholes[-1], range(job.frames.stop, job.frames.stop + begin)
    over = _in_patches if inside else _shares
    if begin:
        yield from (1 - left for left in over(job, source, before, first))
    yield from itertools.repeat(None, len(part.frames) - begin - end)
    if end:
        yield from over(job, source, whole, part.frames[-end:])


def _shares(job: Job, source: Source, shot: Shot, frames: range) -> Iterator[np.ndarray]:
    """How much of frames of a shot, (H, W), is a painting that turns into another one."""
    return (share for _, share in shares(job, source, shot, frames, joining_flow(job)))


def _in_patches(job: Job, source: Source, shot: Shot, frames: range) -> Iterator[np.ndarray]:
    """The same in patches, which go along the motion."""
    flow, order = joining_flow(job), turn_order(job.canvas[::-1])
    images = frames_to_paint(job, source, shot, frames.start - 1, frames.stop)
    for place, (before, frame) in enumerate(itertools.pairwise(images), 1):
        order = warp(order, flow(frame.image, before.image), "linear")
        yield 1 - turned(place / (len(frames) + 1), order, _TURNING)
