"""An attempt at something that one process may do at a time: its lease is waited for, held, and given back."""

import contextlib
import time
from collections.abc import Generator, Iterator
from pathlib import Path

from vidstyle.errors import NoProgress, StoppedAtCheckpoint, VidstyleError, traceback_lines
from vidstyle.generators import Run
from vidstyle.jobs.folder import lease as leases
from vidstyle.jobs.folder.files import append_line
from vidstyle.jobs.folder.job import Job
from vidstyle.jobs.folder.lease import Holder, Lease, acquire, heartbeat, is_alive, read_holder
from vidstyle.jobs.folder.redos import redos
from vidstyle.jobs.progress import Progress


def wait_for_lease(folder: Path, what: str, *, shot: int = 0, shots: int = 0) -> Generator[Progress, None, Lease]:
    """Take a folder's lease, a shot's or the one for assembling, once it is sure that nobody else has it.

    `what` says what is done in it, for people.

    Yields
    ------
    ``wait`` while the heartbeat of a process on another machine is watched.

    Raises
    ------
    StoppedAtCheckpoint
        Another process has the lease, and is alive.
    """
    for holder in (watch := Run(acquire(folder))):
        message = f"{what} was begun by {holder}; waiting to see whether it is alive"
        yield Progress("wait", message, shot=shot, shots=shots)
    return watch.result


@contextlib.contextmanager
def attempt(lease: Lease, what: str, *, give_up: bool = False) -> Iterator[None]:
    """Hold a lease, and write into its folder's log and into the lease itself how the attempt ended.

    Raises
    ------
    NoProgress
        With `give_up`: the attempt was stopped before it finished anything, as was the one before it. A scheduler that
        starts such an attempt again would do so for ever.
    """
    holder, log, begin = lease.holder, lease.folder / "log.txt", time.monotonic()
    append_line(log, f"attempt {holder.attempt}, {what}: process {holder.process.pid} on {holder.process.host}")
    ended, message = "stopped", ""
    try:
        yield
        ended = "done"
    except StoppedAtCheckpoint:
        raise
    except Exception as error:
        ended, message = "failed", str(error)
        append_line(log, *(error.args if isinstance(error, VidstyleError) else traceback_lines(error)))
        raise
    except BaseException as reason:  # a signal, or the generator was closed
        if not give_up or lease.made_progress or not holder.stalled_attempts:
            raise
        times, seconds = holder.stalled_attempts + 1, time.monotonic() - begin
        ended = "failed"
        message = (
            f"{lease.folder}: {what} was stopped {times} times in a row before a frame was finished, this time after "
            f"{seconds:.0f} s. Give each turn more time (a longer time limit), or paint at a smaller --size; then run "
            "it again."
        )
        append_line(log, message)
        raise NoProgress(message) from reason
    finally:
        append_line(log, f"attempt {holder.attempt}: {ended}")
        lease.release(ended, message)


def require_idle(job: Job) -> Generator[Holder, None, None]:
    """Make sure that no process paints or assembles a job, before the job is deleted.

    Yields
    ------
    One that may be at work, while the heartbeats of all that may be are watched at once.

    Raises
    ------
    StoppedAtCheckpoint
        A process is at work on the job.
    """
    watched = {}
    painted = (each.shot_folder(shot) for each in (job, *redos(job)) for shot in each.shots)
    for folder in (*painted, job.folder / "assembly"):
        holder = read_holder(folder)
        if holder is None:
            continue
        alive = is_alive(folder, holder)
        if alive:
            raise _at_work(job, holder)
        if alive is None:
            watched[folder] = holder, heartbeat(folder, holder)
    end = time.monotonic() + leases.PATIENCE
    while watched and time.monotonic() < end:
        yield next(iter(watched.values()))[0]
        time.sleep(leases.BEAT / 2)
        for folder, (holder, beat) in list(watched.items()):
            now = read_holder(folder)
            if now is not None and not now.ended and (now.token != holder.token or heartbeat(folder, now) != beat):
                raise _at_work(job, now)
            if now is None or now.ended:
                del watched[folder]


def _at_work(job: Job, holder: Holder) -> StoppedAtCheckpoint:
    return StoppedAtCheckpoint(f"'{job.folder}': the job is being worked at by {holder}. Stop that first.")
