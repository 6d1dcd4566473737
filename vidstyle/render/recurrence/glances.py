"""Shows people what a shot's attempt is at, in a few thousandths of the time that it takes."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np

from vidstyle.jobs.folder.glances import AtWork, write_at_work, write_finished
from vidstyle.jobs.progress import Progress
from vidstyle.media.reader import Frame
from vidstyle.motion.filters import scaled_down
from vidstyle.page.pictures import base64_text, glance
from vidstyle.style.evaluations import SolveProgress

# Seconds between two pictures of the frame at work, and the share of the time that either kind may take.
_OFTEN, _SHARE = 1.5, 0.003
# Pixels along the long side.
_AT_WORK, _FINISHED = 480, 240
# Losses that are kept of a frame.
_HISTORY = 200


class Glances:
    """Writes small pictures into an attempt's folder, `scratch`; what wraps has a `margin` that nobody sees."""

    def __init__(self, scratch: Path, margin: int) -> None:
        self._scratch, self._margin = scratch, margin
        self._next_at_work = self._next_finished = 0.0
        self._frame, self._clip, self._history = -1, "", list[float]()
        self._lock = threading.Lock()

    def at_work(self, frame: Frame, step: SolveProgress, news: Progress) -> None:
        """Show the frame at work as far as it has come, if it is time for that."""
        if frame.index != self._frame:
            self._frame, self._clip, self._history = frame.index, "", []
        self._history = [*self._history, step.loss][-_HISTORY:]
        if time.monotonic() < self._next_at_work:
            return
        begin, full = time.thread_time(), frame.image.shape[1]
        self._clip = self._clip or base64_text(glance(self._seen(frame.image, full), _AT_WORK))
        height, width = step.size
        work = AtWork(
            news.frame,
            (width, height),
            step.evaluations,
            step.expected,
            news.seconds,
            news.seconds_left,
            dict(step.losses),
            tuple(self._history),
            base64_text(glance(self._seen(step.image(), full), _AT_WORK)),
            self._clip,
            news.run_total - news.run_done,
        )
        write_at_work(self._scratch, work)
        self._next_at_work = _after(begin, _OFTEN)

    def finished(self, index: int, clip: np.ndarray, painting: np.ndarray) -> None:
        """Show a finished frame beside the clip's, (H, W, 3) in 0..1, unless there are too many of them."""
        with self._lock:  # keyframes and in-betweens are finished on two threads
            if time.monotonic() < self._next_finished:
                return
            begin = time.thread_time()
            both = [scaled_down(self._seen(image, clip.shape[1]), _FINISHED) for image in (clip, painting)]
            write_finished(self._scratch, index, glance(np.concatenate(both, axis=1), 2 * _FINISHED))
            self._next_finished = _after(begin, 0.0)

    def _seen(self, image: np.ndarray, width: int) -> np.ndarray:
        """The image without its margins, which are as much smaller as it is."""
        margin = round(self._margin * image.shape[1] / width)
        return image[:, margin:-margin] if margin else image


def _after(begin: float, least: float) -> float:
    """When the next picture may be made, after one that was begun at that time of this thread's."""
    return time.monotonic() + max(least, (time.thread_time() - begin) / _SHARE)
