"""The clip as it is painted, and its painting as it is shown.

A painting is solved, carried on and kept in its shot's normal light, and the light that the film has is put on it where
it is shown. Nothing of a fade or a flash is left in later frames so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from vidstyle.jobs.folder.job import Job, Shot
from vidstyle.media.loop import read_round
from vidstyle.media.reader import Frame
from vidstyle.media.source import Source
from vidstyle.motion.shots.shot_light import ShotLight
from vidstyle.render.direction.panorama import widened


def frames_to_paint(job: Job, source: Source, shot: Shot, start: int, stop: int) -> Iterator[Frame]:
    """The frames `start` to before `stop` of a shot, in its normal light.

    They have the margin that is painted of frames that wrap. Of a frame in which nothing is seen, since it is black or
    burnt out, the nearest other one is painted.
    """
    if shot.light is None:
        frames = read_round(source, start, stop, job.size, loop=job.frames)
    else:
        frames = _in_normal_light(job, source, shot, shot.light, range(start, stop))
    return (replace(frame, image=widened(frame.image, job.margin)) for frame in frames)


def frames_in_order(job: Job, source: Source, shot: Shot, first: int, last: int) -> Iterator[Frame]:
    """The frames of a shot from the `first` to the `last` one, in the order in which they are painted.

    Backwards they are read a few at a time, since films are kept forwards.
    """
    if not shot.backwards:
        yield from frames_to_paint(job, source, shot, first, last + 1)
        return
    count = max(4, min(64, _AT_A_TIME // (job.size[0] * job.size[1])))
    for stop in range(first + 1, last, -count):
        yield from reversed(list(frames_to_paint(job, source, shot, max(last, stop - count), stop)))


def in_film_light(image: np.ndarray, shot: Shot, index: int) -> np.ndarray:
    """A painted frame, (H, W, 3), 0..1, in the light that the clip's frame with that index has."""
    return image if shot.light is None else shot.light.put_on(index - shot.start).on(image)


def _in_normal_light(job: Job, source: Source, shot: Shot, light: ShotLight, indices: range) -> Iterator[Frame]:
    content = {index: shot.start + light.content[index - shot.start] for index in indices}
    needed = {*content.values()}
    seen, view = -1, _NONE
    waiting: deque[Frame] = deque()  # without their images: black may last
    first, last = min(indices.start, *needed), max(indices.stop - 1, *needed)
    for frame in read_round(source, first, last + 1, job.size, loop=job.frames):
        if frame.index in needed:
            seen, view = frame.index, light.taken_off(frame.index - shot.start).off(frame.image)
        if frame.index in indices:
            waiting.append(replace(frame, image=_NONE))
        while waiting and content[waiting[0].index] == seen:
            yield replace(waiting.popleft(), image=view)


_AT_A_TIME = 2**24
"""Pixels of the frames that are held at a time where a shot is read backwards: 200 MB."""
_NONE = np.zeros((0, 0, 3), np.float32)
