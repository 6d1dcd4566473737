"""Frames made ready to be painted, ahead of the solver: decoded, chosen, and tied to earlier ones by motion."""

from __future__ import annotations

import contextlib
import itertools
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from vidstyle.jobs.schedule import Gap
from vidstyle.media.reader import Frame
from vidstyle.motion.correspondence import IntervalFlow, NeighbourFlow, interval_flow, match_neighbours, reduced
from vidstyle.motion.filters import scaled_down
from vidstyle.motion.flow import Flow, both_ways
from vidstyle.motion.reliability import reliability
from vidstyle.render.keyframes import LONG_SIDE, next_key

T = TypeVar("T")
Rule = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""Reliability of a backward flow, given the forward flow, the image and the earlier one."""


@dataclass(frozen=True)
class Link:
    """How a frame hangs together with an earlier one.

    Attributes
    ----------
    index
        The earlier frame's index in the clip.
    flow
        (H, W, 2) from the frame back to the earlier one.
    reliability
        (H, W), 0 to 1.
    """

    index: int
    flow: np.ndarray
    reliability: np.ndarray


@dataclass(frozen=True)
class Passage:
    """A gap between two keys with what is needed to carry them over it.

    Attributes
    ----------
    gap
        Where it is.
    frames
        Its in-betweens.
    tracks
        From each of its frames to its keys, and from key to key.
    """

    gap: Gap
    frames: tuple[Frame, ...]
    flows: IntervalFlow


def passage(left: Frame, after: Sequence[tuple[Frame, NeighbourFlow]], flow: Flow) -> Passage:
    """The way from a key over the frames after it, each tied to the one before; the last of them is the next key."""
    *between, (right, _) = after
    found = interval_flow([one for _, one in after], flow, [left.image, *(frame.image for frame, _ in after)])
    return Passage(Gap(left.index, right.index), tuple(frame for frame, _ in between), found)


@dataclass(frozen=True)
class Prepared:
    """A frame to be solved, with its links to earlier ones, nearest first; none for the first of a shot.

    Where there are in-betweens, `passage` leads to it from the key before.
    """

    frame: Frame
    links: tuple[Link, ...]
    passage: Passage | None = None

    @property
    def sources(self) -> tuple[int, ...]:
        """Indices of the earlier frames that it is solved from."""
        return tuple(link.index for link in self.links)


def prepare(
    frames: Iterator[Frame], first: int, distances: Sequence[int], flow: Flow, rule: Rule, workers: int = 1
) -> Generator[Prepared, None, None]:
    """Find each frame's motion from those before it, ahead of being asked, on other threads.

    Parameters
    ----------
    frames
        Frames of a shot, without a gap.
    first
        Index of the first frame that is wanted; those before it are only looked back to.
    distances
        How many frames to look back, nearest first.
    flow, rule
        The flow method, and how far to trust what it finds.
    workers
        How many frames are tied at a time.
    """
    past: deque[Frame] = deque(maxlen=max(distances))
    waiting: deque[Future[Prepared]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="tie")
    with contextlib.closing(ahead(frames)) as decoded, _ending(pool):
        for frame in decoded:
            if frame.index >= first:
                earlier = [past[-distance] for distance in distances if distance <= len(past)]
                waiting.append(pool.submit(_tied, frame, earlier, flow, rule))
            past.append(frame)
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def prepare_keys(
    frames: Iterator[Frame],
    painted: Sequence[int],
    distances: Sequence[int],
    flow: Flow,
    most: int,
    workers: int = 1,
) -> Generator[Prepared, None, None]:
    """Choose the keys of a shot and tie each to those before it; neighbours are tied ahead, on other threads.

    Parameters
    ----------
    frames
        Frames of a shot up to its end, without a gap, from the first of the `painted` keys on.
    painted
        Indices of the keys that are painted and looked back to; none at a shot's beginning.
    distances
        How many keys to look back, nearest first.
    flow
        The flow method.
    most
        In-betweens from key to key at the most.
    workers
        How many pairs are tied at a time; 0: one, and none ahead of being asked.
    """
    earlier = deque([frame := next(frames)], max(distances))
    if painted:
        for frame in itertools.islice(frames, painted[-1] - painted[0]):
            if frame.index in painted:
                earlier.append(frame)
    with contextlib.closing(tied_neighbours(frame, frames, flow, workers)) as neighbours:
        if not painted:
            yield Prepared(frame, ())
        waiting: deque[tuple[Frame, NeighbourFlow]] = deque()
        small: deque[NeighbourFlow] = deque()
        small_images = deque([scaled_down(frame.image, LONG_SIDE)])
        while True:
            while len(waiting) <= most and (following := next(neighbours, None)) is not None:
                waiting.append(following)
                small.append(reduced(following[1], LONG_SIDE))
                small_images.append(scaled_down(following[0].image, LONG_SIDE))
            if not waiting:
                return
            length = next_key(list(small), list(small_images), most)
            for _ in range(length):
                small.popleft()
                small_images.popleft()
            way, frame = _onward(frame, waiting, length, flow)
            links = _links(frame, way, earlier, distances, flow)
            earlier.append(frame)
            yield Prepared(frame, links, way)


def _onward(left: Frame, waiting: deque[tuple[Frame, NeighbourFlow]], length: int, flow: Flow) -> tuple[Passage, Frame]:
    """The passage from a key to the next one, which comes along.

    What ties the frames on the way is let go here: at 1920×1080 it is as much as half a gigabyte.
    """
    after = [waiting.popleft() for _ in range(length)]
    return passage(left, after, flow), after[-1][0]


def tied_neighbours(
    before: Frame, frames: Iterator[Frame], flow: Flow, workers: int = 1
) -> Generator[tuple[Frame, NeighbourFlow], None, None]:
    """Each of the frames after one with what ties it to the one before it; `workers` as in :func:`prepare_keys`."""
    waiting: deque[tuple[Frame, Future[NeighbourFlow]]] = deque()
    pool = ThreadPoolExecutor(max(1, workers), thread_name_prefix="tie")
    with contextlib.closing(ahead(frames)) as decoded, _ending(pool):
        for frame in decoded:
            waiting.append((frame, pool.submit(match_neighbours, flow, frame.image, before.image)))
            before = frame
            if len(waiting) > workers:
                tied, one = waiting.popleft()
                yield tied, one.result()
        for tied, one in waiting:
            yield tied, one.result()


def _links(
    frame: Frame, way: Passage, earlier: Sequence[Frame], distances: Sequence[int], flow: Flow
) -> tuple[Link, ...]:
    """From a key back to earlier ones, the latest last; the way leads to that one.

    Farther keys are there for what the latest one hides. A way over that one loses it, so they are looked at directly.
    """
    whole = way.flows.whole
    return tuple(
        Link(way.gap.left, whole.flow, whole.reliability)
        if distance == 1
        else _link(frame, earlier[-distance], flow, reliability)
        for distance in distances
        if distance <= len(earlier)
    )


def ahead(items: Iterator[T], depth: int = 2) -> Generator[T, None, None]:
    """The same items, worked out on another thread while earlier ones are used; at most `depth` wait."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="ahead")
    waiting: deque[Future[T | None]] = deque()
    closing = contextlib.closing(items) if isinstance(items, Generator) else contextlib.nullcontext()
    with closing, _ending(pool):
        waiting.extend(pool.submit(next, items, None) for _ in range(depth))
        while (item := waiting.popleft().result()) is not None:
            waiting.append(pool.submit(next, items, None))
            yield item


@contextlib.contextmanager
def _ending(pool: ThreadPoolExecutor) -> Iterator[None]:
    """A pool that drops what it has not begun when it is left."""
    try:
        yield
    finally:
        pool.shutdown(cancel_futures=True)


def _tied(frame: Frame, earlier: Sequence[Frame], flow: Flow, rule: Rule) -> Prepared:
    return Prepared(frame, tuple(_link(frame, other, flow, rule) for other in earlier))


def _link(frame: Frame, other: Frame, flow: Flow, rule: Rule) -> Link:
    backward, forward = both_ways(flow, frame.image, other.image)
    return Link(other.index, backward, rule(backward, forward, frame.image, other.image))
