"""A mask that is drawn once follows what it was drawn on."""

import itertools

import numpy as np
import pytest

from vidstyle.motion.masks.carried_mask import carry, guided

SIZE = (72, 128)


def _film(count, step, ground=0.3, disc=0.8, seed=0):
    """A textured disc that moves over a textured ground, with its true masks."""
    random = np.random.default_rng(seed)
    texture = random.random((SIZE[0] // 4, SIZE[1], 3), np.float32).repeat(4, 0)
    paint = random.random((28, 28, 3), np.float32)
    frames, masks = [], []
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    for position in range(count):
        left = 20 + step * position
        inside = (y - 36) ** 2 + (x - left - 14) ** 2 <= 13**2
        frame = ground + 0.2 * (texture - 0.5)
        moved = np.zeros_like(frame)
        moved[22:50, left : left + 28] = disc + 0.3 * (paint - 0.5)
        frames.append(np.where(inside[..., None], moved, frame).astype(np.float32).clip(0, 1))
        masks.append(inside.astype(np.float32))
    return frames, masks


def _overlap(mask, truth):
    return ((mask > 0.5) & (truth > 0.5)).sum() / ((mask > 0.5) | (truth > 0.5)).sum()


@pytest.mark.parametrize("drawn_on", [0, 5, 11])
def test_a_mask_of_one_frame_is_carried_both_ways(drawn_on):
    frames, masks = _film(12, 3)
    found = list(carry(lambda: iter(frames), {drawn_on: masks[drawn_on]}))
    assert found[drawn_on] is masks[drawn_on]
    assert min(_overlap(mask, truth) for mask, truth in zip(found, masks, strict=True)) > 0.93


def test_a_rim_that_was_drawn_badly_is_not_moved_where_colours_say_nothing():
    """Half of a plain wall is as much a thing as any: the edge is where it was drawn, though no colour ends there."""
    frames = [np.full((*SIZE, 3), 0.5, np.float32) for _ in range(6)]
    half = np.zeros(SIZE, np.float32)
    half[:, :64] = 1
    for mask in carry(lambda: iter(frames), {0: half}):
        assert _overlap(mask, half) > 0.95


def test_a_rim_does_not_tremble_with_the_noise():
    frames, masks = _film(8, 0, ground=0.45, disc=0.6)
    noise = np.random.default_rng(1)
    noisy = [(frame + noise.normal(0, 0.06, frame.shape)).astype(np.float32).clip(0, 1) for frame in frames]
    found = list(carry(lambda: iter(noisy), {0: masks[0]}))
    change = [np.abs(now - before).sum() / masks[0].sum() for before, now in itertools.pairwise(found[1:])]
    assert max(change) < 0.06 and min(_overlap(mask, masks[0]) for mask in found) > 0.97


def test_what_comes_into_view_is_the_things_if_it_covers_what_was_seen_before():
    """An ear that was folded away: no flow leads to it, and neither side has its colour."""
    frames, masks = _film(5, 2)
    for position in (3, 4):
        left = 30 + 2 * position
        frames[position][4:26, left : left + 8] = (0.9, 0.2, 0.5)
        masks[position][4:26, left : left + 8] = 1
    found = list(carry(lambda: iter(frames), {0: masks[0]}))
    assert (found[4][6:22, 38:46] > 0.5).mean() > 0.9 and _overlap(found[4], masks[4]) > 0.93


def test_what_comes_out_from_behind_a_thing_of_its_colour_is_left_behind():
    """A red roof behind a red sail."""
    frames, _ = _film(1, 3)
    random = np.random.default_rng(3)
    red = np.array([0.8, 0.25, 0.1], np.float32)
    sail = red + 0.1 * (random.random((44, 40, 3), np.float32) - 0.5)
    ground = frames[0].copy()
    ground[:, :80] = frames[0][:, 48:]
    ground[32:37, 18:58] = red + 0.1 * (random.random((5, 40, 3), np.float32) - 0.5)
    film, truths = [], []
    for position in range(12):
        frame, truth = ground.copy(), np.zeros(SIZE, np.float32)
        left = 18 + 2 * position
        frame[14:58, left : left + 40], truth[14:58, left : left + 40] = sail, 1
        film.append(frame.clip(0, 1))
        truths.append(truth)
    found = list(carry(lambda: iter(film), {0: truths[0]}))
    assert (found[-1][32:37, 18:38] > 0.5).mean() < 0.4 and _overlap(found[-1], truths[-1]) > 0.95


def test_a_limb_that_has_the_colours_of_what_is_behind_it_stays_the_things():
    """Ears before a wood: what they look like says that they are leaves, and they go where the head goes."""
    frames, masks = _film(12, 2)
    paint = np.float32(0.3) + 0.2 * (np.random.default_rng(4).random((18, 10, 3), np.float32) - 0.5)
    for position, (frame, mask) in enumerate(zip(frames, masks, strict=True)):
        left = 30 + 2 * position
        frame[7:25, left : left + 10], mask[7:25, left : left + 10] = paint, 1
    found = list(carry(lambda: iter(frames), {0: masks[0]}))
    assert (found[-1][7:23, 52:62] > 0.5).mean() > 0.6 and _overlap(found[-1], masks[-1]) > 0.88


def test_between_two_drawn_frames_each_counts_by_how_near_it_is():
    frames, masks = _film(7, 2)
    empty = np.zeros(SIZE, np.float32)
    found = list(carry(lambda: iter(frames), {0: masks[0], 6: empty}))
    levels = [mask[masks[n] > 0.5].mean() for n, mask in enumerate(found)]
    assert levels[0] == 1 and levels[6] == 0 and levels[1] > 0.6 and sorted(levels, reverse=True) == levels


def test_without_a_drawn_frame_the_mask_is_black():
    frames, _ = _film(2, 2)
    assert all(mask.max() == 0 for mask in carry(lambda: iter(frames), {}))


def test_a_reduced_rim_comes_to_the_pictures_edge():
    image = np.full((96, 128, 3), 0.2, np.float32)
    image[:, 61:] = 0.8
    reduced = np.zeros((24, 32), np.float32)
    reduced[:, 15:] = 1  # a pixel of four, off by one
    refined = guided(reduced, image)
    assert refined[:, 61:].min() > 0.7 and refined[:, :61].max() < 0.3
    assert refined[:, :50].max() == 0 and refined[:, 72:].min() == 1
