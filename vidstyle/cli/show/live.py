"""The live bar: what is being painted, and how long it will take."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from vidstyle.cli.show.words import duration

if TYPE_CHECKING:
    from vidstyle.jobs.progress import Progress


class LiveBar:
    """A line that shows how far a run is, below all else that is printed on the console, a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._line = _Line()

    def __enter__(self) -> LiveBar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, progress: Progress) -> None:
        """Show this progress."""
        if progress.kind == "done":
            self.__exit__()
            return
        if progress.kind not in ("estimate", "evaluation", "frame", "assemble"):
            return
        self._line.latest, self._line.since = progress, time.monotonic()
        if progress.kind == "frame":
            self._line.seconds.append(progress.seconds)
        if self._live is None:
            self._live = Live(self._line, console=self._console, refresh_per_second=8, transient=True)
            self._live.start()


class _Line:
    """One line, drawn for the width of the terminal; less important parts are left out first."""

    latest: Progress
    since: float

    def __init__(self) -> None:
        # A mean of a few frames, so that the figure does not jump.
        self.seconds: deque[float] = deque(maxlen=8)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        # A terminal echoes ^C behind the line. If that didn't fit, the line could not be erased.
        now, width = self.latest, options.max_width - 3
        part = now.evaluations / now.expected if now.kind == "evaluation" and now.expected else 0.0
        done = (now.frames_done + min(part, 1.0)) / max(now.frames_total, 1)
        where, after = self._words(now, part, width)
        grid = Table.grid(padding=(0, 1), expand=True)
        grid.add_column(no_wrap=True)
        grid.add_column(ratio=1, min_width=6)
        grid.add_column(no_wrap=True, justify="right")
        grid.add_row(where, ProgressBar(total=1.0, completed=done), after)
        yield from console.render(grid, options.update(width=width))

    def _words(self, now: Progress, part: float, width: int) -> tuple[Text, Text]:
        # Between two pieces of news a clock goes on.
        left, all_left = self._by_now(now.seconds_left), self._by_now(now.all_seconds_left)
        if now.kind == "assemble":
            rest = f"  {duration(left)} left" if left else ""
            rest += f", {duration(all_left)} for all {now.clips}" if all_left else ""
            where = Text(f"encoding frame {now.frames_done} of {now.frames_total}")
            return where, Text(f"{self._percent(now, 0)}%{rest}")
        frame = f"frame {min(now.frames_done + (now.kind != 'frame'), now.frames_total)}/{now.frames_total}"
        clip = f"clip {now.clip_number}/{now.clips}  " if now.clips > 1 else ""
        shot = f"shot {now.shot}/{now.shots}  " if now.shots > 1 else ""
        where = Text.assemble((clip, "dim"), (shot, "dim"), (frame, "bold"))
        after = [(f"{self._percent(now, part):3d}%", "bold")]
        if self.seconds:
            after.append((f"{duration(sum(self.seconds) / len(self.seconds))}/frame", ""))
        if left is not None:
            after.append((f"{duration(left)} left", "cyan"))
        if all_left is not None and width >= 80:
            after.append((f"{duration(all_left)} for all", "cyan"))
        if now.losses and width >= 90:
            after.append((f"loss {sum(now.losses.values()):.3g}", "dim"))
        return where, Text("  ").join(Text(*words) for words in after)

    def _by_now(self, left: float | None) -> float | None:
        return None if left is None else max(left - (time.monotonic() - self.since), 0.0)

    @staticmethod
    def _percent(now: Progress, part: float) -> int:
        return int(100 * (now.frames_done + min(part, 1.0)) / max(now.frames_total, 1))
