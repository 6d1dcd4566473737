import math

import numpy as np
import pytest
from hypothesis import given, strategies
from hypothesis.extra.numpy import arrays

from tests.helpers.synthetic import Disc, make_scene
from vidstyle.motion.flow import both_ways
from vidstyle.motion.methods import flow_method
from vidstyle.motion.reliability import (
    EDGE_TOLERANCE,
    ends_inside,
    evenness,
    fineness,
    long_term,
    neighbour_reliability,
    reference_reliability,
    reliability,
)


def slow_reference(backward, forward):
    """The rule of Ruder et al. 2016, one pixel after the other, in plain Python numbers."""
    height, width = backward.shape[:2]
    b, f = backward.tolist(), forward.tolist()

    def mirrored(i, n):
        while not 0 <= i < n:
            i = -1 - i if i < 0 else 2 * n - 1 - i
        return i

    def at(y, x):
        return b[mirrored(y, height)][mirrored(x, width)]

    values = [[0.0] * width for _ in range(height)]
    for y in range(height):
        for x in range(width):
            u, v = b[y][x]
            qx, qy = x + u, y + v
            x1, y1 = math.floor(qx), math.floor(qy)
            if x1 < 0 or y1 < 0 or x1 + 1 >= width or y1 + 1 >= height:
                continue
            ax, ay = qx - x1, qy - y1
            u2, v2 = (
                (1 - ay) * ((1 - ax) * f[y1][x1][c] + ax * f[y1][x1 + 1][c])
                + ay * ((1 - ax) * f[y1 + 1][x1][c] + ax * f[y1 + 1][x1 + 1][c])
                for c in (0, 1)
            )
            if (u + u2) ** 2 + (v + v2) ** 2 >= 0.01 * (u * u + v * v + u2 * u2 + v2 * v2) + 0.5:
                values[y][x] = -255.0
                continue
            gradient = 0.0
            for c in (0, 1):
                gradient += ((at(y, x + 1)[c] - at(y, x - 1)[c]) / 2) ** 2
                gradient += ((at(y + 1, x)[c] - at(y - 1, x)[c]) / 2) ** 2
            if gradient > 0.01 * (u * u + v * v) + 0.002:
                continue
            values[y][x] = 255.0

    kernel = [math.exp(-(d * d) / (2 * 0.8**2)) for d in range(-2, 3)]
    kernel = [weight / sum(kernel) for weight in kernel]
    result = np.empty((height, width))
    for y in range(height):
        for x in range(width):
            total = 0.0
            for j in range(5):
                for i in range(5):
                    value = values[mirrored(y + j - 2, height)][mirrored(x + i - 2, width)]
                    total += kernel[j] * kernel[i] * value
            result[y, x] = min(max(total, 0.0), 255.0) / 255.0
    return result


def random_flows(scale, noise):
    """A smooth motion with noise, and its near inverse."""
    rng = np.random.default_rng(int(scale * 10))
    x, y = np.meshgrid(np.arange(31), np.arange(23))
    smooth = scale * np.stack([np.sin(x / 9 + y / 14), np.cos(x / 12 - y / 8)], -1)
    backward = smooth + noise * rng.normal(size=smooth.shape)
    forward = -smooth + noise * rng.normal(size=smooth.shape)
    return backward.astype(np.float32), forward.astype(np.float32)


def scene_flows(**motion):
    scene = make_scene(2, (27, 34), **motion)
    return scene.backward[0], scene.forward[0]


@pytest.mark.parametrize(
    "flows",
    [
        random_flows(0.3, 0.02),
        random_flows(2, 0.1),
        random_flows(2, 0.5),
        random_flows(8, 1),
        random_flows(40, 10),
        scene_flows(),
        scene_flows(shift=(3, -2)),
        scene_flows(shift=(0.7, 0.2), degrees=4),
        scene_flows(zoom=1.06),
        scene_flows(shift=(1, 1), disc=Disc((12, 13), 7, (6, -1))),
        scene_flows(shift=(100, 0)),
    ],
    ids=["calm", "noise", "wild", "fast", "off", "still", "shift", "turn", "zoom", "disc", "gone"],
)
def test_the_reference_rule_is_that_of_the_paper(flows):
    backward, forward = flows
    found = reference_reliability(backward, forward)
    assert found.dtype == np.float32 and found.shape == backward.shape[:2]
    assert np.allclose(found, slow_reference(backward, forward), atol=2e-6)


def test_the_cases_above_meet_every_branch_of_the_rule():
    # Trusted, off the frame, disoccluded or at a boundary: the random ones mix all of them.
    values = reference_reliability(*random_flows(2, 0.1))
    assert (values == 0).any() and (values == 1).any() and ((values > 0) & (values < 1)).any()


def test_each_test_of_the_rule_alone():
    at, beside = 0.4992, 0.2285  # the blur's weights for a pixel and its neighbour
    still = np.zeros((20, 20, 2), np.float32)

    forward = still.copy()
    forward[10, 10] = (3, 0)  # does not lead back
    disoccluded = reference_reliability(still, forward)
    assert disoccluded[10, 10] == pytest.approx(1 - 2 * at * at, abs=1e-3)
    assert disoccluded[10, 11] == pytest.approx(1 - 2 * at * beside, abs=1e-3)
    assert disoccluded[10, 13] == 1

    backward = still.copy()
    backward[10, 10] = (0.3, 0)  # leads back closely enough, but the four around it see the flow bend
    assert reference_reliability(backward, still)[10, 10] == pytest.approx(1 - 4 * at * beside, abs=1e-3)

    backward[10, 10] = (30, 0)  # leads off the frame, and bends it
    off = reference_reliability(backward, still)
    assert off[10, 10] == pytest.approx(1 - at * at - 4 * at * beside, abs=1e-3)


def test_the_flow_that_is_judged_is_the_backward_one():
    scene = make_scene(2, (60, 80), shift=(12, 0))
    backward, forward = scene.backward[0], scene.forward[0]
    # What comes in at the left, as the scene moves right, was not there before.
    trust = reference_reliability(backward, forward)
    assert trust[30, 4] == 0 and trust[30, 70] == 1
    exchanged = reference_reliability(forward, backward)
    assert exchanged[30, 4] == 1 and exchanged[30, 74] == 0


def test_what_the_disc_uncovers_is_not_trusted_and_the_rest_is():
    scene = make_scene(2, (120, 160), shift=(2, 1), disc=Disc((50, 60), 25, (9, 0)))
    image, earlier = scene.images[1], scene.images[0]
    trust = reliability(*both_ways(flow_method("dis"), image, earlier), image, earlier)
    assert trust.min() >= 0 and trust.max() <= 1
    assert trust[scene.uncovered[0]].mean() < 0.1
    assert trust[~scene.uncovered[0]].mean() > 0.95


def test_a_still_shot_is_trusted_to_the_last_pixel():
    image = make_scene(1, (40, 50)).images[0]
    still = np.zeros((40, 50, 2), np.float32)
    assert (reliability(still, still, image, image) == 1).all()
    # The reference needs a neighbour beyond the last row and column.
    assert (reference_reliability(still, still)[-1] < 1).all()


def test_noise_in_the_flow_of_a_still_shot_is_no_motion_boundary():
    image = make_scene(1, (60, 60)).images[0]
    noise = np.random.default_rng(0).normal(0, 0.06, (60, 60, 2)).astype(np.float32)
    assert reliability(noise, -noise, image, image)[4:-4, 4:-4].mean() > 0.99
    # One step of a longer way does not leave the frame for it either.
    assert neighbour_reliability(noise, -noise, image, image).mean() > 0.99
    assert reference_reliability(noise, -noise)[4:-4, 4:-4].mean() < 0.6


@pytest.mark.parametrize(("shift", "off"), [(0.4, 0), (0.6, 1), (2.4, 2)])
def test_a_flow_is_on_the_frame_or_on_its_rim(shift, off):
    for axis, sign in ((0, 1), (0, -1), (1, 1), (1, -1)):
        flow = np.zeros((6, 9, 2), np.float32)
        flow[..., axis] = sign * shift
        for beyond, gone in ((0, math.ceil(shift)), (EDGE_TOLERANCE, off)):
            on = np.moveaxis(ends_inside(flow, beyond), 1 - axis, 0)[::-sign]
            assert not on[:gone].any() and on[gone:].all()


@pytest.mark.parametrize(("levels", "trust"), [(4, 1), (12, 0.5), (20, 0)])
def test_trust_falls_with_the_difference_between_the_pixels(levels, trust):
    image = make_scene(1, (40, 50)).images[0] * 0.8
    still = np.zeros((40, 50, 2), np.float32)
    changed = image.copy()
    changed[:, 25:] += levels / 255
    found = reliability(still, still, changed, image)
    assert (found[:, :16] == 1).all()
    assert found[:, 34:] == pytest.approx(trust, abs=0.01)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (5, 1), (2, 3)])
def test_tiny_images_are_judged_too(size):
    image = make_scene(1, size).images[0]
    still = np.zeros((*size, 2), np.float32)
    assert (reliability(still, still, image, image) == 1).all()
    assert reference_reliability(still, still).shape == size


def test_in_the_long_term_the_nearest_that_can_be_trusted_counts():
    c1, c2, c4 = (np.array([values], np.float32) for values in ([1, 0.25, 0, 0], [1, 0.5, 1, 0], [1, 1, 1, 0.5]))
    first, second, third = long_term([c1, c2, c4])
    assert first.tolist() == [[1, 0.25, 0, 0]]
    assert second.tolist() == [[0, 0.25, 1, 0]]
    assert third.tolist() == [[0, 0.5, 0, 0.5]]
    assert long_term([]) == []


def test_the_long_term_reduction_takes_the_already_reduced_ones_off():
    ones = [np.full((1, 1), value, np.float32) for value in (0.4, 0.5, 0.6)]
    # Off the third go 0.4 and 0.1, not 0.4 and 0.5.
    assert [float(c[0, 0]) for c in long_term(ones)] == pytest.approx([0.4, 0.1, 0.1])


def test_a_flow_that_bends_by_a_pixel_per_pixel_is_not_even():
    x = np.tile(np.arange(40, dtype=np.float32), (30, 1))
    still = np.zeros_like(x)
    assert evenness(np.stack([still + 7, still - 3], -1)).min() == 1
    assert evenness(np.stack([0.3 * x, still], -1)).min() == 1
    assert evenness(np.stack([0.75 * x, still], -1))[:, 1:-1] == pytest.approx(0.5)
    assert evenness(np.stack([x, still], -1))[:, 1:-1].max() == 0


@pytest.mark.slow
@given(arrays(np.float32, (4, 3, 3), elements=strategies.floats(0, 1, width=32)))
def test_in_the_long_term_no_pixel_counts_more_than_once(reliabilities):
    reduced = long_term(list(reliabilities))
    assert len(reduced) == 4 and np.array_equal(reduced[0], reliabilities[0])
    assert min(map(np.min, reduced)) >= 0 and sum(reduced).max() <= 1 + 1e-6
    assert all((after <= before).all() for after, before in zip(reduced, reliabilities, strict=True))


def test_paint_that_grows_is_no_longer_fine_and_what_turns_or_shrinks_is():
    y, x = np.mgrid[:90, :160].astype(np.float32)
    around = np.dstack([x - 80, y - 45])
    turn = np.deg2rad(3)
    turned = around @ np.float32([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    inside = (slice(10, -10), slice(10, -10))

    def fine(flow):
        return fineness(np.float32(flow))[inside]

    assert fine(np.full_like(around, 3.5)).min() == 1
    assert fine(turned - around).min() > 0.99
    assert fine(around * 0.1).min() == 1  # twice as far away, it would be finer
    assert fine(around * (1 / 1.15 - 1)).max() == 0
    assert 0.5 < fine(around * (1 / 1.05 - 1)).min() <= fine(around * (1 / 1.05 - 1)).max() < 0.8
    trembling = np.random.default_rng(0).normal(0, 0.05, around.shape)
    assert fine(trembling).mean() > 0.98
    assert fineness(np.zeros((1, 1, 2), np.float32)).tolist() == [[1]]
