"""Light is told from what moves, and from a camera that adapts to it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.synthetic import Array, Disc, make_scene
from vidstyle.motion.shots.light import luma, may_change, shot_light
from vidstyle.motion.shots.shot_light import Light, ShotLight

PAN = make_scene(24, (54, 96), shift=(1.5, 0.5), disc=Disc((20, 27), 12, (2, 0)), seed=3).images
DIP = np.concatenate([np.ones(6), np.linspace(1, 0, 6), np.zeros(2), np.linspace(0, 1, 5), np.ones(5)])
FLASH = [1.0] * 9 + [1.5] + [1.0] * 14


def eight_bits(image: Array) -> Array:
    return (np.rint(image.clip(0, 1) * 255) / 255).astype(np.float32)


def lit(gains: object, frames: list[Array] = PAN) -> list[Array]:
    return [eight_bits(frame * np.float32(gain)) for frame, gain in zip(frames, gains, strict=False)]  # type: ignore[call-overload]


def light_of(frames: list[Array]) -> ShotLight | None:
    return shot_light(map(luma, frames))


@pytest.mark.slow
def test_a_steady_shot_has_no_light_of_its_own() -> None:
    assert light_of(PAN) is None
    assert not may_change(np.array([frame.mean() for frame in PAN[:4]]))


@pytest.mark.slow
@pytest.mark.parametrize("gains", [DIP, DIP[6:], np.linspace(1, 0.5, 24)], ids=["dip", "fade in", "dims"])
def test_a_gain_is_found_while_the_picture_moves(gains: Array) -> None:
    light = light_of(lit(gains))
    assert light is not None
    relative = np.array(light.gains) / gains.clip(1e-3)
    # Near the normal light a dead zone of some hundredths is left.
    assert np.abs(relative / np.median(relative) - 1)[(gains > 0.05) & (gains < 0.85)].max() < 0.04
    assert np.abs(np.array(light.gains) - gains)[gains == 0].max(initial=0) < 0.005
    assert not any(light.offsets)


@pytest.mark.slow
def test_black_frames_are_painted_as_their_nearest_neighbours() -> None:
    light = light_of(lit(DIP))
    assert light is not None
    assert {11, 12, 13, 14} <= set(light.blind) <= set(range(10, 16))
    assert all(light.content[place] == place for place in range(24) if place not in light.blind)
    assert light.content[min(light.blind)] == min(light.blind) - 1
    assert light.content[max(light.blind)] == max(light.blind) + 1


@pytest.mark.slow
def test_a_flash_is_a_gain_of_its_frames_alone() -> None:
    light = light_of(lit(FLASH))
    assert light is not None
    assert light.gains[9] == pytest.approx(1.5, abs=0.06)
    assert {*light.gains[:9], *light.gains[10:]} == {1.0}


def test_a_fade_to_white_is_a_veil() -> None:
    shares = [1.0] * 8 + np.linspace(0.9, 0, 10).tolist()
    light = light_of([eight_bits(1 - (1 - frame) * np.float32(s)) for frame, s in zip(PAN, shares, strict=False)])
    assert light is not None
    np.testing.assert_allclose(light.gains[9:], shares[9:], atol=0.05)
    np.testing.assert_allclose(np.add(light.gains, light.offsets), 1, atol=0.02)


@pytest.mark.slow
def test_a_camera_that_adapts_its_exposure_is_not_followed() -> None:
    shares = np.concatenate([np.zeros(8), np.linspace(0, 1, 8), np.linspace(1, 0, 8)]).astype(np.float32)
    frames = [eight_bits(frame * (1 - 0.2 * s) - 0.1 * s) for frame, s in zip(PAN, shares, strict=True)]
    assert may_change(np.array([frame.mean() for frame in frames]))
    assert light_of(frames) is None


def test_a_night_is_shown_dark_and_painted_lit() -> None:
    light = light_of(lit([0.09] * 12))
    assert light is not None
    assert set(light.gains) == {1.0} and not light.blind
    assert light.exposure < 0.4 and 0.2 < light.dimmed < 0.5
    assert light_of(lit([0.0] * 6)).dimmed == 0  # type: ignore[union-attr]


def test_lightning_leaves_the_night_dark() -> None:
    light = light_of(lit([0.09] * 5 + [0.4] * 2 + [0.09] * 4 + [0.4] + [0.09] * 6))
    assert light is not None
    shown = [light.put_on(place).gain for place in range(18)]
    assert max(shown) < 1.4 and min(shown) < 0.3 * max(shown)


def test_light_is_taken_off_as_it_is_put_on() -> None:
    image = PAN[0].clip(0.1, 0.6)
    for light in (Light(0.4), Light(0.5, 0.5), Light(1.6)):
        np.testing.assert_allclose(light.off(light.on(image)), image, atol=1e-6)


def test_a_piece_of_a_shot_has_its_part_of_the_light() -> None:
    part = ShotLight((1.0, 0.5, 0.0, 0.2), (0.0,) * 4, (2,), dimmed=0.5).part(1, 4)
    assert part == ShotLight((0.5, 0.0, 0.2), (0.0,) * 3, (1,), dimmed=0.5)
    assert part.content == (0, 0, 2)
