"""One look at each frame, in order: what is measured of it, and what there is to show of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vidstyle.measure.content_distance import ContentDistance, divergence
from vidstyle.measure.drift import look
from vidstyle.measure.frame_difference import change, frame_difference
from vidstyle.measure.regions import Regions
from vidstyle.measure.results import FrameMeasures, WarpErrors
from vidstyle.measure.rhythm import rhythm
from vidstyle.measure.style_distance import Style, StyleDistances
from vidstyle.measure.summary import GAPS
from vidstyle.measure.warp_error import Pair, carry, find_motion, residual, warp_error
from vidstyle.media.stills import quantise
from vidstyle.motion.flow import Array, Flow
from vidstyle.motion.reliability import reliability


@dataclass(frozen=True)
class Views:
    """A frame in all its forms, (H, W, 3) in 0..1: the clip's, each output's, and each one's carried painting."""

    clip: Array
    outputs: tuple[Array, ...]
    carried: tuple[Array, ...]


@dataclass(frozen=True)
class Moment:
    """A frame that was looked at.

    Attributes
    ----------
    index
        In the clip, from 0.
    views, earlier, pair
        The frame, the one before and the motion between them; the latter two None where a shot begins.
    measures
        Of each output.
    """

    index: int
    views: Views
    earlier: Views | None
    pair: Pair | None
    measures: tuple[FrameMeasures, ...]


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
    earlier: Views | None = None
    trace: _Trace | None = None
    for index in shot:
        _, clip, outputs = next(footage)
        pair = None if earlier is None else find_motion(judges.flow, clip, earlier.clip)
        carried = outputs if earlier is None or pair is None else tuple(carry(c, pair) for c in earlier.carried)
        views = Views(clip, outputs, carried)
        warp: list[dict[int, WarpErrors]] = [{} for _ in outputs]
        for gap in GAPS:
            if gap > len(recent):
                continue
            before = earlier if gap == 1 and earlier is not None else recent[-gap].unpack()
            across = pair if gap == 1 and pair is not None else find_motion(judges.flow, clip, before.clip)
            for errors, found in zip(warp, _warp_errors(across, views, before), strict=True):
                errors[gap] = found
        rhythms: list[float | None] = [None] * len(outputs)
        if pair is not None and earlier is not None:
            residuals = [residual(pair, *images) for images in zip(outputs, earlier.outputs, strict=True)]
            if trace is not None:
                rhythms = [rhythm(*errors, trace.pair) for errors in zip(residuals, trace.residuals, strict=True)]
            trace = _Trace(pair, residuals)
        sampled = (index - shot.start) % judges.every == 0 or index == shot[-1]
        judged = _judge(views, earlier, pair, judges, regions) if sampled else [_Judged()] * len(outputs)
        measures = tuple(
            _frame(index, views, earlier, number, warp[number], rhythms[number], judged[number])
            for number in range(len(outputs))
        )
        yield Moment(index, views, earlier, pair, measures)
        recent.append(_Packed(views))
        earlier = views


class _Packed:
    """Views at 16 bits: half the memory, and no loss to what was decoded."""

    def __init__(self, views: Views) -> None:
        self._images: list[npt.NDArray[np.uint16]] = [
            quantise(image, 16) for image in (views.clip, *views.outputs, *views.carried)
        ]

    def unpack(self) -> Views:
        clip, *others = (image.astype(np.float32) / np.float32(65535) for image in self._images)
        return Views(clip, tuple(others[: len(others) // 2]), tuple(others[len(others) // 2 :]))


@dataclass(frozen=True)
class _Trace:
    """What the next frame's rhythm is told from: the motion from the frame before, and each output's residual."""

    pair: Pair
    residuals: list[Array]


@dataclass(frozen=True)
class _Judged:
    """What the feature networks say of a frame; nothing where they were not asked."""

    content: float | None = None
    style: StyleDistances | None = None
    clip_style: StyleDistances | None = None


def _warp_errors(pair: Pair, views: Views, before: Views) -> Iterator[WarpErrors]:
    clip = warp_error(pair, views.clip, before.clip)
    kept = pair.kept
    for output, carried, output_before, carried_before in zip(
        views.outputs, views.carried, before.outputs, before.carried, strict=True
    ):
        yield WarpErrors(warp_error(pair, output, output_before), clip, warp_error(pair, carried, carried_before), kept)


def _judge(
    views: Views, earlier: Views | None, pair: Pair | None, judges: Judges, regions: tuple[Regions, ...]
) -> list[_Judged]:
    """Content and style distances of each output."""
    structure = judges.content.structure(views.clip)
    clip_style = judges.style.distances(judges.style.strokes(views.clip)) if judges.style else None
    known = None
    if earlier is not None and pair is not None and judges.style is not None:
        known = reliability(pair.backward, pair.forward, views.clip, earlier.clip)
    judged = []
    for output, gathered in zip(views.outputs, regions, strict=True):
        style = None
        if judges.style is not None:
            strokes = judges.style.strokes(output)
            style = judges.style.distances(strokes)
            if known is not None:
                gathered.add(strokes, known)
        content = divergence(structure, judges.content.structure(output))
        judged.append(_Judged(content, style, clip_style))
    return judged


def _frame(
    index: int,
    views: Views,
    earlier: Views | None,
    number: int,
    warp: dict[int, WarpErrors],
    rhythm: float | None,
    judged: _Judged,
) -> FrameMeasures:
    output = views.outputs[number]

    def back(measure: Callable[[Views], float]) -> float | None:
        return None if earlier is None else measure(earlier)

    return FrameMeasures(
        frame=index,
        warp=warp,
        rhythm=rhythm,
        change=back(lambda before: change(output, before.outputs[number])),
        clip_change=back(lambda before: change(views.clip, before.clip)),
        difference=back(lambda before: frame_difference(output, before.outputs[number], views.clip, before.clip)),
        look=look(output),
        clip_look=look(views.clip),
        content=judged.content,
        style=judged.style,
        clip_style=judged.clip_style,
    )
