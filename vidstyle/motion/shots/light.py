"""How the light of a shot changes: fades, dips, flashes, lightning, a lamp that goes dim, an exposure that adapts.

A frame's values are those it would have in the shot's normal light, times a gain, plus an offset. A fade to black
is a gain that falls to 0, one to white an offset that rises besides, a flash a gain above 1. What moves through the
frame changes its brightness too and is no light, so that only pixels that are found again are compared.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from vidstyle.motion.filters import blurred, rise, scaled_down
from vidstyle.motion.flow import Array
from vidstyle.motion.methods.dis import dense_inverse_search
from vidstyle.motion.reliability import is_consistent
from vidstyle.motion.shots.shot_light import NORMAL, Light, ShotLight
from vidstyle.motion.warp import warp

LIGHT_SIDE = 96
"""Pixels of the reduced frames that light is found in."""
STEADY = 1.1
"""Most that the mean of a shot's frames rises above its darkest where nobody need look for light that changes."""
NIGHT = 0.2
"""Mean luma below which a shot is dark on the whole."""

# Change of light, as a logarithm, that is none, as exposure and codecs tremble; from twice that on it is taken whole.
_DEAD = 0.05
# Contrast, as the deviation of luma, below which a frame shows next to nothing: 8-bit steps would be its strokes.
_FAINT = 5 / 255
# Luma from which on a pixel may be clipped, and the share of these that a burst of light leaves nothing to paint of.
_WHITE, _BURNT = 0.96, 0.15
# The longest burst of light or dark that is no normal light.
_BURST = 5
# Share of a frame's variance that an earlier one in another light must explain to be compared with it, and the share
# at which it is well explained.
_EXPLAINS, _WELL = 0.6, 0.85
# The share from which on no motion is looked for; and that of the frame's pixels which must be found again.
_RESTS, _FOUND = 0.98, 0.25
# The share that must be found again of two frames that show the same, and the blur that takes away their noise.
_MOST_FOUND, _GRAIN = 0.6, 1.5
# How far the frame's mean must follow a change of light: not at all below the first share, fully from the second on.
_PARTLY, _MOSTLY = 0.3, 0.6
# Of two models, one of another kind than a gain must leave so much less of a difference.
_BETTER, _LEAST_ERROR = 0.6, 1 / 255
# Luma that the brightest pixels of a dark shot are painted at, and the least part of that which they may have.
_LIT, _MOST_LIFTED = 0.7, 0.2
# How far the painting of a dark shot follows it into the dark, as an exponent: with 1 nothing is seen of its strokes.
_DIMMED = 0.75
# Mean luma of what is black, and of what is not.
_BLACK, _NOT_BLACK = 1 / 255, 4 / 255


# How much a true gain seems bent, and from which change on it is meant, bent or not; both as logarithms.
_BENT, _FAR = 0.1, 0.9

Flags = npt.NDArray[np.bool_]


def luma(image: Array) -> Array:
    """Luma of an (H, W, 3) picture, (h, w), reduced to `LIGHT_SIDE`."""
    grey: Array = cv2.cvtColor(scaled_down(np.ascontiguousarray(image, np.float32), LIGHT_SIDE), cv2.COLOR_RGB2GRAY)
    return grey


def may_change(means: Array) -> bool:
    """Whether the mean lumas of a shot's frames leave room for light that changes, or for a night."""
    return bool(means.max() > STEADY * means.min() or np.median(means) < NIGHT)


def shot_light(frames: Iterable[Array]) -> ShotLight | None:
    """The light of a shot; None where it is steady and bright.

    Parameters
    ----------
    frames
        The shot's frames, each as :func:`luma` makes it.
    """
    lumas = list(frames)
    means = np.array([float(frame.mean()) for frame in lumas])
    seen = [bool(frame.std() >= _FAINT) for frame in lumas]
    if not any(seen):
        # With nothing to be seen there is nothing to compare; but what is black stays black.
        return _night(ShotLight((1.0,) * len(lumas), (0.0,) * len(lumas)), means, _bright(lumas))
    compared = _followed(lumas, seen)
    lights, levels = _filled(compared, seen, means)
    normal = _normal_frames(lights, levels, seen)
    typical = sorted(normal, key=levels.__getitem__)[len(normal) // 2]
    levels = levels / levels[typical]
    mean = max(float(np.median(means[normal])), 1e-3)
    trust = _trust(np.log(levels), np.log(np.maximum(means, 1e-4) / mean), compared)
    gain, offset = lights[typical]
    light = ShotLight(
        tuple(round(float(1 + share * (light.gain / gain - 1)), 4) for share, light in zip(trust, lights, strict=True)),
        tuple(
            round(float(share * (light.offset - light.gain / gain * offset)), 4)
            for share, light in zip(trust, lights, strict=True)
        ),
        _blind(lumas, seen, levels, normal),
    )
    return _night(light, means[normal], _bright([lumas[position] for position in normal]), float(levels.max()))


def _bright(lumas: Sequence[Array]) -> float:
    """The luma of the brightest pixels, highlights left out."""
    return float(np.median([np.quantile(frame, 0.98) for frame in lumas]))


def _night(light: ShotLight, means: Array, bright: float, peak: float = 1.0) -> ShotLight | None:
    """The light with what is made of a dark shot; `bright` is the luma of its brightest pixels.

    `peak` is how much its brightest frames are above the others, so that lightning stays below white.
    """
    mean = float(np.median(means))
    if mean < NIGHT:
        exposure = min(1.0, max(bright / _LIT, _MOST_LIFTED))
        dimmed = (mean / NIGHT) ** _DIMMED
        if peak > 1.2:
            dimmed = max(mean / NIGHT, min(dimmed, 1.2 / peak))
        dimmed *= min(1.0, max(0.0, (mean - _BLACK) / (_NOT_BLACK - _BLACK)))
        light = replace(light, exposure=round(exposure, 4), dimmed=round(dimmed, 4))
    unchanged = all(gain == 1 for gain in light.gains) and not any(light.offsets)
    return None if unchanged and light.exposure == light.dimmed == 1 else light


def same_but_for_light(frame: Array, earlier: Array) -> bool:
    """Whether two frames, each as :func:`luma` makes it, show the same in another light, be there noise or not."""
    found = _compare(blurred(frame, _GRAIN), blurred(earlier, _GRAIN), 1.0, _MOST_FOUND)
    return found.explained >= _WELL


class _Compared(NamedTuple):
    """A frame's light beside a reference's, and how well it is known.

    Attributes
    ----------
    light
        What makes the frame of the reference.
    explained
        Share of the frame's variance that is explained by it.
    bend
        How much steeper the frame's values rise with the reference's than that light does, as a factor: 1 for one that
        was made by a gain. The curve of a camera that adapts its exposure makes it 1.3 and more.
    """

    light: Light
    explained: float
    bend: float


_SAME = _Compared(NORMAL, 1.0, 1.0)


def _followed(lumas: Sequence[Array], seen: Sequence[bool]) -> list[_Compared | None]:
    """Each frame beside one of them, as far as the two can be compared."""
    means = np.array([float(frame.mean()) if usable else 0.0 for frame, usable in zip(lumas, seen, strict=True)])
    bright = np.flatnonzero((means > 0) & (means >= 0.7 * _lasting(means)))
    anchor = int(bright[np.argsort(means[bright])[len(bright) // 2]])
    after = _compared_in_turn(lumas[anchor:], seen[anchor:])
    before = _compared_in_turn(lumas[anchor::-1], seen[anchor::-1])
    return [*before[:0:-1], *after]


def _compared_in_turn(lumas: Sequence[Array], seen: Sequence[bool]) -> list[_Compared | None]:
    """Each frame beside the first one.

    One frame is compared with all others as long as it can be, so that errors don't add up from frame to frame.
    """
    results: list[_Compared | None] = [_SAME]
    reference = latest = (lumas[0], 1.0)
    lost = 0
    for frame, usable in zip(lumas[1:], seen[1:], strict=True):
        found = _compare(frame, *reference) if usable else None
        if found and found.explained < _WELL and latest is not reference:
            other = _compare(frame, *latest)
            if other.explained > found.explained:
                reference, found = latest, other
        if found and found.explained >= _EXPLAINS:
            lost = 0
            if found.explained >= _WELL and 0.5 <= found.light.gain <= 1.5:
                latest = (found.light.off(frame), found.bend)
        elif found:
            found, lost = None, lost + 1
            if lost > _BURST:  # another scene, or another part of it: its light is taken to be the normal one
                found, lost = _SAME, 0
                reference = latest = (frame, 1.0)
        results.append(found)
    return results


def _compare(frame: Array, reference: Array, bend: float, least: float = _FOUND) -> _Compared:
    """A frame beside a reference in normal light that is bent itself; `least` of it must be found again."""
    best = _fit(frame, reference, bend)
    if best.explained >= _RESTS:
        return best
    standard, other = (np.repeat(_standard(image)[..., None], 3, axis=-1) for image in (frame, reference))
    backward, forward = dense_inverse_search(standard, other), dense_inverse_search(other, standard)
    found = is_consistent(backward, forward)
    if found.mean() < least:
        return best
    return max(
        best, _fit(frame[found], warp(reference, backward, "linear")[found], bend), key=lambda fit: fit.explained
    )


def _fit(shown: Array, normal: Array, bend: float) -> _Compared:
    light = _fitted(shown, normal)
    explained = 1 - float(np.square(light.on(normal) - shown).mean() / max(shown.var(), 1e-6))
    return _Compared(light, explained, bend * _slope(shown, normal) / max(light.gain, 1e-3))


def _slope(shown: Array, normal: Array) -> float:
    """How steeply one rises with the other, by least squares."""
    shown, normal = _unclipped(shown, normal)
    return float(((shown - shown.mean()) * normal).mean() / max(normal.var(), 1e-6))


def _unclipped(shown: Array, normal: Array) -> tuple[Array, Array]:
    """Pixels that are clipped in neither, if there are any."""
    unclipped = (shown < _WHITE) & (normal < _WHITE)
    return (shown[unclipped], normal[unclipped]) if unclipped.mean() >= 0.05 else (shown, normal)


def _fitted(shown: Array, normal: Array) -> Light:
    """The light that makes one of the other: a gain, else a veil of white or an offset that does so far better."""
    shown, normal = _unclipped(shown, normal)
    # A ratio is told by what is bright, that of a veil by what is dark.
    bright, dark = normal >= np.median(normal), normal <= np.median(normal)
    gain = float(np.median(shown[bright] / np.maximum(normal[bright], 1e-3)))
    veil = float(np.median((1 - shown[dark]) / np.maximum(1 - normal[dark], 1e-3)))
    offset = float(np.median(shown - normal))
    lights = [Light(max(gain, 0.0)), Light(veil, 1 - veil), Light(1.0, offset)]
    errors = [float(np.median(np.abs(light.on(normal) - shown))) for light in lights]
    best = int(np.argmin(errors))
    return lights[best] if errors[best] < _BETTER * errors[0] - _LEAST_ERROR else lights[0]


def _filled(compared: Sequence[_Compared | None], seen: Sequence[bool], means: Array) -> tuple[list[Light], Array]:
    """The light of all frames, and how bright each makes the shot, in units of its mean.

    Where next to nothing is seen the mean decides: a black frame is its neighbour at a gain of nearly 0. What could not
    be compared for another reason is in the light of its neighbour.
    """
    known = {place: found.light for place, found in enumerate(compared) if found is not None}
    normal_means = {
        place: max((float(means[place]) - light.offset) / max(light.gain, 1e-2), 1e-3) for place, light in known.items()
    }
    lights = []
    for position, usable in enumerate(seen):
        nearest = min(known, key=lambda place: abs(place - position))
        light = known[nearest]
        if not usable:
            mean, normal = float(means[position]), min(normal_means[nearest], 0.99)
            share = (1 - mean) / (1 - normal)
            light = Light(mean / normal) if mean <= normal else Light(share, 1 - share)
        lights.append(light)
    typical = float(np.median(list(normal_means.values())))
    levels = np.array([max(light.gain + light.offset / typical, 1e-3) for light in lights])
    return lights, levels


def _normal_frames(lights: Sequence[Light], levels: Array, seen: Sequence[bool]) -> list[int]:
    """Positions of the frames in the shot's normal light: the brightest, or the clearest, that lasts.

    A flash does not last. Of what is veiled the frames with the most contrast are the normal ones.
    """
    gains = np.array([light.gain if usable else 0.0 for light, usable in zip(lights, seen, strict=True)])
    clearest = np.log(np.maximum(gains, 1e-3) / _lasting(gains)) > -1.5 * _DEAD
    levels = np.where(clearest, levels, levels[clearest].min())
    near = clearest & (np.abs(np.log(levels / _lasting(levels))) < 1.5 * _DEAD)
    return [int(position) for position in np.flatnonzero(near)]


def _lasting(values: Array) -> float:
    """The highest value that lasts longer than a flash."""
    width = min(_BURST, len(values))
    padded = np.pad(values, (width // 2, (width - 1) // 2), mode="edge")
    return max(float(sliding_window_view(padded, width).min(-1).max()), 1e-3)


def _trust(changes: Array, mean_changes: Array, compared: Sequence[_Compared | None]) -> Array:
    """How far each change of light is taken, 0 to 1.

    Errors of the comparison may add up while a camera pans. The mean of the frame does not follow these: over all
    frames without normal light that follow one another it must change along, if not as much, since it also changes with
    what is shown. And the change must be meant: a flash, a change that goes far, or a true gain. A camera that adapts
    its exposure only keeps the picture as bright as it can.

    Parameters
    ----------
    changes, mean_changes
        Of the light, and of the frames' mean lumas, as logarithms.
    compared
        What is known of each frame.
    """
    size = np.abs(changes)
    trust = rise(size, _DEAD, 2 * _DEAD)
    for start, stop in _runs(size > _DEAD):
        run, mean = changes[start:stop].clip(-_FAR, _FAR), mean_changes[start:stop].clip(-_FAR, _FAR)
        bends = [math.log(max(found.bend, 1e-3)) for found in compared[start:stop] if found is not None]
        far = stop - start <= _BURST or np.abs(run).max() == _FAR
        if not far and abs(float(np.median(bends))) > _BENT:
            trust[start:stop] = 0
        followed = float((run * mean).sum() / np.square(run).sum())
        trust[start:stop] *= min(1.0, max(0.0, (followed - _PARTLY) / (_MOSTLY - _PARTLY)))
    return trust


def _blind(lumas: Sequence[Array], seen: Sequence[bool], levels: Array, normal: Sequence[int]) -> tuple[int, ...]:
    """Positions of frames in which next to nothing is seen: faint ones, and those burnt out by a short flash."""
    white = np.array([float((frame >= _WHITE).mean()) for frame in lumas])
    burnt = (white > float(np.median(white[normal])) + _BURNT) & (levels > 1)
    blind = ~np.array(seen) & (np.abs(np.log(levels)) > _FAR)
    for start, stop in _runs(burnt):
        if stop - start <= _BURST:
            blind[start:stop] = True
    return tuple(int(position) for position in np.flatnonzero(blind))


def _runs(flags: Flags) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(start), int(stop)) for start, stop in zip(edges[::2], edges[1::2], strict=True)]


def _standard(image: Array) -> Array:
    """The image at a mean of 0.5 and a deviation of 0.2, so that light changes nothing of its shapes."""
    standard: Array = (0.5 + (image - image.mean()) * np.float32(0.2 / max(float(image.std()), 1e-3))).clip(0, 1)
    return standard
