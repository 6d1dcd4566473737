"""Small previews of looks, painted as ``vidstyle looks`` paints them, one at a time, on a thread of their own."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from vidstyle.errors import VidstyleError
from vidstyle.jobs.plan import resolved
from vidstyle.looks.board import Look
from vidstyle.looks.looks import SIZE, subjects_at
from vidstyle.page.pictures import glance
from vidstyle.studio.folder import Choice

if TYPE_CHECKING:
    from vidstyle.looks.paint import LookStep
    from vidstyle.media.source import Source

KEPT = 24
"""Looks that are kept to be compared."""
_QUALITY = 92


@dataclass
class Preview:
    """A frame in a look, as far as it has come: a JPEG once there is anything to see.

    Attributes
    ----------
    number
        Counts them.
    choice, index, source
        What is painted: a frame, by its index in a clip.
    clip
        The clip's frame, a JPEG.
    state
        ``failed`` with a `message` that says why; ``dropped`` for another one before it was done.
    share
        Of its evaluations, how many are done.
    """

    number: int
    choice: Choice
    index: int
    source: Source
    look: Look
    state: Literal["waiting", "painting", "done", "failed", "dropped"] = "waiting"
    share: float = 0.0
    clip: bytes = b""
    picture: bytes = b""
    message: str = ""

    @property
    def title(self) -> str:
        """What it is called."""
        return f"look {self.number}"


class Previews:
    """Paints the look that was asked for last; the one before it is dropped if it isn't done."""

    def __init__(self) -> None:
        self.shown: deque[Preview] = deque(maxlen=KEPT)
        self._count = itertools.count(1)
        self._news = threading.Condition()
        self._asked: Preview | None = None
        self._thread: threading.Thread | None = None
        self._ended = False

    def ask(self, choice: Choice, index: int, source: Source, look: Look) -> Preview:
        """Paint a frame in a look; its size is that of `vidstyle looks`, whatever the film's is."""
        look = replace(look, settings=resolved(look.settings.replace(size=min(SIZE, max(source.size))), source))
        with self._news:
            preview = Preview(next(self._count), choice, index, source, look)
            if self.shown and self.shown[-1].state in ("waiting", "painting"):
                self.shown.pop().state = "dropped"
            self.shown.append(preview)
            self._asked = preview
            self._news.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="previews", daemon=True)
                self._thread.start()
        return preview

    def end(self) -> None:
        """Paint no more."""
        with self._news:
            self._ended = True
            self._news.notify()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._asked is not None or self._ended)
                if self._ended:
                    return
                preview, self._asked = self._asked, None
            assert preview is not None
            try:
                self._paint(preview)
            except VidstyleError as error:
                preview.state, preview.message = "failed", str(error)
            except Exception as error:  # whatever it is, the next one is asked for all the same
                preview.state, preview.message = "failed", f"{type(error).__name__}: {error}"

    def _paint(self, preview: Preview) -> None:
        from vidstyle.looks.paint import paint  # brings torch, which takes seconds

        at = str(preview.source.number(preview.index))
        subjects = subjects_at(preview.source, [at], [preview.look])
        preview.clip = _jpeg(subjects[0].image)
        if preview.state == "waiting":
            preview.state = "painting"
        steps: Generator[LookStep, None, None] = paint(preview.source, [preview.look], subjects)
        with closing(steps):
            for step in steps:
                if preview.state == "dropped" or self._ended:
                    return
                preview.share = step.share
                if step.image is not None:
                    preview.picture = _jpeg(step.image)
        preview.state = "done"


def _jpeg(image: np.ndarray) -> bytes:
    return glance(image.astype(np.float32), max(image.shape), _QUALITY)
