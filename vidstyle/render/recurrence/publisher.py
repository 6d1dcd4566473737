"""Publishes a shot's frames on another thread: keyframes as they are solved, and the in-betweens before them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

import msgspec
import numpy as np

from vidstyle import machine
from vidstyle.errors import VidstyleError
from vidstyle.jobs.folder.files import make_folder
from vidstyle.jobs.folder.frames import publish_frame, read_frame, read_given, read_record
from vidstyle.jobs.folder.job import RETURNED, Job, Shot
from vidstyle.jobs.folder.lease import Lease
from vidstyle.jobs.folder.schedule import IN_BETWEEN, KeyInterval, KeyKind
from vidstyle.media.images.stills import encode_frame
from vidstyle.media.reader import Frame
from vidstyle.parallel import spread
from vidstyle.render.recurrence import state as states
from vidstyle.render.recurrence.context import RenderContext
from vidstyle.render.recurrence.glances import Glances
from vidstyle.render.recurrence.in_between import InBetween, in_betweens
from vidstyle.render.recurrence.prepare import FrameTask, IntervalMotion
from vidstyle.render.recurrence.state import Checkpoints, ShotState
from vidstyle.style.memory import UNMEASURED, StyleGain
from vidstyle.style.solver import Solution

_InBetweens = dict[int, InBetween | None]
"""In-betweens by index: None for one that is published; the others need the one before them, or to be painted."""


@dataclass(frozen=True)
class FrameDone:
    """A frame that is on the disk, by its index in the clip, and its kind: see :mod:`vidstyle.jobs.folder.schedule`.

    The frames of an interval share the seconds that their keyframe took. Where nothing was solved there were no
    evaluations and no losses. A frame that was `found` was there before, and so was left alone.
    """

    index: int
    kind: str
    seconds: float
    evaluations: float = 0.0
    losses: Mapping[str, float] = field(default_factory=dict)
    found: bool = False


@dataclass(frozen=True)
class _Pending:
    """A keyframe that is being written, and the in-betweens that are being made before it."""

    done: FrameDone
    state: ShotState
    interval: KeyInterval | None
    writing: Future[None]
    making: Future[_InBetweens] | None


class Publisher:
    """Writes keyframes, and makes in-betweens, while the next keyframe is solved: a GPU would wait for the disk.

    Used as a context manager, it waits at the end for what is being written. States are saved in `checkpoints` once the
    frames before them are on the disk. In-betweens whose indices are not in `missing` are there, and are left alone.
    """

    def __init__(
        self, job: Job, shot: Shot, context: RenderContext, lease: Lease, checkpoints: Checkpoints, missing: set[int]
    ) -> None:
        self._job, self._shot, self._context = job, shot, context
        self._lease, self._checkpoints, self._missing = lease, checkpoints, missing
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="publish")
        self._pending: _Pending | None = None
        self.glances = Glances(lease.scratch, job.margin)

    def __enter__(self) -> Publisher:
        return self

    def __exit__(self, *reason: object) -> None:
        self._thread.shutdown()

    def submit(self, task: FrameTask, solution: Solution, state: ShotState, seconds: float) -> None:
        """Begin to publish a keyframe that took so many seconds, and the in-betweens before it.

        What was submitted before must be collected; `state` is the one after the keyframe.
        """
        record = self._record(task.kind, task.made_from, seconds, solution)
        motion = task.motion
        # Of an interval all frames together take what its keyframe took.
        share = seconds / (len(motion.frames) + 1 if motion else 1)
        self._pending = _Pending(
            FrameDone(task.frame.index, task.kind, share, solution.evaluations, solution.losses),
            state,
            motion.interval if motion else None,
            self._thread.submit(self._publish_key, task.frame, solution.image, record, state),
            self._thread.submit(self._make_in_betweens, motion) if motion else None,
        )

    def collect(self) -> Iterator[FrameDone]:
        """Wait until all frames of what was submitted are on the disk, and tell of each; the keyframe comes last.

        In-betweens with regions that neither keyframe shows are completed here, since they need the solver.

        Raises
        ------
        StoppedAtCheckpoint
            Another process has taken the shot over.
        OutputError, StorageError
            The folder can't be written, the disk is full.
        """
        # Nothing else holds what the thread made: it would be there all through the next solve.
        pending, self._pending = self._pending, None
        if pending is None:
            return
        pending.writing.result()
        self._checkpoints.offer(pending.state)
        if pending.interval is not None and pending.making is not None:
            yield from self._completed(pending.interval, pending.making.result(), pending.done.seconds)
        yield pending.done

    def fill(self, interval: KeyInterval) -> Iterator[FrameDone]:
        """Publish the missing in-betweens between two keyframes that are there."""
        begin = time.monotonic()
        made = self._make_in_betweens(self._context.motion_over(self._shot, interval))
        done = self._completed(interval, made, (time.monotonic() - begin) / max(1, len(made)))
        return (frame for frame in done if not frame.found)

    def save(self, state: ShotState) -> None:
        """Save a state, for a run that goes on from it."""
        self._checkpoints.save(state)

    def _make_in_betweens(self, motion: IntervalMotion) -> _InBetweens:
        """Make the in-betweens that are missing, and publish those in which no region needs to be solved."""
        if self._missing.isdisjoint(motion.interval.frames):
            return {}
        left, right = self._painting(motion.interval.left), self._painting(motion.interval.right)
        way = self._context.way_over(self._shot, motion.interval)
        works = in_betweens(self._context.direction.heeded_in(motion), left, right, way)
        missing = [work for frame, work in zip(motion.frames, works, strict=True) if frame.index in self._missing]

        def make(work: Callable[[], InBetween]) -> tuple[int, InBetween | None]:
            between = work()
            if not between.is_whole or between.earlier is not None:
                return between.frame.index, between
            self._publish_in_between(between, between.carried.image, None)
            return between.frame.index, None

        return dict(spread(make, missing, self._context.workers, "between"))

    def _completed(self, interval: KeyInterval, made: _InBetweens, seconds: float) -> Iterator[FrameDone]:
        """The in-betweens of an interval, each once the regions of it are solved that neither keyframe shows."""
        for index in interval.frames:
            found = index not in made
            if (between := made.pop(index, None)) is not None:
                self._complete(between)
            yield FrameDone(index, IN_BETWEEN, seconds, found=found)

    def _complete(self, between: InBetween) -> None:
        """Publish an in-between with regions that neither keyframe shows: carried on, or else solved."""
        if between.earlier is not None:
            before = between.interval.frames.index(between.frame.index) - 1
            between = between.continuing(self._painting(between.interval.frames[before]))
        if between.is_whole:
            self._publish_in_between(between, between.carried.image, None)
            return
        record = read_record(self._job, self._shot, between.interval.left)
        gain = StyleGain(*msgspec.structs.astuple(record.style_gain)) if record else UNMEASURED
        solution = self._context.mend(between, gain)
        self._publish_in_between(between, solution.image, solution)

    def _painting(self, index: int) -> np.ndarray:
        """A frame as it was published, so that what is made of it is the same whoever makes it, and when."""
        return read_frame(self._job, self._shot, index, self._context.source.display)

    def _publish_in_between(self, between: InBetween, image: np.ndarray, solution: Solution | None) -> None:
        seconds = time.monotonic() - between.begun
        keyframes = between.interval.left, between.interval.right
        self._publish(between.frame, image, self._record(IN_BETWEEN, keyframes, seconds, solution))

    def _publish_key(self, frame: Frame, image: np.ndarray, record: dict[str, Any], state: ShotState) -> None:
        if frame.index == self._shot.order[0] and self._job.is_returned_to(self._shot):
            # It is there before the frame is, so that a run that goes on from the frame need not look for it.
            folder = self._job.shot_folder(self._shot) / RETURNED
            make_folder(folder)
            states.save(state, folder, self._job.digest, self._lease.scratch)
        self._publish(frame, image, record)

    def _publish(self, frame: Frame, image: np.ndarray, record: dict[str, Any]) -> None:
        index, job, display = frame.index, self._job, self._context.source.display
        is_given = record["kind"] == KeyKind.GIVEN
        data = read_given(job, index) if is_given else encode_frame(image, job.bit_depth, display)
        try:
            publish_frame(job, self._shot, index, data, record, self._lease)
        except VidstyleError:
            self._lease.check()  # a folder that can't be written may be gone because the shot was taken over
            raise
        self.glances.finished(index, frame.image, image)

    def _record(self, kind: str, earlier: Sequence[int], seconds: float, solution: Solution | None) -> dict[str, Any]:
        record: dict[str, Any] = {
            "kind": kind,
            "from": [index + 1 for index in earlier],
            "losses": dict(solution.losses) if solution else {},
            "evaluations": solution.evaluations if solution else 0.0,
            "seconds": round(seconds, 3),
            "attempt": self._lease.holder.attempt,
            "machine": machine.description() | {"solver": self._context.solver.description},
        }
        if solution is not None:
            record["style_gain"] = asdict(solution.memory.style_gain)
        return record
