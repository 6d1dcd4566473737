"""Looks at paths without raising."""

from pathlib import Path


def exists(path: Path) -> bool:
    """Whether the path exists; False where a folder on the way may not be entered.

    Opening the file afterwards says why it can't be read.
    """
    try:
        return path.exists()
    except OSError:
        return False
