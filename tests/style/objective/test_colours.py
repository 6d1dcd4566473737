import pytest
import torch

from vidstyle.style.objective.colours import mean_colour, opponent


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
