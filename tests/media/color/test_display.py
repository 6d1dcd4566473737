"""Views: what goes in comes back, in order, and finite."""

from __future__ import annotations

import numpy as np
import pytest

from vidstyle.media.color.display import (
    BLACK,
    PLAIN,
    WHITE,
    DisplayTransform,
    from_half_codes,
    half_codes,
    protect_highlights,
)
from vidstyle.media.color.transfer import BT709, BT2020, CURVES, conversion

LINEAR = DisplayTransform("linear", floating=True)


def every_half() -> np.ndarray:
    """All 16-bit floats that are numbers, rising, zero once."""
    halves = np.arange(65_536, dtype=np.uint16).view(np.float16)
    return np.unique(halves[np.isfinite(halves)]).astype(np.float32)


def test_every_half_float_comes_back_as_itself() -> None:
    values = every_half()
    shown = LINEAR.to_display(values)
    assert shown.dtype == np.float32
    assert (np.diff(shown) > 0).all()
    assert shown[0] >= 0
    assert shown[-1] <= 1
    np.testing.assert_array_equal(LINEAR.from_display(shown).astype(np.float16), values.astype(np.float16))


def test_what_is_no_number_is_shown_as_one() -> None:
    shown = LINEAR.to_display(np.array([np.nan, np.inf, -np.inf], np.float32))
    np.testing.assert_allclose(LINEAR.from_display(shown), [0, 65_504, -65_504], rtol=1e-4)


def test_light_up_to_white_is_shown_as_srgb_is_and_more_goes_on_smoothly() -> None:
    grey = np.array([0, 0.18, 1], np.float32)
    np.testing.assert_allclose((LINEAR.to_display(grey) - BLACK) / (WHITE - BLACK), [0, 0.4613, 1], atol=1e-4)
    for joint in (0.0, 1.0):
        before, at, after = LINEAR.to_display(np.array([joint - 1e-4, joint, joint + 1e-4], np.float32)).astype(float)
        # The toe bends most near black; a kink would be several times as steep on one side.
        assert (after - at) / (at - before) == pytest.approx(1, abs=1)


@pytest.mark.parametrize("bits", [8, 10, 12])
@pytest.mark.parametrize("transfer", [name for name in CURVES if name != "linear"])
def test_every_code_comes_back_as_itself(transfer: str, bits: int) -> None:
    display, top = DisplayTransform(transfer, BT2020), 2**bits - 1
    codes = np.arange(top + 1)
    shown = display.to_display((codes / top).astype(np.float32))
    assert (np.diff(shown) >= 0).all()
    np.testing.assert_array_equal(np.rint(display.from_display(shown) * top), codes)


@pytest.mark.parametrize(
    ("transfer", "code", "light"),
    # SMPTE ST 2084 and BT.2408: 203 cd/m² at 58%, 10,000 at 100%; HLG's white at 75%; Cineon's at 685.
    [
        ("pq", 0.5807, 1),
        ("pq", 1, 49.26),
        ("hlg", 0.75, 1),
        ("hlg", 1, 3.774),
        ("log", 685 / 1023, 1),
        ("log100", 1, 1),
    ],
)
def test_curves_are_the_standards(transfer: str, code: float, light: float) -> None:
    assert DisplayTransform(transfer).to_light(np.array([code], np.float32)) == pytest.approx(light, rel=2e-3)


def test_primaries_are_converted_by_the_standards_matrix() -> None:
    # ITU-R BT.2087, table 4.
    meant = [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
    np.testing.assert_allclose(conversion(BT709, BT2020), meant, atol=1e-4)


def test_a_style_lies_between_black_and_white_in_the_clips_own_colours() -> None:
    picture = np.array([[[0, 0, 0], [1, 1, 1], [1, 0, 0]]], np.float32)
    seen = DisplayTransform("pq", BT2020).from_srgb(picture)
    np.testing.assert_allclose(seen[0, :2], [[BLACK] * 3, [WHITE] * 3], atol=1e-5)
    assert (seen[0, 2, 1:] > BLACK + 0.05).all()  # BT.2020's red is a purer one
    assert PLAIN.from_srgb(picture) is picture
    np.testing.assert_allclose(PLAIN.converted_from(DisplayTransform("pq", BT2020), seen)[0, 2], [0.9, 0, 0], atol=0.02)


def test_paint_lies_over_the_clips_own_light_and_adds_none_beyond_white() -> None:
    light = np.full((40, 60, 3), 0.4, np.float32)
    light[10:20, 10:20] = [30, 20, 5]
    light[30:35, 40:45] = -0.1
    shown = LINEAR.to_display(light)
    np.testing.assert_allclose(LINEAR.from_display(protect_highlights(shown, shown)), light, rtol=1e-5)
    bright, dark = (LINEAR.from_display(protect_highlights(np.full_like(shown, end), shown)) for end in (1, 0))
    assert bright[5, 5] == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(bright[15, 15], [30, 20, 5], rtol=1e-4)
    assert (bright[32, 42] > 0.5).all()
    assert dark[5, 5] == pytest.approx(0, abs=1e-7)
    assert dark[15, 15] == pytest.approx(0, abs=0.1)
    assert dark[32, 42] == pytest.approx(-0.1, rel=1e-4)


def test_paint_on_a_sun_is_as_strong_as_on_paper() -> None:
    white, sun = (LINEAR.to_display(np.full((1, 1, 3), value, np.float32)) for value in (1.0, 30.0))
    thinned = [LINEAR.from_display(protect_highlights(shown - 0.05, shown)).mean() for shown in (white, sun)]
    assert thinned[1] / 30 == pytest.approx(thinned[0], rel=1e-4)
    assert 0.8 < thinned[0] < 0.95


def test_half_floats_are_kept_in_whole_numbers() -> None:
    values = every_half()
    np.testing.assert_array_equal(from_half_codes(half_codes(values)), values)
    assert np.isfinite(from_half_codes(half_codes(np.array([1e9, -1e9], np.float32)))).all()
