"""What is asked of a frame stays in register when it is resized and cropped."""

from dataclasses import replace

import pytest
import torch

from vidstyle.settings import FrameWeights
from vidstyle.style.request import FrameRequest, StyleRegion

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
