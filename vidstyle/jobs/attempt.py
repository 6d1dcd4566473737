"""A turn at something only one process may do at a time: begun when nobody else is at it, and told how it ended."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from vidstyle.errors import NoProgress, StoppedAtCheckpoint, VidstyleError
from vidstyle.generators import Run
from vidstyle.jobs.files import append_line
from vidstyle.jobs.lease import Lease, acquire
from vidstyle.jobs.progress import Progress


def holding(
    folder: Path, what: str, *, give_up: bool = False, shot: int = 0, shots: int = 0
) -> Generator[Progress, None, AbstractContextManager[Lease]]:
    """Wait for a folder's lease; what is returned holds it, and leaves word and a log in the folder.

    Parameters
    ----------
    folder
        What is worked at.
    what
        The same, for people.
    give_up
        Whether it is a failure to be stopped before anything is finished for the second time in a row: whoever would
        send such a turn again would do so for ever.
    shot, shots
        For the progress.

    Yields
    ------
    ``wait`` while another machine's lease is watched.

    Raises
    ------
    StoppedAtCheckpoint
        Somebody else is at it.
    """
    for holder in (watch := Run(acquire(folder))):
        message = f"{what} was begun by {holder}; waiting to see whether it is alive"
        yield Progress("wait", message, shot=shot, shots=shots)
    return _turn(watch.result, folder / "log.txt", f"{folder}: {what}", give_up)


@contextlib.contextmanager
def _turn(lease: Lease, log: Path, what: str, give_up: bool) -> Iterator[Lease]:
    holder, begin = lease.holder, time.monotonic()
    append_line(log, f"attempt {holder.attempt}: process {holder.process.pid} on {holder.process.host}")
    ended, message = "stopped", ""
    try:
        yield lease
        ended = "done"
    except StoppedAtCheckpoint:
        raise
    except Exception as error:
        ended, message = "failed", str(error)
        append_line(log, message if isinstance(error, VidstyleError) else traceback.format_exc())
        raise
    except BaseException as reason:  # a signal, or the generator was closed
        if not give_up or lease.made_progress or not holder.stalled_attempts:
            raise
        ended, message = (
            "failed",
            f"{what} was stopped {holder.stalled_attempts + 1} times in a row before a frame was finished, this time "
            f"after {time.monotonic() - begin:.0f} s. Give each turn more time (a longer time limit), or paint at a smaller "
            "--size; then run it again.",
        )
        append_line(log, message)
        raise NoProgress(message) from reason
    finally:
        append_line(log, f"attempt {holder.attempt}: {ended}")
        lease.release(ended, message)
