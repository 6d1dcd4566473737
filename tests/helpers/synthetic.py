"""Scenes whose motion is known exactly: a texture that moves, turns or grows, and a disc that crosses it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Disc:
    """Something that moves by itself in front of the background; all in pixels, x and y."""

    centre: tuple[float, float]
    radius: float
    shift: tuple[float, float]

    def covers(self, points: Points, frame: int) -> npt.NDArray[np.bool_]:
        """Whether it hides the background at (…, 2) points of a frame."""
        centre = np.array(self.centre) + frame * np.array(self.shift)
        return np.square(points - centre).sum(-1) < self.radius**2


@dataclass(frozen=True)
class Scene:
    """Frames and what is true of them; entry i of the flows and masks belongs to the frames i and i + 1.

    Attributes
    ----------
    images
        (H, W, 3) float32 in 0..1, one a frame.
    backward
        (H, W, 2) flow from frame i + 1 to i.
    forward
        (H, W, 2) flow from frame i to i + 1.
    uncovered
        (H, W): the pixels of frame i + 1 that frame i does not show: hidden by the disc, or beyond its edges.
    """

    images: list[Array]
    backward: list[Array]
    forward: list[Array]
    uncovered: list[npt.NDArray[np.bool_]]


class Texture:
    """A sum of random waves: it has an exact value at any point, and no sharper detail than `shortest` pixels."""

    def __init__(self, seed: int, shortest: float = 5.0, longest: float = 60.0, waves: int = 40) -> None:
        rng = np.random.default_rng(seed)
        length = shortest * (longest / shortest) ** rng.random(waves)
        angle = rng.random(waves) * 2 * np.pi
        self._wave = 2 * np.pi / length * np.stack([np.cos(angle), np.sin(angle)])  # (2, waves)
        self._phase = rng.random(waves) * 2 * np.pi
        colours = rng.normal(size=(waves, 3)) * np.sqrt(length)[:, None]
        self._colours = 0.14 * colours / np.sqrt(np.square(colours).sum(0) / 2)
        self._mean = rng.uniform(0.4, 0.6, 3)

    def __call__(self, points: Points) -> Points:
        """The (…, 3) colours at (…, 2) points."""
        return np.clip(self._mean + np.sin(points @ self._wave + self._phase) @ self._colours, 0, 1)


def make_scene(
    frames: int,
    size: tuple[int, int],
    *,
    shift: tuple[float, float] = (0.0, 0.0),
    degrees: float = 0.0,
    zoom: float = 1.0,
    disc: Disc | None = None,
    seed: int = 0,
) -> Scene:
    """A background in steady motion, and perhaps a disc in front of it.

    Parameters
    ----------
    frames, size
        How many, and their (H, W).
    shift, degrees, zoom
        What the background does from frame to frame: move by (x, y) pixels, turn (clockwise as seen) and grow about
        the frame's centre.
    disc
        What moves in front of it.
    seed
        Of the textures.
    """
    height, width = size
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    pixels = np.stack(np.meshgrid(np.arange(width), np.arange(height)), -1).astype(np.float64)  # (H, W, 2)
    angle = np.deg2rad(degrees)
    step = zoom * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])  # on row vectors

    def onward(points: Points) -> Points:
        return (points - centre) @ step + centre + shift

    def back(points: Points) -> Points:
        return (points - centre - shift) @ np.linalg.inv(step) + centre

    def hidden(points: Points, frame: int) -> npt.NDArray[np.bool_]:
        return disc.covers(points, frame) if disc else np.zeros(points.shape[:-1], bool)

    texture, disc_texture = Texture(seed), Texture(seed + 1)
    scene = Scene([], [], [], [])
    world = pixels
    for frame in range(frames):
        image, front = texture(world), hidden(pixels, frame)
        disc_shift = np.array(disc.shift if disc else (0.0, 0.0))
        image[front] = disc_texture(pixels[front] - frame * disc_shift)
        scene.images.append(image.astype(np.float32))
        if frame > 0:
            source = back(pixels)
            was_front = hidden(pixels, frame - 1)
            scene.backward.append(np.where(front[..., None], -disc_shift, source - pixels).astype(np.float32))
            scene.forward.append(np.where(was_front[..., None], disc_shift, onward(pixels) - pixels).astype(np.float32))
            source = pixels + scene.backward[-1]
            off = ((source < 0) | (source > (width - 1, height - 1))).any(-1)
            scene.uncovered.append(off | (~front & hidden(source, frame - 1)))
        world = back(world)
    return scene
