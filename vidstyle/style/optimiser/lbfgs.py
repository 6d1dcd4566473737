"""Optimisers on the pixels: L-BFGS and Adam, one network evaluation a step."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from vidstyle.errors import Unpaintable
from vidstyle.style.objective.objective import Evaluation
from vidstyle.style.optimiser.preconditioner import Spectrum, local_curvature

Evaluate = Callable[[Tensor], Evaluation]

# Pairs kept: as many as find room in 128 MB (one of 4K takes 200), within bounds. A dozen do for a dozen
# steps; hundreds of steps towards the last percent take half as many again without a long memory.
_HISTORY_BYTES = 2**27
_HISTORY = (12, 100)
# The first step, before anything is known of the curvature, moves the pixels by this much (root mean square, 0..1).
_FIRST_MOVE = 0.01
# No step moves them by more than this at the start; then by as much as has proved right.
_REACH = 0.015
# How much of a last step is taken whose result nobody will look at: one in ten steps is too long.
_UNSEEN = 0.7
# A step may leave the loss this much higher, relative: a little rise now and then is faster than never one.
_SLACK = 1e-3
# Steps over which the stop rule looks back.
_PATIENCE = 4


@dataclass(frozen=True)
class Pair:
    """A step, the gradient's change along it, and their product, a tensor of one number."""

    step: Tensor
    change: Tensor
    along: Tensor


@dataclass(frozen=True)
class Learnt:
    """What a run has found out about its objective, for the next run on one like it.

    Parameters
    ----------
    curvature
        Of each band of frequency, (3, bands).
    places
        How much steeper each place is than all on average, (1, 1, H, W).
    pairs
        The latest, oldest first.
    reach
        The longest step that is tried, root mean square.
    """

    curvature: Tensor | None = None
    places: Tensor | None = None
    pairs: Sequence[Pair] = ()
    reach: float = _REACH

    def steeper(self, factor: float) -> Learnt:
        """As it would be of the objective times a factor, but for how far a step may go."""
        return replace(
            self,
            curvature=None if self.curvature is None else factor * self.curvature,
            pairs=[replace(pair, change=factor * pair.change, along=factor * pair.along) for pair in self.pairs],
        )


NOTHING = Learnt()
"""Of an objective that nothing is known of."""


@dataclass(frozen=True)
class Minimum:
    """Where a minimisation ended: the best image met, or a step farther; the best evaluation; and what was learnt."""

    image: Tensor
    evaluation: Evaluation
    learnt: Learnt = NOTHING


def lbfgs(
    evaluate: Evaluate,
    image: Tensor,
    steps: int,
    *,
    tolerance: float = 0.0,
    stiffness: Tensor | None = None,
    learnt: Learnt = NOTHING,
) -> Generator[Evaluation, None, Minimum]:
    """Limited-memory BFGS without a line search (Liu and Nocedal 1989, algorithm 2.1), guarded.

    Differs from the textbook in four things. The inverse Hessian starts not from a scalar but from the curvature of
    each band of frequency and opponent colour, and of each place where no stiffness is known (see
    :mod:`vidstyle.style.optimiser.preconditioner`). A step that makes things worse is taken back, but the pair it
    measured is kept: it says that the curvature along it was underestimated. And no step is longer than a trust radius,
    which grows to twice a step that went well and shrinks to half of one that did not: Gram losses are of the fourth
    degree, and what curvature says of a long step is far too little, what the step's failure then says of the curvature
    far too much. And the last gradient is put to use: from where the last step went well another one is taken, a little
    short, at whose end nobody looks.

    Parameters
    ----------
    evaluate
        Loss and gradient at an image.
    image
        The start, (1, 3, H, W).
    steps
        Evaluations to spend, the start's included.
    tolerance
        Stop once the loss fell by less than this, relative, over the last few steps. Where all steps together gained
        no more, the start is the result: a shot that stands still must not creep towards a minimum for minutes.
    stiffness
        The part of the Hessian's diagonal that is known exactly, (1, 1, H, W): the temporal term's.
    learnt
        By an earlier run. Its places and pairs are right enough where this one goes on with it, its objective a little
        changed; for another frame or size, its curvature is.

    Yields
    ------
    Each evaluation.

    Raises
    ------
    Unpaintable
        The loss or its gradient is no number at the start, or wherever a step led.
    """
    spectrum = Spectrum((image.shape[2], image.shape[3]), image.device)
    known = deque(learnt.pairs, maxlen=_history(image))
    here = evaluate(image)
    yield here
    start = best = Minimum(image, here)
    losses = [here.loss]
    curvature, places, reach, numbers = learnt.curvature, learnt.places, learnt.reach, 0
    evenness = torch.ones_like(image[:, :1]) if places is None else places.rsqrt()
    slope = math.sqrt(float(_mean_square(here.gradient)))
    if not math.isfinite(here.loss + slope):
        raise _no_number(here)

    def downhill() -> tuple[Tensor, Tensor]:
        """The next step, and how steeply it goes down before it is shortened: not above 0 where it does not."""
        diagonal = spectrum.uniform(slope / _FIRST_MOVE) if curvature is None else curvature
        initial = partial(spectrum.solve, curvature=diagonal, stiffness=stiffness)
        direction = _inverse_hessian(here.gradient, known, partial(_even, initial, evenness))
        descent = _dot(direction, here.gradient)
        # Uphill by rounding, or by a number that is none: a short step straight down, without asking the device first.
        steepest = diagonal.max() if stiffness is None else diagonal.max() + stiffness.max()
        step = -torch.where(descent > 0, direction, here.gradient / steepest)
        return step * (reach / _mean_square(step).sqrt()).clamp(max=1), descent

    settled = False
    for _ in range(steps - 1):
        if slope == 0:
            break
        step, descent = downhill()
        there_image = image + step
        there = evaluate(there_image)
        yield there
        change = there.gradient - here.gradient
        along = _dot(step, change)
        # What the host decides on, in one wait for the device.
        dots = [descent, along, _dot(step, step), _dot(change, change), _mean_square(there.gradient)]
        down, bend, moved, changed, steepness = torch.stack(dots).tolist()
        length = math.sqrt(moved / image.numel())
        if not down > 0:
            known.clear()
        if not math.isfinite(there.loss + steepness):
            known.clear()
            reach = 0.1 * min(reach, length)
            continue
        numbers += 1
        if bend > 1e-8 * math.sqrt(moved * changed):
            known.append(Pair(step, change, along))
            if stiffness is None:
                places = local_curvature(step, change, places)
                evenness = places.rsqrt()
                curvature = spectrum.fit(step / evenness, change * evenness, curvature)
            else:
                # Beside a stiffness, what is left of a step's change tells bands apart, but not places.
                curvature = spectrum.fit(step, change - stiffness * step, curvature)
        if there.loss > here.loss + _SLACK * abs(here.loss):
            reach = 0.5 * length
            continue
        reach = max(reach, 2 * length)
        image, here, slope = there_image, there, math.sqrt(steepness)
        losses.append(here.loss)
        if here.loss < best.evaluation.loss:
            best = Minimum(image, here)
        if settled := _settled(losses, tolerance):
            break
    if slope > 0 and steps > 1 and not numbers:
        raise _no_number(there)
    found = _worth_it(start, best, tolerance)
    if found is not start and found.evaluation is there and not settled:
        found = replace(found, image=found.image + _UNSEEN * downhill()[0])
    return replace(found, learnt=Learnt(curvature, places, tuple(known), reach))


def adam(
    evaluate: Evaluate, image: Tensor, steps: int, *, tolerance: float = 0.0, rate: float = 0.01
) -> Generator[Evaluation, None, Minimum]:
    """Adam (Kingma and Ba 2015, algorithm 1) on the pixels, its rate falling to nothing along a half cosine.

    Parameters as :func:`lbfgs`'s; `rate` is the step in image units, 0..1.
    """
    first, second = torch.zeros_like(image), torch.zeros_like(image)
    here = evaluate(image)
    yield here
    start = best = Minimum(image, here)
    losses = [here.loss]
    if not math.isfinite(here.loss + float(_mean_square(here.gradient))):
        raise _no_number(here)
    for step in range(1, steps):
        first = 0.9 * first + 0.1 * here.gradient
        second = 0.99 * second + 0.01 * here.gradient.square()
        mean, spread = first / (1 - 0.9**step), second / (1 - 0.99**step)
        decay = 0.5 * (1 + math.cos(math.pi * (step - 1) / steps))
        image = image - rate * decay * mean / (spread.sqrt() + 1e-12)
        here = evaluate(image)
        yield here
        if not math.isfinite(here.loss):
            raise _no_number(here)  # of a mean with such a gradient in it no later step is a number either
        losses.append(here.loss)
        if here.loss < best.evaluation.loss:
            best = Minimum(image, here)
        if _settled(losses, tolerance):
            break
    return _worth_it(start, best, tolerance)


def _inverse_hessian(gradient: Tensor, pairs: deque[Pair], initial: Callable[[Tensor], Tensor]) -> Tensor:
    """The two-loop recursion (Nocedal 1980): H·g from the pairs, started at the `initial` inverse Hessian."""
    direction, weights = gradient.clone(), []
    for pair in reversed(pairs):
        weight = _dot(pair.step, direction) / pair.along
        weights.append(weight)
        direction.addcmul_(pair.change, weight, value=-1)
    direction = initial(direction)
    for pair, weight in zip(pairs, reversed(weights), strict=True):
        direction.addcmul_(pair.step, weight - _dot(pair.change, direction) / pair.along)
    return direction


def _even(divide: Callable[[Tensor], Tensor], evenness: Tensor, gradient: Tensor) -> Tensor:
    """The gradient divided by a curvature that differs from place to place, symmetrically."""
    return evenness * divide(evenness * gradient)


def _history(image: Tensor) -> int:
    """How many pairs to keep of steps and changes as large as the image."""
    least, most = _HISTORY
    return min(max(_HISTORY_BYTES // (2 * image.numel() * image.element_size()), least), most)


def _worth_it(start: Minimum, best: Minimum, tolerance: float) -> Minimum:
    """The best, unless all steps together gained next to nothing."""
    gained = start.evaluation.loss - best.evaluation.loss
    return start if gained < tolerance * abs(start.evaluation.loss) else best


def _no_number(evaluation: Evaluation) -> Unpaintable:
    terms = ", ".join(f"{name} {loss:.3g}" for name, loss in evaluation.losses.items()) or evaluation.loss
    return Unpaintable(
        f"its loss or the gradient is no number ({terms}). Try --precision float32, or --device cpu; if that "
        "changes nothing, the objective's weights are too large or the file of the network's weights is damaged."
    )


def _settled(losses: list[float], tolerance: float) -> bool:
    if tolerance <= 0 or len(losses) <= _PATIENCE:
        return False
    return losses[-1 - _PATIENCE] - losses[-1] < tolerance * abs(losses[-1 - _PATIENCE])


def _dot(a: Tensor, b: Tensor) -> Tensor:
    """Σ ab, left on the device: to ask for it is to wait."""
    return torch.dot(a.flatten(), b.flatten())


def _mean_square(a: Tensor) -> Tensor:
    return a.square().mean()
