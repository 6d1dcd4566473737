"""What a process renders with: the opened clip, the flow method and the solver, each made when first needed."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from dataclasses import replace
from functools import cached_property, partial

import numpy as np

from vidstyle import machine
from vidstyle.errors import InputError, NonFiniteLoss
from vidstyle.generators import finish
from vidstyle.jobs.folder.frames import read_given
from vidstyle.jobs.folder.job import Job, Shot
from vidstyle.jobs.folder.schedule import KeyInterval, KeyKind
from vidstyle.jobs.folder.source_cache import source_of
from vidstyle.media.images.stills import decode_frame, read_style
from vidstyle.media.reader import Frame
from vidstyle.media.source import Source
from vidstyle.motion.flow import Flow
from vidstyle.motion.methods import flow_method
from vidstyle.motion.reliability import reference_reliability, reliability
from vidstyle.render.direction.canvas import frames_in_order
from vidstyle.render.direction.panorama import joined, widened
from vidstyle.render.recurrence.background import Background
from vidstyle.render.recurrence.direction import Direction
from vidstyle.render.recurrence.in_between import InBetween, about_seen, is_whole
from vidstyle.render.recurrence.prepare import (
    FrameTask,
    GivenKeys,
    IntervalMotion,
    ReliabilityRule,
    interval_motion,
    matched_neighbours,
    on_the_way,
    prefetch,
    prepare,
    prepare_keyframes,
    prior_flow,
)
from vidstyle.render.recurrence.priors import WarpedPriors, warp_priors
from vidstyle.render.recurrence.state import ShotState
from vidstyle.style.evaluations import SolveProgress
from vidstyle.style.memory import StyleGain
from vidstyle.style.solver import FrameSolver, Solution, mending_evaluations

# From so many pixels on an interval's flows take a gigabyte, while the solver takes a minute for a frame.
_LARGE = 2**20 * 3 // 2
# Pixels of the frames that are worked on at a time beside the solver: each takes some 200 bytes.
_AT_ONCE = 2**24


class RenderContext:
    """What the frames of a job are rendered with; its shots share one, since a solver takes seconds to set up.

    Raises
    ------
    InputError
        The clip or a style picture has changed since the job was planned.
    DependencyError
        Weights or a device are missing.
    """

    def __init__(self, job: Job) -> None:
        self._job = job

    @cached_property
    def source(self) -> Source:
        """The clip, made sure to be the one that was planned."""
        return source_of(self._job)

    @cached_property
    def solver(self) -> FrameSolver:
        """The solver, set up for the job's frames and styles."""
        width, height = self._job.canvas
        settings = self._job.settings
        largest, shown = settings.media.max_megapixels, self.source.display.from_srgb
        shares = self.direction.asked(self._job.frames.start).shares
        size, scale = self._job.size, settings.objective.style_scale
        pictures = [shown(read_style(style.path, size, scale, largest)) for style in self._job.styles]
        given = [partial(self.given_painting, key.index) for key in self._job.given if key.is_style]
        return FrameSolver(list(zip([*pictures, *given], shares, strict=True)), (height, width), settings)

    @cached_property
    def direction(self) -> Direction:
        """What is asked of each frame."""
        return Direction(self._job)

    @cached_property
    def flow(self) -> Flow:
        """The flow method, on the solver's device if it runs on one."""
        settings = self._job.settings
        return flow_method(settings.motion.flow, str(self.solver.device.device), settings.run.threads)

    @property
    def reach(self) -> int:
        """How many solved frames later ones look back to."""
        return max(self._job.settings.objective.temporal_frames)

    def tasks(self, shot: Shot, state: ShotState, last: int) -> Generator[FrameTask, None, None]:
        """The keyframes after a state, at least up to the `last` frame."""
        motion, distances = self._job.settings.motion, self._job.settings.objective.temporal_frames
        painted, order, given = list(state.results), shot.order, self._given_keys(shot)
        if motion.max_inbetweens:
            frames = self._frames(shot, painted[0] if painted else order[0], order[-1])
            most = motion.max_inbetweens
            keyframes = prepare_keyframes(frames, painted, distances, self.flow, most, given, self.workers)
            if self.short_of_memory:
                return keyframes
            # The next keyframe is chosen, and its flows are found, while the one before it is solved.
            return prefetch(keyframes, 1)
        begun = order.index(state.frame) + 1 if painted else 0
        seen = min(begun, self.reach)
        frames = self._frames(shot, order[begun - seen], last)
        return prepare(frames, seen, distances, self.flow, self._rule, given, max(1, self.workers))

    def first_task(self, shot: Shot) -> FrameTask:
        """A shot's first frame by itself, with nothing of those after it."""
        index = shot.order[0]
        kind = KeyKind.GIVEN if index in self.given else KeyKind.FIRST
        return FrameTask(next(self._frames(shot, index, index)), kind)

    def returning(self, task: FrameTask, earlier: Shot) -> FrameTask:
        """A shot's first frame that is painted from the first frame of an earlier shot."""
        before = self.first_task(earlier).frame
        flow = prior_flow(task.frame, before, self.flow, reliability)
        return replace(task, kind=KeyKind.RETURNED, prior_flows=(flow,))

    def _given_keys(self, shot: Shot) -> GivenKeys:
        """A shot's, which others turn into, save where a published objective knows no such thing."""
        turns = not shot.backwards and self.solver.policy.checks_priors
        return GivenKeys(self.given_in(shot), (lambda index: next(self._frames(shot, index, index))) if turns else None)

    def given_in(self, shot: Shot) -> list[int]:
        """Indices of the frames of a shot whose paintings are given."""
        return [index for index in self.given if index in shot.frames]

    def _frames(self, shot: Shot, first: int, last: int) -> Iterator[Frame]:
        return frames_in_order(self._job, self.source, shot, first, last)

    @cached_property
    def given(self) -> tuple[int, ...]:
        """Indices of the frames whose paintings are given, in a loop behind its end, too."""
        given = [key.index for key in self._job.given]
        return (*given, *(index + len(self._job.frames) for index in given if self._job.closing))

    @cached_property
    def short_of_memory(self) -> bool:
        """Whether frames are so large that the solver needs the memory for itself."""
        return self._job.canvas[0] * self._job.canvas[1] > _LARGE and self.solver.device.device.type == "cpu"

    def way_over(self, shot: Shot, interval: KeyInterval) -> float | None:
        """How far an interval's left keyframe is on the way to a right one that is given, 0 to 1; None: it is not."""
        if shot.backwards or interval.right not in self.given:
            return None
        found = on_the_way(interval.left, self.given_in(shot))
        return found[1] if found else 0.0

    def given_painting(self, index: int) -> np.ndarray:
        """The painting of a given keyframe, (H, W, 3) float32, 0..1."""
        path = self._job.given_path(index)
        painting = decode_frame(read_given(self._job, index), self._job.size, self.source.display, path)
        return widened(painting, self._job.margin)

    def motion_over(self, shot: Shot, interval: KeyInterval) -> IntervalMotion:
        """The motion over an interval of a shot whose keyframes are painted."""
        frames = self._frames(shot, interval.left, interval.right)
        left = next(frames)
        with contextlib.closing(matched_neighbours(left, frames, self.flow, self.workers)) as neighbours:
            after = list(neighbours)
        return interval_motion(left, after, self.flow, self.workers)

    @property
    def workers(self) -> int:
        """Threads that find motion and make in-betweens beside the solver: the job's, one a core, but for its memory.

        0: one, and nothing ahead of being asked.
        """
        if self.short_of_memory:
            return 0
        width, height = self._job.canvas
        return min(self._job.settings.run.threads or machine.cores(), max(1, _AT_ONCE // (width * height)))

    def warp_priors(self, task: FrameTask, state: ShotState) -> WarpedPriors:
        """Earlier results, warped into a frame."""
        given = self.given_painting(task.ahead.flow.index) if task.ahead else None
        checked = self.solver.policy.checks_priors
        warped = warp_priors(self.direction.heeded_by(task), state, given, checked=checked)
        if self.short_of_memory:
            # Choosing the frame, matching it and warping paint into it took two gigabytes at 1920×1080.
            machine.release_memory()
        return warped

    def background(self, warped: WarpedPriors, solution: Solution) -> Background | None:
        """The shot's background once a frame is solved; a published objective has none."""
        if not self.solver.policy.checks_priors:
            return None
        if warped.background is None:
            return Background.of(solution.image, warped.source)
        return warped.background.painted(solution.image)

    def solve(
        self, task: FrameTask, warped: WarpedPriors, state: ShotState
    ) -> Generator[SolveProgress, None, Solution]:
        """Paint a frame, given the results of earlier ones: the recurrence.

        Raises
        ------
        InputError
            The loss of the frame, which the message names, is no finite number.
        """
        index, image = task.frame.index, task.frame.image
        asked = self.direction.asked(index, *task.made_from[:1])
        asked = replace(asked, begins=task.kind == KeyKind.RETURNED)
        with self._naming(index):
            if task.kind == KeyKind.GIVEN:
                return self.solver.given(image, self.given_painting(index), state.memory)
            if task.kind == KeyKind.FIRST:
                return self._going_round((yield from self.solver.first(image, asked)))
            return self._going_round((yield from self.solver.next(image, warped.priors, state.memory, asked)))

    def _going_round(self, solution: Solution) -> Solution:
        """A painting that goes on across the edges of a frame that wraps."""
        margin = self._job.margin
        return replace(solution, image=widened(joined(solution.image, margin), margin)) if margin else solution

    def mending(self, motion: IntervalMotion) -> list[tuple[float, int]]:
        """About how many evaluations mend each frame between two keyframes, in full-size ones and by their number."""
        size = self._job.canvas[::-1]
        return [(0.0, 0) if is_whole(seen) else mending_evaluations(seen, size) for seen in about_seen(motion)]

    def mend(self, between: InBetween, gain: StyleGain) -> Solution:
        """Paint the regions of an in-between that neither keyframe shows, with the style as strong as in these.

        Errors are those of :meth:`solve`.
        """
        frame = between.frame
        steps = self.solver.mend(frame.image, between.carried, gain, self.direction.asked(frame.index))
        with self._naming(frame.index):
            return finish(steps)

    @contextlib.contextmanager
    def _naming(self, index: int) -> Iterator[None]:
        """Say which frame it is that can't be painted."""
        try:
            yield
        except NonFiniteLoss as error:
            number = self._job.number(index)
            raise InputError(f"{self._job.source_path}: frame {number} can't be painted: {error}") from None

    @property
    def _rule(self) -> ReliabilityRule:
        if not self.solver.policy.checks_priors:
            return lambda backward, forward, image, earlier: reference_reliability(backward, forward)
        return reliability
