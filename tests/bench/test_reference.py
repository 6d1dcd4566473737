"""The method that the program is measured against has the objective that its paper gives."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from bench import reference
from bench.painter import Painter
from vidstyle.settings import Settings
from vidstyle.style.network.device import to_tensor
from vidstyle.style.request import Prior

SIZE = (40, 56)


@pytest.fixture(scope="module")
def pictures():
    """A frame, a style, an earlier result, and where to evaluate, (H, W, 3); and how far to trust, (H, W)."""
    random = np.random.default_rng(5)
    coarse = random.random((4, 5, 7, 3), np.float32)
    smooth = coarse.repeat(8, 1).repeat(8, 2)
    grain = random.random((4, *SIZE, 3), np.float32)
    return (*(0.7 * smooth + 0.3 * grain), (random.random(SIZE) > 0.4).astype(np.float32))


def _losses(pictures, dtype):
    frame, style, earlier, _, trust = (torch.from_numpy(picture).to(dtype) for picture in pictures)
    frame, style, earlier = (reference.from_rgb(image.permute(2, 0, 1)[None]) for image in (frame, style, earlier))
    return reference.Losses(frame, style, [(earlier, trust[None, None])])


@pytest.mark.slow
def test_value_and_gradient_are_those_of_the_programs_own_objective(pictures):
    frame, style, earlier, here, trust = pictures
    settings = Settings().replace(objective="ruder2016", device="cpu", precision="float32")
    painter = Painter([(style, 1.0)], SIZE, settings)
    ours = painter.objective(painter.request(frame, [Prior(earlier, trust)]))(to_tensor(here, painter.device))

    image = to_tensor(here, painter.device).requires_grad_()
    loss = _losses(pictures, torch.float32)(reference.from_rgb(image))
    (gradient,) = torch.autograd.grad(loss, image)
    assert float(loss.detach()) == pytest.approx(ours.loss, rel=1e-4)
    assert (gradient - ours.gradient).norm() < 1e-3 * ours.gradient.norm()


@pytest.mark.slow
def test_gradient_agrees_with_finite_differences(pictures):
    losses = _losses(pictures, torch.float64)
    image = reference.from_rgb(torch.from_numpy(pictures[3]).double().permute(2, 0, 1)[None]).requires_grad_()
    (gradient,) = torch.autograd.grad(losses(image), image)
    direction = gradient / gradient.norm()
    with torch.no_grad():
        slope = (losses(image + 1e-3 * direction) - losses(image - 1e-3 * direction)) / 2e-3
    assert float(slope) == pytest.approx(float(gradient.norm()), rel=1e-4)


@pytest.mark.slow
def test_a_solve_goes_down_and_keeps_count(pictures):
    losses = _losses(pictures, torch.float32)
    frame = reference.from_rgb(torch.from_numpy(pictures[0]).permute(2, 0, 1)[None])
    solved = reference.solve(losses, frame, 12)
    assert len(solved.losses) == len(solved.seconds) == 12
    assert solved.losses[-1] < 0.5 * solved.losses[0]
    assert float(losses(solved.image)) <= solved.losses[0]
