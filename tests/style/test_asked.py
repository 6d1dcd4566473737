"""What is asked of a frame by masks, shares and weights, and what the solver makes of it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.helpers.runs import drained
from vidstyle.settings import Settings
from vidstyle.style.memory import UNMEASURED
from vidstyle.style.request import Asked, Prior
from vidstyle.style.solver import FrameSolver

SETTINGS = Settings().replace(precision="float32", device="cpu", first_frame_steps=8, steps=2)
LEFT = np.zeros((40, 56), np.float32)
LEFT[:, :24] = 1


@pytest.fixture
def frame(noise):
    return noise[0].permute(1, 2, 0).numpy().copy()


@pytest.fixture
def solver(frame, stripes):
    other = np.ascontiguousarray(stripes.transpose(1, 0, 2)[..., ::-1])
    return FrameSolver([(stripes, 1.0), (other, 1.0)], frame.shape[:2], SETTINGS)


def _change(image, frame):
    """The mean change to the left of the edge, and well to the right of it."""
    off = np.abs(image - frame).mean(-1)
    return off[:, :20].mean(), off[:, 32:].mean()


@pytest.mark.slow
def test_only_what_is_inside_a_mask_is_painted(solver, frame):
    asked = Asked(SETTINGS.at(0), (1.0, 0.0), (LEFT, np.zeros_like(LEFT)))
    _, first = drained(solver.first(frame, asked))
    inside, outside = _change(first.image, frame)
    assert inside > 0.1 and outside < 0.2 * inside
    assert first.memory.style_gain != UNMEASURED
    # Earlier paint, there by mistake, does not stay outside.
    _, later = drained(solver.next(frame, [Prior(1 - frame, np.ones_like(LEFT))], first.memory, asked))
    assert _change(later.image, frame)[1] < 0.2 * _change(later.image, frame)[0]


def test_a_frame_with_nothing_to_paint_stays_the_clips(solver, frame):
    asked = Asked(SETTINGS.at(0), (1.0, 1.0), (np.zeros_like(LEFT), np.zeros_like(LEFT)))
    _, first = drained(solver.first(frame, asked))
    assert max(_change(first.image, frame)) < 0.06 and first.memory.style_gain == UNMEASURED


def test_styles_without_masks_are_blended_by_the_shares_of_the_frame(solver, frame):
    def gram(*shares):
        (region,) = solver.request(frame, (), Asked(SETTINGS.at(0), shares)).regions
        return region.style.at(frame.shape[:2])["relu1_1"].gram

    torch.testing.assert_close(gram(1, 3), 0.25 * gram(1, 0) + 0.75 * gram(0, 5))


@pytest.mark.slow
def test_a_style_weight_of_nothing_leaves_the_frame_and_the_gain_is_measured_with_all_of_it(solver, frame):
    weights = replace(SETTINGS.at(0), style=0.0)
    _, first = drained(solver.first(frame, Asked(weights, (1.0, 0.0), trial=SETTINGS.at(0))))
    _, whole = drained(solver.first(frame, Asked(SETTINGS.at(0), (1.0, 0.0))))
    assert first.memory.style_gain == whole.memory.style_gain != UNMEASURED
    assert max(_change(first.image, frame)) < 0.06


@pytest.mark.slow
def test_a_shots_colour_is_kept_while_the_same_is_asked_and_taken_anew_when_it_is_not(solver, frame):
    asked = Asked(SETTINGS.at(0), (1.0, 0.0))
    _, first = drained(solver.first(frame, asked))
    prior = Prior(first.image, np.full_like(LEFT, 0.5))
    kept, anew = (
        drained(solver.next(frame, [prior], first.memory, replace(asked, steady=steady)))[1] for steady in (True, False)
    )
    np.testing.assert_array_equal(kept.memory.shot_colour, first.memory.shot_colour)
    assert np.abs(anew.memory.shot_colour[0] - first.memory.shot_colour[0]).max() > 1e-4
