"""Repaint a video in the style of a picture."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from vidstyle.errors import (
    DependencyError,
    InputError,
    OutputError,
    StoppedAtCheckpoint,
    StorageError,
    UsageError,
    VidstyleError,
)
from vidstyle.settings import Keys, Mask, Settings, StyleImage

if TYPE_CHECKING:
    from vidstyle.jobs.progress import Progress
    from vidstyle.render.still import stylize_image
    from vidstyle.render.video import redo_frames, stylize_video

__all__ = [
    "DependencyError",
    "InputError",
    "Keys",
    "Mask",
    "OutputError",
    "Progress",
    "Settings",
    "StoppedAtCheckpoint",
    "StorageError",
    "StyleImage",
    "UsageError",
    "VidstyleError",
    "__version__",
    "redo_frames",
    "stylize_image",
    "stylize_video",
]

# These bring torch, OpenCV and PyAV with them, seconds that 'vidstyle --help' must not take.
_LAZY = {
    "Progress": "vidstyle.jobs.progress",
    "redo_frames": "vidstyle.render.video",
    "stylize_image": "vidstyle.render.still",
    "stylize_video": "vidstyle.render.video",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib import metadata

        return metadata.version("vidstyle")
    if name not in _LAZY:
        raise AttributeError(f"module 'vidstyle' has no attribute '{name}'")
    value = globals()[name] = getattr(importlib.import_module(_LAZY[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
