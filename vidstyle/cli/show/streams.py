"""The standard streams, of which any may be closed, full, or gone: that ends no run of hours."""

import contextlib
import os
import sys
from typing import Any, TextIO, cast


def open_missing_streams() -> None:
    """Open what standard streams are closed: the next files would take their place, and messages go into them."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def prepare_streams() -> None:
    """Let a message that can't be told end nothing, and show what there is whatever the width is said to be."""
    if sys.stderr is not None:
        sys.stderr = cast(TextIO, _Lasting(sys.stderr))
    if not os.environ.get("COLUMNS", "").strip("0"):  # nothing at all would be shown
        os.environ.pop("COLUMNS", None)


def drop(stream: TextIO) -> None:
    """Let what is yet to be written to a stream go nowhere: Python flushes it once more on its way out."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class _Lasting:
    """A stream that is written to as long as it can be."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError:
            drop(self._stream)
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError:
            drop(self._stream)
