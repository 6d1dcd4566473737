"""The command line: parse, call the library, show what it says. Nothing else talks to people."""

from __future__ import annotations


def main() -> None:
    """Run the program with the words of the command line, and exit."""
    import sys
    import warnings

    tune()

    from vidstyle.cli.app import app

    if not sys.warnoptions:  # what libraries say to developers; python -W or PYTHONWARNINGS shows it
        warnings.simplefilter("ignore")
    app(prog_name="vidstyle")


def tune() -> None:
    """Make this process fast beside others, and small: before torch is loaded, and before there are threads."""
    import contextlib
    import ctypes
    import os
    import sys

    # Threads that wait for each other by spinning make a run several times slower as soon as anything else needs a
    # core: let them sleep after a moment. Read by OpenMP when torch is loaded, later than this.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    # oneDNN keeps the kernels of the last 1024 shapes, up to a megabyte each; a frame at all its sizes has some 200.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "256")
    # glibc keeps what each thread frees for later ones of that thread: a gigabyte at 1920×1080. They are to share it.
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # musl has no such thing
            ctypes.CDLL(None).mallopt(-8, 1)  # M_ARENA_MAX
