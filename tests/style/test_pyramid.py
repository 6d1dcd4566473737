import pytest
import torch

from vidstyle.style.pyramid import levels, resize


def test_levels_halve_down_to_a_sensible_smallest():
    assert levels((272, 640), 5) == [(272, 640), (136, 320), (68, 160)]
    assert levels((272, 640), 2) == [(272, 640), (136, 320)]
    assert levels((100, 100), 5) == [(100, 100)]
    assert levels((1, 400), 5)[-1] == (1, 100)


@pytest.mark.parametrize("size", [(10, 14), (40, 60), (20, 28)])
def test_resizing_keeps_the_mean_and_a_flat_picture_flat(size):
    image = torch.rand(1, 3, 20, 28, generator=torch.Generator().manual_seed(0))
    out = resize(image, size)
    assert out.shape == (1, 3, *size)
    assert out.mean().item() == pytest.approx(image.mean().item(), abs=0.01)
    flat = resize(torch.full((1, 3, 20, 28), 0.3), size)
    torch.testing.assert_close(flat, torch.full((1, 3, *size), 0.3))


def test_resizing_to_the_same_size_returns_the_same_tensor():
    image = torch.rand(1, 3, 8, 9)
    assert resize(image, (8, 9)) is image
