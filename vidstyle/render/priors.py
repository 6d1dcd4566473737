"""Earlier results warped into a frame, as far as they still belong there, and the clip warped along with them."""

from dataclasses import dataclass

import numpy as np

from vidstyle.motion.accumulated_error import THUMBNAIL_SIDE, compare, thumbnail, warp_thumbnail
from vidstyle.motion.filters import scaled_down
from vidstyle.motion.reliability import long_term
from vidstyle.motion.warp import warp
from vidstyle.render.prepare import FrameTask
from vidstyle.render.state import ShotState
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
    """

    priors: tuple[Prior, ...]
    source: np.ndarray


def warp_priors(task: FrameTask, state: ShotState, *, checked: bool = True) -> WarpedPriors:
    """Warp earlier results into a frame, and the clip along with them.

    Where the warped clip no longer looks like the frame, the paint belongs to something else, however reliable each
    step on its way was: beside a turning sail every flow stretches paint by a pixel, and twenty frames later the
    ground is painted as the sail. So the two are compared, if they are to be `checked`: a published objective goes by
    its own rule alone. `state` is the one before the frame.
    """
    current = thumbnail(task.frame.image)
    sources, reliabilities = [], []
    for prior_flow in task.prior_flows:
        source = warp_thumbnail(prior_flow.flow, state.warped_sources[prior_flow.index])
        reliability = prior_flow.reliability
        if checked:
            comparison = compare(current, source, reliability)
            source, reliability = comparison.exposure_matched, reliability * comparison.resemblance
        sources.append(source)
        reliabilities.append(reliability)
    reliabilities = long_term(reliabilities)
    warped_source, new = np.zeros_like(current), np.ones((*current.shape[:2], 1), np.float32)
    for source, reliability in zip(sources, reliabilities, strict=True):
        kept = (scaled_down(reliability, THUMBNAIL_SIDE) / FULL_RELIABILITY).clip(0, 1)[..., None]
        warped_source += new * kept * source
        new *= 1 - kept
    priors = (
        Prior(warp(state.results[prior_flow.index], prior_flow.flow), reliability)
        for prior_flow, reliability in zip(task.prior_flows, reliabilities, strict=True)
    )
    return WarpedPriors(tuple(priors), warped_source + new * current)
