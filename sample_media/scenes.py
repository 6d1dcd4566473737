"""The clip's two scenes. Each is built once from a random generator, then seen at any time from a moving camera."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from figures import belfry, boat, cypress, draw_facets, house, mill_sails, mill_tower
from landscape import Camera, Sky, Sun, Terrain, View, Water, linear, plant
from noise import fractal_noise, mix, smoothstep


def grid(samples: int, corner, size: float) -> tuple[np.ndarray, np.ndarray]:
    """World x and y of the samples of a square of land."""
    y, x = np.mgrid[0:samples, 0:samples].astype(np.float32) * np.float32(size / samples)
    return x + np.float32(corner[0]), y + np.float32(corner[1])


def unit(*vector: float) -> np.ndarray:
    """The vector's direction."""
    return np.array(vector) / np.linalg.norm(vector)


class Bay:
    """A cutter crosses a bay and uncovers the village on its shore; the camera pans after it and closes in."""

    SUN = Sun(unit(-0.78, -0.30, 0.55), linear("fff0d0") * 3.2, linear("a9c8f0") * 0.75)
    HAZE = linear("b4cae6") * 0.95
    NEAR, FAR = 3600.0, 9000.0  # visibility in metres: clear over the bay, hazy before the mountains
    TOWN = (5.0, 185.0)

    def __init__(self, rng):
        self.sky = Sky.clouded(
            rng,
            zenith=linear("2f6fb8") * 1.1,
            horizon=linear("d9e4ea") * 1.15,
            sun_at=(-0.45, 0.30),
            glow=linear("fff0c8") * 0.9,
            lit=linear("fffaf0") * 1.5,
            shaded=linear("9fb0c8"),
            cover=0.3,
        )
        self.shore, self.mountains = self._shore(rng), self._mountains(rng)
        self.town = self._town(rng)
        self.boat = boat(self.SUN, rng)
        self.water = Water.breeze(rng, linear("17707f") * 0.9, steepness=0.055)

    def view(self, t: float) -> np.ndarray:
        """Linear colours of the scene ``t`` seconds from its start."""
        camera = Camera(x=-3 + 5 * t, y=0, z=3.4, yaw=-0.035 + 0.075 * t, focal=1.08 + 0.05 * t, horizon=0.60)
        where, heel = (-11.5 + 17.5 * t, 37.0 + 0.8 * t), 0.05 + 0.02 * np.sin(2.4 * t)
        view, mirror = (self._land(replace(camera, z=z)) for z in (camera.z, -camera.z))
        self.boat.draw(mirror, *where, 0.0, turn=heel)
        self.water.draw(view, mirror.color, t, self.HAZE, self.NEAR)
        self.boat.draw(view, *where, 0.05 * np.sin(3.1 * t), turn=heel)
        return view.color

    def _land(self, camera: Camera) -> View:
        view = self.sky.view(camera)
        self.mountains.draw(view, self.HAZE, self.FAR)
        self.shore.draw(view, self.HAZE, self.NEAR)
        draw_facets(view, self.town, self.HAZE, self.NEAR)
        return view

    def _shore(self, rng) -> Terrain:
        n, size, corner = 2048, 640.0, (-320.0, 110.0)
        step, (x, y) = size / n, grid(n, corner, size)
        bays, hills = fractal_noise((n, n), 400, 5, rng), fractal_noise((n, n), 500, 7, rng)
        inland = y - 172 - 12 * bays - 0.0006 * (x - 20) ** 2 + 25 * smoothstep(60, 190, np.abs(x))
        height = 0.11 * np.clip(inland, -30, None) + smoothstep(20, 260, inland) * (24 + 20 * hills)
        knoll = np.exp(-(((x + 130) / 60) ** 2) - ((y - 270) / 70) ** 2)
        height += 34 * smoothstep(0, 60, inland) * knoll
        height += 0.25 * fractal_noise((n, n), 16, 3, rng) * smoothstep(0, 10, inland)
        town = np.exp(-(((x - self.TOWN[0]) / 62) ** 4) - ((y - self.TOWN[1] - 12) / 34) ** 4)
        height += town * (self._street(y) - height)

        tint, patch = fractal_noise((n, n), 120, 6, rng), fractal_noise((n, n), 60, 5, rng)
        slope = np.hypot(*np.gradient(height, step))
        albedo = mix(linear("64883a"), linear("a89d4c"), smoothstep(-0.4, 1.6, tint))
        albedo = mix(albedo, linear("4f7433"), smoothstep(0.2, 1.0, patch))
        albedo = mix(albedo, linear("8f8372"), smoothstep(0.7, 1.0, slope + 0.12 * patch))
        albedo = mix(albedo, linear("d9c59a"), smoothstep(1.7, 1.0, height + 0.3 * patch))
        albedo *= (1 + 0.12 * fractal_noise((n, n), 6, 2, rng))[..., None]

        wood = fractal_noise((n, n), 180, 4, rng) + 0.5 * smoothstep(30, 120, inland)
        spots = rng.integers(0, n, (26000, 2))
        here = (spots[:, 1], spots[:, 0])
        chance = np.where(town[here] > 0.1, 0.10, smoothstep(-0.1, 0.6, wood[here]))
        spots = spots[(height[here] > 1.6) & (rng.random(len(spots)) < chance)]
        radii = rng.uniform(1.6, 3.6, len(spots))
        leaves = ("3d5f28", "587a2f", "2f4f2c", "7d8b36", "44652b", "4f7430", "35562a", "66832f", "a8843a")
        plant(height, albedo, rng, spots, radii / step, radii * rng.uniform(0.9, 1.6, len(spots)), leaves)
        return Terrain.lit(corner, size, height, albedo, self.SUN, rng)

    def _mountains(self, rng) -> Terrain:
        n, size, corner = 1536, 9000.0, (-4500.0, 760.0)
        x, y = grid(n, corner, size)
        ridges = fractal_noise((n, n), 330, 8, rng, gain=0.45, ridged=True)
        rough = fractal_noise((n, n), 90, 6, rng, gain=0.6)
        height = 30 + smoothstep(900, 4200, y) * (520 + 290 * ridges) + 60 * rough * smoothstep(700, 2500, y)
        height += 420 * np.exp(-(((x + 700) / 520) ** 2) - ((y - 4300) / 700) ** 2)
        slope = np.hypot(*np.gradient(height, size / n))
        albedo = mix(linear("4c6b35"), linear("77784f"), smoothstep(260, 560, height + 70 * rough))
        albedo = mix(albedo, linear("857a74"), smoothstep(0.55, 0.85, slope + 0.1 * rough))
        albedo = mix(albedo, linear("f4f6fa") * 1.1, smoothstep(700, 860, height + 70 * rough - 130 * slope))
        return Terrain.lit(corner, size, height, albedo * (1 + 0.12 * rough)[..., None], self.SUN, rng)

    def _street(self, y):
        return np.maximum(0.9 + 0.10 * np.clip(y - 172, -20, 60), -2)

    def _town(self, rng) -> list:
        walls = [linear(c) for c in ("f3e6c8", "e9c9a0", "f0d9c8", "e6b58c", "f6efe0", "dfa07c", "cfd8dc")]
        roofs = [linear(c) for c in ("b5532f", "a3472c", "c2683d", "8f4030")]
        stone, facets = linear("eadfc6"), []
        for row in range(4):
            x = self.TOWN[0] - 66 + rng.uniform(0, 8)
            while x < self.TOWN[0] + 62:
                width, y = rng.uniform(7, 12), self.TOWN[1] - 6 + 10.5 * row + rng.uniform(-2, 2)
                middle = x + width / 2
                before_church = row in (1, 2) and abs(middle - 18) < 9
                if not before_church and rng.random() < 0.88:
                    size, turn, rise = (width, 8, rng.uniform(5, 8.6)), rng.normal(0, 0.13), rng.uniform(2, 3)
                    wall, roof = walls[rng.integers(len(walls))], roofs[rng.integers(len(roofs))]
                    facets += house(self.SUN, (middle, y, self._street(y)), size, turn, wall, roof, rise)
                x += width + rng.uniform(0.5, 4)
        facets += house(self.SUN, (20, 205, 4), (9, 22, 11), 0.1, stone, roofs[0], 4)
        return facets + belfry(self.SUN, (12, 201, 4), 5.2, 21, 9, stone, linear("4d6a70"))


class Lavender:
    """A windmill turns above rows of lavender; the camera travels past, to the left, and looks back."""

    SUN = Sun(unit(0.72, -0.42, 0.55), linear("ffe2b0") * 3.4, linear("a4bdf0") * 0.7)
    HAZE, VISIBILITY = linear("c4c4d8"), 6500.0
    MILL = (9.0, 62.0)
    CYPRESSES = ((-27, 92), (-23.5, 94), (-20.5, 91), (-30, 95), (25, 80), (28, 82), (-48, 120), (52, 118), (-6, 112))

    def __init__(self, rng):
        self.sky = Sky.clouded(
            rng,
            zenith=linear("1f66c4") * 1.05,
            horizon=linear("dfe6ea") * 1.15,
            sun_at=(0.75, 0.30),
            glow=linear("ffdfa8") * 0.7,
            lit=linear("fff2dc") * 1.6,
            shaded=linear("97a2c0"),
            cover=0.45,
        )
        self.fields, self.hills = self._fields(rng), self._hills(rng)
        self.tower, self.sails = mill_tower(self.SUN, rng), mill_sails(self.SUN, rng)
        self.trees = [cypress(self.SUN, rng) for _ in range(3)]

    def view(self, t: float) -> np.ndarray:
        """Linear colours of the scene ``t`` seconds from its start."""
        camera = Camera(x=4.0 - 5.0 * t, y=-3 + 3.5 * t, z=7.0, yaw=-0.02 + 0.04 * t, focal=0.92, horizon=0.49)
        view = self.sky.view(camera)
        self.hills.draw(view, self.HAZE, self.VISIBILITY)
        self.fields.draw(view, self.HAZE, self.VISIBILITY)
        for k, (x, y) in enumerate(self.CYPRESSES):
            self.trees[k % 3].draw(view, x, y, self.fields.height_at(x, y) - 0.5, turn=0.02 * np.sin(2 * t + k))
        x, y = self.MILL
        z = self.fields.height_at(x, y)
        self.tower.draw(view, x, y, z - 0.3)
        self.sails.draw(view, x - 0.9, y - 3.6, z + 9.6, turn=0.3 + 1.5 * t)
        return view.color

    def _fields(self, rng) -> Terrain:
        n, size, corner = 2560, 330.0, (-150.0, 4.0)
        step, (x, y) = size / n, grid(n, corner, size)
        swell, tint = fractal_noise((n, n), 900, 3, rng), fractal_noise((n, n), 200, 6, rng)
        rough, tufts = fractal_noise((n, n), 8, 3, rng), fractal_noise((n, n), 3, 2, rng)
        knoll = np.hypot((x - self.MILL[0]) / 13, (y - self.MILL[1]) / 8.5)
        height = 3.5 + 0.5 * swell + smoothstep(110, 330, y) * (9 + 5 * swell) + 3.4 * np.exp(-0.6 * knoll**2)

        furrow = np.cos(2 * np.pi * (x + 2.2 * np.sin(y / 26) + 0.02 * y) / 2.1)
        planted = smoothstep(88, 84, y + 3 * np.sin(x / 9)) * smoothstep(-64, -61, x + 0.1 * y)
        planted *= smoothstep(0.9, 1.2, knoll)
        bush = smoothstep(-0.35, 0.35, furrow + 0.25 * rough)
        height += planted * bush * (0.55 + 0.08 * rough + 0.07 * tufts)
        bloom = mix(linear("5546a4"), linear("a884dc"), smoothstep(-1.2, 1.4, 0.6 * rough + 0.5 * tint + 0.8 * tufts))
        bloom = mix(bloom, linear("5f7f45"), smoothstep(0.25, -0.35, furrow + 0.2 * tufts))
        soil = mix(linear("c9a066"), linear("94703f"), smoothstep(-1, 1, rough + 0.6 * tufts))
        meadow = mix(linear("7f9a3c"), linear("b3a64c"), smoothstep(-0.8, 1.0, tint + 0.4 * rough))
        wheat = mix(linear("e0b64e"), linear("b98a34"), smoothstep(-1, 1, rough + 0.7 * np.cos(x * 1.1 + 0.4 * y)))
        band = np.cos((y - 0.3 * x) / 15 + 0.7 * tint)
        albedo = mix(meadow, wheat, smoothstep(0.1, 0.3, band) * smoothstep(85, 95, y))
        albedo = mix(albedo, linear("6a4fae"), smoothstep(-0.75, -0.85, band) * smoothstep(95, 105, y))
        albedo = mix(albedo, mix(soil, bloom, bush), planted)
        poppies = (rng.random((n, n)) < 0.05) & (planted < 0.2) & (tint > -0.2) & (y < 100)
        albedo[cv2.dilate(poppies.astype(np.uint8), np.ones((2, 2), np.uint8)) > 0] = linear("d8301c")
        albedo *= (1 + 0.10 * rough)[..., None]

        spots = rng.integers(0, n, (5000, 2))
        here = (spots[:, 1], spots[:, 0])
        hedge = smoothstep(0.93, 1.0, -np.cos((y[here] - 0.3 * x[here]) / 15)) + smoothstep(0.5, 1.3, tint[here])
        spots = spots[(y[here] > 98) & (rng.random(len(spots)) < 0.5 * hedge)]
        radii = rng.uniform(1.0, 2.8, len(spots))
        leaves = ("4a6b2c", "3a5626", "6d8535", "88913f", "52702f")
        plant(height, albedo, rng, spots, radii / step, radii * rng.uniform(1.0, 1.7, len(spots)), leaves)
        return Terrain.lit(corner, size, height, albedo, self.SUN, rng)

    def _hills(self, rng) -> Terrain:
        n, size, corner = 1536, 6000.0, (-3000.0, 330.0)
        x, y = grid(n, corner, size)
        folds = fractal_noise((n, n), 300, 7, rng, ridged=True, gain=0.45)
        rough, patch = fractal_noise((n, n), 40, 5, rng, gain=0.7), fractal_noise((n, n), 24, 3, rng)
        height = 10 + smoothstep(350, 900, y) * (26 + 12 * folds) + smoothstep(900, 3600, y) * (190 + 90 * folds)
        height += 240 * np.exp(-(((x + 650) / 620) ** 2) - ((y - 3200) / 700) ** 2)
        wooded = smoothstep(-0.1, 0.4, rough)
        albedo = mix(linear("74903c"), linear("cfa850"), smoothstep(-0.3, 0.3, patch))
        albedo = mix(albedo, linear("34552c"), wooded)
        albedo = mix(albedo, linear("c9b9a4"), smoothstep(260, 430, height + 50 * rough))
        height += 7 * wooded * (1 + 0.5 * patch)
        return Terrain.lit(corner, size, height, albedo, self.SUN, rng)
