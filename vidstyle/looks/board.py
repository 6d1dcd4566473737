"""What is painted, and what a sheet and a page show of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vidstyle.motion.bars import Picture
from vidstyle.motion.shots.shot_light import ShotLight
from vidstyle.settings import Settings, StyleImage


@dataclass(frozen=True)
class Look:
    """A way to paint.

    Attributes
    ----------
    styles
        The pictures, with their shares and masks; one that is drawn holds for the frame that it is drawn on.
    settings
        All others.
    words
        What tells it from the others, such as "wave.jpg" and "style_weight 5".
    command
        The command that paints the film so.
    """

    styles: tuple[StyleImage, ...]
    settings: Settings
    words: tuple[str, ...]
    command: str


@dataclass
class Cell:
    """A look of each frame, (H, W, 3) in 0..1, as far as it has come: None is not begun, and `done` counts frames."""

    look: Look
    images: list[np.ndarray | None]
    done: int = 0


@dataclass(frozen=True)
class Board:
    """All that a sheet and a page show: the clip's frames, (H, W, 3) in 0..1, what they are called, and the cells.

    The cells stand in rows of so many `columns`.
    """

    title: str
    names: tuple[str, ...]
    frames: tuple[np.ndarray, ...]
    styles: tuple[tuple[Path, np.ndarray], ...]
    cells: tuple[Cell, ...]
    columns: int


@dataclass(frozen=True)
class Subject:
    """A frame to be painted: its index, the clip's own image, what is painted of it, its bars and its light.

    The `picture` is what is between bars; None: there are none. The `light` is that of a night; None: it is day.
    """

    index: int
    image: np.ndarray
    to_paint: np.ndarray
    picture: Picture | None = None
    light: ShotLight | None = None
