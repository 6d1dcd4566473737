"""Pictures beside each other with their captions, as the pages of these docs show them."""

from collections.abc import Mapping

import cv2
import numpy as np

CAPTION, GAP = 26, 6
"""Pixels of a caption's height, and between two pictures."""


def row(images: Mapping[str, np.ndarray], width: int) -> np.ndarray:
    """Images by their captions, (H, W, 3) float32 in 0..1, each so many pixels wide at 16:9, side by side."""
    return np.concatenate([_cell(image, caption, width) for caption, image in images.items()], 1)[:, :-GAP]


def _cell(image: np.ndarray, caption: str, width: int) -> np.ndarray:
    """An image with its caption beneath and a gap at its right."""
    small = cv2.resize(image.astype(np.float32), (width, width * 9 // 16), interpolation=cv2.INTER_AREA).clip(0, 1)
    label = np.full((CAPTION, width, 3), 255, np.uint8)
    cv2.putText(label, caption, (4, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (50, 50, 50), 1, cv2.LINE_AA)
    gap = np.ones((len(small) + CAPTION, GAP, 3), np.float32)
    return np.concatenate([np.concatenate([small, label.astype(np.float32) / 255]), gap], 1)
