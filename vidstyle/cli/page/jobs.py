"""The page of jobs that other processes paint: all that their folders tell."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vidstyle.cli.page.live import EVERY, LivePage
from vidstyle.cli.page.scene import Strip, job_scene
from vidstyle.cli.show.words import duration
from vidstyle.errors import InputError, OutputError, StorageError
from vidstyle.farm.status import JobStatus, Watch, all_seconds_left
from vidstyle.jobs.folder.job import Job
from vidstyle.jobs.inputs import files_besides

if TYPE_CHECKING:
    from vidstyle.cli.show.progress import Show
    from vidstyle.jobs.progress import Progress

# Of the time that passes, the share that showing it may take.
_SHARE = 0.003


class JobsPage:
    """A page that shows the jobs in a folder, or the one that it is.

    Raises
    ------
    UsageError, OutputError, StorageError
        It can't be written: see :class:`vidstyle.cli.page.live.LivePage`.
    """

    def __init__(self, path: Path, folder: Path, jobs: Sequence[Job]) -> None:
        read = [path for job in jobs for path in (job.source_path, job.output)]
        read += [path for job in jobs for path in files_besides(job.styles, job.settings)]
        self._live, self._path = LivePage(path, folder.resolve().name, read), path
        self._watch, self._strips = Watch(folder), dict[Path, Strip]()
        self._scenes: list[Mapping[str, Any]] = []
        self._next = 0.0

    def draw(self, clips: Sequence[JobStatus]) -> None:
        """Show them as they are by now."""
        self._scenes = [
            job_scene(clip, self._strips.setdefault(clip.job.folder, Strip()), self._path) for clip in clips
        ]
        left = all_seconds_left(clips) if len(clips) > 1 else None
        self._live.write(self._scenes, left=duration(left) if left else "")

    @contextlib.contextmanager
    def showing(self, show: Show) -> Iterator[Show]:
        """Show them besides, as long as there is news."""

        def both(news: Progress) -> None:
            show(news)
            if time.monotonic() >= self._next:
                self.look()

        yield both

    def look(self) -> None:
        """Look at the jobs, and show them."""
        begin = time.thread_time()
        with contextlib.suppress(InputError, OutputError, StorageError):  # a page is no reason to end a night's work
            self.draw(self._watch.look())
        self._next = time.monotonic() + max(EVERY, (time.thread_time() - begin) / _SHARE)

    def close(self) -> None:
        """Nothing more is to come."""
        self._live.write(self._scenes, live=False)
