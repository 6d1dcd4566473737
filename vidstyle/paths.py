"""Paths, looked at without an exception."""

from __future__ import annotations

from pathlib import Path


def exists(path: Path) -> bool:
    """Whether something is there, as far as one may look: in a folder that can't be entered, nothing is.

    What opens the file afterwards says why it can't.
    """
    try:
        return path.exists()
    except OSError:
        return False
