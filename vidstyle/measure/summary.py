"""From frames to shots, and from shots to the whole clip."""

import math
from collections.abc import Iterable, Sequence
from itertools import chain
from statistics import fmean

from vidstyle.measure.metrics.boil import mean_boil
from vidstyle.measure.metrics.drift import Drift, drift
from vidstyle.measure.metrics.frame_difference import repeated
from vidstyle.measure.metrics.regions import Uncovered
from vidstyle.measure.metrics.shapes import mean_stale
from vidstyle.measure.metrics.style_distance import mean_distances
from vidstyle.measure.results import FrameMeasures, Summary, WarpErrors

GAPS = (1, 10)
"""Frames between those that the warp error compares: flicker from frame to frame, and slower boiling."""


def summarise_shot(
    frames: Sequence[FrameMeasures], uncovered: Uncovered | None = None, style_sharpness: float | None = None
) -> Summary:
    """A shot's frames, in order, taken together; what is known of the style is left to the caller."""
    again = repeated([frame.change for frame in frames], [frame.clip_change for frame in frames])
    drifted = drift([frame.look for frame in frames], [frame.clip_look for frame in frames])
    return _summarise(frames, drifted, [frames[index].frame for index in again], uncovered, style_sharpness)


def summarise_whole(
    frames: Sequence[Sequence[FrameMeasures]],
    shots: Sequence[Summary],
    uncovered: Uncovered | None = None,
    style_sharpness: float | None = None,
) -> Summary:
    """All frames, by shot, taken together; the warp error is a mean over pairs of frames, whatever shot they are in."""
    jumps = [(max(len(inside) - 2, 0), shot.drift.flicker) for inside, shot in zip(frames, shots, strict=True)]
    drifted = Drift(
        lightness=_largest(shot.drift.lightness for shot in shots),
        colour=max(shot.drift.colour for shot in shots),
        sharpness=_largest_factor(shot.drift.sharpness for shot in shots),
        stray_lightness=_largest(shot.drift.stray_lightness for shot in shots),
        stray_colour=max(shot.drift.stray_colour for shot in shots),
        stray_sharpness=_largest_factor(shot.drift.stray_sharpness for shot in shots),
        flicker=math.sqrt(sum(n * flicker**2 for n, flicker in jumps) / max(sum(n for n, _ in jumps), 1)),
    )
    again = [frame for shot in shots for frame in shot.repeated]
    return _summarise(list(chain.from_iterable(frames)), drifted, again, uncovered, style_sharpness)


def _summarise(
    frames: Sequence[FrameMeasures],
    drifted: Drift,
    again: Sequence[int],
    uncovered: Uncovered | None,
    style_sharpness: float | None,
) -> Summary:
    return Summary(
        first=frames[0].frame,
        last=frames[-1].frame,
        warp={gap: mean_errors([frame.warp[gap] for frame in frames if gap in frame.warp]) for gap in GAPS},
        rhythm=_mean(frame.rhythm for frame in frames),
        boil={gap: mean_boil(frame.boil[gap] for frame in frames if gap in frame.boil) for gap in GAPS},
        stale=mean_stale(frame.stale for frame in frames if frame.stale is not None),
        shape=fmean(frame.shape for frame in frames),
        fine_detail=_mean(frame.fine_detail for frame in frames),
        difference=_mean(frame.difference for frame in frames),
        repeated=tuple(again),
        sharpness=fmean(frame.sharpness for frame in frames),
        sharpness_over_style=style_sharpness and fmean(frame.look.sharpness for frame in frames) / style_sharpness,
        drift=drifted,
        content=_mean(frame.content for frame in frames),
        style=mean_distances(frame.style for frame in frames),
        clip_style=mean_distances(frame.clip_style for frame in frames),
        uncovered=uncovered,
        borrowed=_mean(frame.borrowed for frame in frames),
    )


def mean_errors(errors: Sequence[WarpErrors]) -> WarpErrors:
    """The mean over pairs of frames; those of which nothing could be compared count only in the share kept."""
    seen = [error for error in errors if error.output is not None]
    return WarpErrors(
        _mean(error.output for error in seen),
        _mean(error.clip for error in seen),
        _mean(error.carried for error in seen),
        _mean(error.kept for error in errors) or 0.0,
    )


def _largest(values: Iterable[float]) -> float:
    return max(values, key=abs)


def _largest_factor(values: Iterable[float]) -> float:
    return max(values, key=lambda factor: abs(math.log(factor)))


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
