"""Shapes: can be told from the painting what the clip shows now, and not what it showed before?

Both measures compare edges: the gradients of what is measured are correlated with the clip's own in small windows,
whatever their colours are.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from vidstyle.motion.flow import Array

GAP = 5
"""Frames back to what paint may still show."""

# Gradients are of images blurred by this many pixels; windows have this side.
_SCALE, _WINDOW = 1.2, 15
# What differs by more, in units of 0..1, after a blur of two pixels, has changed. Edges that are weaker than this tell
# nothing. Where a smaller share of the frame has changed, nothing has.
_CHANGED, _EDGE, _LEAST = 20 / 255, 8 / 255, 1e-3
# Where there is nothing to be seen now, a correlation with the old edges that chance does not have: nine of ten windows
# of strokes that know nothing of them have less than 0.3.
_GHOST = 0.4


@dataclass(frozen=True)
class Stale:
    """How much of what changed is painted as it was before, 0 to 1. None where nothing changed.

    `changed` is the share of the frame that did and has edges to tell by.
    """

    share: float | None
    changed: float


@dataclass(frozen=True)
class Edges:
    """A frame in grey, its gradients' strength, and the mean and variance of that in the window around each pixel.

    All are (H, W).
    """

    grey: Array
    strength: Array
    mean: Array
    variance: Array


def find_edges(image: Array) -> Edges:
    """The edges of a frame, (H, W, 3) in 0..1."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    smooth = cv2.GaussianBlur(grey, (0, 0), _SCALE)
    strength = cv2.magnitude(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
    mean = _windowed(strength)
    return Edges(grey, strength, mean, _windowed(np.square(strength)) - np.square(mean))


def shape(clip: Edges, output: Edges) -> float:
    """The correlation of a painting's edges with the clip's, weighed by these: 1 has all shapes where they are."""
    weight = float(clip.mean.sum())
    return float((_correlation(clip, output) * clip.mean).sum()) / weight if weight > 0 else 1.0


def stale(clip: Edges, earlier: Edges, output: Edges) -> Stale:
    """How much of what changed in the clip since an earlier frame still shows that one's shapes.

    Where the clip has edges now, the painting is to be nearer to these. Where what was there is gone from plain ground,
    it is to have no more of the old ones than any strokes have.
    """
    changed = cv2.GaussianBlur(np.abs(clip.grey - earlier.grey), (0, 0), 2.0) > _CHANGED
    judged = changed & ((clip.mean > _EDGE) | (earlier.mean > _EDGE))
    count = int(judged.sum()) if changed.mean() >= _LEAST else 0
    rival = np.where(clip.mean > _EDGE, _correlation(clip, output), np.float32(_GHOST))
    old = judged & (_correlation(earlier, output) > rival)
    return Stale(float(old.sum()) / count if count else None, count / judged.size)


def mean_stale(parts: Iterable[Stale]) -> Stale:
    """Over many frames, each by how much of it changed."""
    known = list(parts)
    changed = sum(each.changed for each in known if each.share is not None)
    if not changed:
        return Stale(None, 0.0)
    share = sum(each.share * each.changed for each in known if each.share is not None) / changed
    return Stale(share, sum(each.changed for each in known) / len(known))


def _correlation(a: Edges, b: Edges) -> Array:
    """Of two frames' edges in the window around each pixel, (H, W)."""
    covariance = _windowed(a.strength * b.strength) - a.mean * b.mean
    floor = np.float32(1e-3 / 255**2)
    return covariance / np.sqrt(a.variance.clip(floor) * b.variance.clip(floor))


def _windowed(plane: Array) -> Array:
    return cv2.blur(plane, (_WINDOW, _WINDOW))
