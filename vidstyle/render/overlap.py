"""All painted frames of a job in order; those that two pieces of a long shot share are blended along the flow.

The pieces are painted by different processes, and the later one starts afresh, so its strokes lie elsewhere. Over
the frames they share, the share of the earlier piece falls evenly to nothing. The eye sees strokes that turn into
others, as they do anyway while the scene moves, and no jump.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

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


def painted_frames(job: Job, source: Source) -> Iterator[np.ndarray]:
    """The job's painted frames from first to last, (H, W, 3) float32, those painted twice blended.

    `source` is the job's clip, whose motion the blending follows.
    """
    done, flow = job.frames.start, None
    for shot, later in itertools.zip_longest(job.shots, job.shots[1:]):
        alone = min(shot.stop, later.start) if later else shot.stop
        for index in range(done, alone):
            yield _painted(job, source, shot, index)
        if alone < shot.stop:
            flow = flow or flow_method(job.settings.motion.flow, _device(job), job.settings.run.threads)
            yield from _blended(job, source, shot, later, flow)
        done = shot.stop


def _blended(job: Job, source: Source, earlier: Shot, later: Shot, flow: Flow) -> Iterator[np.ndarray]:
    """The frames that two pieces share.

    The earlier piece's share falls by the same amount with each frame, which keeps the largest step small. It is
    warped along the flow, and falls twice as fast where the flow isn't reliable: what comes into view there is new
    to both pieces, so that a change shows least.
    """
    frames = frames_to_paint(job, source, earlier, later.start - 1, earlier.stop)
    step = np.float32(1 / (earlier.stop - later.start + 1))
    share = np.ones((job.size[1], job.size[0]), np.float32)
    for before, frame in itertools.pairwise(frames):
        backward, forward = both_ways(flow, frame.image, before.image)
        reliable = blurred(reliability(backward, forward, frame.image, before.image), SHARE_BLUR)
        most = step * (earlier.stop - frame.index)
        share = np.clip(warp(share, backward, "linear") - step * (2 - reliable), 0, most)
        first, second = (_painted(job, source, shot, frame.index) for shot in (earlier, later))
        yield blend(first, second, share)


def _device(job: Job) -> str:
    """The device that the job is painted on, or the CPU: the machine that assembles may be one without a GPU."""
    # Imported only here: torch takes seconds to load, and few jobs have such frames.
    from vidstyle.style.network.device import select_device

    try:
        return str(select_device(job.settings.run).device)
    except DependencyError:
        return "cpu"


def _painted(job: Job, source: Source, shot: Shot, index: int) -> np.ndarray:
    return read_frame(job, shot, index, source.display)
