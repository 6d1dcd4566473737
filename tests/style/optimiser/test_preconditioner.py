import pytest
import torch

from vidstyle.style.optimiser.preconditioner import Spectrum, local_curvature

CPU = torch.device("cpu")


@pytest.mark.parametrize("size", [(12, 16), (11, 13), (1, 7), (9, 1)])
def test_one_curvature_for_all_bands_divides_by_it(size):
    image = torch.randn(1, 3, *size, generator=torch.Generator().manual_seed(0))
    spectrum = Spectrum(size, CPU)
    torch.testing.assert_close(spectrum.divide(image, spectrum.uniform(4.0)), image / 4)


@pytest.mark.parametrize("size", [(32, 48), (33, 47)])
def test_a_fit_finds_the_curvatures_of_a_quadratic(size):
    spectrum = Spectrum(size, CPU)
    true = torch.logspace(0, 1, 72).view(3, 24)
    step = torch.randn(1, 3, *size, generator=torch.Generator().manual_seed(1))
    change = spectrum.divide(step, 1 / true)
    fitted = spectrum.fit(step, change)
    # Some of the broadest bands have no frequency in so small an image.
    there = [band for band, members in enumerate(spectrum._members) if len(members)]
    assert len(there) > 18
    torch.testing.assert_close(fitted[:, there], true[:, there], rtol=1e-4, atol=0)
    torch.testing.assert_close(spectrum.divide(change, true), step, rtol=1e-3, atol=1e-4)


def test_stripes_are_told_apart_by_how_fine_they_are_and_by_which_way_they_run():
    spectrum = Spectrum((96, 96), CPU)
    down, across = torch.meshgrid(torch.arange(96.0), torch.arange(96.0), indexing="ij")
    waves = [across / 4, across / 6, down / 4, down / 6]  # half an octave lies between four pixels and six
    stripes = [torch.sin(2 * torch.pi * wave).expand(1, 3, 96, 96) for wave in waves]
    step = sum(stripes)
    change = sum(steep * stripe for steep, stripe in zip((1, 2, 3, 4), stripes, strict=True))
    curvature = spectrum.fit(step, change)
    for steep, stripe in zip((1, 2, 3, 4), stripes, strict=True):
        torch.testing.assert_close(spectrum.divide(stripe, curvature), stripe / steep, rtol=1e-3, atol=1e-3)


def test_fits_are_averaged_and_bounded():
    spectrum = Spectrum((16, 16), CPU)
    step = torch.randn(1, 3, 16, 16, generator=torch.Generator().manual_seed(2))
    # Three tenths of the newest, of logarithms.
    torch.testing.assert_close(spectrum.fit(step, 4 * step, spectrum.uniform(1.0)), spectrum.uniform(4**0.3))
    wild = spectrum.divide(step, torch.logspace(-6, 6, 72).view(3, 24))
    fitted = spectrum.fit(step, wild)
    assert fitted.max() / fitted.min() <= 30**2 * 1.001


def test_solving_with_no_stiffness_and_with_much_more_than_curvature():
    spectrum = Spectrum((16, 24), CPU)
    gradient = torch.randn(1, 3, 16, 24, generator=torch.Generator().manual_seed(3))
    curvature = torch.logspace(0, 1, 72).view(3, 24)
    none = spectrum.solve(gradient, curvature, torch.zeros(1, 1, 16, 24))
    torch.testing.assert_close(none, spectrum.divide(gradient, curvature))
    stiffness = 1e6 * (1 + torch.rand(1, 1, 16, 24, generator=torch.Generator().manual_seed(4)))
    torch.testing.assert_close(
        spectrum.solve(gradient, curvature, stiffness) * stiffness, gradient, rtol=1e-3, atol=1e-3
    )


def test_a_change_against_the_step_still_gives_a_curvature_above_zero():
    """What is left of a change once the known stiffness is taken off may point the other way."""
    spectrum = Spectrum((16, 24), CPU)
    step = torch.randn(1, 3, 16, 24, generator=torch.Generator().manual_seed(5))
    torch.testing.assert_close(spectrum.fit(step, -2 * step), spectrum.uniform(2.0))


@pytest.mark.parametrize("size", [(48, 64), (3, 5)])
def test_local_curvature_is_that_of_a_quadratic(size):
    step = torch.randn(1, 3, *size, generator=torch.Generator().manual_seed(6))
    torch.testing.assert_close(local_curvature(step, 7 * step), torch.ones(1, 1, *size))
    steep = torch.ones(1, 1, *size)
    steep[..., size[1] // 2 :] = 16.0
    local = local_curvature(step, steep * step)
    torch.testing.assert_close(local.log().mean(), torch.tensor(0.0), atol=1e-5, rtol=0)
    assert local[..., -1].min() / local[..., 0].max() == pytest.approx(16, rel=0.01 if size[1] > 40 else 1)
    nearer = local_curvature(step, step, local)
    torch.testing.assert_close(nearer, local**0.7)


def test_where_nothing_moved_local_curvature_is_finite():
    step, change = torch.zeros(2, 1, 3, 32, 32)
    step[..., :4], change[..., -4:] = 1.0, 1.0
    local = local_curvature(step, change)
    assert local.isfinite().all() and local.min() >= 0.1 and local.max() <= 10
