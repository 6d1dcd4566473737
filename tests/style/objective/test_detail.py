"""Lettering is found, and kept; texture, noise and broad shapes are left to the brush."""

import math
from functools import partial

import cv2
import numpy as np
import pytest
import torch

from vidstyle.style.objective.detail import (
    FORMS,
    detail,
    fine_detail,
    grey_detail,
    legible,
    legible_fine,
    plainness,
    reduced,
    strong_detail,
    strong_form,
)
from vidstyle.style.objective.terms import DetailTerm

SIZE = (180, 320)


def tensor(image):
    return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)[None]))


def lettered(scale=1, ground=0.2):
    image = np.full((180 * scale, 320 * scale, 3), round(255 * ground), np.uint8)
    cv2.putText(
        image, "12:34", (100 * scale, 100 * scale), cv2.FONT_HERSHEY_SIMPLEX, 1.0 * scale, (230,) * 3, 3 * scale
    )
    return tensor(image.astype(np.float32) / 255)


def ground():
    """A picture without anything fine in it, and a broad edge."""
    image = np.full((*SIZE, 3), 0.2, np.float32)
    image[:, 160:] = np.linspace(0.2, 0.25, 160, dtype=np.float32)[:, None]
    return image


@pytest.mark.parametrize("scale", [1, 3])
def test_lettering_counts_at_every_size_and_what_is_around_it_does_not(scale):
    mask = strong_detail(lettered(scale))[0, 0].numpy()[::scale, ::scale]
    letters = lettered()[0, 0].numpy() > 0.5
    assert mask[letters].mean() > 0.9
    assert mask[:60].max() == 0 and mask[:, :80].max() == 0


def test_smooth_detail_has_a_gradient_without_squares():
    """With mean values it would stand still within squares of three pixels, and step between them."""
    image = lettered(3).requires_grad_()
    small = reduced(image, (540, 960), smooth=True)
    assert small.shape[2:] == SIZE
    (gradient,) = torch.autograd.grad(small.square().sum(), image)
    steps = gradient[0, 0, 255].diff().abs()
    assert steps[2::3].sum() < 1.2 * (steps[0::3].sum() + steps[1::3].sum()) / 2


@pytest.mark.parametrize("noise", [0, 5, 20, 40])
def test_noise_is_no_lettering(noise):
    rng = np.random.default_rng(1)
    noisy = ground() + rng.normal(0, noise / 255, (*SIZE, 1)).astype(np.float32)
    assert float(strong_detail(tensor(noisy.clip(0, 1))).mean()) < 0.01


def test_texture_all_over_is_no_lettering():
    rng = np.random.default_rng(2)
    leaves = cv2.GaussianBlur(rng.random((*SIZE, 3), np.float32), (0, 0), 1.5)
    leaves = (leaves - leaves.mean()) / leaves.std() * 0.2 + 0.5
    assert float(strong_detail(tensor(leaves.clip(0, 1))).mean()) < 0.02


def test_small_letters_of_a_large_frame_count_and_fine_lines_and_leaves_do_not():
    rng = np.random.default_rng(3)
    image = np.full((1080, 1920, 3), 90, np.uint8)
    leaves = cv2.GaussianBlur(rng.random((1080, 900, 3), np.float32), (0, 0), 3)
    image[:, :900] = np.clip(((leaves - leaves.mean()) / leaves.std() * 0.12 + 0.35) * 255, 0, 255)
    font = cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(image, "Main Street 14, N 43.31", (1100, 300), font, 0.7, (230,) * 3, 2, cv2.LINE_AA)
    cv2.line(image, (1000, 700), (1900, 620), (230,) * 3, 2, cv2.LINE_AA)  # a wire
    image[900:, 1000:] = 200  # the edge of a wall
    frame = tensor(image.astype(np.float32) / 255)
    mask = strong_detail(frame, small=True)[0, 0].numpy()
    letters = image[270:320, 1100:1400, 0] > 180
    assert strong_detail(frame)[0, 0].numpy()[270:320, 1100:1400][letters].mean() < 0.6  # too small to be seen there
    assert mask[270:320, 1100:1400][letters].mean() > 0.8
    assert mask[600:720, 1100:1800].mean() < 0.01 and mask[400:, :900].mean() < 0.02
    assert (mask - strong_detail(frame)[0, 0].numpy())[880:920, 1100:1800].max() < 0.01


def test_the_term_is_zero_for_the_frame_in_any_light_and_its_gradient_is_right():
    frame = lettered()
    mask = strong_detail(frame)
    term = DetailTerm("detail", partial(detail, frame_size=SIZE), grey_detail(frame, SIZE), mask, 1000.0)
    assert float(term(frame, {})) == pytest.approx(0, abs=1e-9)
    assert float(term(frame + 0.3, {})) == pytest.approx(0, abs=1e-6)
    assert float(term(torch.full_like(frame, 0.5), {})) > 0.5
    image = torch.rand(1, 3, 24, 40, dtype=torch.float64, requires_grad=True)
    target, mask = torch.rand(2, 1, 1, 24, 40, dtype=torch.float64)

    def loss(image):
        blurred = image.float().double()
        return (mask * (detail(blurred.float(), (24, 40)).double() - target).square()).sum()

    loss(image).backward()
    step = torch.zeros_like(image)
    step[0, 1, 12, 20] = 1e-2
    with torch.no_grad():
        slope = (loss(image + step) - loss(image - step)) / 2e-2
    assert float(image.grad[0, 1, 12, 20]) == pytest.approx(float(slope), rel=1e-3)


def test_a_crop_has_the_detail_that_its_frame_has_there():
    frame = lettered(2)
    size = (360, 640)
    whole, crop = grey_detail(frame, size), grey_detail(frame[..., 64:256, 96:480], size)
    torch.testing.assert_close(crop[..., 10:-10, 10:-10], whole[..., 42:118, 58:230])
    assert reduced(frame, size).shape[2:] == SIZE


def test_fine_detail_is_all_but_what_is_broad_in_a_crop_as_in_its_frame():
    frame, size = lettered(3), (540, 960)
    fine = fine_detail(frame, size)
    assert fine.shape == frame.shape
    small = reduced(fine, size, smooth=True)
    torch.testing.assert_close(small, detail(frame, size, smooth=True), atol=0.03, rtol=0)
    pixels = 0.1 * torch.randn(frame.shape, generator=torch.Generator().manual_seed(0))
    assert ((fine_detail(frame + pixels, size) - fine - pixels).abs().mean()) < 0.01
    crop = fine_detail(frame[..., 96:384, 192:768], size)
    torch.testing.assert_close(crop[..., 30:-30, 30:-30], fine[..., 126:354, 222:738], atol=0.01, rtol=0)


def test_weak_lettering_is_raised_down_to_its_pixels_and_strong_is_as_it_is():
    frame, size = lettered(3), (540, 960)
    strong = fine_detail(frame[:, :1], size)
    torch.testing.assert_close(
        legible_fine(frame, size) * (strong.abs() > 0.2), strong * (strong.abs() > 0.2), atol=1e-4, rtol=0
    )
    weak = legible_fine(0.5 + 0.1 * (frame - 0.5), size)
    assert (weak[strong > 0.3] / (0.1 * strong[strong > 0.3])).min() > 1.5


def figure(scale=1):
    """A dark coat before a light ground, and foliage in which no place is darker than another for long."""
    image = np.full((180 * scale, 320 * scale, 3), 0.6, np.float32)
    image[60 * scale : 130 * scale, 60 * scale : 90 * scale] = 0.1
    image[:, 180 * scale :] += 0.3 * np.random.default_rng(1).choice([-1, 1], (180 * scale, 140 * scale, 1))
    return tensor(image.astype(np.float32))


@pytest.mark.parametrize("scale", [1, 3])
def test_a_figure_is_a_form_at_every_size_and_foliage_and_plain_ground_are_none(scale):
    size = (180 * scale, 320 * scale)
    mask = strong_form(figure(scale), size)[0, 0]
    assert mask.shape == (36, 64)
    assert mask[14:24, 13:17].min() > 0.6
    assert mask[:6, :26].max() == 0 and mask[:, 42:].max() < 0.3


def test_the_form_term_is_zero_in_any_light_and_colour_and_asks_for_what_is_dark_to_be_darker():
    frame = figure()
    broad = partial(grey_detail, frame_size=SIZE, long_side=FORMS)
    term = DetailTerm("form", broad, broad(frame), strong_form(frame, SIZE), 100.0)
    assert float(term(frame - 0.05, {})) == pytest.approx(0, abs=1e-6)
    tinted = frame + torch.tensor([0.114, 0.0, -0.299]).view(1, 3, 1, 1)
    assert float(term(tinted, {})) == pytest.approx(0, abs=1e-6)
    grey = torch.full_like(frame, 0.4).requires_grad_()
    loss = term(grey, {})
    loss.backward()
    assert float(loss.detach()) > 0.1
    inside, beside = grey.grad[0, :, 65:125, 62:68], grey.grad[0, :, 65:125, 50:56]
    assert inside.min() > 0 > beside.max()


def test_a_surface_is_plain_where_nothing_is_on_it_or_near_it():
    grain = 0.01 * torch.rand(1, 3, 160, 240, generator=torch.Generator().manual_seed(0))
    content = 0.4 + grain
    content[..., 60:100, 20:80] += 0.4
    plain = plainness(content, (160, 240))
    assert plain.shape == (1, 1, 160, 240)
    assert plain[..., :, 140:].min() > 0.9  # asphalt
    assert plain[..., 57:63, 20:80].max() < 0.1  # the rim of what stands on it
    # A part of the frame is judged as it is in the whole.
    part = plainness(content[..., 120:], (160, 240))
    assert torch.allclose(part[..., 40:], plain[..., 160:], atol=0.05)


def test_weak_detail_is_raised_up_to_twice_and_strong_detail_is_not():
    pattern = torch.linspace(0, 40 * math.pi, 320).sin().expand(1, 1, 180, 320)  # its contrast is the root of a half
    for contrast, times in ((0.01, 2), (0.05, 2), (0.08, 1.25), (0.1, 1), (0.4, 1)):
        grey = contrast * 2**0.5 * pattern
        raised = (legible(grey) / grey)[..., 20:-20, 20:-20]
        assert float(raised[grey[..., 20:-20, 20:-20].abs() > 1e-3].median()) == pytest.approx(times, rel=0.03)
    assert legible(torch.zeros(1, 1, 20, 20)).abs().max() == 0
