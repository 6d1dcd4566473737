"""Images, planes and flows at a smaller size, for what needs no detail."""

from __future__ import annotations

import cv2
import numpy as np

from vidstyle.motion.flow import Array


def scaled_down(values: Array, long_side: int) -> Array:
    """(H, W) or (H, W, C) with at most `long_side` pixels along its longer side, each the mean of what it covers."""
    height, width = values.shape[:2]
    scale = min(1.0, long_side / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small: Array = cv2.resize(values, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], *values.shape[2:])
    return small


def flow_scaled_down(flow: Array, long_side: int) -> Array:
    """A flow, (H, W, 2), at that size and in its pixels."""
    small = scaled_down(flow, long_side)
    (height, width), (full_height, full_width) = small.shape[:2], flow.shape[:2]
    return small * np.array([width / full_width, height / full_height], np.float32)
