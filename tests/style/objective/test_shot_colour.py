import pytest
import torch

from vidstyle.style.objective.shot_colour import ShotColour, mean_colour, opponent

BEGAN = ShotColour(painting=torch.tensor([0.8, -0.1, 0.2]), clip=torch.tensor([0.5, 0.0, 0.1]))
LED = torch.tensor([0.2, 0.0, -0.1])  # what the clip gains: it gets brighter, and its colour turns one way


def _drift(gained, led=LED):
    return BEGAN.drift(BEGAN.painting + torch.tensor(gained), BEGAN.clip + led)


@pytest.mark.parametrize("brightness", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("colour", [0.0, 0.6, 1.0])
def test_a_colour_that_stays_or_follows_the_clip_has_not_drifted(brightness, colour):
    assert _drift([0.2 * brightness, 0.0, -0.1 * colour]).norm() < 1e-6


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
    assert float(_drift(gained).norm()) == pytest.approx(distance, rel=1e-4)


def test_where_the_clip_keeps_its_colour_any_change_is_drift():
    assert _drift([0.03, 0.0, 0.04], torch.zeros(3)).tolist() == pytest.approx([0.03, 0.0, 0.04], abs=1e-6)


def test_drift_leads_from_the_nearest_colour():
    assert _drift([0.5, 0.05, -0.03]).tolist() == pytest.approx([0.3, 0.05, 0], abs=1e-5)


def test_opponent_colours_are_a_rotation():
    rows = opponent(torch.device("cpu"))
    assert torch.allclose(rows @ rows.T, torch.eye(3), atol=1e-6)
    grey, red_for_blue = torch.tensor([0.5, 0.5, 0.5]), torch.tensor([0.2, 0.0, -0.2])
    assert (rows @ grey).tolist() == pytest.approx([0.5 * 3**0.5, 0, 0], abs=1e-6)
    assert (rows @ red_for_blue).tolist() == pytest.approx([0, 0.2 * 2**0.5, 0], abs=1e-6)


def test_the_parts_of_a_frame_add_up_to_its_mean_colour():
    generator = torch.Generator().manual_seed(1)
    image, part = torch.rand(1, 3, 7, 9, generator=generator), torch.rand(1, 1, 7, 9, generator=generator)
    whole = mean_colour(image)
    assert torch.allclose(whole, opponent(image.device) @ image[0].flatten(1).mean(1), atol=1e-6)
    assert torch.allclose(mean_colour(image, part) + mean_colour(image, 1 - part), whole, atol=1e-6)
