"""A stand-in for a painting, as steady as its clip by design, and what can be wrong with one."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

Images = Sequence[npt.NDArray[np.float32]]

REPEATED = 10
"""The frame, counted from 1, that stands still in the painting with that defect."""


def paint(image: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Other colours and hard bands, point by point: as steady as the clip, and sharper."""
    bands = image + 0.06 * np.sin(60 * image.mean(-1, keepdims=True))
    mixed = bands @ np.array([[0.2, 0.5, 0.5], [0.6, 0.3, 0.0], [0.1, 0.1, 0.5]], np.float32)
    return np.clip(mixed, 0, 1).astype(np.float32)


def make_paintings(clip: Images) -> dict[str, Images]:
    """The painting, and what can be wrong with one."""
    good = [paint(image) for image in clip]
    rng = np.random.default_rng(0)
    jitter = [np.roll(image, rng.permutation([1, 0]) * rng.choice([-1, 1]), (0, 1)) for image in good]
    repeated = list(good)
    repeated[REPEATED - 1] = repeated[REPEATED - 2]
    # As ffmpeg's tmix: each frame the mean of the last three, shots or not.
    average = [np.mean(good[max(0, i - 2) : i + 1], 0, dtype=np.float32) for i in range(len(good))]
    return {
        "good": good,
        "jitter": jitter,
        "flicker": [np.clip(image * (1 + 0.01 * (-1) ** i), 0, 1) for i, image in enumerate(good)],
        "blur": [cv2.GaussianBlur(image, (0, 0), 2) for image in good],
        "repeat": repeated,
        "average": average,
    }
