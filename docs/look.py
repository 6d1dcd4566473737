"""Draws the pictures of docs/look.md: one frame of the sample clip, painted with each knob at several settings.

``python docs/look.py`` paints all of them, ``python docs/look.py style-weight`` one. They take some two minutes each on
two cores, and `large`, which draws the clip's scene with 3840 pixels, a quarter of an hour.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vidstyle.media.images.stills import read_image, write_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.render.still import stylize_image
from vidstyle.render.video import style_images
from vidstyle.settings import PRESETS, preset

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "sample_media"
FRAME = 15
"""Of the sample clip, from 0: the boat, houses and mountains."""

WIDTH, CAPTION, GAP = 400, 26, 6

LARGE = (320, 1280, 3840)
"""Long sides at which one frame is painted; the scene is drawn with the last."""
DRAWN = 320
"""The long side of the clip that is drawn from the scene."""
CUT = 0.65, 0.55
"""Where the cuts at full size have their middle, in widths and heights: a village beneath a mountain."""


@dataclass(frozen=True)
class Sheet:
    """A row of paintings that differ in one thing.

    Attributes
    ----------
    columns
        A caption, and the settings that differ from the standard ones.
    portrait
        Whether the style is a portrait; else it is the sample painting.
    """

    columns: dict[str, dict[str, Any]]
    portrait: bool = False


SHEETS = {
    "style-weight": Sheet({f"--style-weight {w}": {"style_weight": w} for w in (5, 20, 60)}),
    "style-scale": Sheet({f"--style-scale {s}": {"style_scale": s} for s in (0.5, 1, 2)}),
    "subject": Sheet({f"--style-subject {s}": {"style_subject": s} for s in (0, 0.5, 1)}, portrait=True),
    "size": Sheet({f"--size {s}": {"size": s} for s in (200, 400, 800)}),
    "preset": Sheet({f"--preset {name}": {"preset": name} for name in PRESETS}),
}


def portrait(size: int = 480) -> np.ndarray:
    """A face before a plain ground, in short strokes, (H, W, 3) in 0..1."""
    rng = np.random.default_rng(7)
    drawn = np.full((size, size, 3), (0.30, 0.38, 0.36), np.float32)

    def at(x: float, y: float) -> tuple[int, int]:
        return round(x * size), round(y * size)

    def oval(x: float, y: float, width: float, height: float, colour: tuple[float, float, float]) -> None:
        cv2.ellipse(drawn, at(x, y), at(width, height), 0, 0, 360, colour, -1, cv2.LINE_AA)

    oval(0.5, 1.05, 0.42, 0.32, (0.45, 0.14, 0.12))
    oval(0.5, 0.78, 0.10, 0.16, (0.78, 0.56, 0.42))
    oval(0.5, 0.40, 0.27, 0.32, (0.20, 0.11, 0.07))
    oval(0.5, 0.46, 0.21, 0.27, (0.86, 0.66, 0.50))
    for x in (0.41, 0.59):
        oval(x, 0.42, 0.062, 0.034, (0.97, 0.95, 0.90))
        oval(x, 0.42, 0.030, 0.032, (0.20, 0.34, 0.30))
        oval(x, 0.42, 0.014, 0.015, (0.02, 0.02, 0.02))
        cv2.ellipse(drawn, at(x, 0.385), at(0.075, 0.03), 0, 190, 350, (0.22, 0.12, 0.08), size // 70, cv2.LINE_AA)
    cv2.line(drawn, at(0.50, 0.43), at(0.475, 0.55), (0.66, 0.44, 0.32), size // 60, cv2.LINE_AA)
    cv2.line(drawn, at(0.475, 0.55), at(0.525, 0.555), (0.60, 0.38, 0.28), size // 60, cv2.LINE_AA)
    oval(0.5, 0.635, 0.075, 0.026, (0.70, 0.20, 0.20))
    cv2.line(drawn, at(0.43, 0.635), at(0.57, 0.635), (0.36, 0.08, 0.08), size // 160, cv2.LINE_AA)
    painted = drawn.copy()
    for _ in range(12_000):
        x, y = rng.integers(0, size, 2)
        angle = 0.8 * np.sin(x / size * 5) + 1.2 * np.cos(y / size * 4) + rng.normal(0, 0.25)
        reach = rng.uniform(2, 7) * np.array([np.cos(angle), np.sin(angle)])
        colour = (drawn[y, x] + rng.normal(0, 0.05) + rng.normal(0, 0.03, 3)).clip(0, 1)
        start, end = ((np.array([x, y]) + sign * reach).round().astype(int).tolist() for sign in (-1, 1))
        cv2.line(painted, start, end, colour.tolist(), int(rng.integers(2, 4)), cv2.LINE_AA)
    return painted


def sheet(name: str, frame: np.ndarray, folder: Path) -> np.ndarray:
    """The frame, the style picture, and the paintings."""
    columns, style = SHEETS[name].columns, SAMPLES / "wave.jpg"
    if SHEETS[name].portrait:
        style = folder / "portrait.png"
        write_image(style, portrait())
    clip = folder / "frame.png"
    write_image(clip, frame)
    cells = [_cell(frame, "the clip"), _cell(read_image(style), "the style")]
    for caption, settings in columns.items():
        output = folder / "painted.png"
        values: dict[str, Any] = {"size": 400} | settings
        chosen = preset(values.pop("preset", "standard")).replace(**values)
        for _ in stylize_image(clip, style_images([style]), output, chosen, overwrite=True):
            pass
        cells.append(_cell(read_image(output), caption))
    return _beside(cells)


def large(folder: Path) -> np.ndarray:
    """The sample clip's scene, painted at several sizes: each whole, and a cut of it as large as it is."""
    frame, cells = scene(), []
    for size in LARGE:
        clip, output = folder / "frame.png", folder / "painted.png"
        write_image(clip, cv2.resize(frame, (size, size * 9 // 16), interpolation=cv2.INTER_AREA))
        for _ in stylize_image(clip, style_images([SAMPLES / "wave.jpg"]), output, preset("draft"), overwrite=True):
            pass
        painted = read_image(output)
        cells.append(np.concatenate([_cell(painted, f"{size} pixels wide"), _cell(_cut(painted), "of it, as painted")]))
    return _beside(cells)


def scene() -> np.ndarray:
    """The frame of the sample clip, drawn as large as the largest painting, (H, W, 3) in 0..1."""
    os.environ["SUPERSAMPLING"] = str(LARGE[-1] // DRAWN)
    sys.path.insert(0, str(SAMPLES))
    from draw import RATE, develop
    from scenes import Bay

    seen = Bay(np.random.default_rng(1)).view(FRAME / RATE)
    return develop(seen, (LARGE[-1], LARGE[-1] * 9 // 16)).astype(np.float32) / 255


def _cut(image: np.ndarray) -> np.ndarray:
    """A part of an image with as many pixels as a cell has; of a smaller image all, on white."""
    cell = np.ones((WIDTH * 9 // 16, WIDTH, 3), np.float32)
    height, width = (min(sides) for sides in zip(image.shape[:2], cell.shape[:2], strict=True))
    top, left = (
        round(min(max(at * side - part / 2, 0), side - part))
        for at, side, part in zip(CUT[::-1], image.shape[:2], (height, width), strict=True)
    )
    cell[:height, :width] = image[top : top + height, left : left + width]
    return cell


def _beside(cells: Sequence[np.ndarray]) -> np.ndarray:
    """Cells of one height side by side, a gap between them."""
    return np.concatenate([part for cell in cells for part in (cell, np.ones((len(cell), GAP, 3), np.float32))][:-1], 1)


def _cell(image: np.ndarray, caption: str) -> np.ndarray:
    """An image as wide as all others, or as high if it is upright, and its caption beneath."""
    height = WIDTH * 9 // 16
    scale = height / image.shape[0]
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = cv2.resize(image, (round(image.shape[1] * scale), height), interpolation=way).clip(0, 1)
    label = np.full((CAPTION, small.shape[1], 3), 255, np.uint8)
    cv2.putText(label, caption, (4, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (50, 50, 50), 1, cv2.LINE_AA)
    return np.concatenate([small, label.astype(np.float32) / 255])


if __name__ == "__main__":
    image = next(frame.image for frame in read_frames(probe(SAMPLES / "clip.mp4"), FRAME, FRAME + 1))
    for name in sys.argv[1:] or [*SHEETS, "large"]:
        with tempfile.TemporaryDirectory() as folder:
            drawn = large(Path(folder)) if name == "large" else sheet(name, image, Path(folder))
        pixels = (255 * drawn[..., ::-1]).round().clip(0, 255).astype(np.uint8)
        cv2.imwrite(str(HERE / "look" / f"{name}.jpg"), pixels, [cv2.IMWRITE_JPEG_QUALITY, 86])
