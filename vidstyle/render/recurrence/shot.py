"""One shot: its keyframes one after another, the in-betweens beside them, each published as soon as it is there."""

import contextlib
import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace
from typing import Any

from vidstyle import machine
from vidstyle.errors import InputError, StorageError, VidstyleError
from vidstyle.generators import Run
from vidstyle.jobs.folder.attempt import attempt, wait_for_lease
from vidstyle.jobs.folder.files import append_line, make_folder
from vidstyle.jobs.folder.frames import known_interval, mark_done, missing_frames
from vidstyle.jobs.folder.job import RETURNED, Job, Shot
from vidstyle.jobs.folder.lease import Lease, read_holder, seems_alive
from vidstyle.jobs.folder.schedule import IN_BETWEEN, KeyInterval, KeyKind
from vidstyle.jobs.progress import Kind, Progress
from vidstyle.jobs.time_estimate import FIRST, LATER, TimeEstimator
from vidstyle.render.recurrence import state as states
from vidstyle.render.recurrence.context import RenderContext
from vidstyle.render.recurrence.prepare import FrameTask
from vidstyle.render.recurrence.publisher import FrameDone, Publisher
from vidstyle.render.recurrence.state import Checkpoints, ShotState
from vidstyle.style.evaluations import SolveProgress

_LOOK = 1.0
"""Seconds after which somebody looks again whether a frame is there that another process paints."""


def render_shot(
    job: Job, shot: Shot, context: RenderContext, estimator: TimeEstimator, *, give_up: bool = False
) -> Generator[Progress, None, None]:
    """Paint what is missing of a shot.

    Closing the generator stops it: the frame at work is dropped, all before it and the state are safe. `give_up` is as
    for :func:`vidstyle.jobs.folder.attempt.attempt`.

    Yields
    ------
    ``wait`` while another machine's lease is watched, then ``evaluation`` and ``frame``, at last ``shot``.

    Raises
    ------
    StoppedAtCheckpoint
        Another process paints this shot, or has taken it over.
    NoProgress
        With `give_up`: the attempt was stopped before a frame was finished, as was the one before it.
    InputError, DependencyError, OutputError, StorageError
        What can go wrong with the clip, the weights and the disk.
    """
    about: dict[str, Any] = {"shot": shot.number, "shots": len(job.shots)}
    folder, what = job.shot_folder(shot), f"shot {shot.number} of {job.source_path.name}"
    lease = yield from wait_for_lease(folder, what, **about)
    with attempt(lease, what, give_up=give_up):
        make_folder(folder / "frames")
        make_folder(folder / "state")
        yield from _complete(job, shot, context, estimator, lease)
    yield Progress("shot", **about, **estimator.counts())


def _complete(
    job: Job, shot: Shot, context: RenderContext, estimator: TimeEstimator, lease: Lease
) -> Generator[Progress, None, None]:
    """Paint until no frame is missing, and say so in the folder."""
    folder = job.shot_folder(shot) / "state"
    missing = missing_frames(job, shot, thorough=False)
    counted = set(missing)
    # A file that another attempt touched at the same moment is found missing once more.
    for _ in range(3):
        if not missing:
            break
        saved = states.latest(folder, job.digest, shot.order)
        intervals, runs = _plan(job, shot, missing, saved)
        again = {index for start, last in runs for index in _after(shot, start, last)} - counted
        first = {shot.order[0]}
        estimator.detour(len(again & first), len(again - first))
        checkpoints = Checkpoints(folder, job.digest, lease, shot.order, saved)
        with Publisher(job, shot, context, lease, checkpoints, set(missing)) as publisher:
            renderer = ShotRenderer(job, shot, context, estimator, publisher, counted)
            for interval in intervals:
                yield from renderer.report(publisher.fill(interval))
            for start, last in runs:
                yield from renderer.solve(start, last)
        counted = set()
        missing = missing_frames(job, shot, thorough=False)
    if missing:
        raise StorageError(
            f"{job.shot_folder(shot)}: frame {job.number(missing[0])} was written and is not there. "
            "Check the disk, and that nobody else writes to this folder; then run the same command again."
        )
    lease.check()
    mark_done(job, shot, {"attempts": lease.holder.attempt, "machine": machine.description()}, lease.scratch)
    states.clear(folder)


def _plan(
    job: Job, shot: Shot, missing: list[int], saved: ShotState | None
) -> tuple[list[KeyInterval], list[tuple[ShotState, int]]]:
    """What is to be painted: intervals whose keyframes are there; then states to solve from, each to which last frame.

    A frame that was damaged after the saved state had passed it is reached from the shot's beginning, unless it is an
    in-between whose keyframes are whole.
    """
    missing = sorted(missing, key=shot.order.index)
    reached = len(shot.order) if saved is None else shot.order.index(saved.frame)
    passed = [index for index in missing if shot.order.index(index) <= reached]
    later = missing[len(passed) :]
    known = {index: known_interval(job, shot, index, set(missing)) for index in passed}
    lost = [index for index, interval in known.items() if interval is None]
    runs = [(states.before(shot.order), lost[-1])] if lost else []
    if later and saved is not None:
        runs.append((saved, later[-1]))
    return list(dict.fromkeys(interval for interval in known.values() if interval is not None)), runs


def _after(shot: Shot, state: ShotState, last: int) -> range:
    """The frames after a state up to the `last` one, in the order in which they are painted."""
    return range(state.frame + shot.order.step, last + shot.order.step, shot.order.step)


class ShotRenderer:
    """Solves a shot's keyframes, and tells of all frames that are done.

    Those whose indices are in `counted` count then; others are painted again on the way to a missing one.
    """

    def __init__(
        self,
        job: Job,
        shot: Shot,
        context: RenderContext,
        estimator: TimeEstimator,
        publisher: Publisher,
        counted: set[int],
    ) -> None:
        self._job, self._shot, self._context = job, shot, context
        self._estimator, self._publisher, self._counted = estimator, publisher, counted

    def solve(self, state: ShotState, last: int) -> Generator[Progress, None, None]:
        """Solve the keyframes after a state up to the `last` frame at least, from each to the next.

        A keyframe is published while the next one is solved, and told of after that one's first evaluation.
        """
        context, publisher = self._context, self._publisher
        begin = time.monotonic()
        with contextlib.closing(context.tasks(self._shot, state, last)) as tasks:
            try:
                for task in tasks:
                    task, before = yield from self._begun_from(task, self._shot, state)
                    between = context.mending(task.motion) if task.motion else ()
                    follows = task.kind != KeyKind.RETURNED
                    self._estimator.begun(_timed_as(task.kind), len(between) + 1, between, follows=follows)
                    if context.short_of_memory:
                        yield from self.report(publisher.collect())  # in-betweens take memory while they are made
                    warped = context.warp_priors(task, before)
                    for step in (run := Run(context.solve(task, warped, before))):
                        self._estimator.evaluated(step.evaluations, step.number, step.expected, step.expected_number)
                        yield from self.report(publisher.collect())
                        seconds = time.monotonic() - begin
                        news = self._progress("evaluation", task.frame.index, step, seconds, step.expected)
                        publisher.glances.at_work(task.frame, step, news)
                        yield news
                    yield from self.report(publisher.collect())
                    solution, seconds = run.result, time.monotonic() - begin
                    state = state.after(task.frame.index, solution.image, warped.source, solution.memory, context.reach)
                    state = replace(state, background=context.background(warped, solution))
                    publisher.submit(task, solution, state, seconds)
                    begin = time.monotonic()
                    if not _after(self._shot, state, last):
                        break
                yield from self.report(publisher.collect())
            except GeneratorExit:
                with contextlib.suppress(VidstyleError):  # the last checkpoint is there
                    publisher.save(state)
                raise
        if absent := _after(self._shot, state, last):
            number = self._job.number(absent[0])
            raise InputError(f"{self._job.source_path}: ends before frame {number}; it is cut short or damaged.")

    def _begun_from(
        self, task: FrameTask, shot: Shot, state: ShotState
    ) -> Generator[Progress, None, tuple[FrameTask, ShotState]]:
        """A keyframe of a shot, and the state that it is painted from.

        For the first one of a shot that returns to an earlier one it is that one's, else the one before it.
        """
        if task.kind != KeyKind.FIRST or shot.returns is None:
            return task, state
        earlier = self._job.shots[shot.returns - 1]
        before = yield from self._returned(earlier)
        return self._context.returning(task, earlier), before

    def _returned(self, earlier: Shot) -> Generator[Progress, None, ShotState]:
        """The state after the first frame of an earlier shot, which this one begins with.

        Whoever paints that shot keeps it, and is waited for. While nobody does, it is found here: by the same numbers.
        """
        job, folder, shot = self._job, self._job.shot_folder(earlier), self._shot
        message = f"shot {shot.number} waits for the first frame of shot {earlier.number}, whose paint it begins with"
        while (found := states.latest(folder / RETURNED, job.digest, earlier.order)) is None:
            holder = read_holder(folder)
            if holder is None or not seems_alive(folder, holder):
                return (yield from self._first_state(earlier))
            yield Progress("wait", message, shot=shot.number, shots=len(job.shots))
            message = ""
            time.sleep(_LOOK)
        return found

    def _first_state(self, shot: Shot) -> Generator[Progress, None, ShotState]:
        """The state after a shot's first frame, which is painted without being published."""
        context, state = self._context, states.before(shot.order)
        task, before = yield from self._begun_from(context.first_task(shot), shot, state)
        warped = context.warp_priors(task, before)
        message = f"painting the first frame of shot {shot.number}, whose paint shot {self._shot.number} begins with"
        for _ in (run := Run(context.solve(task, warped, before))):
            yield Progress("wait", message, shot=self._shot.number, shots=len(self._job.shots))
            message = ""
        return state.after(task.frame.index, run.result.image, warped.source, run.result.memory, context.reach)

    def report(self, frames: Iterable[FrameDone]) -> Iterator[Progress]:
        """Count frames that are done, and tell of those that were painted."""
        for done in frames:
            again = done.found or done.index not in self._counted
            self._estimator.finished(_timed_as(done.kind), is_key=done.kind != IN_BETWEEN, again=again)
            if not done.found:
                log = self._job.shot_folder(self._shot) / "log.txt"
                append_line(log, f"frame {self._job.number(done.index)}: {done.seconds:.2f} s")
                yield self._progress("frame", done.index, done, done.seconds)

    def _progress(
        self, kind: Kind, index: int, work: SolveProgress | FrameDone, seconds: float, expected: float = 0.0
    ) -> Progress:
        return Progress(
            kind,
            shot=self._shot.number,
            shots=len(self._job.shots),
            frame=self._job.number(index),
            evaluations=work.evaluations,
            expected=expected,
            losses=work.losses,
            seconds=seconds,
            **self._estimator.counts(),
        )


def _timed_as(kind: str) -> str:
    """Which frames take about as long as one of this kind."""
    return FIRST if kind == KeyKind.FIRST else LATER
