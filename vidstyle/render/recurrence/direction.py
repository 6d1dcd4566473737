"""The director's hand: what is asked of each frame, and how far earlier paint still is what is asked for."""

from dataclasses import replace

import numpy as np

from vidstyle.jobs.folder.job import Job, shot_spans
from vidstyle.motion.correspondence import Correspondence
from vidstyle.motion.warp import warp
from vidstyle.render.direction.coverage import MaskReader
from vidstyle.render.recurrence.prepare import FrameTask, IntervalMotion, PriorFlow
from vidstyle.settings import Keys, value_at
from vidstyle.style.request import Asked

# Earlier paint is trusted by this power of how far it is what is asked for: what is half trusted stays as it is.
_RELEASE = 12


class Direction:
    """What is asked of the frames of a job, by its masks and its keys."""

    def __init__(self, job: Job) -> None:
        self._job = job
        objective = job.settings.objective
        keyed = (objective.style_weight, objective.content_weight, *(style.weight for style in job.styles))
        self._varies = any(isinstance(value, Keys) for value in keyed)
        self._masks = MaskReader(job, job.margin)
        self._given = [key.index for key in job.given if key.is_style]
        self._spans = shot_spans(job.shots, job.frames)

    def asked(self, index: int, earlier: int | None = None) -> Asked:
        """What is asked of a frame, solved after an `earlier` one."""
        asked = self._asked(index)
        if not self._varies:
            return asked
        steady = earlier is not None and self._level(index) == self._level(earlier)
        steady = steady and self._weights(index) == self._weights(earlier or 0)
        strongest = self._job.settings.strongest_weights
        return replace(asked, trial=strongest if asked.weights != strongest else None, steady=steady)

    def heeded_by(self, task: FrameTask) -> FrameTask:
        """A frame to be solved, whose earlier paint is trusted as far as it is what is asked for now."""
        if not (self._varies or self._masks.partial):
            return task

        def heeded(prior: PriorFlow) -> PriorFlow:
            alike = self._alike(task.frame.index, prior.index, prior.flow) ** _RELEASE
            return replace(prior, reliability=prior.reliability * alike)

        ahead = task.ahead and replace(task.ahead, flow=heeded(task.ahead.flow))
        camera = task.camera and heeded(task.camera)
        return replace(task, prior_flows=tuple(map(heeded, task.prior_flows)), ahead=ahead, camera=camera)

    def heeded_in(self, motion: IntervalMotion) -> IntervalMotion:
        """In-betweens to be made, which show of each key what is asked for in them."""
        if not self._masks.partial:
            return motion
        left, right = motion.interval.left, motion.interval.right

        def heeded(found: Correspondence, index: int, key: int) -> Correspondence:
            visibility = found.visibility * self._alike(index, key, found.flow)
            painted = self._masks.coverage(index)
            if painted is not None:  # what is not painted need not be seen
                visibility = 1 - painted * (1 - visibility)
            return replace(found, visibility=visibility)

        indices = [frame.index for frame in motion.frames]
        backward = [heeded(*of, left) for of in zip(motion.flows.backward, indices, strict=True)]
        forward = [heeded(*of, right) for of in zip(motion.flows.forward, indices, strict=True)]
        return replace(motion, flows=replace(motion.flows, backward=backward, forward=forward))

    def _alike(self, index: int, earlier: int, flow: np.ndarray) -> np.ndarray:
        """How far what is asked of a frame was asked of an earlier one, (H, W) or a number, 0..1.

        One less the total variation distance of the two, where to leave the clip alone is a style too.
        """
        now, before = self._amounts(index), self._amounts(earlier)
        before = [warp(amount, flow, "linear") if isinstance(amount, np.ndarray) else amount for amount in before]
        differences = np.broadcast_arrays(*(a - b for a, b in zip(now, before, strict=True)))
        distance = (np.sum(np.abs(differences), 0) + np.abs(np.sum(differences, 0))) / 2
        alike: np.ndarray = np.float32(1) - distance.astype(np.float32)
        return alike

    def _amounts(self, index: int) -> list[np.ndarray | float]:
        """How much of each style is asked for in a frame, (H, W) or a number, 0..1."""
        asked, level = self._asked(index), self._level(index)
        last = len(self._job.styles)  # of all given keyframes together, which are of one hand
        amounts: list[np.ndarray | float] = [0.0] * (last + 1)
        for styles, mask in asked.parts():
            total = sum(styles.values())
            for style, share in styles.items():
                amounts[min(style, last)] = level * share / total * (1.0 if mask is None else mask)
        return amounts

    def _asked(self, index: int) -> Asked:
        """What is asked of a frame by itself."""
        index = self._job.in_clip(index)
        return Asked(self._job.settings.at(index), self._shares(index), self._masks.at(index), self._masks.area(index))

    def _weights(self, index: int) -> tuple[float, ...]:
        return tuple(value_at(style.weight, self._job.in_clip(index)) for style in self._job.styles)

    def _shares(self, index: int) -> tuple[float, ...]:
        """Those of the styles, and of the given keyframes: the nearest one of the shot counts as much as all styles."""
        weights = self._weights(index)
        if not self._given:
            return weights
        index = self._job.in_clip(index)
        span = next(span for span in self._spans if index in span)
        nearest = min(self._given, key=lambda key: (key not in span, abs(key - index)))
        return (*weights, *((sum(weights) or 1.0) * (key == nearest) for key in self._given))

    def _level(self, index: int) -> float:
        """How strongly the styles are asked for in a frame, 0..1, beside the frame in which it is most."""
        settings = self._job.settings
        return settings.at(self._job.in_clip(index)).seen_beside(settings.strongest_weights)
