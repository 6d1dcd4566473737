"""What a frame inherits from earlier ones: their results, where they still belong, and what those were painted on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vidstyle.motion.accumulated_error import LONG_SIDE, compare, thumbnail, warp_thumbnail
from vidstyle.motion.filters import scaled_down
from vidstyle.motion.reliability import long_term
from vidstyle.motion.warp import warp
from vidstyle.render.prepare import Prepared
from vidstyle.render.state import State
from vidstyle.style.request import Prior

HELD = np.float32(0.25)
"""Trust from which on paint is held much as it was. Of paint that is half trusted much more than half stays."""


@dataclass(frozen=True)
class Inheritance:
    """What there is of earlier frames when one is solved.

    Attributes
    ----------
    priors
        Earlier results, warped into the frame as they came out of the solver, in float; nearest first, each trusted
        where no nearer one is.
    clip
        (h, w, 3), reduced: the clip as it was carried along with them, the frame's own where paint is made anew.
    """

    priors: tuple[Prior, ...]
    clip: np.ndarray


def inherit(prepared: Prepared, state: State, *, checked: bool = True) -> Inheritance:
    """Carry earlier results into a frame, and the clip along with them.

    Where the clip that was carried along no longer looks like the frame, the paint belongs to something else, however
    well each step on its way could be trusted: beside a turning sail every flow stretches paint by a pixel, and twenty
    frames later the ground is painted as the sail.

    Parameters
    ----------
    prepared, state
        The frame with its links, and the state before it.
    checked
        Whether that is looked at: a published objective trusts its own rule alone.
    """
    own = thumbnail(prepared.frame.image)
    theirs, trusts = [], []
    for link in prepared.links:
        carried, trust = warp_thumbnail(link.flow, state.clips[link.index]), link.reliability
        if checked:
            found = compare(own, carried, trust)
            carried, trust = found.exposure_matched, trust * found.resemblance
        theirs.append(carried)
        trusts.append(trust)
    trusts = long_term(trusts)
    clip, anew = np.zeros_like(own), np.ones((*own.shape[:2], 1), np.float32)
    for carried, trust in zip(theirs, trusts, strict=True):
        held = (scaled_down(trust, LONG_SIDE) / HELD).clip(0, 1)[..., None]
        clip += anew * held * carried
        anew *= 1 - held
    priors = (
        Prior(warp(state.results[link.index], link.flow), trust)
        for link, trust in zip(prepared.links, trusts, strict=True)
    )
    return Inheritance(tuple(priors), clip + anew * own)
