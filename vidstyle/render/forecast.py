"""What painting a job takes on this machine, from about a second of measuring: the network is timed on a small frame,
and a few stretches of the clip are looked at for how they move.
"""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from vidstyle import machine
from vidstyle.jobs.folder.job import Job
from vidstyle.jobs.shots import selected_frames
from vidstyle.jobs.time_estimate import Expected, TimeEstimator, mending_time
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Source, scaled_size
from vidstyle.motion.correspondence import match_neighbours, reduced
from vidstyle.motion.filters import scaled_down
from vidstyle.motion.flow import Flow
from vidstyle.motion.methods import flow_method
from vidstyle.ranges import spread_evenly
from vidstyle.render.recurrence.in_between import in_betweens
from vidstyle.render.recurrence.keyframes import KEYFRAME_SIDE, next_keyframe
from vidstyle.render.recurrence.prepare import interval_motion
from vidstyle.settings import Settings
from vidstyle.style.network.device import Device, select_device
from vidstyle.style.network.vgg import FeatureNetwork
from vidstyle.style.objective.policy import POLICIES
from vidstyle.style.pace import Pace, pace
from vidstyle.style.pyramid import Plan, Size, first_frame_plan
from vidstyle.style.solver import feature_network, later_plan, mending_evaluations

_BUDGET, _SHARE = 0.7, 0.03
"""Seconds, or the share of what the job is then expected to take, after which no other stretch is looked at."""
_SIDE = 128
"""Pixels of the long side at which the motion is looked at."""
_STRETCHES, _LEAST, _ORDER = 5, 3, (1, 4, 2, 3, 0)
"""How many are looked at, how many at least, and in which order, so that a few tell of the whole."""
_ANY_SIZE, _UNSEEN = 0.3, 1.5
"""The share of that time that frames of any size take, and how much more is to be mended at full size than is seen."""
_BEGINNING = 3.0
"""Seconds until the first frame is begun."""
_LONG = 500_000
"""Pixels of all evaluations together from which on measuring is worth its time."""


def takes_long(job: Job, frames: int) -> bool:
    """Whether painting so many frames of a job takes so long that people want to know how long."""
    solve = job.settings.solve
    return (solve.first_frame_steps + frames * solve.steps) * job.size[0] * job.size[1] >= _LONG


def seconds_ahead(job: Job, source: Source, done: int) -> float:
    """About how long a job will take on this machine, of which so many frames are done, its output included.

    Nothing need have been written of it.

    Raises
    ------
    DependencyError, InputError
        Weights or a device are missing.
    """
    total = sum(len(shot.frames) for shot in job.shots)
    if job.unpainted or done >= total:
        return TimeEstimator(job.settings, job.canvas, assembling=len(job.frames)).seconds_left() or 0.0
    return _BEGINNING + _seconds(_Film.of(job, source), done)


def seconds_of_clip(source: Source, settings: Settings) -> float:
    """About how long a clip will take on this machine that nothing is planned of, once it is begun: as a single shot.

    Raises
    ------
    InputError, UsageError, DependencyError
        It can't be read, or has no such frames; weights or a device are missing.
    """
    frames, size = selected_frames(source, settings.media), scaled_size(source, settings.media.size)
    return _seconds(_Film(source, settings, size, size, frames, (frames,)), 0)


@dataclass(frozen=True)
class _Film:
    """What is to be painted of a clip: frames in shots, at a size (width, height), and on a canvas with its margins.

    So many of its frames are painted from the clip alone, the `first` ones of shots.
    """

    source: Source
    settings: Settings
    size: tuple[int, int]
    canvas: tuple[int, int]
    frames: range
    shots: Sequence[range]
    first: int = 1

    @classmethod
    def of(cls, job: Job, source: Source) -> _Film:
        shots = [range(shot.start, shot.stop) for shot in job.shots]
        first = sum(shot.returns is None for shot in job.shots)
        return cls(source, job.settings, job.size, job.canvas, job.frames, shots, first)


def _seconds(film: _Film, done: int) -> float:
    """How long its frames but so many take, and its output."""
    settings = film.settings
    device = select_device(settings.run)
    network = feature_network(settings, device)
    flow = flow_method(settings.motion.flow, str(device.device), settings.run.threads)
    estimator = TimeEstimator(settings, film.canvas, assembling=len(film.frames))
    total, first = sum(map(len, film.shots)), 0 if done else film.first
    estimator.begin(total, first, total - done - first, _forecast(film, network, device, flow))
    return estimator.seconds_left() or 0.0


def forecast(job: Job, source: Source, network: FeatureNetwork, device: Device, flow: Flow) -> Expected:
    """What the frames of a job are expected to take here."""
    return _forecast(_Film.of(job, source), network, device, flow)


def _forecast(film: _Film, network: FeatureNetwork, device: Device, flow: Flow) -> Expected:
    size, settings = film.canvas[::-1], film.settings
    paced = pace_of(settings, size, network, device)
    expected = expected_of_first(settings, size, paced)
    begin = time.perf_counter()
    found: dict[int, _Seen] = {}
    for place, stretch in _stretches(film):
        found[place] = _look(film, stretch, flow, paced.overhead)
        expected = _expected_of(found, expected, device)
        estimator = TimeEstimator(settings, film.canvas)
        estimator.begin(len(film.frames), film.first, len(film.frames) - film.first, expected)
        budget = max(_BUDGET, _SHARE * (estimator.seconds_left() or 0.0))
        if len(found) >= _LEAST and time.perf_counter() - begin > budget:
            break
    return expected


def _expected_of(found: dict[int, _Seen], expected: Expected, device: Device) -> Expected:
    """What is expected, once some stretches were looked at, by their places."""
    intervals, keys, _, seconds = (np.array(values, float) for values in zip(*found.values(), strict=True))
    motion = float(seconds.sum() / intervals.sum())
    nearest = [found[min(found, key=lambda seen: abs(seen - place))] for place in range(_STRETCHES)]
    return dataclasses.replace(
        expected,
        key=float(keys.mean()),
        interval=float(intervals.mean()),
        mending=tuple(seen.mending / max(seen.interval - 1, 1) for seen in nearest),
        motion=motion * _waited_for(device),
        motion_alone=motion,
    )


def expected_of_first(settings: Settings, size: Size, paced: Pace) -> Expected:
    """What is expected of a first frame, or a picture, of that (H, W)."""
    preview = POLICIES[settings.objective.objective].preview_size(size)
    plan = first_frame_plan(size, settings.solve.first_frame_steps, preview)
    return Expected(paced.evaluation, paced.overhead, first=_evaluations(plan, paced.overhead))


def pace_of(settings: Settings, size: Size, network: FeatureNetwork, device: Device) -> Pace:
    """About how long evaluations of frames of that (H, W) take, as the settings have them solved."""
    return pace(network, device, size, POLICIES[settings.objective.objective].preview_size(size))


def _evaluations(plan: Plan, overhead: float) -> float:
    """The evaluations of a plan, in full-size ones."""
    (height, width), _ = plan[-1]
    return sum(count * (h * w / (height * width) + overhead) for (h, w), count in plan)


def _waited_for(device: Device) -> float:
    """The share of the motion's time that painting waits for: it is found on other threads, if there are processors."""
    if device.device.type != "cpu":
        return 0.8  # a GPU is done sooner
    return {1: 1.0, 2: 0.5}.get(machine.cores(), 0.3)


def _stretches(film: _Film) -> Iterator[tuple[int, range]]:
    """Places of equal parts of a film, and frames there that are a keyframe and what may follow it up to the next."""
    starts, most = spread_evenly(film.frames, _STRETCHES), film.settings.motion.max_inbetweens
    for place in sorted(range(len(starts)), key=_ORDER.index):
        index = starts[place]
        shot = next(shot for shot in film.shots if index < shot.stop)
        begin = max(shot.start, min(index, shot.stop - most - 2))
        stop = min(begin + most + 2, shot.stop, film.frames.stop)
        if stop - begin > 1:
            yield place, range(begin, stop)


class _Seen(NamedTuple):
    """What was seen of a stretch.

    The frames from its first keyframe to the next one, the evaluations that this one takes and that mend those between,
    and seconds for their motion, both of the full size.
    """

    interval: int
    key: float
    mending: float
    seconds: float


def _look(film: _Film, stretch: range, flow: Flow, overhead: float) -> _Seen:
    """Look at a stretch in a small size."""
    small = scaled_size(film.source, min(_SIDE, max(film.size)))
    frames = list(read_frames(film.source, stretch.start, stretch.stop, small, to_paint=True))
    begin = time.perf_counter()
    images = [frame.image for frame in frames]
    neighbours = [match_neighbours(flow, after, before) for before, after in itertools.pairwise(images)]
    most = film.settings.motion.max_inbetweens
    length = next_keyframe(
        [reduced(neighbour, KEYFRAME_SIDE) for neighbour in neighbours],
        [scaled_down(image, KEYFRAME_SIDE) for image in images],
        most,
    )
    after = list(zip(frames[1:], neighbours, strict=True))[:length]
    motion = interval_motion(frames[0], after, flow)
    new = 1 - float(motion.flows.whole.reliability.mean())
    size = film.canvas[::-1]
    mended, painting = 0.0, images[0]
    for make in in_betweens(motion, images[0], images[length]):
        between = make().continuing(painting)
        painting = between.carried.image
        if not between.is_whole:
            evaluations, count = mending_evaluations(between.carried.reliability, size)
            mended += mending_time(evaluations, count, overhead)
    larger = _ANY_SIZE + (1 - _ANY_SIZE) * film.size[0] * film.size[1] / (small[0] * small[1])
    seconds = (time.perf_counter() - begin) * length / len(neighbours) * larger
    return _Seen(length, _evaluations(later_plan(size, film.settings.solve, new), overhead), _UNSEEN * mended, seconds)
