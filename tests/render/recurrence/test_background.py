"""The background of a shot: what comes out from behind something has the paint that it had."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.helpers.synthetic import make_scene
from vidstyle.jobs.folder.schedule import KeyKind
from vidstyle.media.reader import Frame
from vidstyle.motion.accumulated_error import thumbnail
from vidstyle.render.recurrence.background import Background, SeenBackground, see
from vidstyle.render.recurrence.prepare import FrameTask, PriorFlow
from vidstyle.render.recurrence.priors import warp_priors
from vidstyle.render.recurrence.state import ShotState

SIZE = (120, 200)
WALL = make_scene(1, SIZE, seed=3).images[0]
THING = make_scene(1, SIZE, seed=4).images[0]
PAINT = np.random.default_rng(0).random((*SIZE, 3), np.float32)
OTHER_PAINT = np.random.default_rng(1).random((*SIZE, 3), np.float32)
STILL = np.zeros((*SIZE, 2), np.float32)
ALL = np.ones(SIZE, np.float32)
COVERED = np.s_[30:90, 60:140]
WITHIN = np.s_[40:80, 70:130]
APART = np.s_[:, :24]


def covered(light: float = 1.0, by: np.ndarray = THING) -> np.ndarray:
    image = WALL.copy()
    image[COVERED] = by[COVERED]
    return image * np.float32(light)


def seen(background: Background, image: np.ndarray, before: np.ndarray = WALL, frames: int = 10) -> SeenBackground:
    return see(background, thumbnail(image), thumbnail(before), STILL, ALL, frames)


def begun() -> Background:
    return Background.of(PAINT, thumbnail(WALL))


@pytest.mark.parametrize("light", [1.0, 0.7, 1.2])
@pytest.mark.parametrize("thing", [THING, 0 * THING + 0.95], ids=["textured", "flat"])
def test_what_was_hidden_has_its_paint_again_whatever_the_light(light: float, thing: np.ndarray) -> None:
    hidden = seen(begun(), covered(light, thing))
    assert hidden.alike[WITHIN].max() < 0.05 and hidden.alike[APART].min() > 0.95
    assert hidden.reliability.max() == 0
    again = seen(hidden.painted(OTHER_PAINT), WALL * np.float32(light), covered(light, thing))
    assert again.reliability[WITHIN].min() > 0.9 and again.reliability[APART].max() < 0.1
    assert np.allclose(again.background.paint[WITHIN], PAINT[WITHIN], atol=1e-6)
    assert np.allclose(again.background.paint[APART], OTHER_PAINT[APART], atol=1e-6)


def test_what_stays_becomes_the_background() -> None:
    background, image = begun(), covered()
    for _ in range(8):
        background = seen(background, image, image).painted(OTHER_PAINT)
    assert np.allclose(background.paint[WITHIN], OTHER_PAINT[WITHIN], atol=1e-6)
    assert seen(background, image, image).alike[WITHIN].min() > 0.95


def test_it_goes_with_the_camera_and_ends_with_the_frame() -> None:
    flow = STILL + np.array([-12, 0], np.float32)  # a pan by 12 pixels to the left
    earlier = np.roll(WALL, -12, axis=1)
    kept = ALL.copy()
    kept[:, :12] = 0
    moved = see(Background.of(PAINT, thumbnail(earlier)), thumbnail(WALL), thumbnail(earlier), flow, kept, 1)
    assert np.array_equal(moved.background.paint[:, 12:], PAINT[:, :-12])
    assert moved.background.known[:, :12].max() == 0 and moved.alike[:, 20:].mean() > 0.95
    assert np.array_equal(moved.painted(OTHER_PAINT).paint[:, :12], OTHER_PAINT[:, :12])


@pytest.mark.parametrize("dragged", [True, False])
def test_its_paint_comes_before_what_was_dragged_along_and_after_what_was_not(dragged: bool) -> None:
    hidden = seen(begun(), covered()).painted(OTHER_PAINT)
    shot = ShotState(9, {9: OTHER_PAINT}, {9: thumbnail(0 * WALL + 0.5)}, background=hidden)
    flow = STILL + np.float32(5 * dragged)
    task = FrameTask(
        Frame(10, 10, 0 * WALL + 0.5, None),
        KeyKind.SOLVED,
        (PriorFlow(9, flow, ALL),),
        camera=PriorFlow(9, STILL, ALL),
    )
    shot = replace(shot, background=replace(hidden, source=0 * hidden.source + 0.5))
    background, other = warp_priors(task, shot).priors
    assert np.array_equal(background.image, hidden.paint)
    assert background.reliability[WITHIN].min() > 0.9 if dragged else background.reliability.max() < 0.1
    assert (background.reliability + other.reliability).max() <= 1 + 1e-6


def test_its_paint_is_there_where_no_earlier_frame_shows_what_has_come_out() -> None:
    hidden = seen(begun(), covered()).painted(OTHER_PAINT)
    shot = ShotState(9, {9: OTHER_PAINT}, {9: thumbnail(covered())}, background=hidden)
    nearer = ALL.copy()
    nearer[COVERED] = 0
    flows, camera = (PriorFlow(9, STILL, nearer),), PriorFlow(9, STILL, ALL)
    background, _ = warp_priors(FrameTask(Frame(10, 10, WALL, None), KeyKind.SOLVED, flows, camera=camera), shot).priors
    assert background.reliability[WITHIN].min() > 0.9 and background.reliability[APART].max() < 0.1
