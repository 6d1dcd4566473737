"""One shot: its keys one after another, the in-betweens beside them, each published as soon as it is there."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import numpy as np

from vidstyle import machine
from vidstyle.errors import InputError, StorageError, VidstyleError
from vidstyle.generators import Run
from vidstyle.jobs.attempt import attempt, wait_for_lease
from vidstyle.jobs.files import append_line, make_folder
from vidstyle.jobs.frames import frame_path, known_gap, mark_done, missing_frames, publish_frame, read_record
from vidstyle.jobs.job import Job, Shot
from vidstyle.jobs.lease import Lease
from vidstyle.jobs.progress import Progress
from vidstyle.jobs.schedule import BETWEEN, KEY, Gap
from vidstyle.jobs.time_estimate import FIRST, LATER, TimeEstimator
from vidstyle.media.images.stills import read_frame_file, write_frame_file
from vidstyle.render import state
from vidstyle.render.context import Studio
from vidstyle.render.in_between import InBetween, in_betweens
from vidstyle.render.prepare import Passage, Prepared
from vidstyle.render.state import Checkpoints, State
from vidstyle.style.evaluations import SolveProgress
from vidstyle.style.memory import StyleGain
from vidstyle.style.solver import Solution

_Made = dict[int, InBetween | None]
"""In-betweens by index; of those that are published none is kept, the others are to be mended."""


def render_shot(
    job: Job, shot: Shot, studio: Studio, estimator: TimeEstimator, *, give_up: bool = False
) -> Generator[Progress, None, None]:
    """Paint what is missing of a shot.

    Closing the generator stops it: the frame at work is dropped, all before it and the state are safe.

    Parameters
    ----------
    job, shot
        What is to be painted.
    studio, estimator
        What paints it, and who counts.
    give_up
        As for :func:`vidstyle.jobs.attempt.attempt`.

    Yields
    ------
    ``wait`` while another machine's lease is watched, then ``evaluation`` and ``frame``, at last ``shot``.

    Raises
    ------
    StoppedAtCheckpoint
        Somebody else paints this shot, or has taken it over.
    NoProgress
        With `give_up`: stopped before a frame was finished, as the time before.
    InputError, DependencyError, OutputError, StorageError
        What can go wrong with the clip, the weights and the disk.
    """
    about: dict[str, Any] = {"shot": shot.number, "shots": len(job.shots)}
    folder, what = job.shot_folder(shot), f"shot {shot.number}"
    lease = yield from wait_for_lease(folder, what, **about)
    with attempt(lease, what, give_up=give_up):
        make_folder(folder / "frames")
        make_folder(folder / "state")
        yield from _complete(job, shot, studio, estimator, lease)
    yield Progress("shot", **about, **estimator.counts())


def _complete(
    job: Job, shot: Shot, studio: Studio, estimator: TimeEstimator, lease: Lease
) -> Generator[Progress, None, None]:
    """Paint until no frame is missing, and say so in the folder."""
    states = job.shot_folder(shot) / "state"
    missing = missing_frames(job, shot, thorough=False)
    counted = set(missing)
    # A file that another attempt touched at the same moment is found missing once more.
    for _ in range(3):
        if not missing:
            break
        saved = state.latest(states, job.digest, shot.frames)
        painter = _Painter(
            job, shot, studio, estimator, lease, Checkpoints(states, job.digest, lease, saved), set(missing), counted
        )
        gaps, runs = _tasks(job, shot, missing, saved)
        again = {index for start, stop in runs for index in range(start.frame + 1, stop)} - counted
        estimator.detour(int(shot.start in again), len(again - {shot.start}))
        for gap in gaps:
            yield from painter.fill(gap)
        for start, stop in runs:
            yield from painter.solve(start, stop)
        counted = set()
        missing = missing_frames(job, shot, thorough=False)
    if missing:
        raise StorageError(
            f"{job.shot_folder(shot)}: frame {job.number(missing[0])} was written and is not there. "
            "Check the disk, and that nobody else writes to this folder; then run the same command again."
        )
    lease.check()
    mark_done(job, shot, {"attempts": lease.holder.attempt, "machine": machine.description()}, lease.scratch)
    state.clear(states)


def _tasks(job: Job, shot: Shot, missing: list[int], saved: State | None) -> tuple[list[Gap], list[tuple[State, int]]]:
    """Gaps to be filled between keys that are there; then where to begin solving, and up to which frame to go.

    A frame that was damaged after the saved state had passed it is reached from the shot's beginning, unless it is an
    in-between whose keys are whole.
    """
    passed = [index for index in missing if saved is None or index <= saved.frame]
    ahead = missing[len(passed) :]
    gaps = {index: gap for index in passed if (gap := known_gap(job, shot, index, set(missing))) is not None}
    lost = [index for index in passed if index not in gaps]
    runs = [(state.before(shot.start), lost[-1] + 1)] if lost else []
    if ahead and saved is not None:
        runs.append((saved, ahead[-1] + 1))
    return list(dict.fromkeys(gaps.values())), runs


class _Painter:
    """Paints the frames of a shot, and publishes them.

    Frames are written, and in-betweens made, on another thread while the next key is solved, since a graphics card
    would wait for the disk. They are there before anything is told of the frame after the next key.

    Parameters
    ----------
    job, shot, studio, estimator, lease, checkpoints
        What is painted, what paints it, who counts, the right to publish, and who keeps states.
    missing
        The frames that are not there: other in-betweens are left alone.
    counted
        The frames that are counted when they are there; others are painted again on the way to a missing one.
    """

    def __init__(
        self,
        job: Job,
        shot: Shot,
        studio: Studio,
        estimator: TimeEstimator,
        lease: Lease,
        checkpoints: Checkpoints,
        missing: set[int],
        counted: set[int],
    ) -> None:
        self._job, self._shot, self._studio, self._estimator = job, shot, studio, estimator
        self._lease, self._checkpoints, self._missing = lease, checkpoints, missing
        self._counted = counted

    def fill(self, gap: Gap) -> Generator[Progress, None, None]:
        """Paint the missing in-betweens between two keys that are there."""
        begin = time.monotonic()
        made = self._carry(self._studio.passage(gap))
        for index in self._mended(made):
            yield from self._told(index, LATER, None, time.monotonic() - begin)
            begin = time.monotonic()

    def solve(self, carried: State, stop: int) -> Generator[Progress, None, None]:
        """Solve the keys after a state up to the frame before `stop` at least, from each to the next.

        In-betweens are made of them where they are missing.
        """
        job, shot, studio = self._job, self._shot, self._studio
        reach = max(job.settings.objective.temporal_frames)
        begin = time.monotonic()
        landed: Iterator[Progress] = iter(())
        with (
            contextlib.closing(studio.prepared(shot, carried, stop)) as frames,
            ThreadPoolExecutor(1, thread_name_prefix="publish") as writer,
        ):
            try:
                for prepared in frames:
                    if studio.short_of_memory:
                        yield from landed  # in-betweens, and what they are made of, are out of the way
                    inheritance = studio.inheritance(prepared, carried)
                    steps = studio.solve(prepared, inheritance, carried)
                    solution = yield from _solved(job, shot, steps, self._estimator, prepared, begin, landed)
                    index, seconds = prepared.frame.index, time.monotonic() - begin
                    record = self._record(KEY if prepared.links else FIRST, prepared.sources, seconds, solution)
                    carried = carried.after(index, solution.image, inheritance.clip, solution.memory, reach)
                    kind = LATER if prepared.links else FIRST
                    # Nothing else holds what the writer makes: it would be there all through the next solve.
                    landed = self._landed(
                        writer.submit(self._publish, index, solution.image, record),
                        writer.submit(self._carry, prepared.passage) if prepared.passage else None,
                        prepared.passage,
                        carried,
                        solution,
                        kind,
                        seconds,
                    )
                    begin = time.monotonic()
                    if index + 1 >= stop:
                        break
                yield from landed
            except GeneratorExit:
                with contextlib.suppress(VidstyleError):  # the last checkpoint is there
                    self._checkpoints.save(carried)
                raise
        if carried.frame + 1 < stop:
            raise InputError(
                f"{job.source_path}: ends before frame {job.number(carried.frame + 1)}; it is cut short or damaged."
            )

    def _landed(
        self,
        writing: Future[None],
        between: Future[_Made] | None,
        passage: Passage | None,
        carried: State,
        solution: Solution,
        kind: str,
        seconds: float,
    ) -> Iterator[Progress]:
        """Wait until a key and the in-betweens before it are on the disk, and tell of them; `carried` is after it."""
        writing.result()
        self._checkpoints.offer(carried)
        # Of a gap all frames together take what its key took.
        inside = passage.gap.frames if passage else range(0)
        share = seconds / (len(inside) + 1)
        made = between.result() if between else {}
        for _ in range(len(inside) - len(made)):
            self._estimator.finished(LATER, share, again=True)  # those are there
        for index in self._mended(made):
            yield from self._told(index, LATER, None, share)
        yield from self._told(carried.frame, kind, solution, share)

    def _told(self, index: int, kind: str, solution: Solution | None, seconds: float) -> Iterator[Progress]:
        """Count a frame and tell of it; without a solution it is an in-between."""
        job, shot = self._job, self._shot
        self._estimator.finished(kind, seconds, again=index not in self._counted)
        append_line(job.shot_folder(shot) / "log.txt", f"frame {job.number(index)}: {seconds:.2f} s")
        yield Progress(
            "frame",
            shot=shot.number,
            shots=len(job.shots),
            frame=job.number(index),
            evaluations=solution.evaluations if solution else 0.0,
            losses=solution.losses if solution else {},
            seconds=seconds,
            **self._estimator.counts(),
        )

    def _carry(self, passage: Passage) -> _Made:
        """Make the in-betweens that are missing, and publish those that are whole.

        Their keys are read as they were published, so that they are the same whoever makes them, and whenever.
        """
        if self._missing.isdisjoint(passage.gap.frames):
            return {}
        left, right = (
            read_frame_file(frame_path(self._job, self._shot, key), self._studio.source.display)
            for key in (passage.gap.left, passage.gap.right)
        )
        made: _Made = {}
        for between in in_betweens(passage, left, right):
            if between.frame.index in self._missing:
                whole = between.is_whole
                if whole:
                    self._publish_between(between, between.carried.image, None)
                made[between.frame.index] = None if whole else between
        return made

    def _mended(self, made: _Made) -> Iterator[int]:
        """Mend and publish the in-betweens that are not whole; yields the index of each that is there."""
        for index, between in made.items():
            if between is not None:
                key = read_record(self._job, self._shot, between.gap.left)
                solution = self._studio.mend(between, StyleGain(**key.get("style_gain", {})))
                self._publish_between(between, solution.image, solution)
            yield index

    def _publish_between(self, between: InBetween, image: np.ndarray, solution: Solution | None) -> None:
        seconds = time.monotonic() - between.begun
        gap = between.gap
        self._publish(between.frame.index, image, self._record(BETWEEN, (gap.left, gap.right), seconds, solution))

    def _record(self, kind: str, sources: Sequence[int], seconds: float, solution: Solution | None) -> dict[str, Any]:
        record: dict[str, Any] = {
            "kind": kind,
            "from": [index + 1 for index in sources],
            "losses": dict(solution.losses) if solution else {},
            "evaluations": solution.evaluations if solution else 0.0,
            "seconds": round(seconds, 3),
            "attempt": self._lease.holder.attempt,
            "machine": machine.description() | {"solver": self._studio.solver.description},
        }
        if solution is not None:
            record["style_gain"] = asdict(solution.memory.style_gain)
        return record

    def _publish(self, index: int, image: np.ndarray, record: dict[str, Any]) -> None:
        job, view = self._job, self._studio.source.display
        try:
            publish_frame(
                job,
                self._shot,
                index,
                lambda path: write_frame_file(path, image, job.bit_depth, view),
                record,
                self._lease,
            )
        except VidstyleError:
            self._lease.check()  # a folder that can't be written may be gone because the shot was taken over
            raise


def _solved(
    job: Job,
    shot: Shot,
    steps: Generator[SolveProgress, None, Solution],
    estimator: TimeEstimator,
    prepared: Prepared,
    begin: float,
    landed: Iterator[Progress],
) -> Generator[Progress, None, Solution]:
    """The frame's solution; its steps are told as progress, once the frame before it has `landed`."""
    for step in (run := Run(steps)):
        yield from landed
        seconds = time.monotonic() - begin
        estimator.evaluated(LATER if prepared.links else FIRST, step.evaluations, step.expected, seconds)
        yield Progress(
            "evaluation",
            shot=shot.number,
            shots=len(job.shots),
            frame=job.number(prepared.frame.index),
            evaluations=step.evaluations,
            expected=step.expected,
            losses=step.losses,
            seconds=seconds,
            **estimator.counts(),
        )
    yield from landed
    return run.result
