"""Files that are whole or absent, whichever process is killed, written by any number of processes at once.

A file is written under a temporary name, flushed to the disk, and renamed; the folder is flushed too, so that the
name survives a power cut. What is read back is checked all the same, since not every disk flushes when asked.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO

from vidstyle.media.files import published, storage_error

TEMPORARY = re.compile(r"\.[0-9a-f]{8}-")
"""The prefix of a file's name until it is whole."""


def publishing(path: Path, scratch: Path | None = None) -> AbstractContextManager[Path]:
    """A path to write to, whose file appears as `path` once the block has ended without an error.

    An existing file is replaced in one step. The temporary file is in `scratch`, a folder on the same disk, or in that
    of `path`.

    Raises
    ------
    OutputError, StorageError
        The folder can't be written, the disk is full. Nothing is left behind.
    """
    # The suffix stays: encoders go by it.
    return published(path, (scratch or path.parent) / f".{secrets.token_hex(4)}-{path.name}")


def write_json(path: Path, value: Any, scratch: Path | None = None) -> None:
    """Publish a value as JSON; see :func:`publishing`."""
    with publishing(path, scratch) as temporary:
        # A name that is no UTF-8 has lone surrogates, whose escapes in Python are those of JSON.
        text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
        temporary.write_bytes(text.encode(errors="backslashreplace"))


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in a JSON file; None where it is missing, empty, cut short or no object."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def make_folder(folder: Path) -> Path:
    """Create a folder and those above it, if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(folder, error) from error
    return folder


def append_line(path: Path, text: str) -> None:
    """Add a dated line to a log. A log that can't be written stops nothing."""
    with contextlib.suppress(OSError), open_log(path) as file:
        file.write(f"{timestamp()} {text}\n".encode(errors="backslashreplace"))


def open_log(path: Path) -> BinaryIO:
    """A log to be added to, which is no link: that may lead to anything in which a line of text has a meaning."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    return os.fdopen(os.open(path, flags, 0o666), "ab")


def timestamp() -> str:
    """Now, in UTC, as ISO 8601."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
