"""The engine ``local``: several processes on this machine, with a GPU each where there are several."""

import contextlib
import dataclasses
import itertools
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from vidstyle import errors
from vidstyle.errors import StoppedAtCheckpoint, VidstyleError
from vidstyle.farm.engine import Request
from vidstyle.farm.shots import format_shots
from vidstyle.jobs.folder.files import make_folder, open_log
from vidstyle.jobs.folder.frames import done_at_a_glance, is_done
from vidstyle.jobs.folder.job import Job
from vidstyle.jobs.progress import Progress
from vidstyle.machine import cores
from vidstyle.printable import shell_words
from vidstyle.render.assemble import assemble

_GRACE = 30.0
"""Seconds that a process has to end after it was asked to."""
_FATAL = {kind.exit_code for kind in (errors.UsageError, errors.DependencyError, errors.OutputError)} | {
    errors.StorageError.exit_code
}
"""Exit codes of errors that would befall every other shot too."""


def describe(request: Request) -> str:
    """The commands that the first processes run, and the one that assembles."""
    workers = _workers(request)
    waiting = deque(request.shots)
    batches = list(itertools.takewhile(bool, (_next_batch(waiting, request, workers) for _ in itertools.count())))
    commands = [shell_words(_command(request, batch)) for batch in batches]
    assembling = shell_words([*request.program, "assemble", str(request.job.folder), *request.consent])
    return "\n".join([f"# {workers} at a time", *commands, "# then", assembling]) + "\n"


def submit(request: Request) -> Generator[Progress, None, None]:
    """Paint the shots and assemble the output; closing the generator stops the processes at a checkpoint.

    Raises
    ------
    VidstyleError
        A shot failed; raised once the others are painted.
    """
    job = request.job
    failures: list[_Failure] = []
    with contextlib.closing(_Pool(request)) as pool:
        total = _FarmProgress(job)
        for event in pool.run():
            if isinstance(event, Progress):
                yield total.updated(event)
            else:
                failures.append(event)
    if failures:
        first, *more = sorted(failures)
        also = f" Also failed: {format_shots(failure.shot for failure in more)}." if more else ""
        raise _error(first.exit_code)(f"shot {first.shot} failed: {first.message}{also} The log is {_log(job)}.")
    yield from assemble(job, keep=True)


@dataclass
class _Worker:
    """A process, the shots that it was given, and the one at work."""

    slot: int
    process: subprocess.Popen[str]
    batch: tuple[int, ...]
    shot: int
    complaint: str = ""


class _Failure(NamedTuple):
    """A shot that failed, why, and the exit code of its process."""

    shot: int
    message: str
    exit_code: int


class _Pool:
    """Processes that are given shots until none is left."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._count = _workers(request)
        self._gpus = _gpus(request.job)
        self._waiting = deque(request.shots)
        self._news: queue.SimpleQueue[tuple[_Worker, dict[str, Any] | None]] = queue.SimpleQueue()
        self._workers: dict[int, _Worker] = {}

    def run(self) -> Generator[Progress | _Failure, None, None]:
        """Yield the progress of all processes, and their failures."""
        make_folder(_log(self._request.job).parent)
        self._hand_out()
        while self._workers:
            worker, news = self._news.get()
            if news is None:
                failure = self._ended(worker)
                if failure is not None:
                    if failure.exit_code in _FATAL:
                        self._waiting.clear()
                    yield failure
                self._hand_out()
            elif news["type"] == "error":
                worker.complaint = news["message"]
            else:
                worker.shot = news.get("shot") or worker.shot
                progress = Progress(news.pop("type"), **news)
                if progress.kind in ("evaluation", "frame", "shot", "wait", "warning"):
                    yield progress

    def close(self) -> None:
        """Ask the processes to end, and kill those that do not."""
        for worker in self._workers.values():
            worker.process.send_signal(signal.SIGTERM)
        end = time.monotonic() + _GRACE
        for worker in self._workers.values():
            try:
                worker.process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.process.kill()
        self._workers.clear()

    def _hand_out(self) -> None:
        for slot in set(range(self._count)) - set(self._workers):
            batch = _next_batch(self._waiting, self._request, self._count)
            if batch:
                self._workers[slot] = self._start(slot, batch)

    def _start(self, slot: int, batch: tuple[int, ...]) -> _Worker:
        environment = dict(os.environ)
        if self._gpus:
            environment["CUDA_VISIBLE_DEVICES"] = self._gpus[slot % len(self._gpus)]
        # Threads that wait for each other must not take the cores from those they wait for.
        environment.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        with open_log(_log(self._request.job)) as log:
            process = subprocess.Popen(
                _command(self._request, batch),
                env=environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,  # Ctrl-C reaches the parent alone, which passes it on
            )
        worker = _Worker(slot, process, batch, batch[0])
        threading.Thread(target=self._listen, args=(worker,), daemon=True).start()
        return worker

    def _listen(self, worker: _Worker) -> None:
        with worker.process as process:
            for line in process.stdout or ():
                with contextlib.suppress(ValueError):
                    self._news.put((worker, json.loads(line)))
        self._news.put((worker, None))

    def _ended(self, worker: _Worker) -> _Failure | None:
        del self._workers[worker.slot]
        job, code = self._request.job, worker.process.returncode
        left = [number for number in worker.batch if not is_done(job, job.shots[number - 1])]
        if code == 0 or not left:
            return None
        failed = worker.shot if worker.shot in left else left[0]
        self._waiting.extend(number for number in left if number != failed)
        killed = f"its process was killed by signal {-code}." if code < 0 else f"its process ended with {code}."
        return _Failure(failed, worker.complaint or killed, code)


class _FarmProgress:
    """Counts the frames of all processes together."""

    def __init__(self, job: Job) -> None:
        self._total = sum(len(shot.frames) for shot in job.shots)
        # Shot and frame, numbered as Progress does. Each frame once, however often it is painted: one may be painted
        # again on the way to a missing one.
        self._finished = {
            (shot.number, job.number(index)) for shot in job.shots for index in done_at_a_glance(job, shot)
        }
        self._before = len(self._finished)
        self._painted = 0
        self._begin = time.monotonic()

    def updated(self, progress: Progress) -> Progress:
        """Count a process's progress, and return it with the counts of the whole job."""
        if progress.kind == "frame":
            self._painted += 1
            self._finished.add((progress.shot, progress.frame))
        done = len(self._finished)
        pace = (time.monotonic() - self._begin) / self._painted if self._painted else None
        return dataclasses.replace(
            progress,
            frames_done=done,
            frames_total=self._total,
            run_done=done - self._before,
            run_total=self._total - self._before,
            seconds_left=None if pace is None else pace * (self._total - done),
        )


def _next_batch(waiting: deque[int], request: Request, workers: int) -> tuple[int, ...]:
    """The next shots for a process: many at first, to start fewer processes, and few at the end, to end together."""
    size = max(request.per_task, -(-len(waiting) // (2 * workers)))
    return tuple(waiting.popleft() for _ in range(min(size, len(waiting))))


def _command(request: Request, batch: Iterable[int]) -> list[str]:
    return [*request.program, "task", str(request.job.folder), "--shot", format_shots(batch), "--json"]


def _workers(request: Request) -> int:
    """As many processes as were asked for; else one per GPU, or on CPUs as many as have cores for their threads."""
    run = request.job.settings.run
    one_device = run.device not in ("auto", "cuda", "cpu") or (run.device == "auto" and sys.platform == "darwin")
    usual = len(_gpus(request.job)) or (1 if one_device else cores() // max(run.threads, 1))
    return max(1, min(request.workers or usual, len(request.shots) or 1))


def _gpus(job: Job) -> list[str]:
    """The GPUs to be shared out: none if there is none, or if the job names its own."""
    if job.settings.run.device not in ("auto", "cuda"):
        return []
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        try:
            listing = subprocess.run(
                ["nvidia-smi", "--query-gpu=index", "--format=csv,noheader"], capture_output=True, text=True, check=True
            ).stdout
        except (OSError, subprocess.SubprocessError):
            return []
        visible = listing.replace("\n", ",")
    return [name.strip() for name in visible.split(",") if name.strip()]


def _error(code: int) -> type[VidstyleError]:
    kinds: Mapping[int, type[VidstyleError]] = {kind.exit_code: kind for kind in VidstyleError.__subclasses__()}
    # A process that was killed left its shot at a checkpoint.
    return kinds.get(code, StoppedAtCheckpoint if code < 0 else VidstyleError)


def _log(job: Job) -> Path:
    return job.folder / "farm" / "logs" / "local.log"
