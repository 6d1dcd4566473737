import itertools
import math

import pytest
import torch

from vidstyle.errors import NonFiniteLoss
from vidstyle.style.objective.objective import Evaluation
from vidstyle.style.optimiser.adam import Adam
from vidstyle.style.optimiser.lbfgs import LBFGS
from vidstyle.style.optimiser.preconditioner import Spectrum
from vidstyle.style.optimiser.state import OptimiserState


def _run(optimiser):
    """All evaluations of a run, and its result."""
    evaluations = []
    while not optimiser.done:
        evaluations.append(optimiser.step())
    return evaluations, optimiser.result


def _quadratic(stiffness, centre):
    def evaluate(image):
        off = image - centre
        return Evaluation(float(0.5 * (stiffness * off**2).sum()), stiffness * off)

    return evaluate


@pytest.fixture
def problem():
    generator = torch.Generator().manual_seed(0)
    centre = torch.rand(1, 3, 12, 10, generator=generator)
    stiffness = torch.rand(1, 3, 12, 10, generator=generator) * 5 + 0.2
    return _quadratic(stiffness, centre), centre


def test_lbfgs_finds_the_minimum(problem):
    evaluate, centre = problem
    evaluations, minimum = _run(LBFGS(evaluate, torch.zeros_like(centre), 60))
    assert minimum.evaluation.loss < 1e-6 * evaluations[0].loss
    torch.testing.assert_close(minimum.image, centre, rtol=0, atol=1e-3)


def test_adam_goes_down(problem):
    evaluate, centre = problem
    evaluations, minimum = _run(Adam(evaluate, torch.zeros_like(centre), 200, rate=0.05))
    assert minimum.evaluation.loss < 1e-3 * evaluations[0].loss


@pytest.mark.parametrize("optimise", [LBFGS, Adam])
@pytest.mark.parametrize("steps", [1, 2, 9])
def test_steps_are_evaluations_and_the_best_one_is_returned(optimise, steps, problem):
    evaluate, centre = problem
    evaluations, minimum = _run(optimise(evaluate, torch.zeros_like(centre), steps))
    assert len(evaluations) == steps
    assert minimum.evaluation.loss == min(e.loss for e in evaluations)
    # Or a step from there.
    assert evaluate(minimum.image).loss <= minimum.evaluation.loss * (1 + 1e-5)


@pytest.mark.parametrize("held", [False, True])
def test_the_final_step_gains_most_of_what_another_evaluation_would(held, problem):
    evaluate, centre = problem
    stiffness = torch.ones(1, 1, 12, 10) if held else None
    evaluations, minimum = _run(LBFGS(evaluate, torch.zeros_like(centre), 8, stiffness=stiffness))
    longer, _ = _run(LBFGS(evaluate, torch.zeros_like(centre), 9, stiffness=stiffness))
    gained = evaluations[-1].loss - evaluate(minimum.image).loss
    assert 0.6 * (longer[-2].loss - longer[-1].loss) < gained


def test_lbfgs_takes_no_final_step_after_a_rejected_step():
    """A wall just below the start: what is beyond it must not be returned."""
    start = torch.full((1, 3, 4, 4), 0.5)

    def evaluate(image):
        fall = float((start - image).mean())
        return Evaluation(1 - fall if fall < 1e-3 else 100.0, torch.full_like(image, 1 / image.numel()))

    for steps in range(2, 12):
        evaluations, minimum = _run(LBFGS(evaluate, start, steps))
        if evaluations[-1].loss > minimum.evaluation.loss:
            assert evaluate(minimum.image).loss == minimum.evaluation.loss


def test_known_curvature_makes_a_short_run_better():
    """Broad changes a hundred times as steep as fine ones, as in a picture's objective."""
    size = (24, 32)
    spectrum = Spectrum(size, torch.device("cpu"))
    steep = torch.logspace(2, 0, 24).expand(3, 24)
    centre = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(4))

    def evaluate(image):
        gradient = spectrum.divide(image - centre, 1 / steep)
        return Evaluation(float(0.5 * ((image - centre) * gradient).sum()), gradient)

    start = torch.zeros_like(centre)
    _, cold = _run(LBFGS(evaluate, start, 6))
    _, warm = _run(LBFGS(evaluate, start, 6, state=OptimiserState(cold.state.curvature)))
    assert warm.evaluation.loss < 0.5 * cold.evaluation.loss


def test_starting_at_the_minimum_stays_there(problem):
    evaluate, centre = problem
    evaluations, minimum = _run(LBFGS(evaluate, centre.clone(), 10))
    assert torch.equal(minimum.image, centre)
    assert len(evaluations) <= 2


def test_an_image_with_bounds_stays_in_them_and_finds_the_best_there_is(problem):
    _, centre = problem
    centre = 3 * centre - 1  # two thirds of the values pull beyond 0 or 1
    stiffness = torch.rand(centre.shape, generator=torch.Generator().manual_seed(1)) * 5 + 0.2
    tried = []

    def evaluate(image):
        tried.append((float(image.min()), float(image.max())))
        return _quadratic(stiffness, centre)(image)

    _, minimum = _run(LBFGS(evaluate, torch.full_like(centre, 1.5), 60, bounds=(0, 1)))
    assert all(low >= 0 and high <= 1 for low, high in tried)
    assert 0 <= minimum.image.min() <= minimum.image.max() <= 1
    torch.testing.assert_close(minimum.image, centre.clamp(0, 1), rtol=0, atol=1e-2)


def test_a_bad_step_is_taken_back():
    """A wall that the gradient does not announce, and beyond it no numbers at all."""
    centre = torch.full((1, 3, 4, 4), 0.01)

    def evaluate(image):
        off = image - centre
        loss = float((off**2).sum())
        if image.max() > 0.014:
            return Evaluation(math.nan, torch.full_like(image, math.nan))
        if image.max() > 0.012:
            loss += 100
        return Evaluation(loss, 2 * off)

    # A curvature far too small: the first steps leap over the wall.
    state = OptimiserState(torch.full((3, 24), 0.01))
    evaluations, minimum = _run(LBFGS(evaluate, torch.zeros(1, 3, 4, 4), 25, state=state))
    assert not math.isfinite(evaluations[1].loss)
    assert minimum.evaluation.loss < 0.1 * evaluations[0].loss
    assert minimum.image.max() <= 0.012


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_lbfgs_minimises_a_loss_of_the_fourth_degree(seed):
    """A Gram matrix's: where it is flat, a long step meets a wall, and what the wall says of the curvature stalls."""
    generator = torch.Generator().manual_seed(seed)
    kernels = torch.randn(16, 27, generator=generator) / 3

    def gram(image):
        features = torch.relu(kernels @ torch.nn.functional.unfold(image - 0.5, 3)[0])  # (16, 27) @ (27, n)
        return features @ features.T / features.shape[1]

    start = 0.49 + 0.02 * torch.rand(1, 3, 24, 32, generator=generator)
    target = gram(torch.rand(1, 3, 24, 32, generator=generator))

    def evaluate(image):
        image = image.detach().requires_grad_()
        loss = (gram(image) - target).square().sum() / target.square().sum()
        return Evaluation(loss.item(), *torch.autograd.grad(loss, image))

    evaluations, minimum = _run(LBFGS(evaluate, start, 40))
    assert minimum.evaluation.loss < 1e-3
    assert sum(b.loss > a.loss for a, b in itertools.pairwise(evaluations)) <= 4


@pytest.mark.parametrize("optimise", [LBFGS, Adam])
@pytest.mark.parametrize("first", [0, 1])
def test_a_loss_that_is_not_finite_is_an_error(optimise, first, problem):
    """From the start, or wherever a step leads: the start would be returned as if it were painted."""
    quadratic, centre = problem
    calls = itertools.count()

    def evaluate(image):
        there = quadratic(image)
        return there if next(calls) < first else Evaluation(math.nan, there.gradient, {"style": math.nan})

    with pytest.raises(NonFiniteLoss, match=r"style nan.*--precision float32"):
        _run(optimise(evaluate, torch.zeros_like(centre), 6))


def test_a_gradient_that_is_not_finite_is_an_error(problem):
    quadratic, centre = problem

    def evaluate(image):
        return Evaluation(quadratic(image).loss, torch.full_like(image, math.nan))

    with pytest.raises(NonFiniteLoss, match="gradient is no number"):
        _run(LBFGS(evaluate, torch.zeros_like(centre), 6))


def test_lbfgs_waits_for_the_device_once_a_step(problem, monkeypatch):
    _, centre = problem
    asked = []
    for name in ("item", "tolist", "__float__", "__bool__"):
        original = getattr(torch.Tensor, name)
        monkeypatch.setattr(torch.Tensor, name, lambda self, f=original: asked.append(1) or f(self))

    def evaluate(image):
        off = image - centre
        return Evaluation(math.fsum(off.square().flatten().numpy()), 2 * off)

    evaluations, _ = _run(LBFGS(evaluate, torch.zeros_like(centre), 12, stiffness=torch.ones(1, 1, 12, 10)))
    assert len(asked) <= len(evaluations)


def test_the_stop_rule_ends_a_run_that_no_longer_gains(problem):
    evaluate, centre = problem
    evaluations, _ = _run(LBFGS(evaluate, torch.zeros_like(centre), 300, tolerance=0.01))
    assert len(evaluations) < 100
    endless, _ = _run(LBFGS(evaluate, torch.zeros_like(centre), 30, tolerance=0.0))
    assert len(endless) == 30


def test_stiff_and_free_pixels_are_solved_together():
    """Half the pixels a thousand times as stiff, as a strong temporal term makes them."""
    stiffness = torch.zeros(1, 1, 24, 32)
    stiffness[..., :16] = 1000.0
    centre = 0.1 * torch.rand(1, 3, 24, 32, generator=torch.Generator().manual_seed(6))
    evaluate = _quadratic(1 + stiffness, centre)
    start = torch.zeros_like(centre)
    _, blind = _run(LBFGS(evaluate, start, 6))
    _, knowing = _run(LBFGS(evaluate, start, 6, stiffness=stiffness))
    assert knowing.evaluation.loss < 0.1 * blind.evaluation.loss


@pytest.mark.parametrize("optimise", [LBFGS, Adam])
def test_where_next_to_nothing_is_gained_the_start_is_the_result(optimise, problem):
    _, centre = problem
    quadratic = _quadratic(torch.ones_like(centre), centre)

    def evaluate(image):
        there = quadratic(image)
        return Evaluation(100 + there.loss, there.gradient)

    start = centre + 0.01
    for tolerance in (0.0, 0.1):
        _, minimum = _run(optimise(evaluate, start, 30, tolerance=tolerance))
        assert torch.equal(minimum.image, start) == (tolerance > 0)


def test_flat_and_busy_pixels_are_solved_together():
    """Half the picture a hundred times as steep as the rest, of which nobody has told the optimiser."""
    steep = torch.ones(1, 1, 48, 64)
    steep[..., :32] = 100.0
    centre = 0.1 * torch.rand(1, 3, 48, 64, generator=torch.Generator().manual_seed(7))
    _, minimum = _run(LBFGS(_quadratic(steep, centre), torch.zeros_like(centre), 5))
    # Told that nothing is known to be stiff, it takes all places for alike.
    _, blind = _run(LBFGS(_quadratic(steep, centre), torch.zeros_like(centre), 5, stiffness=torch.zeros_like(steep)))
    assert minimum.evaluation.loss < 0.7 * blind.evaluation.loss


def test_a_runs_state_helps_when_its_objective_changes_a_little():
    """Steep along directions that are neither bands nor places: only pairs can know them."""
    generator = torch.Generator().manual_seed(8)
    size, count = (1, 3, 8, 10), 240
    turned = torch.linalg.qr(torch.randn(count, count, generator=generator))[0]
    hessian = turned @ torch.diag(torch.logspace(0, 2, count)) @ turned.T
    centre = 0.1 * torch.rand(size, generator=generator)

    def quadratic(scale):
        def evaluate(image):
            off = (image - centre).flatten()
            return Evaluation(float(0.5 * scale * off @ hessian @ off), scale * (hessian @ off).view(size))

        return evaluate

    _, begun = _run(LBFGS(quadratic(1.0), torch.zeros(size), 12))
    _, anew = _run(LBFGS(quadratic(1.2), begun.image, 8, state=OptimiserState(begun.state.curvature)))
    _, on = _run(LBFGS(quadratic(1.2), begun.image, 8, state=begun.state))
    assert on.evaluation.loss < 0.7 * anew.evaluation.loss


def test_a_scaled_state_holds_for_the_objective_times_the_factor(problem):
    evaluate, centre = problem

    def three_times(image):
        one = evaluate(image)
        return Evaluation(3 * one.loss, 3 * one.gradient)

    _, begun = _run(LBFGS(evaluate, torch.zeros_like(centre), 4))
    _, on = _run(LBFGS(evaluate, begun.image, 4, state=begun.state))
    _, steeper = _run(LBFGS(three_times, begun.image, 4, state=begun.state.scaled(3)))
    torch.testing.assert_close(steeper.image, on.image)
