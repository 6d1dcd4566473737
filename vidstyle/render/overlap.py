"""All painted frames of a job in order; those that are painted twice are blended along the flow.

Two pieces of a long shot share frames, and so do the end of a loop, which goes on over its beginning, and that.

The pieces are painted by different processes, and the later one starts afresh, so its strokes lie elsewhere. Over
the frames they share, the share of the earlier piece falls evenly to nothing. The eye sees strokes that turn into
others, as they do anyway while the scene moves, and no jump.
"""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterator, Mapping
from functools import cache

import numpy as np

from vidstyle.errors import DependencyError
from vidstyle.jobs.folder.frames import read_frame
from vidstyle.jobs.folder.job import Job, Shot
from vidstyle.media.source import Source
from vidstyle.motion.blend import SHARE_BLUR, blend
from vidstyle.motion.filters import blurred
from vidstyle.motion.flow import Flow, both_ways
from vidstyle.motion.methods import flow_method
from vidstyle.motion.reliability import reliability
from vidstyle.motion.warp import warp
from vidstyle.render.direction.canvas import frames_to_paint


def joined_pieces(job: Job, source: Source, missing: Mapping[int, Container[int]]) -> Iterator[np.ndarray | None]:
    """The job's painted frames from first to last, (H, W, 3) float32, as they are kept, those painted twice blended.

    `source` is the job's clip, whose motion the blending follows. Those that are `missing`, by the numbers of their
    shots, are None.
    """

    def painted(shot: Shot, index: int) -> np.ndarray | None:
        absent = index in missing.get(shot.number, ())
        return None if absent else read_frame(job, shot, index, source.display)

    @cache
    def flow() -> Flow:
        return joining_flow(job)

    def blended(earlier: Shot, later: Shot, start: int) -> Iterator[np.ndarray | None]:
        for index, share in shares(job, source, earlier, range(start, earlier.stop), flow()):
            first, second = painted(earlier, index), painted(later, job.in_clip(index))
            yield second if first is None else first if second is None else blend(first, second, share)

    if job.closing:
        yield from blended(job.shots[-1], job.shots[0], job.frames.stop)
    done, given = job.frames.start + job.closing, {key.index for key in job.given}
    for shot, later in itertools.zip_longest(job.shots, job.shots[1:]):
        alone = min(shot.stop, later.start) if later else job.frames.stop
        for index in range(done, alone):
            yield painted(shot, index)
        shared = range(max(done, alone), shot.stop) if later else range(0)
        if later and len(shared) == 1 and alone in given:
            yield painted(later, alone)
        elif later and shared:
            yield from blended(shot, later, later.start)
        done = shot.stop


def joining_flow(job: Job) -> Flow:
    """The flow method along which two paintings of a job are blended."""
    return flow_method(job.settings.motion.flow, _device(job), job.settings.run.threads)


def shares(job: Job, source: Source, shot: Shot, frames: range, flow: Flow) -> Iterator[tuple[int, np.ndarray]]:
    """Frames of a shot over which one painting turns into another, and how much of each, (H, W), is the first one.

    It falls by the same amount with each frame, which keeps the largest step small. It is warped along the flow, and
    falls twice as fast where the flow isn't reliable: what comes into view there is new to both pieces, so that a
    change shows least.
    """
    images = frames_to_paint(job, source, shot, frames.start - 1, frames.stop)
    step = np.float32(1 / (len(frames) + 1))
    share = np.ones(job.canvas[::-1], np.float32)
    for before, frame in itertools.pairwise(images):
        backward, forward = both_ways(flow, frame.image, before.image)
        reliable = blurred(reliability(backward, forward, frame.image, before.image), SHARE_BLUR)
        most = step * (frames.stop - frame.index)
        share = np.clip(warp(share, backward, "linear") - step * (2 - reliable), 0, most)
        yield frame.index, share


def _device(job: Job) -> str:
    """The device that the job is painted on, or the CPU: the machine that assembles may be one without a GPU."""
    # Imported only here: torch takes seconds to load, and few jobs have such frames.
    from vidstyle.style.network.device import select_device

    try:
        return str(select_device(job.settings.run).device)
    except DependencyError:
        return "cpu"
