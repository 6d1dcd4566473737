"""L-BFGS on the pixels, with one network evaluation a step."""

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from vidstyle.style.objective.objective import Evaluation
from vidstyle.style.optimiser.preconditioner import Spectrum, local_curvature
from vidstyle.style.optimiser.state import (
    Evaluate,
    OptimiserState,
    Pair,
    Result,
    dot,
    has_settled,
    mean_square,
    not_finite,
    worth_taking,
)

# Pairs kept: as many as find room in 128 MB (one of 4K takes 200), within bounds. A dozen do for a dozen
# steps; hundreds of steps towards the last percent take half as many again without a long memory.
_HISTORY_BYTES = 2**27
_HISTORY = (12, 100)
# The first step, before anything is known of the curvature, moves the pixels by this much (root mean square, 0..1).
_FIRST_STEP_RMS = 0.01
# How much of the final step is taken, which is not evaluated: one in ten full steps would be too long.
_FINAL_STEP_SCALE = 0.7
# A step may leave the loss this much higher, relative: a little rise now and then is faster than never one.
_SLACK = 1e-3


class LBFGS:
    """Limited-memory BFGS without a line search (Liu and Nocedal 1989, algorithm 2.1), guarded.

    It differs from the textbook in five things.

    * The inverse Hessian starts not from a scalar, but from the curvature of each band of frequency and opponent
      colour, and of each pixel where no stiffness is known: see :mod:`vidstyle.style.optimiser.preconditioner`.
    * A step that makes things worse is taken back, but its pair is kept: it says that the curvature along the step was
      underestimated.
    * No step is longer than a trust radius, which grows to twice a step that went well and shrinks to half of one that
      did not. Gram losses are of the fourth degree: the curvature promises far too much of a long step, and the step's
      failure then says far too much of the curvature.
    * Where there are `bounds`, values that are at one and pull beyond it are left out of a step, and the others
      end at the bound (projected, as in Bertsekas 1982). Cut off only in the end, they left
      losses a twentieth higher with some styles, and three quarters higher with others.
    * The last gradient is put to use: from where the last step went well a final one is taken, a little short, which
      is not evaluated.

    Parameters
    ----------
    evaluate
        Loss and gradient at an image.
    image
        The start, (1, 3, H, W).
    evaluations
        How many may be spent, the start's included.
    tolerance
        Stop once the loss fell by less than this, relative, over the last few evaluations. Where all steps together
        gained no more, the start is the result: a shot that stands still must not creep towards a minimum for minutes.
    stiffness
        The part of the Hessian's diagonal that is known exactly, (1, 1, H, W): the temporal term's.
    state
        What an earlier run knows. All of it is right enough where this run goes on with that one, its objective a
        little changed; for another frame or size only the curvature is.
    bounds
        Where values stay, from the lowest to the highest; None: anywhere.
    """

    def __init__(
        self,
        evaluate: Evaluate,
        image: Tensor,
        evaluations: int,
        *,
        tolerance: float = 0.0,
        stiffness: Tensor | None = None,
        state: OptimiserState | None = None,
        bounds: tuple[float, float] | None = None,
    ) -> None:
        state = state or OptimiserState()
        self._bounds = bounds
        self._evaluate, self._image, self._left = evaluate, image.clamp(*bounds) if bounds else image, evaluations
        self._tolerance, self._stiffness = tolerance, stiffness
        self._spectrum = Spectrum((image.shape[2], image.shape[3]), image.device)
        self._curvature, self._max_step = state.curvature, state.max_step
        self._weigh_pixels(image, state.pixel_weights)
        self._pairs = deque(state.pairs, maxlen=_history(image))
        self._start: Result | None = None
        self._last: Evaluation | None = None
        self._finite_steps, self._settled = 0, False
        self._losses: list[float] = []

    @property
    def done(self) -> bool:
        """Whether there is no step left to take."""
        return self._start is not None and (self._left <= 0 or self._gradient_rms == 0 or self._settled)

    @property
    def image(self) -> Tensor:
        """Where the run is now, (1, 3, H, W)."""
        return self._image

    def step(self) -> Evaluation:
        """Evaluate the start, or from the next call on take a step and evaluate where it leads.

        Raises
        ------
        NonFiniteLoss
            The loss or its gradient is not finite at the start.
        """
        self._left -= 1
        if self._start is not None:
            return self._move()
        self._current = self._evaluate(self._image)
        gradient_ms = float(mean_square(self._current.gradient))
        if not math.isfinite(self._current.loss + gradient_ms):
            raise not_finite(self._current)
        self._gradient_rms = math.sqrt(gradient_ms)
        self._start = self._best = Result(self._image, self._current)
        self._losses.append(self._current.loss)
        return self._current

    @property
    def result(self) -> Result:
        """Where the run has come to.

        Raises
        ------
        NonFiniteLoss
            The loss or its gradient was not finite wherever a step led.
        """
        assert self._start is not None
        if self._last is not None and not self._finite_steps:
            raise not_finite(self._last)
        found = worth_taking(self._start, self._best, self._tolerance)
        if found is not self._start and found.evaluation is self._last and not self._settled:
            found = replace(found, image=found.image + _FINAL_STEP_SCALE * self._direction()[0])
        state = OptimiserState(self._curvature, self._pixel_weights, tuple(self._pairs), self._max_step)
        return replace(found, state=state)

    def _move(self) -> Evaluation:
        """Take a step, and keep it if it did no harm."""
        s, descent = self._direction()
        image = self._image + s
        found = self._last = self._evaluate(image)
        y = found.gradient - self._current.gradient
        sy_on_device = dot(s, y)
        # All that the host decides on, in one wait for the device.
        dots = [descent, sy_on_device, dot(s, s), dot(y, y), mean_square(found.gradient)]
        downhill, sy, ss, yy, gradient_ms = torch.stack(dots).tolist()
        length = math.sqrt(ss / image.numel())
        if not downhill > 0:
            self._pairs.clear()
        if not math.isfinite(found.loss + gradient_ms):
            self._pairs.clear()
            self._max_step = 0.1 * min(self._max_step, length)
            return found
        self._finite_steps += 1
        if sy > 1e-8 * math.sqrt(ss * yy):
            self._pairs.append(Pair(s, y, sy_on_device))
            self._fit(s, y)
        if found.loss > self._current.loss + _SLACK * abs(self._current.loss):
            self._max_step = 0.5 * length
            return found
        self._max_step = max(self._max_step, 2 * length)
        self._image, self._current, self._gradient_rms = image, found, math.sqrt(gradient_ms)
        self._losses.append(found.loss)
        if found.loss < self._best.evaluation.loss:
            self._best = Result(image, found)
        self._settled = has_settled(self._losses, self._tolerance)
        return found

    def _direction(self) -> tuple[Tensor, Tensor]:
        """The next step, and how steeply it goes down before it is shortened: not above 0 where it does not."""
        gradient, free = self._current.gradient, torch.ones(())
        if self._bounds:
            low, high = self._bounds
            free = torch.where(gradient > 0, self._image > low, self._image < high)
            gradient = gradient * free
        curvature = self._curvature
        if curvature is None:
            curvature = self._spectrum.uniform(self._gradient_rms / _FIRST_STEP_RMS)
        divide = partial(self._spectrum.solve, curvature=curvature, stiffness=self._stiffness)
        # The pixels' weights divide from both sides, which keeps the inverse Hessian symmetric.
        direction = inverse_hessian(gradient, self._pairs, lambda g: self._root * divide(self._root * g))
        descent = dot(direction, gradient)
        # Where rounding or a value that is not finite leads uphill: a short step along the gradient, without asking
        # the device first.
        steepest = curvature.max() if self._stiffness is None else curvature.max() + self._stiffness.max()
        step = -torch.where(descent > 0, direction, gradient / steepest)
        step = step * (self._max_step / mean_square(step).sqrt()).clamp(max=1)
        if self._bounds:
            step = (self._image + step * free).clamp(*self._bounds) - self._image
        return step, descent

    def _fit(self, s: Tensor, y: Tensor) -> None:
        """Learn the curvature from a step and the gradient's change along it."""
        if self._stiffness is None:
            self._weigh_pixels(s, local_curvature(s, y, self._pixel_weights))
            self._curvature = self._spectrum.fit(s / self._root, y * self._root, self._curvature)
        else:
            # Beside a stiffness, what is left of a step's change tells bands apart, but not pixels.
            self._curvature = self._spectrum.fit(s, y - self._stiffness * s, self._curvature)

    def _weigh_pixels(self, image: Tensor, weights: Tensor | None) -> None:
        """Set the pixels' weights, (1, 1, H, W), and their inverse roots, which are 1 where none are known."""
        self._pixel_weights = weights
        self._root = torch.ones_like(image[:, :1]) if weights is None else weights.rsqrt()


def inverse_hessian(gradient: Tensor, pairs: Sequence[Pair], initial: Callable[[Tensor], Tensor]) -> Tensor:
    """The two-loop recursion (Nocedal 1980): H·g from the pairs, started at the `initial` inverse Hessian."""
    direction, alphas = gradient.clone(), []
    for pair in reversed(pairs):
        alpha = dot(pair.s, direction) / pair.sy
        alphas.append(alpha)
        direction.addcmul_(pair.y, alpha, value=-1)
    direction = initial(direction)
    for pair, alpha in zip(pairs, reversed(alphas), strict=True):
        direction.addcmul_(pair.s, alpha - dot(pair.y, direction) / pair.sy)
    return direction


def _history(image: Tensor) -> int:
    """How many pairs to keep of steps and changes as large as the image."""
    least, most = _HISTORY
    return min(max(_HISTORY_BYTES // (2 * image.numel() * image.element_size()), least), most)
