"""Draws the pictures of docs/directing.md from the sample clip.

``python docs/directing.py`` draws all of them in some minutes on two cores; ``python docs/directing.py drawn`` one.
"""

import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
from captioned import row

from vidstyle.media.images.stills import read_image, write_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.motion.masks.carried_mask import carry
from vidstyle.render.output_frames import mix
from vidstyle.render.still import stylize_image
from vidstyle.settings import Mask, MediaSettings, Settings, StyleImage

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "sample_media"
FRAME, SHOT = 15, 24
"""The frame that the mask is drawn on, and how many the first shot has."""
WIDTH = 320
BOAT = """152,15 163,15 164,22 172,38 185,70 200,100 211,122 211,125 194,129 190,137 178,140 113,137 104,133 102,125
110,123 111,114 106,117 116,85 125,55 131,30 132,22 145,40 158,54 160,20"""
"""What somebody drew around the boat."""


def boat() -> np.ndarray:
    """The mask that was drawn, (H, W) in 0..1."""
    mask = np.zeros((180, 320), np.float32)
    corners = [tuple(map(int, corner.split(","))) for corner in BOAT.split()]
    return cv2.fillPoly(mask, [np.array(corners, np.int32)], 1)


def film() -> list[np.ndarray]:
    """The first shot of the sample clip."""
    return [frame.image for frame in read_frames(probe(SAMPLES / "clip.mp4"), 0, SHOT)]


def painted(frame: np.ndarray, *styles: tuple[np.ndarray, np.ndarray | None]) -> np.ndarray:
    """A frame in some styles, each with its mask if it has one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_image(folder / "frame.png", frame)
        chosen = []
        for number, (picture, mask) in enumerate(styles):
            write_image(folder / f"style{number}.png", picture)
            if mask is not None:
                write_image(folder / f"mask{number}.png", np.repeat(mask[..., None], 3, 2))
            where = None if mask is None else Mask(folder / f"mask{number}.png")
            chosen.append(StyleImage(folder / f"style{number}.png", 1.0, where))
        for _ in stylize_image(folder / "frame.png", chosen, folder / "out.png", Settings()):
            pass
        return read_image(folder / "out.png")


def where(frame: np.ndarray, wave: np.ndarray) -> dict[str, np.ndarray]:
    """One style in a mask, and another one in what it leaves."""
    ember = np.ascontiguousarray(wave[..., ::-1])
    return {
        "the mask": np.repeat(boat()[..., None], 3, 2),
        "wave.jpg@boat.png": painted(frame, (wave, boat())),
        "wave.jpg@boat.png, ember.jpg": painted(frame, (wave, boat()), (ember, None)),
    }


def drawn(frame: np.ndarray, wave: np.ndarray) -> dict[str, np.ndarray]:
    """A mask drawn on one frame, on others of the shot."""
    frames = film()
    masks = list(carry(lambda: iter(frames), {FRAME: boat()}))
    cells = {}
    for index in (0, FRAME, SHOT - 1):
        shown = frames[index] + np.float32(0.45) * masks[index][..., None] * (np.float32([1, 0.2, 0.9]) - frames[index])
        cells[f"frame {index + 1}" + (", drawn" if index == FRAME else "")] = shown
    return cells


def when(frame: np.ndarray, wave: np.ndarray) -> dict[str, np.ndarray]:
    """Strength over time."""
    whole = painted(frame, (wave, None))
    return {
        f"strength {strength}": mix(frame, whole, MediaSettings(strength=strength)) for strength in (0.0, 0.35, 0.7, 1)
    }


def colors(frame: np.ndarray, wave: np.ndarray) -> dict[str, np.ndarray]:
    """The style's colours, and the clip's."""
    whole = painted(frame, (wave, None))
    return {
        "the clip": frame,
        "--colors style": whole,
        "--colors clip": mix(frame, whole, MediaSettings(colors="clip")),
    }


SHEETS = {"where": where, "drawn": drawn, "when": when, "colors": colors}


if __name__ == "__main__":
    chosen = sys.argv[1:] or list(SHEETS)
    picture, style = film()[FRAME], read_image(SAMPLES / "wave.jpg")
    for name in chosen:
        cells = SHEETS[name](picture, style)
        write_image(HERE / "directing" / f"{name}.jpg", row(cells, WIDTH))
