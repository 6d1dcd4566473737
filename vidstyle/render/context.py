"""What a process paints with: the opened clip, the flow method, the solver, each made when first needed."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from functools import cached_property

from vidstyle import machine
from vidstyle.errors import InputError, Unpaintable
from vidstyle.generators import finish
from vidstyle.jobs.job import Job, Shot
from vidstyle.jobs.schedule import Gap
from vidstyle.jobs.source_cache import source_of
from vidstyle.media.images.stills import read_image
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Source
from vidstyle.motion.flow import Flow
from vidstyle.motion.methods import flow_method
from vidstyle.motion.reliability import reference_reliability, reliability
from vidstyle.render.in_between import InBetween
from vidstyle.render.prepare import Passage, Prepared, Rule, ahead, passage, prepare, prepare_keys, tied_neighbours
from vidstyle.render.priors import Inheritance, inherit
from vidstyle.render.state import State
from vidstyle.style.evaluations import SolveProgress
from vidstyle.style.memory import StyleGain
from vidstyle.style.solver import FrameSolver, Solution

# Pixels from which on a passage takes a gigabyte, while the solver, on the same cores, takes a minute for a frame.
_LARGE = 2**20 * 3 // 2


class Studio:
    """Paints frames of a job.

    Parameters
    ----------
    job
        The job; its shots share one studio, as a solver takes seconds to set up.

    Raises
    ------
    InputError
        The clip or a style picture is not what it was, when first looked at.
    DependencyError
        Weights or a device that are not there.
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
        width, height = self._job.size
        settings = self._job.settings
        largest, shown = settings.media.max_megapixels, self.source.display.from_srgb
        styles = [(shown(read_image(style.path, max_megapixels=largest)), style.weight) for style in self._job.styles]
        return FrameSolver(styles, (height, width), settings)

    @cached_property
    def flow(self) -> Flow:
        """The flow method, on the solver's device if it runs on one."""
        settings = self._job.settings
        return flow_method(settings.motion.flow, str(self.solver.device.device), settings.run.threads)

    def prepared(self, shot: Shot, carried: State, stop: int) -> Generator[Prepared, None, None]:
        """What is to be solved of a shot after a state, at least up to before `stop`, decoded and tied to what is."""
        motion, distances = self._job.settings.motion, self._job.settings.objective.temporal_frames
        if motion.max_inbetweens:
            painted = sorted(carried.results)
            frames = read_frames(self.source, painted[0] if painted else shot.start, shot.stop, self._job.size)
            keys = prepare_keys(frames, painted, distances, self.flow, motion.max_inbetweens, self._workers)
            if self.short_of_memory:
                return keys
            # One key ahead: its passage is chosen and corrected while the one before it is solved.
            return ahead(keys, 1)
        first = carried.frame + 1
        frames = read_frames(self.source, max(shot.start, first - max(distances)), stop, self._job.size)
        return prepare(frames, first, distances, self.flow, self._rule, max(1, self._workers))

    @cached_property
    def short_of_memory(self) -> bool:
        """Whether frames are so large that the solver needs the memory for itself."""
        return self._job.size[0] * self._job.size[1] > _LARGE and self.solver.device.device.type == "cpu"

    def passage(self, gap: Gap) -> Passage:
        """The way over a gap whose keys are painted."""
        frames = read_frames(self.source, gap.left, gap.right + 1, self._job.size)
        left = next(frames)
        with contextlib.closing(tied_neighbours(left, frames, self.flow, self._workers)) as neighbours:
            after = list(neighbours)
        return passage(left, after, self.flow)

    @property
    def _workers(self) -> int:
        if self.short_of_memory:
            return 0
        # A flow keeps a few threads busy by itself; beside a fast GPU a single one would be what is waited for.
        return min(4, max(1, machine.cores() // 4))

    def inheritance(self, prepared: Prepared, state: State) -> Inheritance:
        """What a frame inherits from those before it."""
        inheritance = inherit(prepared, state, checked=self.solver.policy.checks_priors)
        if self.short_of_memory:
            # What it took to choose the frame, to tie it and to carry paint into it: at 1920×1080 two gigabytes.
            machine.release_memory()
        return inheritance

    def solve(
        self, prepared: Prepared, inheritance: Inheritance, state: State
    ) -> Generator[SolveProgress, None, Solution]:
        """Paint a frame, given what it inherits from earlier ones: the recurrence.

        Raises
        ------
        InputError
            The frame, which is named, can't be painted.
        """
        image, weights = prepared.frame.image, self._job.settings.at(prepared.frame.index)
        with self._naming(prepared.frame.index):
            if not inheritance.priors:
                return (yield from self.solver.first(image, weights))
            return (yield from self.solver.next(image, inheritance.priors, state.memory, weights))

    def mend(self, between: InBetween, gain: StyleGain) -> Solution:
        """Paint what can be trusted from neither key, with the style as strong as in theirs.

        Raises
        ------
        InputError
            As :meth:`solve`.
        """
        frame = between.frame
        steps = self.solver.mend(frame.image, between.carried, gain, self._job.settings.at(frame.index))
        with self._naming(frame.index):
            return finish(steps)

    @contextlib.contextmanager
    def _naming(self, index: int) -> Iterator[None]:
        """Say which frame it is that can't be painted."""
        try:
            yield
        except Unpaintable as error:
            number = self._job.number(index)
            raise InputError(f"{self._job.source_path}: frame {number} can't be painted: {error}") from None

    @property
    def _rule(self) -> Rule:
        if not self.solver.policy.checks_priors:
            return lambda backward, forward, image, earlier: reference_reliability(backward, forward)
        return reliability
