"""One shot, frame after frame, each published before the next is begun."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Container, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from vidstyle.errors import InputError, StorageError, VidstyleError
from vidstyle.media.stills import write_frame_file
from vidstyle.media.view import View
from vidstyle.render import machine, state
from vidstyle.render.files import append_line, make_folder
from vidstyle.render.frames import mark_done, missing_frames, publish_frame
from vidstyle.render.job import Job, Shot
from vidstyle.render.lease import Lease
from vidstyle.render.prepare import Prepared
from vidstyle.render.progress import Progress
from vidstyle.render.state import Checkpoints, State
from vidstyle.render.studio import Studio
from vidstyle.render.tally import FIRST, LATER, Tally
from vidstyle.render.turn import holding
from vidstyle.style.solver import Solution


def render_shot(
    job: Job, shot: Shot, studio: Studio, tally: Tally, *, give_up: bool = False
) -> Generator[Progress, None, None]:
    """Paint what is missing of a shot.

    Closing the generator stops it: the frame at work is dropped, all before it and the state are safe.

    Parameters
    ----------
    job, shot
        What is to be painted.
    studio, tally
        What paints it, and who counts.
    give_up
        As for :func:`vidstyle.render.turn.holding`.

    Yields
    ------
    ``wait`` while another machine's lease is watched, then ``evaluation`` and ``frame``, at last ``shot``.

    Raises
    ------
    Stopped
        Somebody else paints this shot, or has taken it over.
    OutOfTime
        With `give_up`: stopped before a frame was finished, as the time before.
    InputError, MissingError, OutputError, StorageError
        What can go wrong with the clip, the weights and the disk.
    """
    about: dict[str, Any] = {"shot": shot.number, "shots": len(job.shots)}
    folder = job.shot_folder(shot)
    with (yield from holding(folder, f"shot {shot.number}", give_up=give_up, **about)) as lease:
        make_folder(folder / "frames")
        make_folder(folder / "state")
        yield from _complete(job, shot, studio, tally, lease)
    yield Progress("shot", **about, **tally.counts())


def _complete(job: Job, shot: Shot, studio: Studio, tally: Tally, lease: Lease) -> Generator[Progress, None, None]:
    """Paint until no frame is missing, and say so in the folder."""
    states = job.shot_folder(shot) / "state"
    missing = missing_frames(job, shot, thorough=False)
    counted = set(missing)
    # A file that another attempt touched at the same moment is found missing once more.
    for _ in range(3):
        if not missing:
            break
        saved = state.latest(states, job.digest, shot.frames)
        checkpoints = Checkpoints(states, job.digest, lease, saved)
        runs = _runs(shot, missing, saved)
        again = {index for start, stop in runs for index in range(start.frame + 1, stop)} - counted
        tally.detour(int(shot.start in again), len(again - {shot.start}))
        for start, stop in runs:
            yield from _paint(job, shot, studio, tally, lease, checkpoints, start, stop, again)
        counted.clear()
        missing = missing_frames(job, shot, thorough=False)
    if missing:
        raise StorageError(
            f"{job.shot_folder(shot)}: frame {missing[0] + 1} was written and is not there. "
            "Check the disk, and that nobody else writes to this folder; then run the same command again."
        )
    lease.check()
    mark_done(job, shot, {"attempts": lease.holder.attempt, "machine": machine.description()}, lease.scratch)
    state.clear(states)


def _runs(shot: Shot, missing: list[int], saved: State | None) -> list[tuple[State, int]]:
    """Where to begin, and up to which frame to go, to reach every missing frame.

    A frame that was damaged after the saved state had passed it is reached from the shot's beginning.
    """
    passed = [index for index in missing if saved is None or index <= saved.frame]
    ahead = missing[len(passed) :]
    runs = [(state.before(shot.start), passed[-1] + 1)] if passed else []
    if ahead and saved is not None:
        runs.append((saved, ahead[-1] + 1))
    return runs


def _paint(
    job: Job,
    shot: Shot,
    studio: Studio,
    tally: Tally,
    lease: Lease,
    checkpoints: Checkpoints,
    carried: State,
    stop: int,
    again: Container[int],
) -> Generator[Progress, None, None]:
    """Paint the frames after a state up to `stop`, from each to the next; those of `again` count as done already.

    A frame is written on another thread while the next one is begun, since a graphics card would wait for the disk. It
    is there before anything is told of the next one.
    """
    reach = max(job.settings.objective.temporal_frames)
    begin = time.monotonic()
    landed: Iterator[Progress] = iter(())
    with (
        contextlib.closing(studio.prepared(carried.frame + 1, stop, shot.start)) as frames,
        ThreadPoolExecutor(1, thread_name_prefix="publish") as writer,
    ):
        try:
            for prepared in frames:
                solution = yield from _solved(job, shot, studio, tally, prepared, carried, begin, landed)
                index, seconds = prepared.frame.index, time.monotonic() - begin
                facts = {
                    "losses": dict(solution.losses),
                    "evaluations": solution.evaluations,
                    "seconds": round(seconds, 3),
                    "attempt": lease.holder.attempt,
                    "machine": machine.description() | {"solver": studio.solver.description},
                }
                writing = writer.submit(_publish, job, shot, studio.source.view, index, solution.image, facts, lease)
                carried = carried.after(solution.image, solution.memory, reach)
                kind = LATER if prepared.links else FIRST
                landed = _landed(
                    job, shot, tally, checkpoints, writing, carried, solution, kind, seconds, again=index in again
                )
                begin = time.monotonic()
            yield from landed
        except GeneratorExit:
            with contextlib.suppress(VidstyleError):  # the last checkpoint is there
                checkpoints.save(carried)
            raise
    if carried.frame + 1 < stop:
        raise InputError(f"{job.clip}: ends after frame {carried.frame + 1}; it is cut short or damaged.")


def _landed(
    job: Job,
    shot: Shot,
    tally: Tally,
    checkpoints: Checkpoints,
    writing: Future[None],
    carried: State,
    solution: Solution,
    kind: str,
    seconds: float,
    *,
    again: bool,
) -> Iterator[Progress]:
    """Wait until a frame is on the disk, note that it is, and tell of it; `carried` is the state after it."""
    writing.result()
    checkpoints.offer(carried)
    tally.finished(kind, seconds, again=again)
    append_line(job.shot_folder(shot) / "log.txt", f"frame {carried.frame + 1}: {seconds:.2f} s")
    yield Progress(
        "frame",
        shot=shot.number,
        shots=len(job.shots),
        frame=job.number(carried.frame),
        evaluations=solution.evaluations,
        losses=solution.losses,
        seconds=seconds,
        **tally.counts(),
    )


def _solved(
    job: Job,
    shot: Shot,
    studio: Studio,
    tally: Tally,
    prepared: Prepared,
    carried: State,
    begin: float,
    landed: Iterator[Progress],
) -> Generator[Progress, None, Solution]:
    """The frame's solution; its steps are told as progress, once the frame before it has `landed`."""
    steps = studio.solve(prepared, carried)
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            yield from landed
            solution: Solution = end.value
            return solution
        yield from landed
        seconds = time.monotonic() - begin
        tally.evaluated(LATER if prepared.links else FIRST, step.evaluations, step.expected, seconds)
        yield Progress(
            "evaluation",
            shot=shot.number,
            shots=len(job.shots),
            frame=job.number(prepared.frame.index),
            evaluations=step.evaluations,
            expected=step.expected,
            losses=step.losses,
            seconds=seconds,
            **tally.counts(),
        )


def _publish(
    job: Job, shot: Shot, view: View, index: int, image: np.ndarray, facts: dict[str, Any], lease: Lease
) -> None:
    try:
        publish_frame(job, shot, index, lambda path: write_frame_file(path, image, job.bit_depth, view), facts, lease)
    except VidstyleError:
        lease.check()  # a folder that can't be written may be gone because the shot was taken over
        raise
