"""Where two pieces of a long shot meet: frames painted from both sides, and blended along the flow.

The pieces are painted by different processes, and the later one starts afresh, so its strokes lie elsewhere.
Over the frames they share, the earlier one's part falls evenly to nothing: the eye sees strokes that turn into
others, as they do anyway while the scene moves, and no jump.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import cv2
import numpy as np

from vidstyle.media.reader import read_frames
from vidstyle.media.source import probe
from vidstyle.media.stills import read_frame_file
from vidstyle.motion.flow import both_ways, flow_method
from vidstyle.motion.reliability import reliability
from vidstyle.motion.warp import warp
from vidstyle.render.frames import frame_path
from vidstyle.render.job import Job, Shot

OVERLAP = 16
"""Frames that two pieces share, if the pieces are long enough."""
SOFT = 2.0
"""Pixels (standard deviation) over which the parts of a picture that blend at different times pass into each other."""


def overlap(longest: int) -> int:
    """How many frames the pieces of a shot share, if each has at most `longest`: it meets two others, at both ends."""
    return min(OVERLAP, longest // 3)


def pieces(start: int, stop: int, longest: int) -> list[tuple[int, int]]:
    """Parts of about one length of the frames `start` to before `stop`, each sharing :func:`overlap` with the next.

    >>> pieces(0, 20, 12)
    [(0, 12), (8, 20)]
    """
    shared = overlap(longest)
    count = max(1, -(-(stop - start - shared) // (longest - shared)))
    steps = [start + (stop - shared - start) * number // count for number in range(count + 1)]
    return [(first, last + shared) for first, last in itertools.pairwise(steps)]


def joined(job: Job) -> Iterator[np.ndarray]:
    """The job's painted frames from first to last, (H, W, 3) float32, those painted twice blended."""
    done = job.frames.start
    for shot, later in itertools.zip_longest(job.shots, job.shots[1:]):
        alone = min(shot.stop, later.start) if later else shot.stop
        for index in range(done, alone):
            yield _painted(job, shot, index)
        if alone < shot.stop:
            yield from _blended(job, shot, later)
        done = shot.stop


def _blended(job: Job, earlier: Shot, later: Shot) -> Iterator[np.ndarray]:
    """The frames that two pieces share.

    The earlier piece's part is carried along the flow; it ends at once where what it shows is hidden from
    the later frame, since nobody can tell a new stroke there from another.
    """
    flow = flow_method(job.settings.motion.flow)
    frames = read_frames(probe(job.clip), later.start - 1, earlier.stop, job.size)
    count = earlier.stop - later.start + 1
    part = np.ones((job.size[1], job.size[0], 1), np.float32)
    for number, (before, frame) in enumerate(itertools.pairwise(frames), 1):
        backward, forward = both_ways(flow, frame.image, before.image)
        trust = cv2.GaussianBlur(reliability(backward, forward, frame.image, before.image), (0, 0), SOFT)
        carried = warp(part, backward, "linear").reshape(part.shape) * trust[..., None]
        part = np.minimum(carried, np.float32(1 - number / count))
        painted = [_painted(job, shot, frame.index) for shot in (earlier, later)]
        yield part * painted[0] + (1 - part) * painted[1]


def _painted(job: Job, shot: Shot, index: int) -> np.ndarray:
    return read_frame_file(frame_path(job, shot, index))
