"""Set-ups that come back: a shot that shows what an earlier one showed, as in shot and counter-shot."""

from collections.abc import Sequence

import numpy as np

from vidstyle.motion.accumulated_error import compare, thumbnail, warp_thumbnail
from vidstyle.motion.filters import scaled_down
from vidstyle.motion.flow import Array, Flow, both_ways
from vidstyle.motion.reliability import reliability
from vidstyle.motion.shots.light import luma

RETURNS_SIDE = 256
"""Pixels of the reduced frames that are looked at."""
LEAST_IN_COMMON = 0.5
"""Share of a frame that an earlier one must show: with less there is hardly anything to go on with."""
# Frames so small are compared as they are, to find those that are worth a flow; so many are.
_GLANCE, _TRIED = 24, 4
# An earlier frame is as good as another one that has so much more of a frame in common with it.
_AS_GOOD = 0.1
# Deviation of luma below which a frame is blank: all blank ones are alike.
_BLANK = 4 / 255


def earlier_view(frame: Array, earlier: Sequence[Array], flow: Flow) -> int | None:
    """Which of some earlier frames shows the most of a frame; of equally good ones the first; None: none shows half.

    All are (H, W, 3) in 0..1, reduced to `RETURNS_SIDE`.
    """
    if not earlier or float(luma(frame).std()) < _BLANK:
        return None
    glance = _glance(frame)
    apart = [float(np.abs(glance - other).mean()) for other in map(_glance, earlier)]
    tried = sorted(sorted(range(len(earlier)), key=apart.__getitem__)[:_TRIED])
    shares = {place: in_common(frame, earlier[place], flow) for place in tried}
    best = max(shares.values())
    return None if best < LEAST_IN_COMMON else next(place for place in tried if shares[place] >= best - _AS_GOOD)


def in_common(frame: Array, other: Array, flow: Flow) -> float:
    """The share of a frame that another one shows too, whatever has moved in between, both (H, W, 3) in 0..1."""
    backward, forward = both_ways(flow, frame, other)
    seen = reliability(backward, forward, frame, other)
    carried = warp_thumbnail(backward, thumbnail(other))
    return float((seen * compare(thumbnail(frame), carried, seen, painted=True).resemblance).mean())


def _glance(frame: Array) -> Array:
    """A frame as small as it is glanced at, whatever its light."""
    small = scaled_down(frame, _GLANCE)
    return small - small.mean((0, 1))
