"""Who is at what of a job, in words."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vidstyle.farm.status import JobStatus, ShotStatus, Work


def work_rows(clip: JobStatus) -> Iterator[tuple[str, Work, str]]:
    """Shots that are done or not begun by the run, the others each in a row; joining them where that says something."""

    def alike(shot: ShotStatus) -> Any:
        return shot.work.state if shot.work.state in ("done", "waiting") else shot.number

    for _, run in itertools.groupby(clip.shots, alike):
        shots = list(run)
        first, last = shots[0], shots[-1]
        name = f"shot {first.number}" if first is last else f"shots {first.number}-{last.number}"
        done, total = (sum(getattr(shot, key) for shot in shots) for key in ("frames_done", "frames_total"))
        yield name, first.work, f"{done}/{total}"
    if clip.assembly.state != "waiting":
        yield "joined", clip.assembly, ""


def account(work: Work) -> str:
    """Who is at it or was, since when, and what went wrong."""
    holder = work.holder
    if holder is None or work.state in ("done", "waiting"):
        return ""
    where = f"process {holder.process.pid} on {holder.process.host}"
    match work.state:
        case "running":
            return f"{where}, since {holder.since}, attempt {holder.attempt}"
        case "failed":
            return f"{where}: {holder.message} Log: {work.log}"
        case "lost":
            return f"{where}, begun {holder.since}, ended without a word: killed, or a crash. Log: {work.log}"
        case _:
            return f"{where} stopped at a checkpoint"
