"""Where the pixels of a frame are in another one: of neighbours by optical flow, of others by chains of such flows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from vidstyle.motion.accumulated_error import compare, thumbnail, warp_thumbnail
from vidstyle.motion.camera.camera_motion import camera_motion, chained
from vidstyle.motion.fill import fill
from vidstyle.motion.filters import blurred, flow_scaled_down, median, scaled_down
from vidstyle.motion.flow import Array, Flow, both_ways
from vidstyle.motion.reliability import (
    EDGE_TOLERANCE,
    Mask,
    ends_inside,
    evenness,
    is_consistent,
    neighbour_reliability,
    reliability,
)
from vidstyle.motion.warp import warp
from vidstyle.parallel import spread

FILLED = 0.25
"""Reliability, over visibility, of flow that was filled in: held fully, a flat surface is smeared frame by frame."""
CORRECTED = 0.6
"""Share of the error that a chain of flows has gathered at its end and that is taken out of it. With all of it taken
out the painting trembles; with none it slides."""
LEAST_VISIBILITY = 0.05
"""Below this visibility a pixel's flow is replaced by the flow around it."""
STRETCHED = 0.5
"""Share of its visibility that a pixel keeps where the flow stretches what is carried. It then shows only where the
other key has no better pixel."""
MOST_DISAGREEMENT = 3.0
"""Pixels. Where a chain and the flow over the whole interval differ by more, they have followed different things."""


@dataclass(frozen=True)
class Correspondence:
    """Where the pixels of a frame are in another one.

    Attributes
    ----------
    flow
        (H, W, 2) pixels: ``frame(p)`` looks like ``other(p + flow(p))``.
    visibility
        (H, W), 0 to 1: how surely what is at a pixel is seen in the other frame too.
    """

    flow: Array
    visibility: Array


@dataclass(frozen=True)
class ChainedFlow(Correspondence):
    """A flow over one frame or over a chain of several, along which paint is carried and held.

    Attributes
    ----------
    reliability
        (H, W), 0 to 1, at most the visibility: how far the flow can be trusted to carry strokes. Flow that was filled
        in leads to the same surface, but may stretch strokes on it.
    """

    reliability: Array


@dataclass(frozen=True)
class NeighbourFlow:
    """The flows between two neighbours.

    Attributes
    ----------
    backward, forward
        From the later frame, and from the earlier one.
    camera
        The camera's motion, from the later one, (2, 3); see :func:`vidstyle.motion.camera.camera_motion.camera_motion`.
    """

    backward: ChainedFlow
    forward: ChainedFlow
    camera: Array


def match_neighbours(flow: Flow, image: Array, earlier: Array) -> NeighbourFlow:
    """Find the flows between a frame and the one before it, both (H, W, 3) in 0..1.

    Where the forward and the backward flow disagree, both are filled in from around them, see
    :func:`vidstyle.motion.fill.fill`, and tested again. What is really covered or uncovered fails that test too.
    """
    camera = camera_motion(image, earlier)
    backward, forward = both_ways(flow, image, earlier, motion=camera)
    found, found_forward = is_consistent(backward, forward), is_consistent(forward, backward)
    backward, forward = fill(backward, found, image), fill(forward, found_forward, earlier)
    return NeighbourFlow(
        _one_step(backward, found, neighbour_reliability(backward, forward, image, earlier)),
        _one_step(forward, found_forward, neighbour_reliability(forward, backward, earlier, image)),
        camera,
    )


def chain_backward(neighbours: Sequence[NeighbourFlow]) -> list[ChainedFlow]:
    """The flow from each frame after a first one back to that, given each one's flows to the frame before it.

    Flows are added up along the chain; visibilities and reliabilities are multiplied.
    """
    chains: list[ChainedFlow] = []
    for step in neighbours:
        chains.append(compose(step.backward, chains[-1]) if chains else step.backward)
    return chains


def chain_forward(neighbours: Sequence[NeighbourFlow]) -> list[ChainedFlow]:
    """The flow from each frame before a last one forward to that; the first frame's comes first."""
    chains: list[ChainedFlow] = []
    for step in reversed(neighbours):
        chains.insert(0, compose(step.forward, chains[0]) if chains else step.forward)
    return chains


@dataclass(frozen=True)
class IntervalFlow:
    """The flows within a run of frames, from key to key.

    Attributes
    ----------
    whole
        From the last frame back to the first. Whether what is carried along it belongs there, its user must check.
    backward, forward
        For each frame between, where its pixels are in the first frame, and in the last.
    steps, onward
        For each frame between, where its pixels are in the frame before it, and in the frame after it.
    camera
        The camera's motion from the last frame back to the first, (2, 3).
    """

    whole: ChainedFlow
    backward: Sequence[Correspondence]
    forward: Sequence[Correspondence]
    steps: Sequence[Correspondence]
    onward: Sequence[Correspondence]
    camera: Array


def interval_flow(
    neighbours: Sequence[NeighbourFlow], flow: Flow, images: Sequence[Array], workers: int = 1
) -> IntervalFlow:
    """The flows within a run of frames, (H, W, 3) in 0..1, given the flows of each after the first to the one before.

    A chain of neighbours' flows adds up their errors, so that a painting slowly slides off what it is painted on. A
    flow found over the whole interval has one error, but a different one from each frame, which is seen as a tremble.
    So the chain is used, and its error at the end, as the flow over the whole interval shows it, is taken out by a
    part that grows evenly along the chain. A pixel is not visible in an end where the two no longer look alike. As many
    `workers` look at the frames between.
    """
    camera = chained(step.camera for step in neighbours)
    backward, forward = _corrected(neighbours, flow, images[-1], images[0], camera)
    first, *thumbnails, last = map(thumbnail, images)
    between = list(zip(images[1:-1], thumbnails, strict=True))
    ends = [(chain, *frame, first) for chain, frame in zip(backward, between, strict=False)]
    ends += [(chain, *frame, last) for chain, frame in zip(forward, between, strict=True)]
    found = list(spread(lambda end: _to_end(*end), ends, workers, "ends"))
    return IntervalFlow(
        _without_stretched(backward[-1]),
        found[: len(between)],
        found[len(between) :],
        [step.backward for step in neighbours[:-1]],
        [step.forward for step in neighbours[1:]],
        camera,
    )


def where_alike(found: Correspondence, image: Array, other: Array) -> Correspondence:
    """The correspondence, visible only where the image shows what the other one does; both images are thumbnails."""
    alike = compare(image, warp_thumbnail(found.flow, other, "quick"), found.visibility, painted=True).resemblance
    return Correspondence(found.flow, found.visibility * alike)


def _without_stretched(chain: ChainedFlow) -> ChainedFlow:
    """The chain, trusted only where it does not stretch what is carried along it."""
    even = evenness(chain.flow)
    return replace(chain, visibility=chain.visibility * even, reliability=chain.reliability * even)


def _to_end(chain: ChainedFlow, image: Array, small: Array, end: Array) -> Correspondence:
    """Where the pixels of a frame are in an end; `small` and `end` are the two frames' thumbnails.

    Pixels that are not visible there move with what is around them: at the rim of something fast a chain is a mixture
    of two motions, and each pixel would be carried from somewhere else. That leaves dots along the rim; a median over
    a few pixels takes them away and keeps the rim (Sun et al. 2010, section 4).
    """
    flow = median(fill(chain.flow, chain.visibility >= LEAST_VISIBILITY, image))
    even = np.maximum(evenness(flow), np.float32(STRETCHED))
    return where_alike(Correspondence(flow, chain.visibility * even), small, end)


def _corrected(
    neighbours: Sequence[NeighbourFlow], flow: Flow, last: Array, first: Array, camera: Array
) -> tuple[list[ChainedFlow], list[ChainedFlow]]:
    """Corrected chains (see :func:`interval_flow`), backward from all but the first, forward from those between."""
    backward, forward = chain_backward(neighbours), chain_forward(neighbours)
    count = len(neighbours)
    if count == 1:
        # Neighbours that are both solved hold each other no more than where every frame is solved.
        held = reliability(backward[0].flow, forward[0].flow, last, first)
        return [replace(backward[0], reliability=held)], []
    direct = both_ways(flow, last, first, (backward[-1].flow, forward[0].flow), camera)
    error_back = _correction(direct[0] - backward[-1].flow, is_consistent(*direct))
    error_forward = _correction(direct[1] - forward[0].flow, is_consistent(*direct[::-1]))
    inner = range(1, count)
    # The error of a frame between is that of the end's pixels which its own come from, or go to.
    backwards = [_moved(backward[i - 1], i / count * warp(error_back, forward[i].flow, "linear")) for i in inner]
    forwards = [
        _moved(forward[i], (1 - i / count) * warp(error_forward, backward[i - 1].flow, "linear")) for i in inner
    ]
    return [*backwards, _moved(backward[-1], error_back)], forwards


def _moved(chain: ChainedFlow, by: Array) -> ChainedFlow:
    return replace(chain, flow=chain.flow + by)


def _one_step(flow: Array, found: Mask, visibility: Array) -> ChainedFlow:
    """A flow between neighbours; where it was not `found` it was filled in."""
    sharp = blurred(found.astype(np.float32), 0.8, radius=2)
    return ChainedFlow(flow, visibility, visibility * (FILLED + (1 - FILLED) * sharp))


def _correction(error: Array, consistent: Mask) -> Array:
    """What a chain's flow is to be corrected by at its end, smoothed.

    It is 0 where the flow over the whole interval is not consistent, or where the two disagree too much.
    """
    counts = (consistent & (np.square(error).sum(-1) < MOST_DISAGREEMENT**2)).astype(np.float32)[..., None]
    weight = blurred(counts, 2)
    smooth = blurred(error * counts, 2) / weight.clip(1e-3)
    correction: Array = CORRECTED * smooth * (2 * weight).clip(None, 1)
    return correction


def compose(first: ChainedFlow, second: ChainedFlow) -> ChainedFlow:
    """The flow along the first one, and from where that ends on along the second."""

    def at_end(values: Array) -> Array:
        return warp(values, first.flow, "linear")

    flow = first.flow + at_end(second.flow)
    # Each step may end as far beyond the edge as is tolerated; many of them may lead farther.
    inside = ends_inside(flow, EDGE_TOLERANCE).astype(np.float32)
    return ChainedFlow(
        flow,
        first.visibility * at_end(second.visibility) * inside,
        first.reliability * at_end(second.reliability) * inside,
    )


def reduced(neighbours: NeighbourFlow, long_side: int) -> NeighbourFlow:
    """The flows at a smaller size, where the frames are larger than `long_side`."""
    backward, forward = (_reduced(chain, long_side) for chain in (neighbours.backward, neighbours.forward))
    return replace(neighbours, backward=backward, forward=forward)


def _reduced(chain: ChainedFlow, long_side: int) -> ChainedFlow:
    if max(chain.reliability.shape) <= long_side:
        return chain
    return ChainedFlow(
        flow_scaled_down(chain.flow, long_side),
        scaled_down(chain.visibility, long_side),
        scaled_down(chain.reliability, long_side),
    )
