"""What a process paints with: the opened clip, the flow method, the solver, each made when first needed."""

from __future__ import annotations

from collections.abc import Generator
from functools import cached_property

from vidstyle.errors import InputError, Unpaintable
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Source
from vidstyle.media.stills import read_image
from vidstyle.motion.flow import Flow, flow_method
from vidstyle.motion.reliability import reference_reliability, reliability
from vidstyle.motion.warp import warp
from vidstyle.render import machine
from vidstyle.render.job import Job
from vidstyle.render.known import source_of
from vidstyle.render.prepare import Prepared, Rule, prepare
from vidstyle.render.state import State
from vidstyle.style.solver import FrameSolver, Prior, Solution, Step


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
    MissingError
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
        largest, shown = settings.media.max_megapixels, self.source.view.painting
        styles = [(shown(read_image(style.path, max_megapixels=largest)), style.weight) for style in self._job.styles]
        return FrameSolver(styles, (height, width), settings)

    @cached_property
    def flow(self) -> Flow:
        """The flow method, on the solver's device if it runs on one."""
        return flow_method(self._job.settings.motion.flow, str(self.solver.device.device))

    def prepared(self, first: int, stop: int, beginning: int) -> Generator[Prepared, None, None]:
        """Frames `first` to before `stop`, decoded and tied to those from `beginning` on."""
        distances = self._job.settings.objective.temporal_frames
        frames = read_frames(self.source, max(beginning, first - max(distances)), stop, self._job.size)
        # A flow keeps a few threads busy by itself; beside a fast GPU a single one would be what is waited for.
        workers = min(4, max(1, machine.cores() // 4))
        return prepare(frames, first, distances, self.flow, self._rule, workers)

    def solve(self, prepared: Prepared, state: State) -> Generator[Step, None, Solution]:
        """Paint a frame, given what is carried over from earlier ones: the recurrence.

        Earlier results are warped as they came out of the solver, in float.

        Raises
        ------
        InputError
            The frame, which is named, can't be painted.
        """
        image = prepared.frame.image
        priors = [Prior(warp(state.results[link.index], link.flow), link.reliability) for link in prepared.links]
        try:
            if not priors:
                return (yield from self.solver.first(image))
            return (yield from self.solver.next(image, priors, state.memory))
        except Unpaintable as error:
            raise InputError(
                f"{self._job.clip}: frame {self._job.number(prepared.frame.index)} can't be painted: {error}"
            ) from None

    @property
    def _rule(self) -> Rule:
        if self._job.settings.objective.objective == "ruder2016":
            return lambda backward, forward, image, earlier: reference_reliability(backward, forward)
        return reliability
