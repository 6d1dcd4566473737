"""Frames made ready to be painted, ahead of the solver: decoded, and tied to earlier ones by motion."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from vidstyle.media.reader import Frame
from vidstyle.motion.flow import Flow, both_ways
from vidstyle.motion.reliability import long_term

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
        (H, W), 0 to 1, less what nearer frames account for.
    """

    index: int
    flow: np.ndarray
    reliability: np.ndarray


@dataclass(frozen=True)
class Prepared:
    """A frame with its links to earlier ones, nearest first; none for the first of a shot."""

    frame: Frame
    links: tuple[Link, ...]


def prepare(
    frames: Iterator[Frame], first: int, distances: Sequence[int], flow: Flow, rule: Rule, workers: int = 1
) -> Generator[Prepared, None, None]:
    """Tie each frame to those before it, ahead of being asked, on other threads.

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
    flows = [both_ways(flow, frame.image, other.image) for other in earlier]
    trusts = [
        rule(backward, forward, frame.image, other.image)
        for (backward, forward), other in zip(flows, earlier, strict=True)
    ]
    return Prepared(
        frame,
        tuple(
            Link(other.index, backward, trust)
            for other, (backward, _), trust in zip(earlier, flows, long_term(trusts), strict=True)
        ),
    )
