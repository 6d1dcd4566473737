"""A pass over the frames of a shot: what is measured of each, and the images that the report shows of it."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vidstyle.measure.metrics.boil import Rest, boil, find_rest
from vidstyle.measure.metrics.borrowed import Borrowed
from vidstyle.measure.metrics.content_distance import ContentDistance, divergence
from vidstyle.measure.metrics.drift import look
from vidstyle.measure.metrics.fine_detail import find_fine_detail, kept_detail
from vidstyle.measure.metrics.frame_difference import change, frame_difference
from vidstyle.measure.metrics.regions import Regions
from vidstyle.measure.metrics.rhythm import rhythm
from vidstyle.measure.metrics.shapes import GAP, Edges, find_edges, shape, stale
from vidstyle.measure.metrics.style_distance import Style, StyleDistances
from vidstyle.measure.metrics.warp_error import ClipMotion, carry, find_motion, residual, warp_error
from vidstyle.measure.results import FrameMeasures, WarpErrors
from vidstyle.measure.summary import GAPS
from vidstyle.media.images.stills import quantise
from vidstyle.motion.flow import Array, Flow
from vidstyle.motion.reliability import reliability


@dataclass(frozen=True)
class Views:
    """A frame in all its forms, (H, W, 3) in 0..1: the clip's, each output's, and each one's carried painting."""

    clip: Array
    outputs: tuple[Array, ...]
    carried: tuple[Array, ...]


@dataclass(frozen=True)
class PreviousFrame:
    """The frame before in the same shot, the clip's motion between the two, and where the clip rests."""

    views: Views
    motion: ClipMotion
    rests: tuple[Rest, ...]


@dataclass(frozen=True)
class Moment:
    """A frame that was looked at.

    Attributes
    ----------
    index
        In the clip, from 0.
    views, previous
        The frame, and what came before; None where a shot begins.
    measures
        Of each output.
    borrowed
        What each output has of the style picture's subject; None where style was not looked at.
    """

    index: int
    views: Views
    previous: PreviousFrame | None
    measures: tuple[FrameMeasures, ...]
    borrowed: tuple[Borrowed | None, ...]


@dataclass(frozen=True)
class Judges:
    """What frames are looked at with.

    Attributes
    ----------
    flow
        Finds the clip's motion.
    content, style
        The feature networks; style is None where no style picture is known.
    every
        Style and content are looked at in every such frame of a shot, and in its last.
    """

    flow: Flow
    content: ContentDistance
    style: Style | None
    every: int


def observe_shot(
    footage: Iterator[tuple[int, Array, tuple[Array, ...]]], shot: range, judges: Judges, regions: tuple[Regions, ...]
) -> Iterator[Moment]:
    """Look at the frames of a shot; its newly uncovered regions are gathered in `regions`, one an output.

    Memory holds as many frames as the longest gap, whatever the shot's length.
    """
    recent: deque[_Packed] = deque(maxlen=max(GAPS))
    recent_edges: deque[Edges] = deque(maxlen=GAP)
    earlier: Views | None = None
    trace: _Trace | None = None
    for index in shot:
        frame, clip, outputs = next(footage)
        previous = None if earlier is None else _beside(clip, earlier, judges.flow)
        carried = outputs if previous is None else tuple(carry(c, previous.motion) for c in previous.views.carried)
        views = Views(clip, outputs, carried)
        pairs = dict(_pairs(clip, previous, recent, judges.flow))
        errors = {gap: _warp_errors(views, pair) for gap, pair in pairs.items()}
        fine = find_fine_detail(clip)
        edges, edges_before = find_edges(clip), recent_edges[0] if len(recent_edges) == GAP else None
        residuals = []
        if previous is not None:
            residuals = [residual(previous.motion, *o) for o in zip(outputs, previous.views.outputs, strict=True)]
        sampled = (index - shot.start) % judges.every == 0 or index == shot[-1]
        judged = _judge(views, previous, judges, regions) if sampled else [_Judged()] * len(outputs)
        measures = []
        for number, (output, found) in enumerate(zip(outputs, judged, strict=True)):
            before, painted = None if previous is None else previous.views, find_edges(output)
            measures.append(
                FrameMeasures(
                    frame=frame,
                    warp={gap: each[number] for gap, each in errors.items()},
                    rhythm=None if trace is None else trace.rhythm(residuals, number),
                    boil={gap: boil(pair.rests, output, pair.views.outputs[number]) for gap, pair in pairs.items()},
                    stale=None if edges_before is None else stale(edges, edges_before, painted),
                    shape=shape(edges, painted),
                    fine_detail=kept_detail(fine, output),
                    change=None if before is None else change(output, before.outputs[number]),
                    clip_change=None if before is None else change(clip, before.clip),
                    difference=None
                    if before is None
                    else frame_difference(output, before.outputs[number], clip, before.clip),
                    look=look(output),
                    clip_look=look(clip),
                    content=found.content,
                    style=found.style,
                    clip_style=found.clip_style,
                    borrowed=None if found.borrowed is None else found.borrowed.share,
                )
            )
        yield Moment(index, views, previous, tuple(measures), tuple(one.borrowed for one in judged))
        recent.append(_Packed(views))
        recent_edges.append(edges)
        earlier, trace = views, None if previous is None else _Trace(previous.motion, residuals)


class _Packed:
    """Views at 16 bits: they take half the memory, and a decoded frame loses nothing."""

    def __init__(self, views: Views) -> None:
        self._images: list[npt.NDArray[np.uint16]] = [
            quantise(image, 16) for image in (views.clip, *views.outputs, *views.carried)
        ]

    def unpack(self) -> Views:
        clip, *others = (image.astype(np.float32) / np.float32(65535) for image in self._images)
        return Views(clip, tuple(others[: len(others) // 2]), tuple(others[len(others) // 2 :]))


@dataclass(frozen=True)
class _Trace:
    """What the next frame's rhythm needs: the motion from the frame before, and each output's residual."""

    motion: ClipMotion
    residuals: list[Array]

    def rhythm(self, residuals: Sequence[Array], number: int) -> float | None:
        """Of one output, whose residuals are the next ones."""
        return rhythm(residuals[number], self.residuals[number], self.motion)


@dataclass(frozen=True)
class _Judged:
    """What the feature network measures of a frame; None where the frame was not sampled."""

    content: float | None = None
    style: StyleDistances | None = None
    clip_style: StyleDistances | None = None
    borrowed: Borrowed | None = None


def _beside(clip: Array, earlier: Views, flow: Flow) -> PreviousFrame:
    return PreviousFrame(earlier, find_motion(flow, clip, earlier.clip), find_rest(clip, earlier.clip))


def _pairs(
    clip: Array, previous: PreviousFrame | None, recent: Sequence[_Packed], flow: Flow
) -> Iterator[tuple[int, PreviousFrame]]:
    """By gap, the earlier frame that the clip's is compared with, as far back as the shot goes."""
    for gap in GAPS:
        if previous is not None and gap <= len(recent):
            yield gap, previous if gap == 1 else _beside(clip, recent[-gap].unpack(), flow)


def _warp_errors(views: Views, earlier: PreviousFrame) -> list[WarpErrors]:
    """Of each output, between a frame and an earlier one."""
    motion, before = earlier.motion, earlier.views
    clip = warp_error(motion, views.clip, before.clip)
    pairs = zip(views.outputs, before.outputs, views.carried, before.carried, strict=True)
    return [
        WarpErrors(warp_error(motion, output, old), clip, warp_error(motion, carried, old_carried), motion.kept)
        for output, old, carried, old_carried in pairs
    ]


def _judge(views: Views, previous: PreviousFrame | None, judges: Judges, regions: tuple[Regions, ...]) -> list[_Judged]:
    """Content and style distances of each output, and what it borrowed."""
    structure = judges.content.structure(views.clip)
    clip_features = judges.style.features(views.clip) if judges.style else None
    clip_style = judges.style.distances(clip_features) if judges.style and clip_features else None
    reliable = None
    if previous is not None and judges.style is not None:
        reliable = reliability(previous.motion.backward, previous.motion.forward, views.clip, previous.views.clip)
    judged = []
    for output, gathered in zip(views.outputs, regions, strict=True):
        style, borrowed = None, None
        if judges.style is not None and clip_features is not None:
            features = judges.style.features(output)
            style = judges.style.distances(features)
            borrowed = judges.style.borrowed(clip_features, features)
            if reliable is not None:
                gathered.add(features, reliable)
        content = divergence(structure, judges.content.structure(output))
        judged.append(_Judged(content, style, clip_style, borrowed))
    return judged
