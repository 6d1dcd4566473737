"""Noise and ramps, from which everything here is made."""

from __future__ import annotations

import cv2
import numpy as np


def mix(a: np.ndarray, b: np.ndarray, t: np.ndarray | float) -> np.ndarray:
    """``a`` where ``t`` is 0, ``b`` where it is 1; a two-dimensional ``t`` weighs colours."""
    if isinstance(t, np.ndarray) and t.ndim == 2:
        t = t[..., None]
    return a + (b - a) * t


def smoothstep(low: float, high: float, x: np.ndarray) -> np.ndarray:
    """0 below ``low``, 1 above ``high``, smooth between."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def fractal_noise(shape, cell, octaves, rng, gain=0.5, ridged=False) -> np.ndarray:
    """Sum of octaves of smooth noise, about unit variance; ``cell`` is the coarsest one's spacing in samples."""
    total, power = np.zeros(shape, np.float32), 0.0
    for octave in range(octaves):
        step = cell / 2**octave
        coarse = max(1, int(step // 8))  # a smooth octave needs few samples
        rows, cols = (np.mgrid[0 : shape[0] // coarse + 2, 0 : shape[1] // coarse + 2] * coarse).astype(np.float32)
        grid = rng.standard_normal((int(shape[0] / step) + 4, int(shape[1] / step) + 4)).astype(np.float32)
        angle = 0.6 * octave  # turning the octaves hides the grid
        c, s = np.float32(np.cos(angle) / step), np.float32(np.sin(angle) / step)
        layer = cv2.remap(grid, c * cols - s * rows, s * cols + c * rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_WRAP)
        layer = cv2.resize(layer, None, fx=coarse, fy=coarse, interpolation=cv2.INTER_CUBIC)[: shape[0], : shape[1]]
        total += gain**octave * (1.2 - 2 * np.abs(layer) if ridged else layer)
        power += gain ** (2 * octave)
    return total / np.float32(np.sqrt(power) * 0.75)


def sample_tiled(grid, x, y) -> np.ndarray:
    """Values of ``grid``, repeated endlessly, at ``x`` and ``y`` in samples."""
    return cv2.remap(grid, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
