import pytest
import torch

from vidstyle.style.pyramid import first_frame_plan, levels, preview_size, resampled, resize


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


def test_previews_are_of_one_size_whatever_the_frames():
    sizes = [(180, 320), (512, 400), (410, 513), (432, 768), (1080, 1920), (3840, 2160), (1, 4000)]
    previews = [(180, 320), (512, 400), (409, 512), (288, 512), (288, 512), (512, 288), (1, 512)]
    assert [preview_size(size) for size in sizes] == previews


@pytest.mark.parametrize("size", [(18, 25), (11, 16), (7, 32), (1, 1)])
def test_what_is_shrunk_keeps_its_place_and_its_values(size):
    down, across = torch.meshgrid(torch.linspace(0, 1, 20), torch.linspace(0, 1, 32), indexing="ij")
    ramps = torch.stack([down, across, torch.full((20, 32), 0.3)])[None].float()
    small = resampled(ramps, size)
    assert small.shape == (1, 3, *size)
    centres = [((torch.arange(n) + 0.5) * side / n - 0.5) / (side - 1) for n, side in zip(size, (20, 32), strict=True)]
    inside = [slice(2, -2) if n > 4 else slice(None) for n in size]
    torch.testing.assert_close(small[0, 0, inside[0], 0], centres[0][inside[0]].float(), atol=0.01, rtol=0)
    torch.testing.assert_close(small[0, 1, 0, inside[1]], centres[1][inside[1]].float(), atol=0.01, rtol=0)
    torch.testing.assert_close(small[0, 2], torch.full(size, 0.3))
    assert resampled(ramps, (20, 32)) is ramps


def test_what_is_enlarged_keeps_its_place_and_goes_through_its_pixels():
    ramp = torch.linspace(0, 1, 32).expand(1, 1, 8, 32)
    large = resampled(ramp, (24, 96))
    assert large.shape == (1, 1, 24, 96)
    torch.testing.assert_close(large[0, 0, 1::3, 1::3], ramp[0, 0])
    assert large[0, 0, 12, 6:-6].diff().std() < 1e-5


def test_a_preview_keeps_what_it_can_show_and_nothing_finer():
    columns = torch.arange(96) + 0.5
    waves = torch.stack([torch.sin(2 * torch.pi * cycles * columns / 96) for cycles in (12, 44)])
    broad, fine = resampled(waves[None, :, None].expand(1, 2, 4, 96), (4, 64))[0, :, 0, 4:-4]
    there = torch.sin(2 * torch.pi * 12 * (torch.arange(64) + 0.5) / 64)[4:-4]
    assert (broad - there).abs().max() < 0.1
    assert fine.abs().max() < 0.15


def test_the_gradient_of_what_is_shrunk_has_no_steps():
    image = torch.zeros(1, 1, 8, 64, requires_grad=True)
    wanted = torch.sin(torch.arange(8.0) / 2).expand(1, 1, 1, 8)
    (gradient,) = torch.autograd.grad((resampled(image, (1, 8)) * wanted).sum(), image)
    row = gradient[0, 0, 4] / gradient.abs().max()
    assert row[12:-12].diff().abs().max() < 0.15
    assert row[12:-12].diff().abs().min() > 0  # nowhere does it stand still


def test_a_large_first_frame_is_begun_at_its_previews_sizes_and_takes_no_more():
    begun = first_frame_plan((288, 512), 36, (288, 512))[:-1]
    for width in (520, 640, 768, 1024, 1280, 1920, 3840):
        size = (width * 9 // 16, width)
        plan = first_frame_plan(size, 36, preview_size(size))
        sizes = [size for size, _ in plan]
        assert plan[:2] == begun and max(sizes[2]) == 512 and plan[-1] == (size, 36)
        whole = first_frame_plan(size, 36, size)
        spent, before = (sum(h * w * count for (h, w), count in one) / (size[0] * size[1]) for one in (plan, whole))
        assert spent <= (1.01 if width >= 1024 else 1.25) * before
    assert [max(size) for size, _ in first_frame_plan((2160, 3840), 36, (288, 512))][3:] == [960, 1920, 3840]
