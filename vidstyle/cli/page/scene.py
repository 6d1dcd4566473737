"""What the page shows of a job, told from the files of its folder alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from vidstyle.cli.show.words import duration
from vidstyle.cli.show.work import account, work_rows
from vidstyle.errors import VidstyleError
from vidstyle.jobs.folder.frames import done_at_a_glance, read_frame
from vidstyle.jobs.folder.glances import KEPT, finished, read_finished
from vidstyle.jobs.folder.lease import attempt_folder
from vidstyle.jobs.folder.source_cache import source_of
from vidstyle.page.pictures import base64_text, glance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vidstyle.farm.status import JobStatus, ShotStatus
    from vidstyle.jobs.folder.glances import AtWork
    from vidstyle.jobs.folder.job import Job
    from vidstyle.jobs.progress import Progress

_WIDE, _READ = 240, 2
# Pixels along the long side of a frame of the strip, and frames that are read for it at a time where nobody made
# small pictures of them.


class Strip:
    """The newest finished frames of a job, as small pictures by index, as far as they were seen.

    The clip's frame stands at their left where those at work showed both. Where nobody did, they stand `alone`: the two
    kinds differ in shape, and played together they would make the page jump.
    """

    def __init__(self) -> None:
        self.pictures: dict[int, str] = {}
        self.alone: dict[int, str] = {}

    def shown(self) -> dict[int, str]:
        """Those of one kind."""
        return dict(sorted((self.pictures or self.alone).items()))

    def look(self, job: Job, shots: Sequence[ShotStatus]) -> None:
        """See what is new: what those at work show, and where nobody is, the last frames themselves."""
        running = [shot for shot in shots if shot.work.state == "running" and shot.work.holder]
        for shot in running:
            assert shot.work.holder is not None
            scratch = attempt_folder(job.shot_folder(job.shots[shot.number - 1]), shot.work.holder)
            for index in finished(scratch):
                if index not in self.pictures and (picture := read_finished(scratch, index)):
                    self.pictures[index] = base64_text(picture)
        if not running and not self.pictures:
            self._read(job, shots)
        for kind in (self.pictures, self.alone):
            for index in sorted(kind)[: max(0, len(kind) - KEPT)]:
                del kind[index]

    def _read(self, job: Job, shots: Sequence[ShotStatus]) -> None:
        begun = [job.shots[shot.number - 1] for shot in shots if shot.frames_done]
        if job.unpainted or not begun:
            return
        done = sorted(done_at_a_glance(job, begun[-1]))[-KEPT // 3 :]
        new = [index for index in done if index not in self.alone]
        for index in new[-_READ:]:
            try:
                image = read_frame(job, begun[-1], index, source_of(job).display)
            except (VidstyleError, OSError):
                return
            shown = image[:, job.margin : -job.margin] if job.margin else image
            self.alone[index] = base64_text(glance(shown, _WIDE))


def job_scene(status: JobStatus, strip: Strip, page: Path, news: Progress | None = None) -> dict[str, Any]:
    """A job as the page shows it; `news` is the latest of this process, where it is at work on it."""
    job = status.job
    strip.look(job, status.shots)
    left = status.seconds_left if news is None or news.seconds_left is None else news.seconds_left
    done, total, state = status.frames_done, status.frames_total, str(status.state)
    note = ""
    if news is not None and news.kind == "assemble":
        note = f"encoding frame {news.frames_done} of {news.frames_total}"
    elif status.assembly.state == "running":
        note = "being joined"
    shown = strip.shown()
    return {
        "name": job.output.name,
        "clip": job.source_path.name,
        "size": list(job.size),
        "state": state,
        "note": note,
        "done": done,
        "total": total,
        "left": duration(left) if left and state == "running" and not note else "",
        "folder": str(job.folder),
        "link": link(job.output, page) if state == "done" else "",
        "shots": [[shot.work.state, shot.frames_done, shot.frames_total] for shot in status.shots[:600]],
        "rows": [[name, work.state, frames, account(work)] for name, work, frames in work_rows(status)][:200],
        "panels": [panel(work, shot if len(status.shots) > 1 else 0) for shot, work in status.works.items()],
        "strip": {
            "names": [f"frame {job.number(index)}" for index in shown],
            "pictures": list(shown.values()),
            "beside": bool(strip.pictures),
        },
    }


def panel(work: AtWork, shot: int = 0) -> dict[str, Any]:
    """The frame at work."""
    width, height = work.size
    return {
        "title": (f"shot {shot}, " if shot else "") + f"frame {work.frame}",
        "size": f"{width}×{height}",
        "share": min(work.evaluations / work.expected, 1.0) if work.expected else 0.0,
        "losses": [[name.replace("_", " "), value] for name, value in work.losses.items()],
        "history": [value for value in work.history if abs(value) < 1e12],
        "painting": work.painting,
        "beside": work.clip,
    }


def link(output: Path, page: Path) -> str:
    """How a page names a file: from its own folder on, or by its full path where they share none."""
    try:
        return quote("./" + Path(os.path.relpath(output, page.resolve().parent)).as_posix(), safe="/", errors="replace")
    except ValueError:  # another drive
        return output.resolve().as_uri()
