"""Priors: errors too small for each step add up, and are found by what the clip shows."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.synthetic import make_scene
from vidstyle.jobs.folder.schedule import KeyKind
from vidstyle.media.reader import Frame
from vidstyle.motion.accumulated_error import thumbnail
from vidstyle.render.recurrence import state
from vidstyle.render.recurrence.prepare import Ahead, FrameTask, PriorFlow
from vidstyle.render.recurrence.priors import warp_priors
from vidstyle.render.recurrence.state import ShotState

SIZE = (96, 160)
IMAGE = make_scene(1, SIZE, seed=3).images[0]
PAINT = np.random.default_rng(0).random((*SIZE, 3), np.float32)


def frame(index: int, flow: np.ndarray, image: np.ndarray = IMAGE, trust: float = 1.0) -> FrameTask:
    """A frame that is linked to the one before it."""
    reliability = np.full(SIZE, trust, np.float32)
    return FrameTask(Frame(index, index, image, None), KeyKind.SOLVED, (PriorFlow(index - 1, flow, reliability),))


def begun() -> ShotState:
    first = FrameTask(Frame(0, 0, IMAGE, None), KeyKind.FIRST)
    warped = warp_priors(first, state.before(range(3)))
    assert warped.priors == () and np.array_equal(warped.source, thumbnail(IMAGE))
    return state.before(range(3)).after(0, PAINT, warped.source, None, 1)


STILL = np.zeros((*SIZE, 2), np.float32)


@pytest.mark.parametrize("trust", [1.0, 0.6])
def test_zero_flow_keeps_all_paint_with_its_reliability(trust: float) -> None:
    warped = warp_priors(frame(1, STILL, trust=trust), begun())
    (prior,) = warped.priors
    assert np.array_equal(prior.image, PAINT)
    assert np.array_equal(prior.reliability, np.full(SIZE, trust, np.float32))
    assert np.allclose(warped.source, thumbnail(IMAGE), atol=1e-6)


@pytest.mark.parametrize("checked", [True, False])
def test_paint_is_let_go_when_small_errors_of_every_step_have_added_up(checked: bool) -> None:
    """In the right half the flow is wrong by half a pixel in every frame, though the scene stands still."""
    wrong = STILL.copy()
    wrong[:, 80:, 0] = 0.5
    carried, trusts = begun(), []
    for index in range(1, 13):
        warped = warp_priors(frame(index, wrong), carried, checked=checked)
        trusts.append(warped.priors[0].reliability)
        carried = carried.after(index, PAINT, warped.source, None, 1)
    right, left = (slice(16, -16), slice(100, 140)), (slice(None), slice(0, 60))
    assert min(trust[left].min() for trust in trusts) == 1
    assert trusts[0][right].mean() > 0.95
    least = np.min(trusts, axis=0)[right].mean()
    assert least < 0.4 if checked else least == 1


def test_new_paint_has_the_frame_itself_as_its_source() -> None:
    """A wall turns into a meadow: the paint is let go once, and then what is there is held."""
    other = make_scene(1, SIZE, seed=4).images[0]
    changed = IMAGE.copy()
    changed[:, 80:] = other[:, 80:]
    carried = begun()
    first = warp_priors(frame(1, STILL, changed), carried)
    carried = carried.after(1, PAINT, first.source, None, 1)
    second = warp_priors(frame(2, STILL, changed), carried)
    right = (slice(None), slice(90, None))
    assert first.priors[0].reliability[right].mean() < 0.2
    assert second.priors[0].reliability[right].mean() > 0.9
    assert np.abs(second.source - thumbnail(changed))[:, 90:].mean() < 0.02


def test_the_nearer_of_two_results_counts_where_it_is_reliable() -> None:
    left, everywhere = np.zeros(SIZE, np.float32), np.ones(SIZE, np.float32)
    left[:, :80] = 1
    carried = ShotState(1, {0: PAINT, 1: PAINT}, {0: 0 * IMAGE + 0.25, 1: 0 * IMAGE + 0.75})
    prior_flows = (PriorFlow(1, STILL, left), PriorFlow(0, STILL, everywhere))
    warped = warp_priors(
        FrameTask(Frame(2, 2, 0 * IMAGE + 0.5, None), KeyKind.SOLVED, prior_flows), carried, checked=False
    )
    nearer, farther = (prior.reliability for prior in warped.priors)
    assert np.array_equal(nearer, left) and np.array_equal(farther, 1 - left)
    assert np.allclose(warped.source[:, :80], 0.75) and np.allclose(warped.source[:, 80:], 0.25)


def test_the_farther_result_counts_where_the_nearer_belongs_elsewhere() -> None:
    everywhere = np.ones(SIZE, np.float32)
    other = make_scene(1, SIZE, seed=4).images[0]
    carried = ShotState(1, {0: PAINT, 1: PAINT}, {0: thumbnail(IMAGE), 1: thumbnail(other)})
    prior_flows = (PriorFlow(1, STILL, everywhere), PriorFlow(0, STILL, everywhere))
    nearer, farther = warp_priors(FrameTask(Frame(2, 2, IMAGE, None), KeyKind.SOLVED, prior_flows), carried).priors
    assert nearer.reliability.mean() < 0.2 and farther.reliability.mean() > 0.8


@pytest.mark.parametrize("last", [0.05, 2.0])
def test_paint_stays_reliable_through_a_fade(last: float) -> None:
    """Down to a twentieth of the light, or up to twice of it, each step is a small one."""
    carried = begun()
    for index, light in enumerate(np.geomspace(1, last, 24, dtype=np.float32), 1):
        faded = (0.5 * IMAGE * light).clip(0, 1)
        warped = warp_priors(frame(index, STILL, faded), carried)
        assert warped.priors[0].reliability.mean() > 0.9, index
        carried = carried.after(index, PAINT, warped.source, None, 1)


def test_a_given_keyframe_ahead_comes_first_in_patches_that_have_turned() -> None:
    given, everywhere = 1 - PAINT, np.ones(SIZE, np.float32)
    carried = ShotState(1, {1: PAINT}, {1: thumbnail(IMAGE)})

    def shares(way: float) -> tuple[np.ndarray, np.ndarray]:
        ahead = Ahead(IMAGE, PriorFlow(4, STILL, everywhere), way)
        flows = (PriorFlow(1, STILL, everywhere),)
        task = FrameTask(Frame(2, 2, IMAGE, None), KeyKind.SOLVED, flows, ahead=ahead)
        first, second = warp_priors(task, carried, given).priors
        assert np.allclose(first.image, given) and np.allclose(second.image, PAINT)
        return first.reliability, second.reliability

    for way in (0.1, 0.5, 0.9):
        new, old = shares(way)
        assert new.mean() == pytest.approx(way, abs=0.1) and np.allclose(new + old, 1, atol=1e-5)
