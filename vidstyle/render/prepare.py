"""Frames made ready to be painted, ahead of the solver: decoded, and tied to earlier ones by motion."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
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
    frames: Iterable[Frame], first: int, distances: Sequence[int], flow: Flow, rule: Rule
) -> Iterator[Prepared]:
    """Tie each frame to those before it.

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
    """
    past: deque[Frame] = deque(maxlen=max(distances))
    for frame in frames:
        if frame.index >= first:
            earlier = [past[-distance] for distance in distances if distance <= len(past)]
            flows = [both_ways(flow, frame.image, other.image) for other in earlier]
            trusts = long_term(
                [rule(*pair, frame.image, other.image) for pair, other in zip(flows, earlier, strict=True)]
            )
            yield Prepared(
                frame,
                tuple(
                    Link(other.index, backward, trust)
                    for other, (backward, _), trust in zip(earlier, flows, trusts, strict=True)
                ),
            )
        past.append(frame)


def ahead(items: Iterator[T], depth: int = 2) -> Generator[T, None, None]:
    """The same items, worked out on another thread while earlier ones are used; at most `depth` wait."""
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        waiting: deque[Future[T | None]] = deque()
        try:
            waiting.extend(pool.submit(next, items, None) for _ in range(depth))
            while (item := waiting.popleft().result()) is not None:
                waiting.append(pool.submit(next, items, None))
                yield item
        finally:
            for future in waiting:
                future.cancel()
            pool.shutdown()
            if isinstance(items, Generator):
                with contextlib.suppress(ValueError):
                    items.close()
