"""The page of a command that paints: one clip or several, of which each is told of by its own job folder."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vidstyle.cli.page.live import EVERY, LivePage
from vidstyle.cli.page.scene import Strip, job_scene, link, panel
from vidstyle.cli.show.progress import Show
from vidstyle.cli.show.words import duration
from vidstyle.errors import InputError, OutputError, StorageError
from vidstyle.farm.status import Watch
from vidstyle.jobs.folder import job as jobs
from vidstyle.jobs.folder.glances import AtWork
from vidstyle.page.pictures import base64_text, glance

if TYPE_CHECKING:
    from vidstyle.jobs.progress import Progress

# Of the time that painting takes, the share that showing it may take.
_SHARE = 0.003
_WIDE = 480


@dataclass
class Painted:
    """One clip or picture: what it becomes, its job folder if it has one, how far it is, its size if that is known.

    Of what `is_part` other processes paint the rest, so that only its folder tells how far it is.
    """

    name: str
    output: Path
    folder: Path | None
    state: str = "waiting"
    size: tuple[int, int] | None = None
    is_part: bool = False
    news: Progress | None = None
    strip: Strip = field(default_factory=Strip)
    last: dict[str, Any] | None = None
    was_seen_last: bool = False
    watch: Watch | None = None
    history: list[float] = field(default_factory=list)


class PaintingPage:
    """Shows several paintings, one of which is at work."""

    def __init__(self, page: LivePage, paintings: Sequence[Painted]) -> None:
        self._page, self._paintings = page, paintings
        self._next, self._left = 0.0, ""

    @contextlib.contextmanager
    def showing(self, painting: Painted, show: Show) -> Iterator[Show]:
        """Show all news of a painting on the page too; it ends as done, stopped or failed."""
        painting.state = "running"
        self.draw()
        try:
            yield lambda news: self._take(painting, news, show)
            painting.state = "done"
        except Exception:
            painting.state = "failed"
            raise
        except BaseException:
            painting.state = "stopped"
            raise
        finally:
            self.draw()

    def close(self) -> None:
        """Nothing more is to come."""
        self.draw(live=False)

    def draw(self, *, live: bool = True) -> None:
        """Write the page as it is now."""
        begin = time.thread_time()
        with contextlib.suppress(OutputError, StorageError):  # a page is no reason to end a night's work
            self._page.write([self._scene(painting) for painting in self._paintings], left=self._left, live=live)
        self._next = time.monotonic() + max(EVERY, (time.thread_time() - begin) / _SHARE)

    def _take(self, painting: Painted, news: Progress, show: Show) -> None:
        show(news)
        painting.news = news
        self._left = duration(news.all_seconds_left) if news.all_seconds_left else ""
        if news.kind == "evaluation" and news.losses:
            painting.history = [*painting.history, sum(news.losses.values())][-200:]
        if time.monotonic() >= self._next:
            self.draw()

    def _scene(self, painting: Painted) -> dict[str, Any]:
        """It by now; of what is ended and gone, as it was seen last."""
        has_ended = painting.state in ("done", "failed", "stopped")
        look = painting.state == "running" or painting.is_part or painting.last is None
        if painting.folder is not None and (look or (has_ended and not painting.was_seen_last)):
            painting.was_seen_last = has_ended  # what is kept may have more than was seen while it was painted
            with contextlib.suppress(InputError):
                if jobs.is_job_folder(painting.folder):
                    painting.watch = painting.watch or Watch(painting.folder)
                    [status] = painting.watch.look()
                    news = None if painting.is_part else painting.news
                    painting.last = job_scene(status, painting.strip, self._page.path, news)
        if painting.is_part:
            return painting.last or self._plain(painting)
        scene = dict(painting.last or self._plain(painting))
        if painting.folder is None:  # its last scene may be from before there was any news
            scene |= {key: value for key, value in self._plain(painting).items() if key in ("done", "total", "left")}
        if painting.folder is None and painting.state == "running":
            scene["panels"] = self._still(painting) or scene["panels"]
            painting.last = scene
        scene["state"] = painting.state if painting.state != "waiting" else scene["state"]
        if has_ended:
            scene |= {"note": "", "left": "", "panels": []}
        if painting.state == "done":
            scene |= {"done": scene["total"], "link": link(painting.output, self._page.path)}
            scene["shots"] = [["done", total, total] for _, _, total in scene["shots"]]
            scene["rows"] = []
        return scene

    def _plain(self, painting: Painted) -> dict[str, Any]:
        news = painting.news
        left = news.seconds_left if news else None
        return {
            "name": painting.output.name,
            "clip": painting.name,
            "size": painting.size and list(painting.size),
            "state": painting.state,
            "note": "",
            "done": news.frames_done if news else 0,
            "total": news.frames_total if news else 0,
            "left": duration(left) if left else "",
            "folder": "",
            "link": "",
            "shots": [],
            "rows": [],
            "panels": [],
            "strip": {"names": [], "pictures": []},
        }

    def _still(self, painting: Painted) -> list[dict[str, Any]]:
        """A picture at work, of which there is no job folder."""
        news = painting.news
        if news is None or news.painting is None:
            return []
        image, clip = news.painting()
        work = AtWork(
            news.frame,
            (image.shape[1], image.shape[0]),
            news.evaluations,
            news.expected,
            news.seconds,
            news.seconds_left,
            dict(news.losses),
            tuple(painting.history),
            base64_text(glance(image, _WIDE)),
            base64_text(glance(clip, _WIDE)),
        )
        return [panel(work) | {"title": painting.name}]
