"""A breaking wave, composed in flat colours and brush directions.

Places are in units of the picture's height: x from 0 to 4/3, y from 0 (top) to 1. Colours are sRGB, 0..255.
"""

from __future__ import annotations

import cv2
import numpy as np
from noise import fractal_noise, mix, smoothstep

HEIGHT, SUPERSAMPLING = 600, 2
H = HEIGHT * SUPERSAMPLING
W = H * 4 // 3


def srgb(hexadecimal: str) -> np.ndarray:
    """The colour written ``rrggbb``."""
    return np.frombuffer(bytes.fromhex(hexadecimal), np.uint8).astype(np.float32)


INK, PRUSSIAN, BLUE, TEAL, MIST = (srgb(c) for c in ("0b1d3a", "14365f", "2a639a", "3c98a0", "9cc9c0"))
FOAM, CREAM, SAND, OCHRE, RUST = (srgb(c) for c in ("f7efdb", "f3e0b4", "e6bd74", "cf9440", "a85a2c"))
PALETTE = np.stack([INK, PRUSSIAN, BLUE, TEAL, MIST, FOAM, CREAM, SAND, OCHRE, RUST])


def spline(knots, count: int) -> np.ndarray:
    """Catmull–Rom curve through ``knots``, as ``count`` points."""
    p = np.array(knots, float)
    p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    at = np.linspace(0, len(knots) - 1 - 1e-6, count)
    i, t = at.astype(int), (at % 1)[:, None]
    a, b, c, d = p[i], p[i + 1], p[i + 2], p[i + 3]
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


class Composition:
    """The picture in flat colours, (H, W, 3), and the direction of the brush everywhere, (H, W, 2)."""

    def __init__(self, rng):
        self.rng = rng
        self.y, self.x = np.mgrid[0:H, 0:W].astype(np.float32) / H
        self.noise = fractal_noise((H, W), 260, 6, rng)
        self.fine = fractal_noise((H, W), 40, 4, rng)
        self.marks: list[tuple[np.ndarray, float, np.ndarray]] = []  # last strokes, in order: points, width, colour
        self._sky()
        self._sea()
        self._breaker()
        self._swells()
        self._spray()

    def _sky(self) -> None:
        x, y = self.x, self.y
        sun = np.hypot(x - 1.09, y - 0.20)
        swirl = fractal_noise((H, W), 420, 3, self.rng)
        bands = np.sin(26 * (y + 0.05 * swirl + 0.035 * np.sin(5 * x + 2 * swirl)) + 2.2 * self.noise)
        color = mix(OCHRE, CREAM, smoothstep(0.0, 0.6, y + 0.06 * self.noise))
        color = mix(color, SAND, 0.7 * smoothstep(-0.2, 0.9, bands))
        color = mix(color, MIST, 0.75 * smoothstep(0.35, 0.95, -bands + 0.5 * swirl))
        rings = 0.5 + 0.5 * np.cos(sun * 95 + 1.5 * self.fine)
        color = mix(color, mix(SAND, FOAM, rings), smoothstep(0.30, 0.10, sun))
        self.color = mix(color, RUST, smoothstep(0.074, 0.068, sun) * (0.55 + 0.25 * rings))
        along = np.stack([np.ones_like(x), 0.25 * swirl + 0.35 * np.cos(5 * x + 2 * swirl)], -1)
        around = np.stack([-(y - 0.20), x - 1.09], -1) / np.maximum(sun, 1e-3)[..., None]
        self.flow = mix(along, around, smoothstep(0.38, 0.18, sun))

    def _sea(self) -> None:
        x, y = self.x, self.y
        depth = np.clip((y - 0.60) / 0.4, 0, 1)
        phase = 55 * np.sqrt(depth + 0.01) + 0.9 * np.sin(9 * x / (0.5 + depth)) + 1.2 * self.noise
        stripe = np.sin(phase)
        color = mix(PRUSSIAN, BLUE, smoothstep(-0.6, 0.6, stripe + 0.4 * self.fine))
        color = mix(color, TEAL, smoothstep(0.3, 0.9, stripe + 0.5 * self.noise))
        color = mix(color, FOAM, smoothstep(0.88, 1.1, stripe + 0.22 * self.fine))
        color = mix(MIST, color, smoothstep(-0.05, 0.25, depth))
        sea = smoothstep(0.600, 0.603, y)
        self.color = mix(self.color, color, sea)
        along = np.stack([np.ones_like(x), 0.35 * np.cos(9 * x / (0.5 + depth))], -1)
        self.flow = mix(self.flow, along, sea)
        for x0, size in ((1.19, 0.085), (0.99, 0.05)):
            sail = np.array([(0.05, -0.12), (0.05, -1.25), (0.62, -0.12)]) * size + (x0, 0.615)
            jib = np.array([(-0.02, -0.12), (-0.02, -1.1), (-0.45, -0.12)]) * size + (x0, 0.615)
            hull = np.array([(-0.55, -0.08), (0.7, -0.08), (0.5, 0.14), (-0.4, 0.14)]) * size + (x0, 0.615)
            for outline, paint in ((sail, FOAM), (jib, SAND), (hull, RUST)):
                self._fill(outline, paint)
                self._contour(np.concatenate([outline, outline[:1]]), 0.0022)

    def _fill(self, outline, color) -> None:
        points = np.round(np.asarray(outline) * H * 16).astype(np.int32)
        cv2.fillPoly(self.color, [points], color.tolist(), cv2.LINE_AA, 4)

    def _breaker(self) -> None:
        back = [
            (-0.12, 0.60),
            (0.10, 0.46),
            (0.28, 0.28),
            (0.45, 0.145),
            (0.62, 0.10),
            (0.77, 0.15),
            (0.86, 0.25),
            (0.895, 0.37),
        ]
        face = [
            (0.86, 1.02),
            (0.66, 0.84),
            (0.545, 0.70),
            (0.50, 0.55),
            (0.53, 0.41),
            (0.62, 0.315),
            (0.74, 0.295),
            (0.885, 0.38),
        ]
        n, m = 160, 420
        outer, inner = spline(back, m), spline(face, m)
        s = np.linspace(0, 1, n)[:, None, None]
        sheet = outer * (1 - s) + inner * s
        tangent = np.gradient(sheet, axis=1)
        tangent /= np.linalg.norm(tangent, axis=-1, keepdims=True)
        field = np.zeros((H, W, 4), np.float32)  # s, t, tangent
        corners = np.round(sheet * H * 4).astype(np.int32)
        for i in range(n - 1):
            for j in range(m - 1):
                quad = corners[[i, i + 1, i + 1, i], [j, j, j + 1, j + 1]]
                value = (float((i + 1) / n), j / m, float(tangent[i, j, 0]), float(tangent[i, j, 1]))
                cv2.fillConvexPoly(field, quad, value, cv2.LINE_8, 2)
        inside = cv2.GaussianBlur((field[..., 0] > 0).astype(np.float32), (0, 0), 1.2)
        s, t = cv2.GaussianBlur(field[..., 0], (0, 0), 3), cv2.GaussianBlur(field[..., 1], (0, 0), 3)
        stripe = np.sin(2 * np.pi * (7.5 * s + 0.35 * self.noise + 0.5 * t) + 0.5 * self.fine)
        color = mix(PRUSSIAN, BLUE, smoothstep(-0.5, 0.5, stripe))
        color = mix(
            color, TEAL, smoothstep(0.35, 0.9, stripe + 0.8 * smoothstep(0.35, 0.9, t) * smoothstep(0.4, 0.9, s))
        )
        color = mix(
            color, MIST, smoothstep(0.75, 1.15, stripe + 0.7 * smoothstep(0.45, 0.8, t) * smoothstep(0.5, 0.8, s))
        )
        color = mix(
            color, FOAM, smoothstep(0.93, 1.0, np.sin(2 * np.pi * (6.2 * s - 0.4 * t + 0.18 * self.noise))) * 0.9
        )
        color = mix(color, INK, 0.85 * smoothstep(0.80, 0.99, s) * smoothstep(0.12, 0.3, t) * smoothstep(0.98, 0.8, t))
        color = mix(color, INK, 0.55 * smoothstep(0.22, 0.0, s) * smoothstep(0.55, 0.2, t))
        lace = self.fine + 0.7 * self.noise
        foamy = smoothstep(0.32, 0.10, s + 0.10 * lace) * smoothstep(0.22, 0.5, t) + smoothstep(
            0.80, 0.92, t + 0.04 * lace
        )
        foamy += smoothstep(0.55, 0.8, lace) * smoothstep(0.55, 0.25, s) * smoothstep(0.15, 0.4, t)
        froth = mix(FOAM, MIST, smoothstep(0.1, 0.8, self.fine - 0.3 * self.noise))
        froth = mix(froth, BLUE, 0.6 * smoothstep(0.8, 1.3, self.fine - 0.5 * self.noise))
        color = mix(color, froth, np.clip(foamy, 0, 1))
        self.color = mix(self.color, color, inside)
        self.flow = mix(self.flow, field[..., 2:], (field[..., 0] > 0).astype(np.float32))
        for i in (1, 22, 45, 70, 96, 122, 146, n - 4):
            wobble = 0.0002 * np.cumsum(self.rng.standard_normal(m))[:, None]
            start = self.rng.integers(70, 130)
            self._contour((sheet[i] + wobble)[start : m - (0 if i in (1, n - 4) else 60)], 0.005)
        self._claws(outer[170:], side=-1, size=0.10, count=36)
        self._claws(np.concatenate([outer[-1:], inner[:-90:-1]]), side=1, size=0.085, count=18)

    def _contour(self, line, width) -> None:
        """Mark a line with overlapping dark strokes."""
        for start in range(0, max(1, len(line) - 10), 45):
            if len(line) - start > 3:
                self.marks.append((line[start : start + 70], width * self.rng.uniform(0.7, 1.3), INK))

    def _claws(self, edge, side, size, count) -> None:
        """Fingers of foam that grow from an edge and curl over, falling forward."""
        tangent = np.gradient(edge, axis=0)
        for place in np.linspace(0, len(edge) - 1, count).astype(int):
            heading = np.arctan2(*tangent[place, ::-1]) + side * self.rng.uniform(0.1, 1.0)
            grown = size * self.rng.uniform(0.6, 1.25)
            self._finger(edge[place], heading, grown, depth=2)

    def _finger(self, root, heading, length, depth) -> None:
        steps = 12
        bend = self.rng.uniform(1.4, 3.2) / steps
        angle = heading + bend * np.arange(steps) * np.linspace(0.4, 1.6, steps)
        heads = np.stack([np.cos(angle), np.sin(angle)], 1)
        path = root + np.cumsum(heads, 0) * length / steps
        side = heads[:, ::-1] * (-1, 1) * length
        width = 0.17 * length
        self.marks.append((path + 0.035 * side, 1.25 * width, PRUSSIAN))
        self.marks.append((path + 0.015 * side, width, MIST))
        self.marks.append((path - 0.02 * side, 0.8 * width, FOAM))
        if depth:
            for at in self.rng.choice(np.arange(3, steps - 1), 3, replace=False):
                turn = self.rng.choice([-1, 1]) * self.rng.uniform(0.4, 1.1)
                self._finger(path[at], angle[at] + turn, length * self.rng.uniform(0.4, 0.6), depth - 1)

    def _swells(self) -> None:
        """The waves before the breaker, the nearest last, each with a cap of foam."""
        x, y = self.x, self.y
        for base, height, pitch, shift in ((0.80, 0.045, 6.5, 0.9), (0.88, 0.055, 5.0, 2.6), (0.965, 0.05, 6.0, 4.6)):

            def crest(x, base=base, height=height, pitch=pitch, shift=shift):
                lift = np.sin(pitch * x + shift + 0.6 * np.sin(pitch * x + shift))
                return base - height * lift - 0.10 * np.clip(0.55 - x, 0, 1) * (base < 0.9)

            below = y - crest(x)
            inside = smoothstep(-0.002, 0.002, below)
            stripe = np.sin(85 * below * (1 + 0.25 * self.noise) + 1.4 * self.noise)
            color = mix(PRUSSIAN, BLUE, smoothstep(-0.7, 0.4, stripe))
            color = mix(color, TEAL, smoothstep(0.2, 0.9, stripe + 0.5 * self.noise))
            color = mix(color, MIST, smoothstep(0.8, 1.2, stripe + 0.3 * self.fine))
            color = mix(color, INK, 0.5 * smoothstep(0.10, 0.2, below))
            lace = 0.016 * (1 + self.fine) + 0.010 * self.noise + 0.012
            froth = mix(FOAM, MIST, smoothstep(0.3, 1.0, self.fine))
            color = mix(color, froth, smoothstep(0.004, -0.004, below - lace))
            self.color = mix(self.color, color, inside)
            slope = np.gradient(crest(np.linspace(0, 4 / 3, W)), 1 / H)[None] * np.ones((H, 1))
            along = np.stack([np.ones_like(x), slope], -1).astype(np.float32)
            self.flow = mix(self.flow, along, inside)
            line = np.linspace(-0.02, 1.36, 240)
            self._contour(np.stack([line, crest(line)], 1), 0.0045)
            for x0 in np.sort(self.rng.uniform(0, 1.33, 18)):
                self._finger(
                    np.array([x0, crest(x0) + 0.006]),
                    self.rng.uniform(-1.5, -0.3),
                    self.rng.uniform(0.035, 0.07),
                    depth=1,
                )

    def _spray(self) -> None:
        """Drops thrown off the lip and the crest."""
        where = np.concatenate(
            [
                self.rng.normal((0.93, 0.33), (0.07, 0.10), (170, 2)),
                self.rng.normal((0.55, 0.08), (0.22, 0.035), (90, 2)),
                self.rng.normal((0.75, 0.72), (0.10, 0.05), (70, 2)),
            ]
        )
        for place, radius in zip(where, self.rng.gamma(1.6, 0.0013, len(where)) + 0.0013, strict=True):
            dab = place + np.outer(np.linspace(-0.9, 0.9, 5), self.rng.normal((0.7, 0.7), 0.4)) * radius
            self.marks.append((dab + 0.0014, 2.3 * radius, BLUE))
            self.marks.append((dab, 2.0 * radius, FOAM))
