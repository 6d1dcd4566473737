"""Frames made ready for the solver, ahead of it: decoded, chosen, and matched with earlier ones."""

from __future__ import annotations

import contextlib
import itertools
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np

from vidstyle.jobs.folder.schedule import KeyInterval, KeyKind
from vidstyle.media.reader import Frame
from vidstyle.motion.camera.camera_motion import camera_motion, flow_of
from vidstyle.motion.correspondence import IntervalFlow, NeighbourFlow, interval_flow, match_neighbours, reduced
from vidstyle.motion.filters import scaled_down
from vidstyle.motion.flow import Flow, both_ways
from vidstyle.motion.reliability import ends_inside, reliability
from vidstyle.parallel import spread
from vidstyle.render.recurrence.keyframes import KEYFRAME_SIDE, next_keyframe

TURN = 48
"""Frames before a given keyframe from which on a painting turns into it. Over two seconds nobody sees it turn, and much
farther a direct flow finds nothing."""
T = TypeVar("T")
ReliabilityRule = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""Reliability of a backward flow, given the forward flow, the image and the earlier one."""


@dataclass(frozen=True)
class PriorFlow:
    """The flow back to the frame of that index in the clip, (H, W, 2) pixels, and its reliability, (H, W), 0..1."""

    index: int
    flow: np.ndarray
    reliability: np.ndarray


@dataclass(frozen=True)
class Ahead:
    """A given keyframe that a frame is on the way to.

    Attributes
    ----------
    image
        The clip's frame, (H, W, 3).
    flow
        Where the frame's pixels are in it.
    way
        How far the frame is on the way, 0 to 1.
    """

    image: np.ndarray
    flow: PriorFlow
    way: float


class GivenKeys:
    """The given keyframes of a shot, by their indices, in order.

    Where `read` is there, which reads a frame of the clip by its index, others turn into the one that comes next.
    """

    def __init__(self, indices: Sequence[int] = (), read: Callable[[int], Frame] | None = None) -> None:
        self._indices, self._read = indices, lru_cache(2)(read) if read else None

    def __contains__(self, index: int) -> bool:
        return index in self._indices

    def ahead_of(self, frame: Frame, flow: Flow) -> Ahead | None:
        """The one ahead of a frame that is solved; None where none is near."""
        found = on_the_way(frame.index, self._indices) if self._read else None
        if self._read is None or found is None:
            return None
        index, way = found
        other = self._read(index)
        return Ahead(other.image, prior_flow(frame, other, flow, reliability), way)


NONE_GIVEN = GivenKeys()


def on_the_way(index: int, given: Sequence[int]) -> tuple[int, float] | None:
    """The given keyframe that comes after a frame, if it is near, and how far the frame is on the way to it, 0 to 1.

    The way begins at the given keyframe before, or `TURN` frames ahead.
    """
    place = bisect_right(given, index)
    if place == len(given) or given[place] - index >= TURN:
        return None
    begin = max(given[place] - TURN, given[place - 1] if place else given[place] - TURN)
    return given[place], (index - begin) / (given[place] - begin)


@dataclass(frozen=True)
class IntervalMotion:
    """An interval between two keyframes, its in-betweens, and the flows from these to both, and between both."""

    interval: KeyInterval
    frames: tuple[Frame, ...]
    flows: IntervalFlow


def interval_motion(
    left: Frame, after: Sequence[tuple[Frame, NeighbourFlow]], flow: Flow, workers: int = 1
) -> IntervalMotion:
    """The motion from a keyframe to the last of the frames after it, each of which is matched with the one before.

    As many `workers` look at the frames between.
    """
    *between, (right, _) = after
    flows = interval_flow(
        [neighbour for _, neighbour in after], flow, [left.image, *(frame.image for frame, _ in after)], workers
    )
    return IntervalMotion(KeyInterval(left.index, right.index), tuple(frame for frame, _ in between), flows)


@dataclass(frozen=True)
class FrameTask:
    """A keyframe, with the flows to those before it that it is painted from, nearest first.

    Where there are in-betweens, the motion is that from the keyframe before it. Where a given keyframe is not far
    `ahead`, it is painted from that one, too. The camera's motion is that back to the keyframe before it, and as
    reliable as it stays within that.
    """

    frame: Frame
    kind: KeyKind
    prior_flows: tuple[PriorFlow, ...] = ()
    motion: IntervalMotion | None = None
    ahead: Ahead | None = None
    camera: PriorFlow | None = None

    @property
    def made_from(self) -> tuple[int, ...]:
        """Indices of the frames that it is painted from, first that of the keyframe before it."""
        before = (self.motion.interval.left,) if self.motion else ()
        after = (self.ahead.flow.index,) if self.ahead else ()
        return tuple(dict.fromkeys((*before, *(prior_flow.index for prior_flow in self.prior_flows), *after)))


def prepare(
    frames: Iterator[Frame],
    seen: int,
    distances: Sequence[int],
    flow: Flow,
    rule: ReliabilityRule,
    given: GivenKeys = NONE_GIVEN,
    workers: int = 1,
) -> Generator[FrameTask, None, None]:
    """Match each frame with those before it, so many at a time, on other threads and ahead of being asked.

    The frames of a shot follow each other; the first ones, as many as were `seen`, are only looked back to. The
    distances are how many frames to look back, nearest first. The paintings of those in `given` are given.
    """
    past: deque[Frame] = deque(maxlen=max(distances))

    def to_match(decoded: Iterator[Frame]) -> Iterator[tuple[Frame, KeyKind, list[Frame]]]:
        for position, frame in enumerate(decoded):
            if position >= seen:
                earlier = [past[-distance] for distance in distances if distance <= len(past)]
                yield frame, key_kind(frame.index, given, bool(earlier)), earlier
            past.append(frame)

    with contextlib.closing(prefetch(frames)) as decoded:
        matching = spread(lambda each: _match(*each, flow, rule, given), to_match(decoded), workers, "match")
        with contextlib.closing(matching):
            yield from matching


def key_kind(index: int, given: GivenKeys, later: bool) -> KeyKind:
    """Where the painting of a keyframe comes from, which may be a `later` one than a shot's first."""
    return KeyKind.GIVEN if index in given else KeyKind.SOLVED if later else KeyKind.FIRST


def prepare_keyframes(
    frames: Iterator[Frame],
    painted: Sequence[int],
    distances: Sequence[int],
    flow: Flow,
    most: int,
    given: GivenKeys = NONE_GIVEN,
    workers: int = 1,
) -> Generator[FrameTask, None, None]:
    """Choose the keyframes of a shot and match each with those before it; neighbours are matched ahead.

    The frames follow each other up to the shot's end, from the first of the `painted` keyframes on, which are looked
    back to; there are none at a shot's beginning. The distances are how many keyframes to look back, nearest first.
    From keyframe to keyframe there are `most` in-betweens at the most; those that are `given` are keyframes. So many
    workers match pairs of neighbours, or look at in-betweens, at a time; 0: one, and none ahead of being asked.
    """
    earlier = deque([frame := next(frames)], max(distances))
    if painted:
        for frame in itertools.islice(frames, abs(painted[-1] - painted[0])):
            if frame.index in painted:
                earlier.append(frame)
    with contextlib.closing(matched_neighbours(frame, frames, flow, workers)) as neighbours:
        if not painted:
            yield FrameTask(frame, key_kind(frame.index, given, later=False))
        waiting: deque[tuple[Frame, NeighbourFlow]] = deque()
        small: deque[NeighbourFlow] = deque()
        small_images = deque([scaled_down(frame.image, KEYFRAME_SIDE)])
        while True:
            while len(waiting) <= most and (following := next(neighbours, None)) is not None:
                waiting.append(following)
                small.append(reduced(following[1], KEYFRAME_SIDE))
                small_images.append(scaled_down(following[0].image, KEYFRAME_SIDE))
            if not waiting:
                return
            to_given = next((place for place, (each, _) in enumerate(waiting) if each.index in given), most)
            length = next_keyframe(list(small), list(small_images), min(most, to_given))
            for _ in range(length):
                small.popleft()
                small_images.popleft()
            motion, frame = _pop_interval(frame, waiting, length, flow, workers)
            kind = key_kind(frame.index, given, later=True)
            is_solved = kind == KeyKind.SOLVED
            prior_flows = _prior_flows(frame, motion, earlier, distances, flow) if is_solved else ()
            ahead = given.ahead_of(frame, flow) if is_solved else None
            yield FrameTask(frame, kind, prior_flows, motion, ahead, _camera(frame, earlier[-1], motion.flows.camera))
            earlier.append(frame)


def _pop_interval(
    left: Frame, waiting: deque[tuple[Frame, NeighbourFlow]], length: int, flow: Flow, workers: int
) -> tuple[IntervalMotion, Frame]:
    """The motion from a keyframe to the next one, and that one.

    The flows between neighbours are let go here: at 1920×1080 they take as much as half a gigabyte.
    """
    after = [waiting.popleft() for _ in range(length)]
    return interval_motion(left, after, flow, workers), after[-1][0]


def matched_neighbours(
    before: Frame, frames: Iterator[Frame], flow: Flow, workers: int = 1
) -> Generator[tuple[Frame, NeighbourFlow], None, None]:
    """Each frame with the flows between it and the one before; `workers` as in :func:`prepare_keyframes`."""

    def match(pair: tuple[Frame, Frame]) -> tuple[Frame, NeighbourFlow]:
        earlier, frame = pair
        return frame, match_neighbours(flow, frame.image, earlier.image)

    with contextlib.closing(prefetch(frames)) as decoded:
        pairs = itertools.pairwise(itertools.chain((before,), decoded))
        with contextlib.closing(spread(match, pairs, workers, "match")) as matching:
            yield from matching


def _prior_flows(
    frame: Frame, motion: IntervalMotion, earlier: Sequence[Frame], distances: Sequence[int], flow: Flow
) -> tuple[PriorFlow, ...]:
    """From a keyframe back to earlier ones, of which the latest comes last; `motion` leads from that one.

    Farther keyframes are there for what the latest one hides. A chain of flows over the latest one would lose just
    that, so that the flow to each of them is found directly.
    """
    whole = motion.flows.whole
    return tuple(
        PriorFlow(motion.interval.left, whole.flow, whole.reliability)
        if distance == 1
        else prior_flow(frame, earlier[-distance], flow, reliability)
        for distance in distances
        if distance <= len(earlier)
    )


def prefetch(items: Iterator[T], depth: int = 2) -> Generator[T, None, None]:
    """The same items, worked out on another thread while earlier ones are used; at most `depth` wait."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="prefetch")
    waiting: deque[Future[T | None]] = deque()
    closing = contextlib.closing(items) if isinstance(items, Generator) else contextlib.nullcontext()
    with closing, contextlib.ExitStack() as stack:
        stack.callback(pool.shutdown, cancel_futures=True)
        waiting.extend(pool.submit(next, items, None) for _ in range(depth))
        while (item := waiting.popleft().result()) is not None:
            waiting.append(pool.submit(next, items, None))
            yield item


def _match(
    frame: Frame,
    kind: KeyKind,
    earlier: Sequence[Frame],
    flow: Flow,
    rule: ReliabilityRule,
    given: GivenKeys,
) -> FrameTask:
    if not earlier:
        return FrameTask(frame, kind)
    motion = camera_motion(frame.image, earlier[0].image)
    camera = _camera(frame, earlier[0], motion)
    if kind != KeyKind.SOLVED:
        return FrameTask(frame, kind, camera=camera)
    nearest = prior_flow(frame, earlier[0], flow, rule, motion)
    prior_flows = nearest, *(prior_flow(frame, prior, flow, rule) for prior in earlier[1:])
    return FrameTask(frame, kind, prior_flows, ahead=given.ahead_of(frame, flow), camera=camera)


def _camera(frame: Frame, before: Frame, motion: np.ndarray) -> PriorFlow:
    """The camera's motion, (2, 3), back to the frame that was solved before."""
    flow = flow_of(motion, frame.image.shape[:2])
    return PriorFlow(before.index, flow, ends_inside(flow, 0.0).astype(np.float32))


def prior_flow(
    frame: Frame, prior: Frame, flow: Flow, rule: ReliabilityRule, motion: np.ndarray | None = None
) -> PriorFlow:
    """The flow back to a prior; the camera's `motion`, (2, 3), is given where it is known."""
    backward, forward = both_ways(flow, frame.image, prior.image, motion=motion)
    return PriorFlow(prior.index, backward, rule(backward, forward, frame.image, prior.image))
