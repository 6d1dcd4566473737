"""Which few frames show the most of a shot: those worth painting by hand."""

import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from vidstyle.motion.accumulated_error import thumbnail
from vidstyle.motion.correspondence import ChainedFlow, NeighbourFlow, compose, match_neighbours, where_alike
from vidstyle.motion.filters import scaled_down
from vidstyle.motion.flow import Array, Flow
from vidstyle.ranges import spread_evenly

SIDE = 128
"""Pixels of the reduced frames that are looked through."""
_GRID = 32
"""Cells of the long side in which it is kept what a frame shows of another one."""
_FRAMES, _CANDIDATES = 120, 11
"""The most frames of a shot that are matched with each other, and the most of these that are tried."""
_HARDLY, _NEXT = 0.02, 0.02
"""What shows less of a frame than this shows nothing that is farther; a key that adds less is not worth painting."""


def best_keys(frames: Sequence[Array], flow: Flow, most: int, enough: float) -> list[tuple[int, float]]:
    """Positions of frames to be painted, best first, each with the share of the shot that is seen in it or before it.

    A greedy cover: each is the one that shows the most of what those before it do not. Shares are means over all
    frames, as what is carried along the motion still looks like the frame.

    Parameters
    ----------
    frames
        Those of a shot, (H, W, 3) in 0..1, reduced, or as many of them as there is time for.
    flow
        Matches neighbours.
    most, enough
        How many at the most, and the share, 0 to 1, that is enough.
    """
    neighbours = [match_neighbours(flow, frame, before) for before, frame in itertools.pairwise(frames)]
    small = [thumbnail(frame) for frame in frames]
    shown = {start: _shown(start, neighbours, small) for start in spread_evenly(range(len(frames)), _CANDIDATES)}
    chosen: list[tuple[int, float]] = []
    covered = np.zeros_like(next(iter(shown.values())))
    while shown and len(chosen) < most and (not chosen or chosen[-1][1] < enough):
        gains = {start: float(np.maximum(covered, seen).mean()) for start, seen in shown.items()}
        best = max(gains, key=lambda start: gains[start])
        if chosen and gains[best] < chosen[-1][1] + _NEXT:
            break
        chosen.append((best, gains[best]))
        covered = np.maximum(covered, shown.pop(best))
    return chosen


def looked_through(count: int) -> list[int]:
    """Positions of the frames of a shot of so many that :func:`best_keys` is to be given."""
    return spread_evenly(range(count), min(count, _FRAMES))


def _shown(start: int, neighbours: Sequence[NeighbourFlow], small: Sequence[Array]) -> Array:
    """How much of each frame is seen in the one at `start`, (frames, h, w), 0 to 1."""
    height, width = scaled_down(small[start][..., 0], _GRID).shape
    shown = np.zeros((len(small), height, width), np.float32)
    shown[start] = 1
    after = ((at, neighbours[at - 1].backward) for at in range(start + 1, len(small)))
    before = ((at, neighbours[at].forward) for at in range(start - 1, -1, -1))
    for way in (after, before):
        for at, visibility in _carried(way, lambda at, chain: where_alike(chain, small[at], small[start]).visibility):
            shown[at] = scaled_down(visibility, _GRID)
    return shown


def _carried(
    way: Iterator[tuple[int, ChainedFlow]], seen: Callable[[int, ChainedFlow], Array]
) -> Iterator[tuple[int, Array]]:
    """How much of each frame on the way is seen where the chain of its steps leads, until next to nothing is."""
    chain: ChainedFlow | None = None
    for at, step in way:
        chain = step if chain is None else compose(step, chain)
        visibility = seen(at, chain)
        yield at, visibility
        if visibility.mean() < _HARDLY:
            return
