"""Figures for the landscapes: houses of flat polygons, and a boat, a windmill and trees that face the viewer."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from landscape import H, Sun, View, W, linear
from noise import fractal_noise, mix, smoothstep


@dataclass(frozen=True)
class Sprite:
    """A flat figure that faces the viewer: premultiplied RGBA, ``scale`` pixels a metre, anchored at (col, row)."""

    rgba: np.ndarray
    scale: float
    anchor: tuple[float, float]

    def draw(self, view: View, x, y, z, turn=0.0, mirrored=False, light=1.0) -> None:
        """Stand the figure with its anchor at a place in the world, turned by ``turn`` radians, where not hidden."""
        col, row, depth = view.camera.project(x, y, z)
        s = view.camera.f / depth / self.scale
        c, n = s * np.cos(turn), s * np.sin(turn)
        flip = -1 if mirrored else 1
        ax, ay = self.anchor
        move = np.float64([[c, -n, col - c * ax + n * ay], [flip * n, flip * c, row - flip * (n * ax + c * ay)]])
        rgba = self.rgba
        while s < 0.5:
            rgba, s, move = (
                cv2.resize(rgba, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
                2 * s,
                move * [2, 2, 1],
            )
        drawn = cv2.warpAffine(rgba, move, (W, H), flags=cv2.INTER_LINEAR)
        drawn *= (view.depth > depth)[..., None]
        view.color *= 1 - drawn[..., 3:]
        view.color += light * drawn[..., :3]
        view.depth[drawn[..., 3] > 0.5] = depth


def draw_facets(view: View, facets, haze, visibility) -> None:
    """Draw flat polygons, (corners (N, 3), colour) each, the farthest first, where the land does not hide them."""
    projected = [(*view.camera.project(*corners.T), color) for corners, color in facets]
    for cols, rows, depths, color in sorted(projected, key=lambda facet: -facet[2].mean()):
        left, top = np.clip([int(cols.min()) - 1, int(rows.min()) - 1], 0, [W, H])
        right, bottom = np.clip([int(cols.max()) + 3, int(rows.max()) + 3], 0, [W, H])
        if left == right or top == bottom:
            continue
        box, depth = np.s_[top:bottom, left:right], depths.mean()
        mask = np.zeros((bottom - top, right - left), np.uint8)
        corners = np.round(np.stack([cols - left, rows - top], 1) * 16).astype(np.int32)
        cv2.fillConvexPoly(mask, corners, 255, cv2.LINE_AA, 4)
        alpha = mask / np.float32(255) * (view.depth[box] > depth - 3)
        veiled = mix(color, haze, 1 - np.exp(-depth / visibility))
        view.color[box] += (veiled - view.color[box]) * alpha[..., None]
        view.depth[box][alpha > 0.5] = depth


class Sheet:
    """Paper for a sprite: ``width`` by ``height`` metres, drawn on in metres (u right, v up) from its anchor."""

    def __init__(self, width, height, anchor, scale):
        self.scale, self.anchor = scale, (anchor[0] * scale, (height - anchor[1]) * scale)
        ys, xs = np.mgrid[0 : int(height * scale), 0 : int(width * scale)].astype(np.float32)
        self.u, self.v = (xs - self.anchor[0]) / scale, (self.anchor[1] - ys) / scale
        self.rgba = np.zeros((*self.u.shape, 4), np.float32)

    def paint(self, outline, color) -> None:
        """Fill a polygon, (N, 2) corners, with one colour or a picture of the sheet's size."""
        pixels = np.asarray(outline) * [self.scale, -self.scale] + self.anchor
        (left, top), (right, bottom) = np.maximum(pixels.min(0) - 1, 0).astype(int), pixels.max(0).astype(int) + 3
        box = np.s_[top:bottom, left:right]
        mask = np.zeros(self.u[box].shape, np.uint8)
        cv2.fillPoly(mask, [np.round((pixels - (left, top)) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        self.wash(mask / np.float32(255), color, box)

    def wash(self, alpha, color, box=np.s_[:, :]) -> None:
        """Lay a colour over the sheet, or a box of it, as opaque as ``alpha`` says."""
        alpha, color = alpha[..., None], np.broadcast_to(color, (*self.u.shape, 3))[box]
        self.rgba[box] = self.rgba[box] * (1 - alpha) + np.concatenate([color * alpha, alpha], 2)

    def line(self, start, end, width, color) -> None:
        """Draw a spar or a rope."""
        p, q = np.array(start, float), np.array(end, float)
        n = np.array([q[1] - p[1], p[0] - q[0]]) / np.hypot(*(q - p)) * width / 2
        self.paint([p + n, q + n, q - n, p - n], color)

    def sprite(self) -> Sprite:
        """The drawing, cut out."""
        return Sprite(self.rgba.astype(np.float32), self.scale, self.anchor)


def bowed(corners, bulges) -> np.ndarray:
    """Outline through ``corners`` whose edge i bows outward by ``bulges[i]`` of its length."""
    corners, t = np.array(corners, float), np.linspace(0, 1, 30, endpoint=False)[:, None]
    edges = []
    for p, q, bulge in zip(corners, np.roll(corners, -1, 0), bulges, strict=True):
        edges.append(p + t * (q - p) + 4 * t * (1 - t) * bulge * np.array([q[1] - p[1], p[0] - q[0]]))
    return np.concatenate(edges)


def house(sun: Sun, place, size, turn, wall, roof, rise) -> list:
    """Polygons of a house with a gable roof at ``place``; ``size`` is its width, depth and height to the eaves."""
    (width, depth, height), c, s = size, np.cos(turn), np.sin(turn)
    a, b, eaves = width / 2, depth / 2, 0.5

    def facet(color, normal, *corners):
        u, v, w = np.transpose(corners)
        world = np.stack([place[0] + c * u - s * v, place[1] + s * u + c * v, place[2] + w], 1)
        nx, ny, nz = normal
        return world, (color * sun.on((c * nx - s * ny, s * nx + c * ny, nz))).astype(np.float32)

    facets = [
        facet(wall, (e / a, 0, 0), (e, -b, -2), (e, b, -2), (e, b, height), (e, 0, height + rise), (e, -b, height))
        for e in (-a, a)
    ]
    front = (0, -1, 0)
    facets.append(facet(wall, front, (-a, -b, -2), (a, -b, -2), (a, -b, height), (-a, -b, height)))
    low, edge, out = height - 0.3, a + eaves, -b - eaves
    tilt = np.array([0, -rise, b]) / np.hypot(rise, b)
    ridge = height + rise
    facets.append(facet(roof, tilt, (-edge, out, low), (edge, out, low), (edge, 0, ridge), (-edge, 0, ridge)))
    columns, pane = max(2, int(width // 2.6)), linear("3c4656")
    for w in 0.9 + 2.8 * np.arange(max(1, int(height // 2.8))):
        for u in ((np.arange(columns) + 0.5) / columns - 0.5) * width:
            left, right, v = u - 0.45, u + 0.45, -b - 0.05
            facets.append(facet(pane, front, (left, v, w), (right, v, w), (right, v, w + 1.5), (left, v, w + 1.5)))
    return facets


def belfry(sun: Sun, place, width, height, rise, wall, roof) -> list:
    """Polygons of a square tower with a spire, ``rise`` metres high, and a bell window."""
    x, y, z = place
    a, top = width / 2 + 0.4, z + height
    tip = (x, y, top + rise)
    near_left, near_right, far_right = (x - a, y - a, top), (x + a, y - a, top), (x + a, y + a, top)
    window = [(x + u, y - a, top + w) for u, w in ((-0.8, -5), (0.8, -5), (0.8, -2), (-0.8, -2))]
    return [
        *house(sun, place, (width, width, height), 0.0, wall, roof, 0.1)[:3],
        (np.array([near_left, near_right, tip]), roof * sun.on((0, -0.9, 0.44))),
        (np.array([near_right, far_right, tip]), roof * sun.on((0.9, 0, 0.44))),
        (np.array(window), linear("3c4656") * sun.sky),
    ]


def boat(sun: Sun, rng) -> Sprite:
    """A gaff cutter under full sail, bow to the right, 13 m high, anchored amidships on the waterline."""
    sheet = Sheet(14, 15, (6.7, 1.0), 90)
    u, v = sheet.u, sheet.v
    weave = fractal_noise(u.shape, 120, 5, rng)
    flat = sun.on((0, -0.6, 0.8))

    def sail(corners, bulges, color, luff, belly):
        across = np.clip((luff - u) / belly, 0, 1)
        shade = 0.5 + 0.72 * np.sin(np.pi * (0.10 + 0.78 * across)) ** 1.3 + 0.02 * (v - 6) + 0.04 * weave
        seams = 1 - 0.13 * smoothstep(0.93, 1.0, np.cos(2 * np.pi * (v * 1.1 + 0.16 * u)))
        sheet.paint(bowed(corners, bulges), color * (shade * seams)[..., None] * flat)

    wood, rope, white, tan = (linear(c) for c in ("7a4a26", "5a4a38", "fbf4e2", "b9442a"))
    sheet.line((0.5, 0.8), (0.5, 12.8), 0.2, wood * flat)
    sheet.line((3.9, 1.35), (6.6, 2.0), 0.16, wood * flat)
    sail([(0.35, 1.9), (-4.6, 2.2), (-2.7, 12.2), (0.35, 9.2)], [-0.04, 0.05, 0, 0], tan, 0.4, 5.2)
    sheet.line((0.4, 9.1), (-2.8, 12.4), 0.15, wood * flat)
    sheet.line((0.5, 1.85), (-4.9, 2.15), 0.17, wood * flat)
    sail([(0.75, 11.6), (0.9, 2.1), (3.9, 1.9)], [-0.01, -0.04, 0.02], white, 3.6, 3.2)
    sail([(0.8, 12.5), (3.0, 2.6), (6.5, 2.1)], [0.05, -0.06, 0.03], white, 6.2, 4.4)
    sheet.line((0.5, 12.7), (6.6, 2.0), 0.05, rope)
    sheet.line((0.5, 12.7), (-4.9, 1.3), 0.035, rope)
    sheet.paint([(0.5, 12.8), (-0.7, 13.1), (0.5, 13.3)], linear("d33a2c") * flat)
    for at, coat in ((-3.7, "2d4f88"), (-2.7, "d8a530"), (1.9, "9c2f3a")):
        body = [(at - 0.28, 1.0), (at + 0.28, 1.0), (at + 0.2, 2.0), (at - 0.2, 2.0)]
        sheet.paint(bowed(body, [0, 0.1, 0.2, 0.1]), linear(coat) * flat)
        head = [(at - 0.19, 2.2), (at, 2.0), (at + 0.19, 2.2), (at, 2.45)]
        sheet.paint(bowed(head, [0.2] * 4), linear("d9a078") * flat)
    planks = 1 - 0.22 * smoothstep(0.8, 1.0, np.cos(2 * np.pi * v * 2.6)) + 0.07 * weave
    tone = mix(linear("16354f"), linear("2a5a78"), smoothstep(-0.2, 1.4, v)) * planks[..., None]
    tone = mix(tone, linear("a83226"), smoothstep(0.12, 0.08, v))
    sheer = 1.32 + 0.02 * np.clip(u - 0.5, 0, None) ** 2
    tone = mix(tone, linear("f6ecd6"), smoothstep(0.08, 0.04, np.abs(v - sheer)))
    hull = [(-5.0, 1.35), (-4.5, -0.3), (3.3, -0.3), (4.6, 1.75)]
    sheet.paint(bowed(hull, [0.05, 0.0, 0.06, -0.045]), tone * flat)
    sheet.rgba[v < -0.04] = 0
    crest = 0.10 + 0.28 * np.exp(-((u - 3.6) ** 2)) + 0.12 * np.exp(-((u + 4.6) ** 2))
    foam = 0.85 * np.exp(-((v / crest) ** 2)) * smoothstep(6.2, 3.4, np.abs(u + 0.3)) * (v > -0.1)
    sheet.wash(foam * smoothstep(-0.9, 0.9, weave + 0.6), linear("f4f8fa") * flat)
    return sheet.sprite()


def rounded(sun: Sun, across) -> np.ndarray:
    """Light on an upright round wall at ``across``, -1 to 1 from its left edge to its right; (..., 3)."""
    across = np.clip(across, -1, 1)
    lambert = np.clip(across * sun.toward[0] - np.sqrt(1 - across**2) * sun.toward[1], 0, 1)
    return lambert[..., None] * sun.direct + 0.8 * sun.sky


def mill_tower(sun: Sun, rng) -> Sprite:
    """A round tower of weathered stone with a shingled cap, 13 m high, anchored at its foot."""
    sheet = Sheet(10, 15, (5, 0.8), 80)
    u, v = sheet.u, sheet.v
    stones = fractal_noise(u.shape, 40, 5, rng)
    courses = smoothstep(0.75, 1.0, np.cos(2 * np.pi * v / 0.55 + 0.5 * stones))
    wall = mix(linear("efe0c4"), linear("c7ab82"), np.clip(0.35 + 0.3 * stones, 0, 1))
    wall = mix(wall * (1 - 0.18 * courses)[..., None], linear("8a7a58"), smoothstep(2.2, -0.5, v + 0.8 * stones))
    outline = [(-3.35, -0.6), (3.35, -0.6), (2.5, 9.5), (-2.5, 9.5)]
    sheet.paint(outline, wall * rounded(sun, u / (3.3 - 0.085 * v)))
    dark = linear("4a3826")
    sheet.paint([(-1.7, -0.6), (-0.5, -0.6), (-0.5, 1.9), (-1.1, 2.3), (-1.7, 1.9)], dark * 1.6)
    for x, y in ((0.6, 4.0), (-0.8, 6.6), (0.9, 7.6)):
        sheet.paint([(x - 0.3, y), (x + 0.3, y), (x + 0.3, y + 0.9), (x - 0.3, y + 0.9)], dark * 1.2)
    shingles = 1 - 0.3 * smoothstep(0.6, 1.0, np.cos(2 * np.pi * v / 0.42)) + 0.12 * stones
    cap = linear("8a4c30") * shingles[..., None] * rounded(sun, u / np.maximum(0.95 * (13 - v), 0.1))
    sheet.paint([(-3.0, 9.3), (3.0, 9.3), (2.3, 10.8), (0.3, 12.9), (-0.3, 12.9), (-2.3, 10.8)], cap)
    return sheet.sprite()


def mill_sails(sun: Sun, rng) -> Sprite:
    """Four lattice sails, each with its cloth spread, 8 m long, anchored at the hub."""
    sheet = Sheet(18, 18, (9, 9), 70)
    wood, cloth, flat = linear("6b4a2c"), linear("f7ecd4"), sun.on((0, -0.9, 0.44))
    ripple = fractal_noise(sheet.u.shape, 60, 4, rng)
    for angle in np.arange(4) * np.pi / 2:
        c, s = np.cos(angle), np.sin(angle)
        turn = np.array([[c, s], [-s, c]])
        spread = np.array([(1.8, 0.15), (8.2, 0.15), (8.2, 1.75), (1.8, 1.45)]) @ turn
        sheet.paint(spread, cloth * (0.8 + 0.12 * ripple + 0.12 * c)[..., None] * flat)
        rungs = [((u, -0.55), (u, 1.4 + 0.05 * u), 0.10) for u in np.linspace(1.8, 8.2, 8)]
        rails = [((1.8, -0.55), (8.2, -0.55), 0.10), ((1.8, 1.5), (8.2, 1.78), 0.10), ((0, 0), (8.5, 0), 0.30)]
        for start, end, width in rungs + rails:
            sheet.line(start @ turn, end @ turn, width, wood * flat)
    ring = np.linspace(0, 2 * np.pi, 40)
    sheet.paint(np.stack([0.55 * np.cos(ring), 0.55 * np.sin(ring)], 1), wood * 0.6 * flat)
    return sheet.sprite()


def cypress(sun: Sun, rng) -> Sprite:
    """A cypress 10 m high, anchored at its foot."""
    sheet = Sheet(4, 11.5, (2, 0.6), 90)
    t = np.linspace(0, 1, 160)
    half = 1.25 * np.sin(np.pi * t**0.75) ** 0.8 * (1 - 0.35 * t) + 0.10 * rng.standard_normal(160) * (t > 0.02)
    sides = [np.stack([half, 10 * t], 1), np.stack([-half, 10 * t], 1)[::-1]]
    tufts = fractal_noise(sheet.u.shape, 30, 5, rng) + 0.5 * fractal_noise(sheet.u.shape, 90, 3, rng)
    green = mix(linear("2c4a26"), linear("5d7a36"), smoothstep(-0.8, 1.2, tufts))
    sheet.paint([(-0.15, -0.5), (0.15, -0.5), (0.1, 1), (-0.1, 1)], linear("5a4028"))
    sheet.paint(np.concatenate(sides), green * rounded(sun, sheet.u / 1.3 + 0.35 * tufts))
    return sheet.sprite()
