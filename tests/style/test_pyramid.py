import pytest
import torch

from vidstyle.style.pyramid import first_frame_plan, levels, preview_factor, preview_size, resize, shrunk


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


def test_previews_are_a_whole_number_of_times_smaller():
    # 724 and 1254 are √2 and √6 times 512: as much above it as half and a third of the next are below.
    sizes = [(288, 512), (724, 400), (410, 725), (700, 1254), (720, 1280), (1080, 1920), (2160, 3840)]
    assert [preview_factor(size) for size in sizes] == [1, 1, 2, 2, 3, 4, 8]
    image = torch.arange(5.0).expand(1, 1, 3, 5)
    torch.testing.assert_close(shrunk(image, 2), torch.tensor([0.5, 2.5, 4.0]).expand(1, 1, 2, 3))
    assert preview_size((3, 5), 2) == (2, 3) and shrunk(image, 1) is image


def test_a_large_first_frame_is_begun_at_its_previews_sizes_and_takes_no_more():
    preview = [size for size, _ in first_frame_plan((270, 480), 36)]
    plans = {factor: first_frame_plan((270 * factor, 480 * factor), 36, factor) for factor in (2, 3, 4, 5, 8)}
    for factor, plan in plans.items():
        sizes = [size for size, _ in plan]
        assert sizes[: len(preview)] == preview and sizes[-1] == (270 * factor, 480 * factor)
        whole = first_frame_plan((270 * factor, 480 * factor), 36)
        spent, before = (sum(h * w * count for (h, w), count in one) for one in (plan, whole))
        assert spent <= 1.01 * before
    assert [height for (height, _), _ in plans[8]][3:] == [540, 1080, 2160]
    assert [height for (height, _), _ in plans[3]][3:] == [810]
