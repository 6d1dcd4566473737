"""Draws the pictures of docs/painting-keys.md from the sample clip.

``python docs/painting_keys.py`` draws both in some minutes on two cores, and ``python docs/painting_keys.py one`` one.
What stands for an artist's painting is a frame painted by itself, as a still.
"""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from captioned import row

from vidstyle.jobs.keys_to_paint import hand_out
from vidstyle.media.images.stills import read_image, write_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.render.still import stylize_image
from vidstyle.render.video import stylize_video
from vidstyle.settings import StyleImage, preset

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "sample_media"
CLIP, SHOT = SAMPLES / "clip.mp4", "1-29"
SETTINGS = preset("draft").replace(size=256)
WIDTH = 256
LINE = (0.95, 0.1, 0.25)
"""The colour of a line that is drawn on a painting and on nothing else."""


def painting(number: int, style: Path, folder: Path) -> Path:
    """A frame as an artist would bring it back."""
    (frame,) = hand_out(CLIP, [str(number)], folder / f"frame{number}.png", SETTINGS, overwrite=True)
    painted = folder / f"painted{number}.png"
    for _ in stylize_image(frame, [StyleImage(style)], painted, SETTINGS, overwrite=True):
        pass
    return painted


def followed(painted: Mapping[int, Path], folder: Path) -> list[np.ndarray]:
    """The shot, painted from these frames."""
    words = tuple(f"{number}={path}" for number, path in painted.items())
    output = folder / "out.mkv"
    settings = SETTINGS.replace(painted=words, frames=SHOT, codec="ffv1", pixel_format="rgb", audio="none")
    for _ in stylize_video(CLIP, [], output, settings, overwrite=True):
        pass
    return [frame.image for frame in read_frames(probe(output))]


def one(folder: Path) -> dict[str, np.ndarray]:
    """A frame that was painted, with a line drawn on the sail, and the shot that follows it both ways."""
    key = painting(15, SAMPLES / "wave.jpg", folder)
    image = np.ascontiguousarray(read_image(key))
    points = np.array([[[112, 58], [120, 46], [126, 60], [133, 44]]], np.int32)
    write_image(key, cv2.polylines(image, points, False, LINE, 2, cv2.LINE_AA))
    film = followed({15: key}, folder)
    return {
        f"frame {number}" + (", painted" if number == 15 else ""): film[number - 1] for number in (3, 9, 15, 21, 27)
    }


def two(folder: Path) -> dict[str, np.ndarray]:
    """Two painted frames that nothing ties to each other, and the frames in between."""
    ember = folder / "ember.png"
    write_image(ember, np.ascontiguousarray(read_image(SAMPLES / "wave.jpg")[..., ::-1]))
    film = followed({5: painting(5, SAMPLES / "wave.jpg", folder), 25: painting(25, ember, folder)}, folder)
    return {
        f"frame {number}" + (", painted" if number in (5, 25) else ""): film[number - 1]
        for number in (5, 10, 15, 20, 25)
    }


SHEETS = {"one": one, "two": two}


if __name__ == "__main__":
    for name in sys.argv[1:] or list(SHEETS):
        with tempfile.TemporaryDirectory() as place:
            cells = SHEETS[name](Path(place))
        write_image(HERE / "painting_keys" / f"{name}.jpg", row(cells, WIDTH))
