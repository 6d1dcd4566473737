"""One frame's solve: a first frame coarse to fine, a later one from the earlier results warped into it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import torch
from torch import Tensor

from vidstyle.settings import Settings
from vidstyle.settings.groups import SolveSettings
from vidstyle.style.calibration import gain_at, later_gain, measured_gain, style_distance, style_quantiles
from vidstyle.style.crops import crops
from vidstyle.style.evaluations import EvaluationCounter, SolveProgress
from vidstyle.style.faces import FaceFinder
from vidstyle.style.memory import NO_MEMORY, UNMEASURED, ShotMemory, StyleGain
from vidstyle.style.network.device import Device, select_device, to_image, to_tensor
from vidstyle.style.network.layers import canonical_all
from vidstyle.style.network.vgg import FeatureNetwork
from vidstyle.style.network.weights import load_weights
from vidstyle.style.objective.build import frame_objective, positions_inside
from vidstyle.style.objective.detail import strong_detail
from vidstyle.style.objective.face_detail import face_detail
from vidstyle.style.objective.objective import Objective
from vidstyle.style.objective.policy import POLICIES
from vidstyle.style.objective.shot_colour import ShotColour
from vidstyle.style.objective.sliced_wasserstein import STROKE_LAYERS
from vidstyle.style.objective.targets import StyleTargets
from vidstyle.style.optimiser.adam import Adam
from vidstyle.style.optimiser.lbfgs import LBFGS
from vidstyle.style.optimiser.state import OptimiserState, Result
from vidstyle.style.pyramid import (
    Plan,
    Size,
    crop_size,
    first_frame_plan,
    pyramid_plan,
    resampled,
    resize,
)
from vidstyle.style.request import Asked, FrameRequest, Image, Prior, StyleRegion, initial_image

# Evaluations at the half and quarter sizes of a later frame, which needs them for its newly uncovered regions alone: as
# many, however few the full-size ones are.
_DISOCCLUDED_EVALUATIONS = (7, 20)
# A later frame that is new all over takes three more full-size evaluations for every seven that a first frame takes.
# Where what is asked for changes over time, or a shot begins, it takes three times as many more.
_FIRST_PER_NEW, _UNSTEADY = 7 / 3, 3
# Evaluations at all sizes where a frame is only mended: what it shows for a moment need not be perfect.
_MENDING_EVALUATIONS = (4, 4, 8)
# What is smaller than that share of a frame has no room for a stroke, and is to be read: a digit, an eye. More
# evaluations would only take the clip's own shape out of it.
_SMALL, _SMALL_EVALUATIONS = 0.01, (2, 2, 4)
# Reliability below which a pixel is worth a crop.
_UNRELIABLE = 0.5
# Blends of styles whose targets are kept.
_MOST_BLENDS = 32
# Below this share of newly uncovered pixels the coarse sizes have nothing to paint.
_NEGLIGIBLE = 1e-3
# Above this share of them a frame is of another scene than the one before, and has colours of its own. What passes
# close by the camera is new on two thirds of a frame, and the scene behind it comes back.
_ANOTHER_SCENE = 0.9
# Full-size evaluations of a first frame after which its distance from the style is measured, and after as many again:
# the same for few steps and for many, so that presets look alike.
_TRIAL = 9
# After fewer there is hardly any paint yet, and its distance says nothing of the pair.
_SHORTEST_TRIAL = 4
# Where a first frame's values stay while it is solved. What is beyond 0..1 is cut off in the end and its gain lost, but
# with no room at all the grain that a style asks for stays on bright skies, where it had been cut off.
_RANGE = (-0.05, 1.05)


@dataclass(frozen=True)
class Solution:
    """A stylised frame, (H, W, 3) float32 in 0..1, and what it took; `memory` is for the next frame.

    The `losses` are those of its last evaluation, a step before its end.
    """

    image: Image
    losses: Mapping[str, float]
    evaluations: float
    memory: ShotMemory


Solve = Generator[SolveProgress, None, Solution]


def feature_network(settings: Settings, device: Device, kind: type[FeatureNetwork] = FeatureNetwork) -> FeatureNetwork:
    """The network that the settings name, down to the deepest layer that is compared.

    Raises
    ------
    UsageError, DependencyError, InputError
        It has no such layer, or its weights are not there or damaged.
    """
    objective, choice = settings.objective, settings.network
    layers = canonical_all((*objective.content_layers, *objective.style_layers), choice.network)
    weights = load_weights(choice.network_weights, choice.network)
    return kind(weights, (*layers, *STROKE_LAYERS), choice.pooling, choice.padding, device)


def mending_evaluations(reliability: Image, size: Size) -> tuple[float, int]:
    """How many evaluations :meth:`FrameSolver.mend` takes, in full-size ones, and by their number.

    The reliability is that of a frame of that size, (H, W), which may be seen in a smaller one.
    """
    unreliable = cv2.resize(reliability, size[::-1], interpolation=cv2.INTER_LINEAR) < _UNRELIABLE
    evaluations, number = 0.0, 0
    for crop in crops(unreliable):
        part = unreliable[crop]
        plan = _mending_plan(size, float(part.sum()))
        evaluations += sum(h * w * count for (h, w), count in plan) / unreliable.size**2 * part.size
        number += sum(count for _, count in plan)
    return evaluations, number


def later_plan(size: Size, solve: SolveSettings, new: float, per_new: float = _FIRST_PER_NEW) -> Plan:
    """Where to spend evaluations on a later frame that is new over such a share, 0..1.

    It takes one more full-size evaluation for every `per_new` that a first frame takes, where it is new all over.
    """
    more = int(new * solve.first_frame_steps / per_new)
    return pyramid_plan(size, (solve.steps + more, *(_DISOCCLUDED_EVALUATIONS if new > _NEGLIGIBLE else ())))


def _mending_plan(size: Size, pixels: float) -> Plan:
    """Where to spend evaluations on a part of a frame in which so many pixels are mended."""
    small = pixels < _SMALL * size[0] * size[1]
    return pyramid_plan(size, _SMALL_EVALUATIONS if small else _MENDING_EVALUATIONS)


def _gain(gain: StyleGain, asked: Asked | None) -> StyleGain:
    """The style gain with which a frame is solved, where its shot's is given."""
    return gain if asked is None or asked.trial is None else gain_at(gain, asked.weights, asked.trial)


class FrameSolver:
    """Solves frames of one size, (H, W), in one style: pictures (H, W, 3) in 0..1 with their shares.

    A picture may be given by a function that reads it when it is needed: it is of the frames' size, and so has strokes
    of the size that they are to have.

    The network runs on the `device`; None: where, and as precisely as, the settings say. It may be one that solvers of
    the same network settings, layers and device share.

    Raises
    ------
    UsageError, DependencyError, InputError
        The network has no such layer; the weights, the device or the network that finds faces are not there; a file
        of theirs is damaged.
    """

    def __init__(
        self,
        styles: Sequence[tuple[Image | Callable[[], Image], float]],
        size: Size,
        settings: Settings,
        device: Device | None = None,
        network: FeatureNetwork | None = None,
    ) -> None:
        self._settings, self._size = settings, size
        self.device = device or select_device(settings.run)
        objective, choice = settings.objective, settings.network
        self.policy = POLICIES[objective.objective]
        self._preview = self.policy.preview_size(size)
        self._content_layers = canonical_all(objective.content_layers, choice.network)
        self._style_layers = canonical_all(objective.style_layers, choice.network)
        self.network = network or feature_network(settings, self.device)
        self._find_faces = FaceFinder() if objective.faces == "keep" and objective.detail_weight > 0 else None
        self._pictures = [image if callable(image) else to_tensor(image, self.device) for image, _ in styles]
        self._shares = tuple(share for _, share in styles)
        self._blends: dict[tuple[tuple[int, float], ...], StyleTargets] = {}

    @cached_property
    def description(self) -> str:
        """Network, weights, device and precision in words."""
        return f"{self._settings.network.network} on {self.device.description}"

    def request(self, content: Image, priors: Sequence[Prior] = (), asked: Asked | None = None) -> FrameRequest:
        """What is asked of a frame with these priors; without more, what the settings ask of the first frame."""
        asked = asked or Asked(self._settings.at(0), self._shares)
        image = to_tensor(content, self.device)
        request = FrameRequest(
            image,
            asked.weights,
            tuple(
                StyleRegion(self._blend(styles), None if mask is None else to_tensor(mask, self.device))
                for styles, mask in asked.parts()
            ),
            tuple(prior.tensors(self.device) for prior in priors),
            details=self._details(content, image) if asked.weights.detail > 0 else None,
            has_preview=self.policy.has_preview,
            begins=asked.begins,
        )
        if request.painted is not None:
            kept = request.painted
            request = replace(request, priors=tuple((image, kept * trust) for image, trust in request.priors))
        paints = priors and self.policy.paints_disoccluded
        return replace(request, disoccluded=request.disocclusion) if paints else request

    def _details(self, content: Image, image: Tensor) -> Tensor:
        """Where a frame's fine shapes are to be read, (1, 1, H, W): lettering, and what faces are known by."""
        lettering = strong_detail(image, small=self._preview != self._size)
        faces = self._find_faces(content) if self._find_faces else ()
        return torch.maximum(lettering, face_detail(image, faces)) if faces else lettering

    def _blend(self, styles: Mapping[int, float]) -> StyleTargets:
        """What some styles ask for together, by their shares; of those that change over time the latest are kept."""
        total = sum(styles.values())
        blend = tuple((style, share / total) for style, share in styles.items())
        if blend not in self._blends:
            while len(self._blends) > min(len(self._pictures), _MOST_BLENDS):
                del self._blends[next(iter(self._blends))]
            pictures = [(*self._picture(style), share) for style, share in blend]
            measured = self._preview if self.policy.calibrated else None
            subject = self._settings.objective.style_subject
            self._blends[blend] = StyleTargets(self.network, pictures, self._style_layers, subject, measured)
        return self._blends[blend]

    def _picture(self, style: int) -> tuple[Tensor, float]:
        """A style's picture, (1, 3, h, w), and how much larger than the frames it is to be."""
        picture = self._pictures[style]
        if callable(picture):
            return to_tensor(picture(), self.device), 1.0
        return picture, self._settings.objective.style_scale

    def objective(self, request: FrameRequest, gain: StyleGain | None = UNMEASURED) -> Objective:
        """What a frame is solved for; see :func:`vidstyle.style.objective.build.frame_objective`."""
        return frame_objective(request, self.network, self._content_layers, self.policy, gain)

    def given(self, content: Image, painting: Image, memory: ShotMemory = NO_MEMORY) -> Solution:
        """A frame whose painting is given: nothing is solved, and later ones keep its colour."""
        colour = ShotColour.of(to_tensor(painting, self.device), to_tensor(content, self.device))
        return Solution(painting, {}, 0.0, replace(memory, shot_colour=colour.to_array()))

    def first(self, content: Image, asked: Asked | None = None) -> Solve:
        """Solve a frame that has none before it, coarse to fine; `asked` is as in :meth:`request`."""
        known: StyleGain | None = None
        if asked is not None and asked.trial is not None:
            # What is to be found is the pair's, and an unpainted frame would not tell.
            known = (yield from self._first(content, replace(asked, weights=asked.trial, trial=None))).memory.style_gain
        return (yield from self._first(content, asked, known))

    def _first(self, content: Image, asked: Asked | None, known: StyleGain | None = None) -> Solve:
        """The same, with the style gain that is `known` to later frames, or to be measured."""
        request = self.request(content, (), asked)
        solve = self._settings.solve
        plan = first_frame_plan(self._size, solve.first_frame_steps, self._preview)
        counter = EvaluationCounter(self._size, plan)
        image = resize(request.content, plan[0][0])
        if solve.init == "random":
            generator = torch.Generator().manual_seed(solve.seed)
            image = torch.rand(image.shape, generator=generator).to(self.device.device)
        state, gain = OptimiserState(), UNMEASURED
        for size, evaluations in plan:
            scaled = request.resized(size)
            coarse = (image.shape[2], image.shape[3])
            # Enlarged, a coarse result lacks the frame's fine detail, which the solver would be slow to find.
            start = resize(image, size) + scaled.detail_beyond(coarse)
            # A pixel of many counts for less: losses are means.
            state = OptimiserState(state.curvature).scaled(coarse[0] * coarse[1] / (size[0] * size[1]))
            if size == self._size and known is None:
                result, gain = yield from self._calibrated(scaled, start, evaluations, counter, state)
            else:
                objective = self.objective(scaled, _gain(known or UNMEASURED, asked))
                result = yield from self._painted(objective, start, evaluations, counter, state)
            image, state = result.image, result.state
        return self._solution(
            result, counter, known or later_gain(gain), ShotColour.of(request.shown(image), request.content)
        )

    def _calibrated(
        self, request: FrameRequest, start: Tensor, evaluations: int, counter: EvaluationCounter, state: OptimiserState
    ) -> Generator[SolveProgress, None, tuple[Result, StyleGain]]:
        """Solve at full size, and measure the style gain on the way: see :mod:`vidstyle.style.calibration`."""
        weights, trial = request.weights, min(evaluations // 2, _TRIAL)
        weighted = weights.style > 0 and weights.content > 0 and bool(request.regions)
        objective = self.objective(request, None)
        if not (weighted and self.policy.calibrated) or trial < _SHORTEST_TRIAL:
            objective = objective.scaled(UNMEASURED)
            return (yield from self._painted(objective, start, evaluations, counter, state)), UNMEASURED
        wanted = [style_quantiles(region.style.features(self._preview, STROKE_LAYERS)) for region in request.regions]

        @torch.no_grad()
        def distance(image: Tensor) -> float:
            """Of each region to its own style, by its share of what is painted."""
            features, found, total = self.network(resampled(image, self._preview), STROKE_LAYERS), 0.0, 0.0
            for region, style in zip(request.regions, wanted, strict=True):
                area = 1.0 if region.mask is None else float(region.mask.mean())
                inside = features if region.mask is None else positions_inside(features, region.mask)
                found, total = found + area * style_distance(inside, style), total + area
            return found / total

        clip = distance(request.content)
        result = yield from self._painted(objective.scaled(UNMEASURED), start, trial, counter, state)
        gain: StyleGain | None = None
        # A second measurement needs as many evaluations before and after it.
        for count in (trial, evaluations - 2 * trial) if evaluations >= 3 * trial else (evaluations - trial,):
            before = gain or UNMEASURED
            gain = measured_gain(clip, distance(result.image), weights.style / weights.content, gain)
            # Nearly all of the curvature is the style's: where that weighs more, steps as long as before fail.
            state = result.state.scaled(gain.gram / before.gram) if gain.gram > before.gram else result.state
            result = yield from self._painted(objective.scaled(gain), result.image, count, counter, state)
        assert gain is not None
        return result, gain

    def _painted(
        self, objective: Objective, start: Tensor, evaluations: int, counter: EvaluationCounter, state: OptimiserState
    ) -> Generator[SolveProgress, None, Result]:
        """Minimise on a first frame, whose many steps would leave the range of values far behind."""
        bounds = _RANGE if self.policy.bounded else None
        return (yield from self._minimise(objective, start, evaluations, counter, state, bounds=bounds))

    def next(
        self,
        content: Image,
        priors: Sequence[Prior],
        memory: ShotMemory = NO_MEMORY,
        asked: Asked | None = None,
    ) -> Solve:
        """Solve a frame from earlier results warped into it, nearest first.

        Where no earlier result is reliable (newly uncovered regions), the frame's own colours, brought to the
        painting's, are painted at coarse sizes first, with a style term of their own, and keep the shot's colour.
        """
        request = self.request(content, priors, asked)
        new = float(request.disocclusion.mean())
        paints = self.policy.paints_disoccluded
        # Carried paint soon gains no more from them; what is new goes on gaining.
        steady = asked is None or asked.steady
        begins = asked is not None and asked.begins
        per_new = _FIRST_PER_NEW if steady and not begins else _FIRST_PER_NEW / _UNSTEADY
        # Without coarse sizes to paint it, a frame's own colour stays bare for a hundred steps: Ruder et al. start from
        # what was carried, right or wrong.
        image = initial_image(request) if paints else request.priors[0][0]
        shot_colour = None
        if memory.shot_colour is not None and new < _ANOTHER_SCENE and steady:
            shot_colour = ShotColour.from_array(memory.shot_colour, self.device.device)
        plan = later_plan(self._size, self._settings.solve, new if paints else 0.0, per_new)
        paints = paints and new > _NEGLIGIBLE and request.weights.style > 0
        if not paints:
            plan = plan[-1:]
        request = replace(request, disoccluded=request.disoccluded if paints else None, shot_colour=shot_colour)
        counter = EvaluationCounter(self._size, plan)
        state = OptimiserState()
        if memory.curvature is not None:
            state = OptimiserState(torch.from_numpy(memory.curvature).to(self.device.device))
        gain = _gain(memory.style_gain, asked)
        _, result = yield from self._solve_pyramid(request, image, plan, counter, gain, state)
        shot_colour = shot_colour or ShotColour.of(request.shown(result.image), request.content)
        return self._solution(result, counter, memory.style_gain, shot_colour)

    def mend(self, content: Image, carried: Prior, gain: StyleGain = UNMEASURED, asked: Asked | None = None) -> Solve:
        """Paint what is not reliable of a frame that is carried from others, coarse to fine on crops around it.

        What is reliable stays as it is. Where only thin rims are not, they take the frame's own colours, brought to the
        painting's. The style is asked for with the `gain` of the others' shot.
        """
        request, seen = self.request(content, (carried,), asked), _gain(gain, asked)
        mended = initial_image(request)
        parts = [(crop, request.cropped(crop)) for crop in crops(carried.reliability < _UNRELIABLE)]
        parts = [(crop, replace(part, disoccluded=part.disocclusion)) for crop, part in parts]
        plans = [_mending_plan(self._size, float(part.disocclusion.sum())) for _, part in parts]
        sizes = [
            (crop_size(part.size, self._size, size), count)
            for (_, part), plan in zip(parts, plans, strict=True)
            for size, count in plan
        ]
        counter = EvaluationCounter(self._size, sizes)
        losses: Mapping[str, float] = {}
        for (crop, part), plan in zip(parts, plans, strict=True):
            image = mended[..., *crop]
            image, result = yield from self._solve_pyramid(part, image, plan, counter, seen, OptimiserState())
            mended[..., *crop], losses = image, result.evaluation.losses
        return Solution(to_image(mended.clamp(0, 1)), losses, counter.evaluations, ShotMemory(gain))

    def _solve_pyramid(
        self,
        request: FrameRequest,
        image: Tensor,
        plan: Plan,
        counter: EvaluationCounter,
        gain: StyleGain,
        state: OptimiserState,
    ) -> Generator[SolveProgress, None, tuple[Tensor, Result]]:
        """Solve from an image at the sizes of a plan, which ends at the full one.

        Returns the image, with what was painted where something is newly uncovered, and the full size's result.
        """
        for size, evaluations in plan:
            scaled = request.resized(size)
            start = resize(image, scaled.size)
            known = state if size == self._size else OptimiserState()
            result = yield from self._minimise(self.objective(scaled, gain), start, evaluations, counter, known)
            if request.disoccluded is not None:
                # Only what was painted, and only where nothing could be carried along.
                image = image + request.disoccluded * resize(result.image - start, request.size)
        return image, result

    def _minimise(
        self,
        objective: Objective,
        start: Tensor,
        evaluations: int,
        counter: EvaluationCounter,
        state: OptimiserState,
        *,
        bounds: tuple[float, float] | None = None,
    ) -> Generator[SolveProgress, None, Result]:
        solve = self._settings.solve
        optimiser: LBFGS | Adam
        if solve.optimizer == "adam":
            optimiser = Adam(objective, start, evaluations, tolerance=solve.tolerance)
        else:
            optimiser = LBFGS(
                objective,
                start,
                evaluations,
                tolerance=solve.tolerance,
                stiffness=objective.stiffness,
                state=state,
                bounds=bounds,
            )
        while not optimiser.done:
            evaluation = optimiser.step()
            yield counter.count(
                (start.shape[2], start.shape[3]), evaluation, lambda: to_image(optimiser.image.clamp(0, 1))
            )
        return optimiser.result

    def _solution(
        self, result: Result, counter: EvaluationCounter, gain: StyleGain, shot_colour: ShotColour
    ) -> Solution:
        # What is carried on is what the viewer sees: without this, pixels wander off out of range.
        image = to_image(result.image.clamp(0, 1))
        curvature = None if result.state.curvature is None else result.state.curvature.cpu().numpy()
        memory = ShotMemory(gain, shot_colour.to_array(), curvature)
        return Solution(image, result.evaluation.losses, counter.evaluations, memory)
