"""A film at work: the command that it shows, run in a process of its own, watched and stopped as from a terminal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

from vidstyle.errors import InputError
from vidstyle.farm.status import Watch
from vidstyle.jobs.folder.glances import AtWork, finished, read_finished
from vidstyle.jobs.folder.job import is_job_folder
from vidstyle.jobs.folder.lease import attempt_folder
from vidstyle.jobs.plan import job_folder
from vidstyle.printable import shell_words

State = Literal["waiting", "painting", "stopping", "stopped", "done", "failed"]
_SAID = 200
"""Lines that are kept of what the command says."""
_STOPPED = frozenset({130, 143, 75})
"""Exit codes of a command that a signal stopped at a checkpoint."""


@dataclass(frozen=True)
class Glance:
    """What is to be seen of a film at work: the frame that is being painted, and the newest finished one, a JPEG."""

    work: AtWork | None
    newest: bytes | None


class Film:
    """A film, by the command that paints it; the command may be run again where it was stopped.

    Attributes
    ----------
    command
        All of its words, from ``vidstyle`` on.
    output
        The file that it writes.
    state
        Of its process.
    said
        The newest lines that the command says to people.
    """

    def __init__(self, program: Sequence[str], command: Sequence[str], output: Path) -> None:
        self.command, self.output = tuple(command), output
        self.state: State = "waiting"
        self.said: deque[str] = deque(maxlen=_SAID)
        self._program = tuple(program)
        self._process: subprocess.Popen[bytes] | None = None
        self._threads: list[threading.Thread] = []
        self._news: dict[str, Any] = {}
        self._watch: Watch | None = None

    @property
    def text(self) -> str:
        """The command, as a shell takes it."""
        return shell_words(self.command)

    @property
    def at_work(self) -> bool:
        """Whether its process runs."""
        return self.state in ("painting", "stopping")

    @property
    def news(self) -> dict[str, Any]:
        """The latest of its progress, as ``--progress json`` says it."""
        return dict(self._news)

    def start(self) -> None:
        """Run the command, from its beginning or from where it was stopped.

        Raises
        ------
        InputError
            It is at work, or the program can't be run.
        """
        if self.at_work:
            raise InputError(f"'{self.output}' is being painted.")
        self.said.clear()
        self._news, self._watch = {}, None
        # Not a word of the command is another than what people see; how it tells of its progress is no part of it.
        environment = {**os.environ, "VIDSTYLE_PROGRESS": "json", "PYTHONUNBUFFERED": "1"}
        try:
            self._process = subprocess.Popen(
                [*self._program, *self.command[1:]],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # a terminal's Ctrl-C is the studio's, which passes it on once
            )
        except OSError as error:
            raise InputError(f"the program '{self._program[0]}' can't be run: {error.strerror}.") from error
        self.state = "painting"
        assert self._process.stdout is not None and self._process.stderr is not None
        told = self._read(self._process.stdout, self._take), self._read(self._process.stderr, self.said.append)
        self._threads = [*told, threading.Thread(target=self._wait, args=(self._process, told), daemon=True)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Do what Ctrl-C does: the frame at work is finished first; asked again, it stops at once."""
        if self._process is not None and self.at_work:
            self.state = "stopping"
            self._process.send_signal(signal.SIGINT)

    def wait(self) -> None:
        """Wait until the process has ended."""
        for thread in self._threads:
            thread.join()

    def glance(self) -> Glance:
        """What is to be seen of it by now, from its folder's files alone, as ``--page`` shows it."""
        folder = job_folder(self.output)
        try:
            if not is_job_folder(folder):
                return Glance(None, None)
            self._watch = self._watch or Watch(folder)
            [status] = self._watch.look()
        except InputError:  # it is done and gone meanwhile
            return Glance(None, None)
        for shot in status.shots:
            holder = shot.work.holder
            if shot.work.state == "running" and holder is not None:
                scratch = attempt_folder(status.job.shot_folder(status.job.shots[shot.number - 1]), holder)
                done = finished(scratch)
                return Glance(status.works.get(shot.number), read_finished(scratch, done[-1]) if done else None)
        return Glance(None, None)

    def _read(self, stream: IO[bytes], take: Callable[[str], object]) -> threading.Thread:
        def read() -> None:
            with stream:
                for line in stream:
                    take(line.decode(errors="replace").rstrip("\r\n"))

        return threading.Thread(target=read, daemon=True)

    def _take(self, line: str) -> None:
        try:
            news = json.loads(line)
        except ValueError:
            return
        if isinstance(news, dict) and news.get("type") != "error":  # that is said to people, too
            self._news |= news

    def _wait(self, process: subprocess.Popen[bytes], told: tuple[threading.Thread, ...]) -> None:
        code = process.wait()
        for thread in told:
            thread.join()
        self.state = "done" if code == 0 else "stopped" if code in _STOPPED else "failed"
