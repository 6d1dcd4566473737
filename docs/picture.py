"""Draws the README's picture: frames of a clip, the style, and the same frames painted.

``make demo``, then ``python docs/picture.py sample_media/clip.mp4 sample_media/wave.jpg demo.mp4 docs/picture.jpg``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np

from vidstyle.media.images.stills import read_image, write_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames

GAP = 8


def picture(clip: Path, style: Path, painted: Path, frames: list[int]) -> np.ndarray:
    """A row of the clip's frames over a row of the painted ones, the style at their left, (H, W, 3) in 0..1."""
    rows = []
    for path in (clip, painted):
        wanted = [frame.image for frame in read_frames(probe(path)) if frame.index in frames]
        rows.append(_joined(wanted, axis=1))
    body = _joined(rows, axis=0)
    height = body.shape[0]
    image = read_image(style)
    scale = height / image.shape[0]
    # The style's middle, as high as both rows, and no wider than a frame.
    resized = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)[:height]
    width = min(resized.shape[1], height)
    left = (resized.shape[1] - width) // 2
    return _joined([resized[:, left : left + width], body], axis=1)


def _joined(images: list[np.ndarray], axis: int) -> np.ndarray:
    shape = list(images[0].shape)
    shape[axis] = GAP
    parts = [part for image in images for part in (image, np.ones(shape, np.float32))]
    return np.concatenate(parts[:-1], axis)


if __name__ == "__main__":
    clip, style, painted, out = map(Path, sys.argv[1:5])
    write_image(out, picture(clip, style, painted, [0, 14, 26, 40]))
