"""A composition painted over in brush strokes.

Strokes are laid in layers from broad to fine along a flow field (after Hertzmann, "Painterly Rendering with Curved
Brush Strokes of Multiple Sizes", 1998); every stroke is a bundle of bristles that also leaves relief in the paint.
"""

from __future__ import annotations

import cv2
import numpy as np
from composition import HEIGHT, OCHRE, PALETTE, SUPERSAMPLING, Composition, H, W


class Canvas:
    """Wet paint: its colour (H, W, 3) and how thick it lies (H, W), both 8 bits."""

    def __init__(self, rng):
        self.rng = rng
        self.color = np.empty((H, W, 3), np.uint8)
        self.color[:] = OCHRE  # the ground, which shows through
        self.relief = np.full((H, W), 90, np.uint8)

    def stroke(self, path, width, color) -> None:
        """Draw a bundle of bristles along ``path``, (N, 2) pixels, tapering toward the ends."""
        count = int(np.clip(width / 2.6, 2, 14))
        direction = np.gradient(path, axis=0)
        normal = direction[:, ::-1] * (-1, 1) / np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-6)
        offsets = (np.linspace(-0.5, 0.5, count) + self.rng.uniform(-0.06, 0.06, count)) * width
        taper = np.sin(np.linspace(0.45, np.pi - 0.25, len(path)))[:, None]
        tones = color * (1 + self.rng.normal(0, 0.055, (count, 1))) + self.rng.normal(0, 5, (count, 1))
        thick = self.rng.integers(40, 215, count)
        trim = self.rng.integers(0, max(1, len(path) // 4) + 1, (count, 2))
        points = np.round((path + normal * taper * offsets[:, None, None]) * 8).astype(np.int32)
        line = max(1, round(1.5 * width / count))
        for bristle in self.rng.permutation(count):
            start, stop = trim[bristle]
            run = [points[bristle, start : len(path) - stop]]
            cv2.polylines(self.color, run, False, np.clip(tones[bristle], 0, 255).tolist(), line, cv2.LINE_AA, 3)
            cv2.polylines(self.relief, run, False, int(thick[bristle]), line, cv2.LINE_AA, 3)

    def layer(self, wanted, flow, width, spacing, length, tolerance) -> None:
        """Cover the canvas with strokes of one width wherever it differs from ``wanted`` by over ``tolerance``."""
        blurred = cv2.GaussianBlur(wanted, (0, 0), width / 5)
        error = np.linalg.norm(cv2.GaussianBlur(self.color, (0, 0), width / 3).astype(np.float32) - blurred, axis=2)
        rows, cols = np.mgrid[0:H:spacing, 0:W:spacing].reshape(2, -1)
        place = np.stack([cols, rows], 1) + self.rng.uniform(-0.5, 0.5, (rows.size, 2)) * spacing
        place = np.clip(place, 0, (W - 1, H - 1))[self.rng.permutation(rows.size)].astype(np.float32)
        place = place[sample(error, place)[:, 0] > tolerance]
        colors = sample(blurred, place)
        steps = 9
        paths = []
        for sign in (-1, 1):
            half, heading = [place], sign * sample(flow, place)
            alive = np.ones(len(place), bool)
            for _ in range(steps // 2):
                ahead = sample(flow, half[-1])
                ahead *= np.sign(np.sum(ahead * heading, 1, keepdims=True) + 1e-9)
                heading = ahead / np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-6)
                step = half[-1] + heading * (length * width / steps)
                alive &= np.linalg.norm(sample(blurred, step) - colors, axis=1) < 90
                half.append(np.where(alive[:, None], step, half[-1] + 0.15 * (step - half[-1])))
            paths.append(np.stack(half, 1))
        paths = np.concatenate([paths[0][:, :0:-1], paths[1]], 1)
        nearest = PALETTE[np.argmin(np.linalg.norm(colors[:, None] - PALETTE, axis=2), 1)]
        colors = colors + (nearest - colors) * self.rng.uniform(0, 0.6, (len(colors), 1))
        colors = colors * (1 + self.rng.normal(0, 0.06, (len(colors), 1))) + self.rng.normal(0, 6, colors.shape)
        widths = width * self.rng.uniform(0.7, 1.2, len(place))
        for path, color, wide in zip(paths, colors, widths, strict=True):
            self.stroke(path, wide, color)

    def varnished(self) -> np.ndarray:
        """The painting under a light from the upper left, that shows the relief and the weave of the canvas."""
        y, x = np.mgrid[0:H, 0:W].astype(np.float32)
        weave = np.sin(x * np.pi / 2.5) * np.sin(y * np.pi / 2.5)
        relief = cv2.GaussianBlur(self.relief.astype(np.float32), (0, 0), 1.0) + 5 * weave
        slope = np.gradient(relief, axis=1) + np.gradient(relief, axis=0)
        light = 1 + 0.16 * np.tanh(slope / 22)
        return np.clip(self.color * light[..., None], 0, 255)


def sample(image, places) -> np.ndarray:
    """Values of an image at the pixels nearest to (N, 2) places, as (N, channels)."""
    x, y = np.clip(np.round(places), 0, (W - 1, H - 1)).astype(int).T
    return image[y, x].reshape(len(places), -1)


def paint_wave(rng) -> np.ndarray:
    """The painting, (600, 800, 3), 8 bits."""
    composition, canvas = Composition(rng), Canvas(rng)
    flow = cv2.GaussianBlur(composition.flow.astype(np.float32), (0, 0), 3)
    wanted = composition.color.astype(np.float32)
    for width, spacing, length, tolerance in (
        (48, 24, 5, -1),
        (26, 15, 6, 14),
        (14, 9, 7, 20),
        (8, 6, 8, 30),
        (5, 4, 7, 42),
    ):
        canvas.layer(wanted, flow, width, spacing, length, tolerance)
    for points, width, color in composition.marks:
        canvas.stroke(points * H, width * H, color)
    picture = cv2.resize(
        canvas.varnished().astype(np.float32), (W // SUPERSAMPLING, HEIGHT), interpolation=cv2.INTER_AREA
    )
    return np.round(picture).astype(np.uint8)
