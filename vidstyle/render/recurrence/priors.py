"""Earlier results warped into a frame, as far as they still belong there, and the clip warped along with them."""

from dataclasses import dataclass, replace

import numpy as np

from vidstyle.motion.accumulated_error import THUMBNAIL_SIDE, compare, thumbnail, warp_thumbnail
from vidstyle.motion.blend import turn_order, turned
from vidstyle.motion.filters import scaled_down
from vidstyle.motion.reliability import fineness, long_term
from vidstyle.motion.warp import warp
from vidstyle.render.recurrence.background import SeenBackground, see
from vidstyle.render.recurrence.prepare import Ahead, FrameTask, PriorFlow
from vidstyle.render.recurrence.state import ShotState
from vidstyle.style.request import Prior

FULL_RELIABILITY = np.float32(0.25)
"""Reliability from which on paint stays much as it was: of paint of reliability 0.5 much more than half stays."""


@dataclass(frozen=True)
class WarpedPriors:
    """What a frame is given of earlier ones.

    Attributes
    ----------
    priors
        Earlier results as they came out of the solver, in float, warped into the frame; nearest first, each reliable
        only where no nearer one is.
    source
        (h, w, 3), reduced: the clip as it was warped along with them; the frame itself where paint is made anew.
    background
        The shot's background, in the frame's place, whose paint is the first of the priors; None where none is kept.
    """

    priors: tuple[Prior, ...]
    source: np.ndarray
    background: SeenBackground | None = None


def warp_priors(
    task: FrameTask, state: ShotState, given: np.ndarray | None = None, *, checked: bool = True
) -> WarpedPriors:
    """Warp earlier results into a frame, and the clip along with them.

    Where the warped clip no longer looks like the frame, the paint belongs to something else, however reliable each
    step on its way was: beside a turning sail every flow stretches paint by a pixel, and twenty frames later the
    ground is painted as the sail. So the two are compared, if they are to be `checked`, and paint that has grown counts
    for less; a published objective goes by its own rule alone. `state` is the one before the frame, and `given` the
    painting, (H, W, 3), of the given keyframe ahead. That one comes first, in the patches that have turned into it by
    then.
    """
    current = thumbnail(task.frame.image)
    flows, originals = list(task.prior_flows), [state.warped_sources[prior.index] for prior in task.prior_flows]
    paintings = [state.results[prior.index] for prior in task.prior_flows]
    if task.ahead is not None and given is not None:
        flows.insert(0, _turned(task.ahead))
        originals.insert(0, thumbnail(task.ahead.image))
        paintings.insert(0, given)
    sources, reliabilities = [], []
    for prior_flow, original in zip(flows, originals, strict=True):
        source = warp_thumbnail(prior_flow.flow, original)
        reliability = prior_flow.reliability
        if checked:
            comparison = compare(current, source, reliability, painted=True)
            source = comparison.exposure_matched
            reliability = reliability * comparison.resemblance * fineness(prior_flow.flow)
        sources.append(source)
        reliabilities.append(reliability)
    images = [warp(painting, prior_flow.flow) for painting, prior_flow in zip(paintings, flows, strict=True)]
    seen = _seen_background(task, state, current)
    if seen is not None:
        # It goes before the others where they have been dragged along by what hid it, or don't show it.
        shown = np.sum(reliabilities, axis=0) if reliabilities else np.float32(0)
        first = np.maximum(_dragged(task), (1 - 2 * shown).clip(0))
        images.insert(0, seen.background.paint)
        sources.insert(0, seen.background.source)
        reliabilities.insert(0, seen.reliability * first)
    reliabilities = long_term(reliabilities)
    warped_source, new = np.zeros_like(current), np.ones((*current.shape[:2], 1), np.float32)
    for source, reliability in zip(sources, reliabilities, strict=True):
        kept = (scaled_down(reliability, THUMBNAIL_SIDE) / FULL_RELIABILITY).clip(0, 1)[..., None]
        warped_source += new * kept * source
        new *= 1 - kept
    priors = tuple(Prior(*pair) for pair in zip(images, reliabilities, strict=True))
    return WarpedPriors(priors, warped_source + new * current, seen)


def _seen_background(task: FrameTask, state: ShotState, current: np.ndarray) -> SeenBackground | None:
    if state.background is None or task.camera is None:
        return None
    before = task.camera.index
    earlier, frames = state.warped_sources[before], abs(task.frame.index - before)
    return see(state.background, current, earlier, task.camera.flow, task.camera.reliability, frames)


def _dragged(task: FrameTask) -> np.ndarray:
    """How far the flow to the nearest prior goes by another motion than the camera's, (H, W) in 0..1."""
    height, width = task.frame.image.shape[:2]
    if not task.prior_flows or task.camera is None:
        return np.zeros((height, width), np.float32)
    apart = np.linalg.norm(task.prior_flows[0].flow - task.camera.flow, axis=-1)
    dragged: np.ndarray = (apart / (max(height, width) / THUMBNAIL_SIDE) - 1).clip(0, 1).astype(np.float32)
    return dragged


def _turned(ahead: Ahead) -> PriorFlow:
    """The flow to a given keyframe ahead, reliable in the patches that have turned into it by now.

    Patches are those of its surfaces, so that what has turned stays turned.
    """
    order = warp(turn_order(ahead.image.shape[:2]), ahead.flow.flow, "linear")
    return replace(ahead.flow, reliability=ahead.flow.reliability * turned(ahead.way, order))
