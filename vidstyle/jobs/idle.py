"""Is anybody at work on a job? Asked before it is deleted."""

from __future__ import annotations

import time
from collections.abc import Generator

from vidstyle.errors import StoppedAtCheckpoint
from vidstyle.jobs import lease as leases
from vidstyle.jobs.job import Job
from vidstyle.jobs.lease import Holder, heartbeat, is_alive, read_holder


def require_idle(job: Job) -> Generator[Holder, None, None]:
    """Make sure that nobody paints or joins a job; yields one who may while their heartbeats are watched, all at once.

    Raises
    ------
    StoppedAtCheckpoint
        Somebody does.
    """
    watched = {}
    for place in (*(job.shot_folder(shot) for shot in job.shots), job.folder / "assembly"):
        holder = read_holder(place)
        if holder is None:
            continue
        alive = is_alive(place, holder)
        if alive:
            raise _at_work(job, holder)
        if alive is None:
            watched[place] = holder, heartbeat(place, holder)
    end = time.monotonic() + leases.PATIENCE
    while watched and time.monotonic() < end:
        yield next(iter(watched.values()))[0]
        time.sleep(leases.BEAT / 2)
        for place, (holder, beat) in list(watched.items()):
            now = read_holder(place)
            if now is not None and not now.ended and (now.token != holder.token or heartbeat(place, now) != beat):
                raise _at_work(job, now)
            if now is None or now.ended:
                del watched[place]


def _at_work(job: Job, holder: Holder) -> StoppedAtCheckpoint:
    return StoppedAtCheckpoint(f"'{job.folder}': the job is being worked at by {holder}. Stop that first.")
