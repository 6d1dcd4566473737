import pytest
import torch

from vidstyle.style.objective.palette import Palette

BEGAN = Palette(painted=torch.tensor([0.8, -0.1, 0.2]), clip=torch.tensor([0.5, 0.0, 0.1]))
LED = torch.tensor([0.2, 0.0, -0.1])  # what the clip gains: it gets brighter, and its colour turns one way


def _strayed(gained, led=LED):
    return float(BEGAN.strayed(BEGAN.painted + torch.tensor(gained), BEGAN.clip + led))


@pytest.mark.parametrize("brightness", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("colour", [0.0, 0.6, 1.0])
def test_to_stay_or_to_go_with_the_clip_is_not_to_stray(brightness, colour):
    assert _strayed([0.2 * brightness, 0.0, -0.1 * colour]) == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize(
    ("gained", "distance"),
    [
        ([-0.1, 0.0, 0.0], 0.1),  # darker, where the clip gets brighter
        ([0.5, 0.0, 0.0], 0.3),  # farther than the clip
        ([0.0, 0.0, 0.07], 0.07),  # the other way
        ([0.0, 0.05, -0.05], 0.05),  # aside
        ([0.3, 0.0, 0.1], 0.02**0.5),  # both
    ],
)
def test_the_distance_is_to_the_nearest_colour_that_it_may_have(gained, distance):
    assert _strayed(gained) == pytest.approx(distance**2, rel=1e-4)


def test_beside_a_clip_that_stays_as_it_is_any_change_is_to_stray():
    assert _strayed([0.03, 0.0, 0.04], torch.zeros(3)) == pytest.approx(0.05**2, rel=1e-4)


def test_the_gradient_leads_to_the_nearest_colour():
    at = (BEGAN.painted + torch.tensor([0.5, 0.05, -0.03])).requires_grad_()
    (gradient,) = torch.autograd.grad(BEGAN.strayed(at, BEGAN.clip + LED), at)
    assert gradient.tolist() == pytest.approx([2 * 0.3, 2 * 0.05, 0], abs=1e-5)
