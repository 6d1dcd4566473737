"""A small landscape renderer: noise, a camera, height maps seen in perspective, sky and water.

World coordinates are metres (x to the right, y away from the viewer, z up); colours are linear RGB, float32.
Images are ``SUPERSAMPLING`` times the size of the clip; the environment may say how many, for a larger picture.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import cv2
import numpy as np
from noise import fractal_noise, mix, sample_tiled, smoothstep

WIDTH, HEIGHT, SUPERSAMPLING = 320, 180, int(os.environ.get("SUPERSAMPLING", "3"))
W, H = WIDTH * SUPERSAMPLING, HEIGHT * SUPERSAMPLING


def linear(hexadecimal: str) -> np.ndarray:
    """Linear RGB of an sRGB colour written ``rrggbb``."""
    return (np.frombuffer(bytes.fromhex(hexadecimal), np.uint8) / 255.0).astype(np.float32) ** 2.2


@dataclass(frozen=True)
class Camera:
    """Where the viewer stands; it stays level, and looks up or down by shifting the horizon."""

    x: float
    y: float
    z: float
    yaw: float = 0.0
    focal: float = 1.1  # in widths of the picture
    horizon: float = 0.55  # in heights of the picture, from the top

    @property
    def f(self) -> float:
        """Focal length in pixels."""
        return self.focal * W

    @property
    def horizon_row(self) -> float:
        """Row of the horizon, in pixels."""
        return self.horizon * H

    def project(self, x, y, z) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Column, row and depth of points in the world."""
        dx, dy = np.subtract(x, self.x), np.subtract(y, self.y)
        depth = dx * np.sin(self.yaw) + dy * np.cos(self.yaw)
        side = dx * np.cos(self.yaw) - dy * np.sin(self.yaw)
        return W / 2 + self.f * side / depth, self.horizon_row - self.f * np.subtract(z, self.z) / depth, depth

    def ground(self, columns, depth) -> tuple[np.ndarray, np.ndarray]:
        """World x and y of what is seen in ``columns`` at ``depth``."""
        u = (columns + 0.5 - W / 2) / self.f
        return (
            self.x + depth * (u * np.cos(self.yaw) + np.sin(self.yaw)),
            self.y + depth * (np.cos(self.yaw) - u * np.sin(self.yaw)),
        )


@dataclass(frozen=True)
class Sun:
    """Daylight: the direction toward the sun, its light and that of the whole sky."""

    toward: np.ndarray
    direct: np.ndarray
    sky: np.ndarray

    def on(self, normal) -> np.ndarray:
        """Light on a surface that faces ``normal``, a unit vector."""
        return max(0.0, float(np.dot(normal, self.toward))) * self.direct + (0.75 + 0.25 * normal[2]) * self.sky


@dataclass
class View:
    """A picture being composed: linear colour (H, W, 3) and the depth of what is seen (H, W), in metres."""

    camera: Camera
    color: np.ndarray
    depth: np.ndarray


@dataclass(frozen=True)
class Terrain:
    """A square of land: heights and lit colours on a grid, ``size`` metres wide, from the corner (x, y) on."""

    x: float
    y: float
    size: float
    height: np.ndarray
    pyramid: tuple[np.ndarray, ...]
    grain: np.ndarray

    @classmethod
    def lit(cls, corner, size, height, albedo, sun, rng) -> Terrain:
        """Light ``albedo`` by the sun, shadows included, and by the sky."""
        step = size / len(height)
        dy, dx = np.gradient(height, step)
        norm = np.sqrt(1 + dx**2 + dy**2)
        toward = sun.toward
        lambert = np.clip((toward[2] - dx * toward[0] - dy * toward[1]) / norm, 0, 1)
        small = cv2.resize(height, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        above = np.full_like(small, -1e3)
        for shift in np.geomspace(1, 220, 64):
            move = np.float32([[1, 0, -shift * toward[0]], [0, 1, -shift * toward[1]]])
            lifted = cv2.warpAffine(small, move, small.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
            above = np.maximum(above, lifted - shift * 2 * step * toward[2])
        excess = cv2.resize(above - small, height.shape[::-1])
        shadow = smoothstep(-1.5 * step, 3 * step, excess)
        hollow = cv2.GaussianBlur(height, (0, 0), 6) - height  # crevices see less sky
        sky = np.clip(1 - 0.5 * hollow / (6 * step), 0.35, 1.15) * (0.5 + 0.5 / norm)
        light = (lambert * (1 - shadow))[..., None] * sun.direct + sky[..., None] * sun.sky
        levels = [(albedo * light).astype(np.float32)]
        while len(levels) < 5:
            levels.append(cv2.resize(levels[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
        return cls(*corner, size, height, tuple(levels), fractal_noise((256, 256), 16, 4, rng))

    def sample(self, grid, x, y) -> np.ndarray:
        """Values of ``grid`` at world positions, linear between samples."""
        scale = len(grid) / self.size
        xs, ys = ((x - self.x) * scale - 0.5).astype(np.float32), ((y - self.y) * scale - 0.5).astype(np.float32)
        return cv2.remap(grid, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    def height_at(self, x: float, y: float) -> float:
        """Height of the land at one place."""
        return float(self.sample(self.height, np.array([[x]]), np.array([[y]]))[0, 0])

    def draw(self, view: View, haze: np.ndarray, visibility: float, steps: int = 800) -> None:
        """Draw over ``view`` what can be seen of the land above the water, fading into ``haze`` with distance."""
        camera, columns = view.camera, np.arange(W, dtype=np.float32)
        near = max(self.y - camera.y, 4.0)
        depths = np.geomspace(near, self.y + self.size - camera.y - 1, steps).astype(np.float32)[:, None]
        z = self.sample(self.height, *camera.ground(columns[None], depths))
        rows = camera.horizon_row - camera.f * (z - camera.z) / depths
        ridge = np.minimum.accumulate(rows, axis=0)
        wanted = np.arange(H, dtype=np.float32) + 0.5
        after = np.stack([np.searchsorted(-ridge[:, c], -wanted) for c in range(W)], axis=1)
        seen = after < steps
        after = np.clip(after, 1, steps - 1)
        top, bottom = np.take_along_axis(rows, after, 0), np.take_along_axis(rows, after - 1, 0)
        t = np.clip((bottom - wanted[:, None]) / np.maximum(bottom - top, 1e-3), 0, 1)
        depth = depths[after - 1, 0] + (depths[after, 0] - depths[after - 1, 0]) * t
        height = camera.z + (camera.horizon_row - wanted[:, None]) * depth / camera.f
        seen &= (height > 0) & (depth < view.depth)
        x, y = camera.ground(columns[None], depth)
        color = self._color(x, y, depth / camera.f)
        grain = sample_tiled(self.grain, x * 14, y * 14) * np.clip(1 - depth / 60, 0, 1)
        grain += 0.7 * sample_tiled(self.grain, x * 7, height * 7) * np.clip(1 - depth / 700, 0, 1)
        color *= np.clip(1 + 0.35 * grain, 0.2, 2)[..., None]
        color = mix(color, haze, (1 - np.exp(-depth / visibility)).astype(np.float32))
        view.color[seen] = color[seen]
        view.depth[seen] = depth[seen]

    def _color(self, x, y, pixel) -> np.ndarray:
        """Colour at world positions, averaged over about two pixels of ``pixel`` metres."""
        level = np.log2(np.maximum(2 * pixel * len(self.height) / self.size, 1))
        level = np.minimum(level, len(self.pyramid) - 1)
        color = np.zeros((*x.shape, 3), np.float32)
        for k, grid in enumerate(self.pyramid):
            weight = np.clip(1 - np.abs(level - k), 0, 1).astype(np.float32)
            if weight.any():
                color += weight[..., None] * self.sample(grid, x, y)
        return color


def plant(height, albedo, rng, where, radii, rises, leaves) -> None:
    """Set round tree crowns on the land, in place.

    ``where`` are samples (col, row), ``radii`` the crowns' in samples, ``rises`` their heights in metres, and
    ``leaves`` the colours to choose from.
    """
    palette = np.stack([linear(leaf) for leaf in leaves])
    for (col, row), radius, rise in zip(where, radii, rises, strict=True):
        color = palette[rng.integers(len(palette))]
        r = int(np.ceil(radius))
        if not (r < col < height.shape[1] - r - 1 and r < row < height.shape[0] - r - 1):
            continue
        window = np.s_[row - r : row + r + 1, col - r : col + r + 1]
        dy, dx = (axis / radius for axis in np.ogrid[-r : r + 1, -r : r + 1])
        lumps = 0.12 * rng.standard_normal((2 * r + 1, 2 * r + 1))
        inside = dx**2 + dy**2 + lumps < 1
        crown = height[row, col] + rise * np.sqrt(np.clip(1.1 - dx**2 - dy**2 - lumps, 0.1, 1))
        higher = inside & (crown > height[window])
        shade = rng.uniform(0.75, 1.25, lumps.shape)[..., None]
        albedo[window] = np.where(higher[..., None], color * shade, albedo[window])
        height[window] = np.where(higher, crown, height[window])


@dataclass(frozen=True)
class Sky:
    """A strip of sky unrolled around the viewer: columns are azimuths, rows elevations, ``scale`` pixels a radian."""

    image: np.ndarray
    scale: float

    # A sky is all of these, and made in one place.
    @classmethod
    def clouded(  # noqa: PLR0913
        cls, rng, zenith, horizon, sun_at, glow, lit, shaded, cover, scale=1.1 * W
    ) -> Sky:
        """Paint a gradient from ``horizon`` to ``zenith``, the sun at (azimuth, elevation) and clouds on a plane."""
        rows, cols = int(0.75 * H), int(1.5 * W)
        elevation = ((rows - np.arange(rows, dtype=np.float32)) / scale)[:, None] + np.zeros((1, cols), np.float32)
        azimuth = (np.arange(cols, dtype=np.float32)[None] - cols / 2) / scale + np.zeros((rows, 1), np.float32)
        image = mix(horizon, zenith, smoothstep(-0.05, 0.42, elevation))
        away = np.hypot(azimuth - sun_at[0], elevation - sun_at[1])
        image = image + glow * (1.6 * np.exp(-away / 0.05) + 0.45 * np.exp(-away / 0.35))[..., None]
        image = image + glow * 14 * smoothstep(0.019, 0.012, away)[..., None]
        noise = fractal_noise((1400, 1400), 260, 8, rng, gain=0.55)

        def density(toward_sun):
            u = azimuth + toward_sun * (sun_at[0] - azimuth)
            v = elevation + toward_sun * (sun_at[1] - elevation)
            distance = 1 / (np.maximum(v, 0) + 0.10)
            return sample_tiled(noise, 700 + 90 * u * distance, 90 * distance) + cover

        here = density(0.0)
        alpha = smoothstep(0.0, 0.55, here) * smoothstep(0.0, 0.05, elevation)
        inward = np.clip(density(0.05), 0, None) + 0.6 * np.clip(density(0.12), 0, None)
        color = mix(lit, shaded, smoothstep(0.0, 2.2, inward + 0.4 * here))
        color = color + glow * (0.5 * np.exp(-away / 0.15))[..., None]
        return cls(mix(image, color, alpha).astype(np.float32), scale)

    def view(self, camera: Camera) -> View:
        """What the camera sees of it: a view with nothing else in it yet."""
        zoom = self.scale / camera.f
        left = self.image.shape[1] / 2 + camera.yaw * self.scale - W / 2 * zoom
        top = len(self.image) - camera.horizon_row * zoom
        move = np.float32([[zoom, 0, left], [0, zoom, top]])
        color = cv2.warpAffine(
            self.image, move, (W, H), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
        )
        return View(camera, color, np.full((H, W), np.inf, np.float32))


@dataclass(frozen=True)
class Water:
    """Rippled water at height 0: sine waves of a breeze, with the reflection they break up."""

    body: np.ndarray
    waves: np.ndarray  # (N, 4): wave vector x and y in radians a metre, slope, phase
    speed: np.ndarray
    gusts: np.ndarray

    @classmethod
    def breeze(cls, rng, body, steepness, count=36) -> Water:
        """Waves 0.6 to 14 m long, running roughly toward the viewer."""
        length = np.geomspace(0.6, 14, count)
        direction = rng.normal(-1.9, 0.55, count)
        k = 2 * np.pi / length
        slope = steepness * rng.uniform(0.6, 1.4, count) / np.sqrt(count)
        waves = np.stack([k * np.cos(direction), k * np.sin(direction), slope, rng.uniform(0, 6.28, count)], 1)
        return cls(body, waves, 0.7 * np.sqrt(9.81 * k), fractal_noise((512, 512), 64, 4, rng))

    def draw(self, view: View, mirror: np.ndarray, seconds: float, haze, visibility) -> None:
        """Draw the water below the horizon; ``mirror`` is the scene as a level mirror would show it."""
        camera = view.camera
        first = int(np.ceil(camera.horizon_row + 1))
        row = np.arange(first, H, dtype=np.float32)[:, None] + 0.5
        depth = camera.f * camera.z / (row - camera.horizon_row)
        cols = np.arange(W, dtype=np.float32)[None]
        x, y = (a.astype(np.float32) for a in camera.ground(cols, depth))
        along, across = depth**2 / (camera.f * camera.z), depth / camera.f
        gust = 1 + 0.35 * sample_tiled(self.gusts, x * 3, y * 3)
        sx = np.zeros_like(x)
        sy = np.zeros_like(x)
        for (kx, ky, slope, phase), omega in zip(self.waves, self.speed, strict=True):
            kept = np.exp(-((along * ky) ** 2 + (across * kx) ** 2) / 10)  # finer than a pixel: gone
            near = kept[:, 0] > 0.01
            angle = np.float32(kx) * x[near] + np.float32(ky) * y[near] + np.float32(phase - omega * seconds)
            swell = np.cos(angle) * (np.float32(slope) * kept[near])
            sx[near] += np.float32(kx / np.hypot(kx, ky)) * swell
            sy[near] += np.float32(ky / np.hypot(kx, ky)) * swell
        sx, sy = sx * gust, sy * gust
        glance = np.clip(camera.z / np.hypot(depth, camera.z) + sy, 0.02, 1)
        fresnel = 0.03 + 0.9 * (1 - glance) ** 5
        at_row = 2 * camera.horizon_row - row - 1 - 2 * camera.f * sy
        at_col = cols + 0.5 * camera.f * sx
        mirror = cv2.GaussianBlur(mirror, (0, 0), 1.5, sigmaY=4.5)  # by the ripples finer than a pixel
        reflected = cv2.remap(
            mirror,
            at_col,
            np.minimum(at_row, camera.horizon_row - 1).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT,
        )
        body = self.body * (1 + 2.2 * np.clip(0.1 - 0.7 * sx - 0.6 * sy, -0.3, 1))[..., None]
        color = mix(body, reflected, np.clip(fresnel, 0, 1))
        color = mix(color, haze, (1 - np.exp(-depth / visibility)).astype(np.float32) * np.ones_like(x))
        covered = view.depth[first:] < depth
        view.color[first:] = np.where(covered[..., None], view.color[first:], color)
        view.depth[first:] = np.where(covered, view.depth[first:], depth)
