"""What is asked of a frame stays in register when it is resized and cropped."""

from dataclasses import replace

import pytest
import torch

from vidstyle.settings import FrameWeights
from vidstyle.style.request import FrameRequest, StyleRegion, initial_image

CROP = (slice(16, 48), slice(8, 72))


@pytest.fixture
def request_():
    """One whose images are all the same ramp across the frame."""
    ramp = torch.linspace(0, 1, 96).expand(1, 1, 64, 96)
    image = ramp.expand(1, 3, 64, 96)
    return FrameRequest(
        image,
        FrameWeights(1.0, 20.0, 3000.0, 5.0, 400.0),
        (StyleRegion(None), StyleRegion(None, ramp)),
        ((image, 0.25 * ramp), (image, 0.25 * ramp)),
        disoccluded=ramp,
        details=ramp,
    )


def _ramps(request):
    """Each of its images but the first, with the content's first channel taken off."""
    images = [request.regions[1].mask, request.disoccluded, request.details, *(image for image, _ in request.priors)]
    return [image[:, :1] - request.content[:, :1] for image in images]


@pytest.mark.parametrize("change", ["resized", "cropped", "both"])
def test_all_images_stay_in_register(request_, change):
    changed = request_ if change == "resized" else request_.cropped(CROP)
    changed = changed if change == "cropped" else changed.resized((32, 48))
    assert changed.size == {"resized": (32, 48), "cropped": (32, 64), "both": (16, 32)}[change]
    assert changed.frame_size == ((64, 96) if change == "cropped" else (32, 48))
    assert (changed.crop_of is None) == (change == "resized")
    assert all(ramp.abs().max() < 1e-6 for ramp in _ramps(changed))
    assert changed.regions[0].mask is None and changed.weights == request_.weights


def test_what_no_prior_shows_reliably_is_disoccluded(request_):
    torch.testing.assert_close(request_.disocclusion, 1 - 0.5 * request_.disoccluded)
    over = replace(request_, priors=tuple((image, 4 * reliability) for image, reliability in request_.priors))
    assert over.disocclusion.min() == 0


@pytest.mark.parametrize("other", ["another style", "not painted"])
def test_what_is_new_in_a_region_gets_the_colours_that_the_region_has(other):
    """The left half is painted as a negative; the right one otherwise, or not at all."""
    frame = torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    left = torch.zeros(1, 1, 64, 96)
    left[..., :48] = 1
    painting = left * (1 - frame) + (1 - left) * (0.5 * frame if other == "another style" else frame)
    known = torch.ones(1, 1, 64, 96)
    known[:, :, 20:40, 20:76] = 0
    regions = [StyleRegion(None, left), StyleRegion(None, 1 - left)][: 2 if other == "another style" else 1]
    weights = FrameWeights(1.0, 20.0, 3000.0, 5.0, 400.0)
    request = FrameRequest(frame, weights, tuple(regions), ((painting * known, known),))
    torch.testing.assert_close(initial_image(request), painting, atol=0.05, rtol=0)


@pytest.fixture
def large(monkeypatch):
    """One of a frame twice as large as its preview, with detail as fine as a pixel, which its left half is to keep."""
    monkeypatch.setattr("vidstyle.style.pyramid._PREVIEW", 48)
    rows, columns = torch.meshgrid(torch.arange(64), torch.arange(96), indexing="ij")
    fine = 0.1 * (1 - 2 * ((rows + columns) % 2)).expand(1, 3, 64, 96)
    left = torch.zeros(1, 1, 64, 96)
    left[..., :48] = 1
    region = StyleRegion(None, torch.ones(1, 1, 64, 96))
    return FrameRequest(0.5 + fine, FrameWeights(1.0, 20.0, 3000.0, 5.0, 400.0), (region,), details=left)


def test_what_a_preview_lacks_is_the_brushs_but_for_what_is_to_be_read(large):
    for kept in (large.brushed_content - 0.5, large.detail_beyond((32, 48))):
        torch.testing.assert_close(kept.abs()[..., :48], torch.full((1, 3, 64, 48), 0.1), atol=0.01, rtol=0)
        assert kept.abs()[..., 50:].max() < 0.01
    small = large.resized((32, 48))
    assert small.brushed_content is small.content
    assert replace(large, details=None, has_preview=False).detail_beyond((32, 48)).abs().min() > 0.09


def test_a_style_that_hardly_weighs_or_is_asked_for_nowhere_leaves_the_clips_detail(large):
    plain = replace(large, details=None)
    assert plain.own_detail.max() == 0
    for style in (0.0, 1.0):
        faint = replace(plain, weights=replace(large.weights, style=style))
        torch.testing.assert_close(faint.brushed_content, large.content)
    torch.testing.assert_close(replace(plain, regions=()).brushed_content, large.content)


def test_a_preview_stays_in_register(request_, monkeypatch):
    assert request_.shrunk() is request_
    monkeypatch.setattr("vidstyle.style.pyramid._PREVIEW", 32)
    changed = request_.shrunk()
    assert changed.size == (21, 32) and changed.frame_size == (21, 32)
    assert all(ramp.abs().max() < 1e-6 for ramp in _ramps(changed))
    part = request_.cropped(CROP).shrunk()
    assert part.size == (10, 21) and part.frame_size == (21, 32)


def test_what_a_preview_shows_of_a_mask_stays_in_its_range(request_, monkeypatch):
    monkeypatch.setattr("vidstyle.style.pyramid._PREVIEW", 36)
    edge = (request_.details > 0.5).float()
    small = replace(request_, details=edge).shrunk().details
    assert small.min() == 0 and small.max() == 1


def test_a_first_frame_starts_with_the_detail_that_its_preview_has(large):
    """Begun at a quarter of its size, it is given what the half has, and no more."""
    columns = torch.arange(96.0)
    broad = 0.2 * torch.sin(2 * torch.pi * columns / 5).expand(1, 3, 64, 96)  # seen at 48 columns, and not at 24
    fine = large.content - 0.5
    start = replace(large, content=0.5 + broad + fine, details=None).detail_beyond((16, 24))[..., 8:-8, 8:-8]
    assert (start * broad[..., 8:-8, 8:-8]).mean() > 0.4 * broad.square().mean()
    assert (start * fine[..., 8:-8, 8:-8]).mean().abs() < 0.1 * fine.square().mean()


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_painting_is_shown_as_far_as_it_is_asked_for(request_, share):
    painting = torch.ones_like(request_.content)
    masked = replace(request_, regions=(StyleRegion(None, torch.full_like(request_.content[:, :1], share)),))
    torch.testing.assert_close(masked.shown(painting), share * painting + (1 - share) * request_.content)
    assert request_.shown(painting) is painting
