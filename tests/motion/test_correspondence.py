import itertools

import cv2
import numpy as np
import pytest
from hypothesis import given, strategies

from tests.helpers.synthetic import Disc, make_scene
from vidstyle.motion.correspondence import (
    ChainedFlow,
    NeighbourFlow,
    chain_backward,
    chain_forward,
    compose,
    interval_flow,
    match_neighbours,
    reduced,
)
from vidstyle.motion.methods import flow_method
from vidstyle.motion.reliability import evenness, reliability

DIS = flow_method("dis")


def match_all(images):
    return [match_neighbours(DIS, image, earlier) for earlier, image in itertools.pairwise(images)]


def exact(flow):
    return ChainedFlow(flow, np.ones(flow.shape[:2], np.float32), np.ones(flow.shape[:2], np.float32))


@pytest.mark.slow
def test_tracks_lead_over_several_frames_to_where_things_are():
    scene = make_scene(6, (120, 160), shift=(2.3, -1.1), degrees=0.5)
    run = interval_flow(match_all(scene.images), DIS, scene.images)
    assert len(run.backward) == len(run.forward) == 4
    # The exact way, one exact step after another.
    whole = exact(scene.backward[0])
    for step in scene.backward[1:]:
        whole = compose(exact(step), whole)
    inside = (slice(15, -15), slice(20, -20))
    assert np.abs(run.whole.flow - whole.flow)[inside].mean() < 0.1
    assert run.whole.reliability[inside].mean() > 0.95
    # From a frame on to the last one, and from there back to the first, is where its own way leads.
    for backward, forward in zip(run.backward, run.forward, strict=True):
        composed = compose(exact(forward.flow), run.whole)
        assert np.abs(composed.flow - backward.flow)[inside].mean() < 0.1


@pytest.mark.slow
def test_the_frames_of_a_run_agree_with_one_another():
    """A way from frame 4 goes through where the way from frame 3 goes: what is carried does not tremble."""
    scene = make_scene(6, (120, 160), shift=(1.7, 0.9), degrees=0.3)
    neighbours = match_all(scene.images)
    run = interval_flow(neighbours, DIS, scene.images)
    inside = (slice(15, -15), slice(20, -20))
    for earlier, later, one in zip(run.backward, [*run.backward[1:], run.whole], neighbours[1:], strict=True):
        assert np.abs(compose(one.backward, exact(earlier.flow)).flow - later.flow)[inside].max() < 0.1


@pytest.mark.slow
def test_what_is_covered_on_the_way_is_trusted_from_one_side_alone():
    scene = make_scene(5, (100, 160), disc=Disc((40, 50), 20, (8, 0)))
    run = interval_flow(match_all(scene.images), DIS, scene.images)
    y, x = np.mgrid[:100, :160]

    def disc(frame):
        return np.hypot(x - 40 - 8 * frame, y - 50) < 17

    backward, forward = run.backward[1].visibility, run.forward[1].visibility  # of frame 2, to the first and the last
    uncovered = disc(0) & ~disc(4) & (np.hypot(x - 56, y - 50) > 23)
    to_be_covered = disc(4) & ~disc(0) & (np.hypot(x - 56, y - 50) > 23)
    assert backward[uncovered].mean() < 0.3 and forward[uncovered].mean() > 0.8
    assert forward[to_be_covered].mean() < 0.3 and backward[to_be_covered].mean() > 0.8
    assert min(backward[disc(2)].mean(), forward[disc(2)].mean()) > 0.8


def test_neighbours_hold_each_other_as_where_every_frame_is_solved():
    scene = make_scene(2, (60, 80), shift=(2, 0))
    (one,) = match_all(scene.images)
    run = interval_flow([one], DIS, scene.images[:2])
    assert not run.backward and not run.forward
    np.testing.assert_array_equal(run.whole.flow, one.backward.flow)
    np.testing.assert_allclose(run.whole.visibility, one.backward.visibility, atol=0.01)
    image, earlier = scene.images[1], np.clip(scene.images[0] + 12 / 255, 0, 1)  # paler by more than the rule takes
    one = match_neighbours(DIS, image, earlier)
    whole = interval_flow([one], DIS, [earlier, image]).whole
    held = reliability(whole.flow, one.forward.flow, image, earlier)
    assert whole.visibility.mean() > 0.9 and held.mean() < 0.6
    np.testing.assert_allclose(whole.reliability, held, atol=0.01)


def test_tracks_multiply_what_can_be_trusted():
    def halves(value):
        return ChainedFlow(
            np.zeros((4, 4, 2), np.float32), np.ones((4, 4), np.float32), np.full((4, 4), value, np.float32)
        )

    chain = [NeighbourFlow(halves(0.5), halves(0.8), np.eye(2, 3)) for _ in range(3)]
    assert [float(track.reliability.mean()) for track in chain_backward(chain)] == pytest.approx([0.5, 0.25, 0.125])
    assert [float(track.reliability.mean()) for track in chain_forward(chain)] == pytest.approx([0.512, 0.64, 0.8])


def test_what_leaves_the_frame_by_small_steps_is_gone():
    step = exact(np.full((8, 12, 2), (0.4, 0), np.float32))
    track = step
    for _ in range(4):
        track = compose(step, track)
    assert np.allclose(track.flow[:, :8], (2, 0))
    assert track.visibility[:, :8].mean() > 0.99 and not track.visibility[:, 10:].any()
    np.testing.assert_array_equal(track.reliability, track.visibility)


@pytest.mark.slow
@given(strategies.lists(strategies.integers(-2, 2), min_size=2, max_size=4))
def test_whole_steps_add_up_exactly(steps):
    chain = exact(np.full((9, 30, 2), (steps[-1], 0), np.float32))
    for step in reversed(steps[:-1]):
        chain = compose(exact(np.full((9, 30, 2), (step, 0), np.float32)), chain)
    assert (chain.flow[:, 8:-8] == (sum(steps), 0)).all() and (chain.visibility[:, 8:-8] == 1).all()


def test_reduced_flows_move_by_fewer_pixels():
    track = exact(np.full((40, 80, 2), (8, 4), np.float32))
    small = reduced(NeighbourFlow(track, track, np.eye(2, 3)), 20).backward
    assert small.flow.shape == (10, 20, 2) and np.allclose(small.flow, (2, 1))
    assert reduced(NeighbourFlow(track, track, np.eye(2, 3)), 80).backward is track


@pytest.mark.slow
def test_what_dissolves_into_something_else_is_not_carried() -> None:
    """Though each frame is like the one before."""
    one, other = (make_scene(1, (96, 144), seed=seed).images[0] for seed in (1, 2))
    images = [(1 - part) * one + part * other for part in np.linspace(0, 1, 9, dtype=np.float32)]
    neighbours = match_all(images)
    assert min(track.visibility.mean() for track in (each.backward for each in neighbours)) > 0.8
    run = interval_flow(neighbours, DIS, images)
    assert run.backward[0].visibility.mean() > 0.8 and run.forward[-1].visibility.mean() > 0.8
    assert run.backward[-1].visibility.mean() < 0.5 and run.forward[0].visibility.mean() < 0.5


@pytest.mark.slow
def test_what_is_seen_in_neither_frame_moves_with_what_is_around_it():
    """A bright square passes over a dark ground: at its rims a way is a mixture of the two motions."""
    rng = np.random.default_rng(0)
    ground, square = (
        level + 0.25 * cv2.GaussianBlur(rng.normal(0, 1, (100, 200)).astype(np.float32), (0, 0), 1.5)
        for level in (0.25, 0.75)
    )
    y, x = np.mgrid[:100, :160]
    speed, images = 5, []
    for frame in range(5):
        inside = (np.abs(y - 50) < 22) & (np.abs(x - 40 - speed * frame) < 22)
        image = np.where(inside, np.roll(square, speed * frame, 1)[:, :160], ground[:, :160])
        images.append(np.repeat(image[..., None], 3, 2).clip(0, 1))
    neighbours = match_all(images)
    for frames, track in enumerate(interval_flow(neighbours, DIS, images).backward[1:3], 2):
        across = track.flow[..., 0][track.visibility < 0.05]
        mixed = (across > 1.5 - speed * frames) & (across < -1.5)
        assert mixed.mean() < 0.45  # and more than half if nothing is done


@pytest.mark.slow
def test_paint_is_not_held_where_it_was_stretched_on_its_way():
    """Each step bends by a little, all of them together by a pixel per pixel and more."""
    scene = make_scene(6, (100, 160), disc=Disc((50, 50), 20, (4, 0)))
    run = interval_flow(match_all(scene.images), DIS, scene.images)
    stretched = evenness(run.whole.flow) == 0
    assert 0.01 < stretched.mean() < 0.2
    assert run.whole.reliability[stretched].max() == 0
    for sight in run.backward:
        assert sight.visibility[evenness(sight.flow) == 0].max() <= 0.5
