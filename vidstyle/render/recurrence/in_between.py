"""In-betweens: each pixel is warped along the motion from the keyframe that shows it best, of those on both sides."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from vidstyle.jobs.folder.schedule import KeyInterval
from vidstyle.media.reader import Frame
from vidstyle.motion.accumulated_error import thumbnail
from vidstyle.motion.blend import SHARE_BLUR, blend, turn_order, turned
from vidstyle.motion.correspondence import Correspondence, where_alike
from vidstyle.motion.filters import blurred
from vidstyle.motion.gradual import held_back, less, reduced_step
from vidstyle.motion.warp import warp
from vidstyle.render.recurrence.prepare import IntervalMotion
from vidstyle.style.request import Prior

BARE = 0.0004
"""Share of a frame that neither keyframe shows: beyond it these regions are painted. Digits, eyes, lips and hands are
less than a hundredth of a frame, a clock's digit a tenth of that, and left alone they belong to another one."""
_SEEN = 0.25
"""Visibility from which on a pixel need not be solved: what is carried there has strokes already."""
_LEAST = np.float32(1e-3)
"""Visibility that every pixel has: where neither keyframe shows it, the nearer one is taken."""


@dataclass(frozen=True)
class InBetween:
    """A frame made of two keyframes.

    Attributes
    ----------
    interval
        The keyframes.
    frame
        The clip's frame.
    carried
        The blend of both keyframes, and where it may stay.
    begun
        When it was begun, of :func:`time.monotonic`.
    earlier
        Where its pixels are in the in-between before it; None where that is a keyframe, or is not needed.
    shown
        How far the keyframes may be shown already, (H, W) in 0..1, where that in-between was painted; None as above.
    """

    interval: KeyInterval
    frame: Frame
    carried: Prior
    begun: float
    earlier: Correspondence | None = None
    shown: np.ndarray | None = None

    @property
    def is_whole(self) -> bool:
        """Whether next to nothing of it has to be solved."""
        return is_whole(self.carried.reliability)

    def continuing(self, painting: np.ndarray) -> InBetween:
        """The same frame, where what neither keyframe shows is carried on from the in-between before it.

        It is so painted once an interval, and holds still. Where a keyframe comes to show it, that takes its place by
        and by. `painting` is that in-between's, (H, W, 3).
        """
        if self.earlier is None or self.shown is None:
            return self
        reliability = self.carried.reliability
        added = _carried_on(self.shown, self.earlier)
        share = (added / np.maximum(self.shown + added, _LEAST))[..., None]
        image = self.carried.image + share * (warp(painting, self.earlier.flow, "quick") - self.carried.image)
        carried = Prior(image, np.minimum(reliability + added, np.float32(1)))
        return replace(self, carried=carried, earlier=None, shown=None)


def in_betweens(
    motion: IntervalMotion, left: np.ndarray, right: np.ndarray, way: float | None = None
) -> list[Callable[[], InBetween]]:
    """The frames between two painted keyframes, (H, W, 3) float32, 0..1, each by a function that makes it.

    None needs another one, so that they may be made on several threads.

    A keyframe counts by the visibility of a pixel in it, and by how near it is in time. It gives way before it ceases
    to show a pixel, and comes by and by when it begins to. Where the right one is given, the left one is so far on the
    `way` to it, 0 to 1, and the paintings turn into one another in patches.
    """
    flows, count = motion.flows, len(motion.frames)
    steps = [reduced_step(step) for step in flows.steps[1:]]
    of_left = held_back((to.visibility for to in reversed(flows.backward)), flows.onward[-2::-1])[::-1]
    of_right = held_back((to.visibility for to in flows.forward), steps)
    of_both = held_back((_seen(*both) for both in zip(flows.backward, flows.forward, strict=True)), steps)

    def make(position: int) -> InBetween:
        begun = time.monotonic()
        frame = motion.frames[position - 1]
        to_left, to_right = flows.backward[position - 1], flows.forward[position - 1]
        nearness = _nearness(1 - position / (count + 1), way, to_right)
        left_weight = nearness * (less(to_left.visibility, of_left[position - 1]) + _LEAST)
        right_weight = (1 - nearness) * (less(to_right.visibility, of_right[position - 1]) + _LEAST)
        share = blurred((left_weight / (left_weight + right_weight)).astype(np.float32), SHARE_BLUR)
        image = blend(warp(left, to_left.flow, "quick"), warp(right, to_right.flow, "quick"), share)
        seen = _seen(to_left, to_right)
        shown = less(seen, of_both[position - 1])
        between = InBetween(motion.interval, frame, Prior(image, seen), begun)
        if position > 1 and not is_whole(shown):
            step, before = flows.steps[position - 1], motion.frames[position - 2]
            earlier = where_alike(step, thumbnail(frame.image), thumbnail(before.image))
            between = replace(between, earlier=earlier, shown=shown)
        return between

    return [partial(make, position) for position in range(1, count + 1)]


def about_seen(motion: IntervalMotion) -> Iterator[np.ndarray]:
    """About where each of the frames between need not be solved, (H, W), 0 to 1, without making it."""
    flows = motion.flows
    for place, (to_left, to_right, step) in enumerate(zip(flows.backward, flows.forward, flows.steps, strict=True)):
        reliability = _seen(to_left, to_right)
        yield reliability + _carried_on(reliability, step) if place else reliability


def is_whole(reliability: np.ndarray) -> bool:
    """Whether next to nothing of a frame has to be solved, that need not be where it is reliable."""
    return float(reliability.mean()) >= 1 - BARE


def _seen(to_left: Correspondence, to_right: Correspondence) -> np.ndarray:
    reliability: np.ndarray = np.minimum(np.maximum(to_left.visibility, to_right.visibility) / _SEEN, np.float32(1))
    return reliability


def _carried_on(reliability: np.ndarray, step: Correspondence) -> np.ndarray:
    """What more is reliable, once it is carried on from the in-between before."""
    added: np.ndarray = (1 - reliability) * (2 * step.visibility - 1).clip(0)
    return added


def _nearness(left: float, way: float | None, to_right: Correspondence) -> np.ndarray:
    """How near the left keyframe is, 0 to 1: (H, W), or a number where no patch turns before another.

    Patches are those of the right keyframe's surfaces. Those that the left one has turned already look alike in both.
    """
    if way is None:
        return np.full(to_right.visibility.shape, left, np.float32)
    order = warp(turn_order(to_right.visibility.shape), to_right.flow, "linear")
    still, now = 1 - turned(way, order), 1 - turned(1 - left * (1 - way), order)
    nearness: np.ndarray = np.where(still > _LEAST, now / np.maximum(still, _LEAST), np.float32(left))
    return nearness
