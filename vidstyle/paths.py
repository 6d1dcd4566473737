"""Paths that users name."""

import errno
import os
import stat
from pathlib import Path


def exists(path: Path) -> bool:
    """Whether the path exists; False where a folder on the way may not be entered.

    Opening the file afterwards says why it can't be read.
    """
    try:
        return path.exists()
    except OSError:
        return False


def read_regular(path: Path, most: int) -> bytes:
    """The content of a file, which is no pipe or device and has no more bytes than `most`.

    Raises
    ------
    OSError
        It can't be read, or is something else.
    """
    # A pipe would be waited for.
    with os.fdopen(
        os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb"
    ) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no file", str(path))
        if status.st_size > most:
            raise OSError(errno.EFBIG, f"it is too large: {most} bytes are the most that make sense", str(path))
        return file.read(most)
