"""Tunes memory and threads of this process, before torch is loaded and before there are threads."""

import contextlib
import ctypes
import os
import sys

# Read by glibc before the process has a say: what a thread frees is not kept for that thread. Small pieces kept so lie
# between the large ones, which then can't be used again for as large a picture: a quarter more memory at 1920×1080.
_TUNABLES = "GLIBC_TUNABLES"
_SHARED = "glibc.malloc.tcache_count=0"
# Parameters of glibc's mallopt: <malloc.h>.
_MXFAST, _TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = 1, -1, -3, -8
# Bytes from which on memory goes back to the system all the same, as much as a layer of a 4K frame takes: what lies
# idle between such pieces came to 2 GB.
_LARGEST_KEPT = 3 * 2**27


def reexec_with_malloc_tunables() -> None:
    """Run the program again from its beginning, in the same process, with glibc's memory tunables set.

    Only for a program that has not done anything yet.
    """
    if sys.platform != "linux" or "glibc.malloc." in os.environ.get(_TUNABLES, ""):
        return
    tunables = os.environ.get(_TUNABLES)
    os.environ[_TUNABLES] = f"{tunables}:{_SHARED}" if tunables else _SHARED
    with contextlib.suppress(OSError):  # without it, it is only slower
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def tune() -> None:
    """Set what can be set in a running process."""
    # Threads that wait for each other by spinning make a run several times slower as soon as anything else needs a
    # core: let them sleep after a moment, longer than it takes to wake them. Read by OpenMP when torch is loaded, later
    # than this.
    os.environ.setdefault("GOMP_SPINCOUNT", "4000")
    # oneDNN keeps the kernels of the last 1024 shapes, up to a megabyte each; a frame at all its sizes has some 200.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "256")
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError):  # musl has no such thing
        mallopt = ctypes.CDLL(None).mallopt
        # glibc keeps what each thread frees for later ones of that thread: a gigabyte at 1920×1080. They are to share.
        mallopt(_ARENA_MAX, 1)
        if _SHARED in os.environ.get(_TUNABLES, ""):
            # Large pieces come from the system and go back to it, a page at a time, and each page is cleared: a quarter
            # of a frame's time. They are kept for the next of that size instead.
            mallopt(_MXFAST, 0)
            mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT)
            mallopt(_TRIM_THRESHOLD, -1)
