"""Boil: does the painting change where the clip rests?

A flow's own masks leave out the very pixels that boil: where the flow is wrong it disagrees with itself. So this looks
at what needs no flow: where the clip, once the camera's motion and the change of its light are taken off, is the same
in both frames, the painting should be the same too.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.motion.camera.camera_motion import camera_motion, moved, stands
from vidstyle.motion.flow import Array

Mask = npt.NDArray[np.bool_]

# Broader than this is light, and a change of it no change of what is there; in pixels of a frame 320 wide.
_LIGHT = 24.0
# Finer than this is noise or a codec's blocks, and over this width what differs is averaged.
_NOISE, _AROUND = 2.0, 3.0
# What differs by less, in units of 0..1, rests; beside what moves, half of this many pixels are left out.
_RESTS, _RIM = 4 / 255, 9
# Black is as dark as this, so that its light has a ratio.
_BLACK = 4 / 255
# The painting may keep to the camera's motion or to the frame, unless that leaves less than half as much to look at.
_ENOUGH = 0.5


@dataclass(frozen=True)
class Rest:
    """Where a frame of the clip rests beside an earlier one: the pixels, (H, W), that are alike along a motion, (2, 3).

    See :func:`vidstyle.motion.camera.camera_motion.camera_motion`.
    """

    motion: Array
    mask: Mask


@dataclass(frozen=True)
class Boil:
    """How much a painting changes where the clip rests, and the share of the frame that does.

    The level is the root mean square change, of 255; None where nothing rests.
    """

    level: float | None
    share: float


def find_rest(clip: Array, earlier: Array) -> tuple[Rest, ...]:
    """Where the clip rests between two frames, (H, W, 3) in 0..1: standing still and, if the camera moves, along it."""
    motion = camera_motion(clip, earlier)
    motions = [np.eye(2, 3, dtype=np.float32)]
    if not stands(motion):
        motions.append(motion)
    now, before = (cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in (clip, earlier))
    return tuple(Rest(each, _resting(now, before, each)) for each in motions)


def boil(rests: Sequence[Rest], output: Array, earlier: Array) -> Boil:
    """The boil between two painted frames, (H, W, 3) in 0..1, whichever of the clip's motions they keep to.

    `rests` are those of :func:`find_rest`, for the same two frames.
    """
    return _boil(kept_to(rests, output, earlier), output, earlier)


def kept_to(rests: Sequence[Rest], output: Array, earlier: Array) -> Rest:
    """Of the clip's motions the one that a painting keeps to."""
    enough = _ENOUGH * max(float(rest.mask.mean()) for rest in rests)
    candidates = [rest for rest in rests if float(rest.mask.mean()) >= enough]
    if len(candidates) == 1:
        return candidates[0]  # a camera that stands, mostly: there is nothing to compare
    return min(candidates, key=lambda rest: _boil(rest, output, earlier).level or 0.0)


def _boil(rest: Rest, output: Array, earlier: Array) -> Boil:
    if not rest.mask.any():
        return Boil(None, 0.0)
    square = float(boil_map(rest, output, earlier)[rest.mask].mean(dtype=np.float64))
    return Boil(255 * math.sqrt(square), float(rest.mask.mean()))


def boil_map(rest: Rest, output: Array, earlier: Array) -> Array:
    """The squared change of a painting at each pixel, (H, W), mean over channels, the motion taken off."""
    before = earlier if stands(rest.motion) else moved(earlier, rest.motion, cv2.INTER_LANCZOS4)
    return np.square(output - before).mean(axis=2)


def mean_boil(boils: Iterable[Boil]) -> Boil:
    """Over many pairs of frames: the root of the mean square over all pixels that rest."""
    known = list(boils)
    weight = sum(each.share for each in known if each.level is not None)
    if not weight:
        return Boil(None, 0.0)
    square = sum(each.level**2 * each.share for each in known if each.level is not None)
    return Boil(math.sqrt(square / weight), sum(each.share for each in known) / len(known))


def _resting(now: Array, before: Array, motion: Array) -> Mask:
    """Pixels of a grey frame that are alike in the one before, after the motion and a change of light."""
    scale = max(now.shape) / 320
    then = moved(before, motion)
    inside = moved(np.ones_like(before), motion, outside=0.0) > 0.99
    light, light_then = _blurred(now, _LIGHT * scale), _blurred(then, _LIGHT * scale)
    gain = (light + _BLACK) / (light_then + _BLACK)
    detail, detail_then = _blurred(now - light, _NOISE), _blurred(then - light_then, _NOISE)
    alike = _blurred(np.abs(detail - gain * detail_then), _AROUND) < _RESTS
    kernel = np.ones((_RIM, _RIM), np.uint8)
    return cv2.erode((alike & inside).astype(np.uint8), kernel) > 0


def _blurred(plane: Array, width: float) -> Array:
    return cv2.GaussianBlur(plane, (0, 0), width)
