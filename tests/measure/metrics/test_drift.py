import math

import cv2
import numpy as np
import pytest

from vidstyle.measure.metrics.drift import Look, drift, look

RNG = np.random.default_rng(0)
STILL = [Look(50.0, 0.0, 0.0, 2.0)] * 5


def test_greys_have_their_lightness_and_no_colour() -> None:
    white, grey = np.ones((4, 4, 3), np.float32), np.full((4, 4, 3), 0.5, np.float32)
    assert look(white).lightness == pytest.approx(100, abs=0.01)
    # CIE 1976 of half-way sRGB, whose luminance is 0.214.
    assert look(grey).lightness == pytest.approx(116 * 0.21404 ** (1 / 3) - 16, abs=0.01)
    assert math.hypot(look(grey).green_red, look(grey).blue_yellow) < 0.05


def test_sharpness_is_the_laplacian_of_lightness() -> None:
    image = RNG.random((9, 11, 3), np.float32)
    lightness = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)[..., 0].astype(float)
    padded = np.pad(lightness, 1, mode="edge")
    total = 0.0
    for y in range(9):
        for x in range(11):
            around = padded[y, x + 1] + padded[y + 2, x + 1] + padded[y + 1, x] + padded[y + 1, x + 2]
            total += (around - 4 * lightness[y, x]) ** 2
    assert look(image).sharpness == pytest.approx(math.sqrt(total / 99), rel=1e-6)


def test_a_blurred_image_is_less_sharp_and_a_black_one_is_no_error() -> None:
    image = RNG.random((32, 32, 3), np.float32)
    assert look(cv2.GaussianBlur(image, (0, 0), 1)).sharpness < 0.3 * look(image).sharpness
    assert look(np.zeros((8, 8, 3), np.float32)).sharpness > 0


def test_a_steady_rise_is_drift_and_no_flicker() -> None:
    rising = [Look(50 + 2 * t, 0.3 * t, 0.4 * t, 2 * 1.1**t) for t in range(5)]
    found = drift(rising, STILL)
    assert found.lightness == pytest.approx(8)
    assert found.colour == pytest.approx(2.0)
    assert found.sharpness == pytest.approx(1.1**4)
    assert found.flicker == pytest.approx(0)


def test_what_passes_at_the_beginning_is_no_drift() -> None:
    """Who walks past for a sixth of a shot makes its first frames bluer; all others are alike."""
    passing = [Look(50.0, 0.0, -4.0 if 2 <= t < 10 else 0.0, 2.0) for t in range(55)]
    assert drift(passing, [Look(50.0, 0.0, 0.0, 2.0)] * 55).colour == pytest.approx(0, abs=1e-9)


def test_a_long_shot_has_the_drift_of_its_whole_length() -> None:
    count = 20_000
    rising = [Look(50 + 8 * t / (count - 1), 0.0, 0.0, 2.0) for t in range(count)]
    assert drift(rising, [Look(50.0, 0.0, 0.0, 2.0)] * count).lightness == pytest.approx(8)


def test_forth_and_back_is_flicker_and_no_drift() -> None:
    swinging = [Look(50 + 0.5 * (-1) ** t, 0.0, 0.0, 2.0) for t in range(5)]
    found = drift(swinging, STILL)
    assert found.flicker == pytest.approx(1.0)
    assert found.lightness == pytest.approx(0, abs=1e-12)


def test_what_the_clip_does_is_taken_off() -> None:
    clip = [Look(50 + t + (-1) ** t, 2.0 * t, 1.0, 2 * 1.2**t) for t in range(5)]
    painting = [Look(a.lightness + 7, a.green_red - 3, a.blue_yellow + 4, 5 * a.sharpness) for a in clip]
    found = drift(painting, clip)
    assert (found.lightness, found.colour, found.flicker) == pytest.approx((0, 0, 0), abs=1e-9)
    assert found.sharpness == pytest.approx(1)


def test_neither_standing_still_nor_following_the_clip_nor_between_is_astray() -> None:
    clip = [Look(50 + 2 * t, 0.0, 0.0, 2 * 1.1**t) for t in range(5)]

    def strays(step: float, growth: float) -> tuple[float, float]:
        found = drift([Look(60 + step * t, 0.0, 0.0, 5 * growth**t) for t in range(5)], clip)
        return found.stray_lightness, found.stray_sharpness

    for step, growth in ((0, 1), (2, 1.1), (1, 1.05)):
        assert strays(step, growth) == pytest.approx((0, 1))
    assert strays(-1, 0.9) == pytest.approx((-4, 0.9**4))
    assert strays(3, 1.2) == pytest.approx((4, (1.2 / 1.1) ** 4))


def test_colour_goes_astray_where_it_neither_stands_still_nor_follows_the_clip() -> None:
    clip = [Look(50.0, 1.0 * t, -2.0 * t, 2.0) for t in range(5)]

    def stray(green_red: float, blue_yellow: float) -> float:
        return drift([Look(60.0, green_red * t, blue_yellow * t, 2.0) for t in range(5)], clip).stray_colour

    for part in (0, 0.3, 1):
        assert stray(part, -2 * part) == pytest.approx(0, abs=1e-9)
    # Beyond the clip's own gain, against it, and square to it; the shot is four steps long.
    assert stray(2, -4) == pytest.approx(4 * math.hypot(1, 2))
    assert stray(-1, 2) == pytest.approx(4 * math.hypot(1, 2))
    assert stray(2.5, 0) == pytest.approx(4 * math.hypot(2, 1))


def test_a_shot_of_one_frame_has_no_drift() -> None:
    found = drift(STILL[:1], STILL[:1])
    assert (found.lightness, found.colour, found.sharpness, found.flicker) == (0, 0, 1, 0)
