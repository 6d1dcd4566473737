"""One frame's solve: a first frame coarse to fine, a later one from the earlier result carried along the motion."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vidstyle.generators import Run
from vidstyle.settings import Settings
from vidstyle.style.calibration import LAYERS as STROKES
from vidstyle.style.calibration import correction, distance, holding, pull, seen, seen_size
from vidstyle.style.crops import Crop, crops
from vidstyle.style.memory import NO_MEMORY, UNMEASURED, ShotMemory, StyleGain
from vidstyle.style.network.device import select_device, to_image, to_tensor
from vidstyle.style.network.layers import canonical_all, is_deep, layer_shares
from vidstyle.style.network.vgg import FeatureNetwork
from vidstyle.style.network.weights import load_weights
from vidstyle.style.objective.colours import mean_colour
from vidstyle.style.objective.objective import (
    Evaluation,
    Objective,
    Term,
    content_term,
    palette_term,
    sliced_term,
    style_term,
    temporal_term,
    variation_term,
)
from vidstyle.style.objective.palette import Palette
from vidstyle.style.objective.targets import StyleTarget, style_target
from vidstyle.style.optimiser.lbfgs import NOTHING, Learnt, Minimum, adam, lbfgs
from vidstyle.style.pyramid import levels, resize, scaled_style

Image = NDArray[np.float32]

# The sizes at which a first frame is solved. Its steps at the coarsest, which lays the large strokes, and at those that
# hand them on, per full-size step: what more of them gain is lost again within a few full-size ones.
_FIRST_SIZES = 5
_COARSEST, _BETWEEN = 4 / 9, 5 / 18
# Steps at the half and quarter sizes of a later frame, which needs them for its newly uncovered regions alone: as many,
# however few the full-size ones are.
_UNCOVERED_STEPS = (7, 20)
# A later frame that is new all over takes one more full-size step for every three that a first frame takes.
_FIRST_STEPS_PER_NEW = 3
# Steps at all sizes where a frame is only mended: what it shows for a moment need not be perfect.
_MENDING_STEPS = (4, 4, 8)
# Reliability below which a pixel is worth a crop.
_SURE = 0.5
# Below this share of newly uncovered pixels the coarse sizes have nothing to paint.
_NOTHING_UNCOVERED = 1e-3
# Above this share of them a frame is of another scene than the one before, and has its own palette. What passes close
# by the camera is new on two thirds of a frame, and the scene behind it comes back.
_ANOTHER_SCENE = 0.9
# Full-size steps of a first frame after which it is seen how near to its style it comes, and after as many again: the
# same for few steps and for many, so that presets look alike.
_TRIAL = 12
# After fewer there is hardly any paint yet, and how near it has come says nothing of the pair.
_LEAST_TRIAL = 4


@dataclass(frozen=True)
class Step:
    """What is known after an evaluation; evaluations are counted in full-size ones, by their pixels."""

    evaluations: float
    expected: float
    loss: float
    losses: Mapping[str, float]


@dataclass(frozen=True)
class Prior:
    """An earlier result warped into this frame, (H, W, 3), and how far to trust it, (H, W) in 0..1."""

    image: Image
    reliability: NDArray[np.float32]


@dataclass(frozen=True)
class Solution:
    """A stylised frame, (H, W, 3) float32 in 0..1, and what it took; `memory` is for the next frame.

    The `losses` are those of its last evaluation, a step before its end.
    """

    image: Image
    losses: Mapping[str, float]
    evaluations: float
    memory: ShotMemory


Solve = Generator[Step, None, Solution]


class FrameSolver:
    """Solves frames of one size in one style.

    Parameters
    ----------
    styles
        Pictures (H, W, 3) in 0..1 with their shares.
    size
        The frames' (H, W).
    settings
        Network, objective, optimiser, device.

    Raises
    ------
    UsageError, DependencyError, InputError
        A layer that the network has not, weights or a device that are not there, a damaged weights file.
    """

    def __init__(self, styles: Sequence[tuple[Image, float]], size: tuple[int, int], settings: Settings) -> None:
        self._settings = settings
        self._size = size
        self._objective = settings.objective
        name = settings.network.network
        self._content_layers = canonical_all(self._objective.content_layers, name)
        self._style_layers = canonical_all(self._objective.style_layers, name)
        if self._objective.content_weight == 0:
            self._content_layers = ()
        if self._objective.style_weight == 0:
            self._style_layers = ()
        self.device = select_device(settings.run)
        self._network = FeatureNetwork(
            load_weights(settings.network.network_weights, name),
            (*self._content_layers, *self._style_layers, *STROKES),
            settings.network.pooling,
            settings.network.padding,
            self.device,
        )
        self._styles = [(to_tensor(image, self.device), weight) for image, weight in styles]
        self._targets: dict[tuple[int, int], Mapping[str, StyleTarget]] = {}

    @cached_property
    def description(self) -> str:
        """Network, weights, device and precision in words."""
        return f"{self._settings.network.network} on {self.device.description}"

    def first(self, content: Image) -> Solve:
        """Solve a frame that has none before it, coarse to fine."""
        frame = to_tensor(content, self.device)
        plan = _first_plan(self._size, self._settings.solve.first_frame_steps)
        ledger = _Ledger(self._size, plan)
        small = resize(frame, plan[0][0])
        if self._settings.solve.init == "random":
            generator = torch.Generator().manual_seed(self._settings.solve.seed)
            image = torch.rand(small.shape, generator=generator).to(self.device.device)
        else:
            image = small
        minimum, emphasis, pulled = None, 1.0, 0.0
        for size, count in plan:
            own = resize(frame, size)
            objective = self._build(own, [], sliced=size == self._size)
            coarse = (image.shape[2], image.shape[3])
            # Enlarged, a coarse result lacks the frame's fine detail, which the solver would be slow to find.
            start = resize(image, size) + (own - resize(resize(own, coarse), size))
            # A pixel of many counts for less: losses are means.
            known = NOTHING if minimum is None else Learnt(minimum.learnt.curvature)
            learnt = known.steeper(coarse[0] * coarse[1] / (size[0] * size[1]))
            if size == self._size:
                minimum, emphasis, pulled = yield from self._emphasised(frame, objective, start, count, ledger, learnt)
            else:
                minimum = yield from self._minimise(objective, start, count, ledger, learnt)
            image = minimum.image
        assert minimum is not None
        return self._solution(minimum, ledger, emphasis, holding(pulled), _palette(minimum.image, frame))

    def _emphasised(
        self, frame: Tensor, objective: Objective, start: Tensor, count: int, ledger: _Ledger, learnt: Learnt
    ) -> Generator[Step, None, tuple[Minimum, float, float]]:
        """Solve at full size, and on the way set the style's weight right: see :mod:`vidstyle.style.calibration`.

        What it was multiplied by comes along, and the pull, for the frames after.
        """
        weighed = bool(self._style_layers and self._content_layers) and self._objective.objective != "ruder2016"
        trial = min(count // 2, _TRIAL)
        if not weighed or trial < _LEAST_TRIAL:
            return (yield from self._minimise(objective.emphasised(1.0), start, count, ledger, learnt)), 1.0, 0.0
        size = seen_size(self._size)
        with torch.no_grad():
            look = seen(
                [
                    (self._network(scaled_style(picture, size, self._objective.style_scale), STROKES), share)
                    for picture, share in self._styles
                ]
            )
            clip = distance(self._network(resize(frame, size), STROKES), look)
        balance = self._objective.style_weight / self._objective.content_weight
        minimum = yield from self._minimise(objective.emphasised(1.0), start, trial, ledger, learnt)
        emphasis: float | None = None
        pulled: float | None = None
        # A second look needs as many steps before and after it.
        for steps in (trial, count - 2 * trial) if count >= 3 * trial else (count - trial,):
            with torch.no_grad():
                painted = distance(self._network(resize(minimum.image, size), STROKES), look)
            before, emphasis = emphasis or 1.0, correction(clip, painted, balance, emphasis)
            pulled = pull(clip, painted, balance, pulled)
            asked = objective.emphasised(emphasis, pulled)
            # Nearly all of the curvature is the style's: where that weighs more, steps as long as before fail.
            learnt = minimum.learnt.steeper(emphasis / before) if emphasis > before else minimum.learnt
            minimum = yield from self._minimise(asked, minimum.image, steps, ledger, learnt)
        assert emphasis is not None and pulled is not None
        return minimum, emphasis, pulled

    def next(self, content: Image, priors: Sequence[Prior], memory: ShotMemory = NO_MEMORY) -> Solve:
        """Solve a frame from earlier results warped into it, nearest first.

        Where no earlier result can be trusted (newly uncovered regions), the frame's own colours, brought to the
        painting's, are painted at coarse sizes first, with a style term of their own, and keep the shot's palette.
        """
        frame = to_tensor(content, self.device)
        earlier = [(to_tensor(prior.image, self.device), to_tensor(prior.reliability, self.device)) for prior in priors]
        trust = torch.stack([reliability for _, reliability in earlier]).sum(0)
        uncovered = (1 - trust).clamp(0, 1)
        as_published = self._objective.objective == "ruder2016"
        new = float(uncovered.mean())
        paint = new > _NOTHING_UNCOVERED and bool(self._style_layers) and not as_published
        # Carried paint soon shows no more of them; what is new goes on gaining.
        more = 0 if as_published else int(new * self._settings.solve.first_frame_steps / _FIRST_STEPS_PER_NEW)
        steps = self._settings.solve.steps + more
        plan = _plan(self._size, (steps, *(_UNCOVERED_STEPS if paint else ())))
        ledger = _Ledger(self._size, plan)
        # Without coarse sizes to paint it, a frame's own colour stays bare for a hundred steps: Ruder et al. start from
        # what was carried, right or wrong.
        image = earlier[0][0] if as_published else _start(frame, earlier, trust)
        learnt = NOTHING
        if memory.curvature is not None:
            learnt = Learnt(torch.from_numpy(memory.curvature).to(self.device.device))
        emphasis, held = memory.style_gain.gram, memory.style_gain.sliced
        palette = None
        if memory.shot_colour is not None and new < _ANOTHER_SCENE:
            palette = Palette(*torch.from_numpy(memory.shot_colour).to(self.device.device))
        minimum = yield from self._paint_uncovered(
            frame, earlier, uncovered if paint else None, image, plan, ledger, learnt, emphasis, held, palette
        )
        assert minimum is not None
        return self._solution(minimum, ledger, emphasis, held, palette or _palette(minimum.image, frame))

    def mend(self, content: Image, carried: Prior, gain: StyleGain = UNMEASURED) -> Solve:
        """Paint what can't be trusted of a frame that is carried from others, coarse to fine on crops around it.

        What can be trusted stays as it is. Where only thin rims can't, they take the frame's own colours, brought to
        the painting's. The style is asked for with the `gain` of the others' shot.
        """
        frame = to_tensor(content, self.device)
        image, trust = to_tensor(carried.image, self.device), to_tensor(carried.reliability, self.device)
        mended = _start(frame, [(image, trust)], trust)
        losses: Mapping[str, float] = {}
        sizes = _plan(self._size, _MENDING_STEPS)
        places = crops(carried.reliability < _SURE)
        ledger = _Ledger(self._size, [(_part(place, self._size, size), n) for place in places for size, n in sizes])
        for place in places:
            own, held, trusted, here = (whole[..., *place] for whole in (frame, image, trust, mended))
            bare = (1 - trusted).clamp(0, 1)
            for size, steps in sizes:
                part = _part(place, self._size, size)
                earlier = [(resize(held, part), resize(trusted, part))]
                objective = self._build(resize(own, part), earlier, resize(bare, part), size).emphasised(gain.gram)
                start = resize(here, part)
                minimum = yield from self._minimise(objective, start, steps, ledger)
                here = here + bare * resize(minimum.image - start, (here.shape[2], here.shape[3]))
                losses = minimum.evaluation.losses
            mended[..., *place] = here
        return Solution(to_image(mended.clamp(0, 1)), losses, ledger.evaluations, ShotMemory(gain))

    def _paint_uncovered(
        self,
        frame: Tensor,
        earlier: Sequence[tuple[Tensor, Tensor]],
        uncovered: Tensor | None,
        image: Tensor,
        plan: Sequence[tuple[tuple[int, int], int]],
        ledger: _Ledger,
        learnt: Learnt,
        emphasis: float,
        held: float,
        palette: Palette | None,
    ) -> Generator[Step, None, Minimum | None]:
        """Solve at the sizes of a plan, coarsest first; of coarse sizes only what is `uncovered` is taken over."""
        minimum = None
        for size, count in plan:
            hole = None if uncovered is None else resize(uncovered, size)
            scaled = [(resize(a, size), resize(b, size)) for a, b in earlier]
            objective = self._build(resize(frame, size), scaled, hole, palette=palette, sliced=held > 0)
            start = resize(image, size)
            minimum = yield from self._minimise(
                objective.emphasised(emphasis, held), start, count, ledger, learnt if size == self._size else NOTHING
            )
            if size != self._size and uncovered is not None:
                # Only what was painted, and only where nothing could be carried along.
                image = image + uncovered * resize(minimum.image - start, self._size)
        return minimum

    def _build(
        self,
        frame: Tensor,
        earlier: Sequence[tuple[Tensor, Tensor]],
        hole: Tensor | None = None,
        crop_of: tuple[int, int] | None = None,
        palette: Palette | None = None,
        sliced: bool = False,
    ) -> Objective:
        """The objective at the frame's size; where it is `sliced`, with a sliced term that asks for all of its weight.

        Of a crop, given the size that it is of: strokes are as large as the whole frame's, and only what is in the
        hole is to be in style, since no crop need have all that a painting has.
        """
        size = (frame.shape[2], frame.shape[3])
        targets = self._style_targets(crop_of or size)
        network = partial(self._network, layers={*self._content_layers, *targets})
        with torch.no_grad():
            features = network(frame)
        terms: list[Term] = []
        if self._content_layers:
            terms.append(content_term({layer: features[layer] for layer in self._content_layers}, self._objective))
        if targets:
            plain = layer_shares(self._style_layers, self._settings.network.network, crop_of or size)
            counted = {layer: plain[layer] * target.kept**2 for layer, target in targets.items()}
            shares = {layer: count / sum(counted.values()) for layer, count in counted.items()}
            if crop_of is None:
                terms.append(style_term(targets, self._objective, shares, features))
                if sliced and (term := sliced_term(targets, self._objective, features)):
                    terms.append(term)
            if hole is not None:
                terms.append(style_term(targets, self._objective, shares, features, hole))
                if palette is not None and self._objective.temporal_weight > 0:  # or nothing would be held
                    terms.append(palette_term(palette, frame, earlier, hole, self._objective))
        if self._objective.temporal_weight > 0:
            terms.extend(temporal_term(target, trust, self._objective) for target, trust in earlier)
        if self._objective.tv_weight > 0:
            terms.append(variation_term(frame.numel(), self._objective))
        return Objective(network, terms)

    def _style_targets(self, size: tuple[int, int]) -> Mapping[str, StyleTarget]:
        """What the layers are to look like at `size`, less those that say nothing; strokes scale with the frame."""
        if size not in self._targets:
            total = sum(weight for _, weight in self._styles)
            as_published = self._objective.objective == "ruder2016"
            with torch.no_grad():
                seen = [
                    self._network(scaled_style(picture, size, self._objective.style_scale), self._style_layers)
                    for picture, _ in self._styles
                ]
            shares = [weight / total for _, weight in self._styles]
            targets = {}
            for layer in self._style_layers:
                features = [features[layer] for features in seen]
                # Where things are known by their shape, as an eye is, their distribution would bring them along.
                wanted = layer in STROKES and not is_deep(layer) and size == self._size and not as_published
                targets[layer] = style_target(
                    list(zip(features, shares, strict=True)),
                    self._subject(layer),
                    self._objective.style_subject if wanted else None,
                )
            telling = {layer: target for layer, target in targets.items() if not target.says_nothing}
            self._targets[size] = telling or targets
        return self._targets[size]

    def _subject(self, layer: str) -> float:
        """How much of the styles' subjects a layer brings along: shallow ones know of none, and colours are style."""
        return self._objective.style_subject if is_deep(layer) else 1.0

    def _minimise(
        self,
        objective: Objective,
        start: Tensor,
        steps: int,
        ledger: _Ledger,
        learnt: Learnt = NOTHING,
    ) -> Generator[Step, None, Minimum]:
        solve = self._settings.solve
        if solve.optimizer == "adam":
            run = adam(objective, start, steps, tolerance=solve.tolerance)
        else:
            run = lbfgs(
                objective,
                start,
                steps,
                tolerance=solve.tolerance,
                stiffness=objective.stiffness,
                learnt=learnt,
            )
        size = (start.shape[2], start.shape[3])
        for evaluation in (minimising := Run(run)):
            yield ledger.step(size, evaluation)
        return minimising.result

    def _solution(self, minimum: Minimum, ledger: _Ledger, emphasis: float, held: float, palette: Palette) -> Solution:
        # What is held and carried on is what the viewer sees: without this, pixels wander off out of range.
        image = to_image(minimum.image.clamp(0, 1))
        curvature = minimum.learnt.curvature
        memory = ShotMemory(
            StyleGain(emphasis, held),
            torch.stack([palette.painted, palette.clip]).cpu().numpy(),
            None if curvature is None else curvature.cpu().numpy(),
        )
        return Solution(image, minimum.evaluation.losses, ledger.evaluations, memory)


class _Ledger:
    """Evaluations spent and expected, in full-size ones."""

    def __init__(self, size: tuple[int, int], plan: Sequence[tuple[tuple[int, int], int]]) -> None:
        self.pixels = size[0] * size[1]
        self.expected = sum(h * w * steps for (h, w), steps in plan) / self.pixels
        self.evaluations = 0.0

    def step(self, size: tuple[int, int], evaluation: Evaluation) -> Step:
        """Count an evaluation at `size`."""
        self.evaluations += size[0] * size[1] / self.pixels
        return Step(self.evaluations, self.expected, evaluation.loss, evaluation.losses)


def _palette(painted: Tensor, frame: Tensor) -> Palette:
    """That of a shot which begins with a painting of a frame, both (1, 3, H, W)."""
    return Palette(mean_colour(painted.clamp(0, 1)), mean_colour(frame))


def _first_plan(size: tuple[int, int], steps: int) -> list[tuple[tuple[int, int], int]]:
    """Sizes to solve a first frame at with the steps at each, coarsest first."""
    sizes = levels(size, _FIRST_SIZES)
    shares = [1.0, *[_BETWEEN] * (len(sizes) - 2), _COARSEST][: len(sizes)]
    return _plan(size, [math.ceil(steps * share) for share in shares])


def _plan(size: tuple[int, int], steps: Sequence[int]) -> list[tuple[tuple[int, int], int]]:
    """Sizes to solve at with the steps at each, coarsest first; `steps` are finest first."""
    return list(zip(levels(size, len(steps)), steps, strict=False))[::-1]


def _part(place: Crop, whole: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """The (H, W) of a crop of the `whole` in a frame that is reduced to `size`."""
    rows, columns = place
    return (
        max(1, round((rows.stop - rows.start) * size[0] / whole[0])),
        max(1, round((columns.stop - columns.start) * size[1] / whole[1])),
    )


def _start(frame: Tensor, earlier: Sequence[tuple[Tensor, Tensor]], trust: Tensor) -> Tensor:
    """The earlier results where they can be trusted, the frame's own colours elsewhere, brought to the painting's.

    The colours are mapped by the affine map that fits painting to frame best where both are known; `trust` is the
    sum of the earlier results' reliabilities, (1, 1, H, W).
    """
    carried = torch.stack([a * b for a, b in earlier]).sum(0) / trust.clamp_min(1e-6)
    trust = trust.clamp(0, 1)
    pixels = torch.cat([frame, torch.ones_like(frame[:, :1])], 1).flatten(2)[0]  # (4, H*W)
    known = trust.flatten()
    weighted = pixels * known
    # Ridge towards the frame's own colours: with little known, nothing is made up.
    ridge = 1e-3 * frame.shape[2] * frame.shape[3] * torch.eye(4, device=frame.device)
    identity = torch.eye(4, device=frame.device)[:3]
    left = weighted @ pixels.T + ridge
    right = (carried.flatten(2)[0] * known) @ pixels.T + identity @ ridge  # (3, n) @ (n, 4)
    # On the CPU, as MPS has no solve in the oldest torch that will do; sixteen numbers are soon there.
    colours = torch.linalg.solve(left.cpu(), right.T.cpu()).T.to(frame.device)  # (3, 4)
    own = (colours @ pixels).view_as(frame)  # (3, 4) @ (4, H*W)
    start: Tensor = trust * carried + (1 - trust) * own
    return start
