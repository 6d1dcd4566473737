from __future__ import annotations

from fractions import Fraction

import pytest

from vidstyle.media.frame_rate import infer_frame_rate

MILLISECOND = Fraction(1, 1000)


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001), Fraction(60)])
@pytest.mark.parametrize("stated", [True, False])
def test_a_constant_rate_is_seen_through_rounded_times(rate: Fraction, stated: bool) -> None:
    pts = [round(index / rate * 1000) for index in range(500)]
    timing = infer_frame_rate(pts, MILLISECOND, round(1000 / rate), [rate] if stated else [])
    assert (timing.frame_rate, timing.variable, timing.duration) == (rate, False, 500 / rate)


def test_a_wrongly_stated_rate_is_not_believed() -> None:
    pts = [round(index * 40) for index in range(100)]
    timing = infer_frame_rate(pts, MILLISECOND, 40, [Fraction(50), Fraction(30000, 1001)])
    assert (timing.frame_rate, timing.variable) == (25, False)


def test_one_dropped_frame_makes_a_rate_variable() -> None:
    pts = [index * 40 for index in range(100) if index != 50]
    timing = infer_frame_rate(pts, MILLISECOND, 40, [Fraction(25)])
    assert timing.variable
    assert timing.duration == 4


def test_an_unusual_constant_rate_needs_no_statement_to_be_kept() -> None:
    pts = [index * 1500 for index in range(20)]
    timing = infer_frame_rate(pts, Fraction(1, 10000), 1500, [Fraction(20, 3)])
    assert (timing.frame_rate, timing.variable) == (Fraction(20, 3), False)


def test_a_last_frame_of_untold_length_lasts_as_long_as_the_one_before() -> None:
    assert infer_frame_rate([0, 40, 200], MILLISECOND, 0, []).duration == Fraction(360, 1000)
    assert infer_frame_rate([0, 40, 200], MILLISECOND, 500, []).duration == Fraction(700, 1000)


def test_a_single_frame() -> None:
    assert infer_frame_rate([7], MILLISECOND, 100, []).duration == Fraction(1, 10)
    assert infer_frame_rate([7], MILLISECOND, 0, [Fraction(50)]).frame_rate == 50
    assert infer_frame_rate([7], MILLISECOND, 0, []).frame_rate == 25


@pytest.mark.parametrize("rate", [Fraction(60000, 1001), Fraction(120000, 1001), Fraction(24000, 1001)])
@pytest.mark.parametrize("slip", [Fraction(1, 20_000_000), Fraction(-1, 20_000_000)])
def test_a_rate_that_a_container_rounded_is_the_common_one_again(rate: Fraction, slip: Fraction) -> None:
    stated = (rate * (1 + slip)).limit_denominator(400)
    pts = [round(index / rate * 1000) for index in range(120)]
    assert infer_frame_rate(pts, MILLISECOND, 0, [stated]).frame_rate == rate


@pytest.mark.parametrize("rate", [Fraction(25, 2), Fraction(15, 4), Fraction(2991, 200)])
def test_a_rate_of_its_own_stays(rate: Fraction) -> None:
    pts = [round(index / rate * 90_000) for index in range(200)]
    assert infer_frame_rate(pts, Fraction(1, 90_000), 0, [rate]).frame_rate == rate


@pytest.mark.parametrize("time_base", [Fraction(1, 25), Fraction(1, 50), Fraction(1, 2)])
def test_a_dropped_frame_shows_in_ticks_as_coarse_as_frames(time_base: Fraction) -> None:
    rate = min(Fraction(25), 1 / time_base)
    step = int(1 / (rate * time_base))
    even = [index * step for index in range(60)]
    assert not infer_frame_rate(even, time_base, step, [rate]).variable
    timing = infer_frame_rate([tick for tick in even if tick != 30 * step], time_base, step, [rate])
    assert timing.variable and timing.duration == 60 / rate


def test_a_long_last_frame_is_no_even_rate() -> None:
    pts = [index * 40 for index in range(10)]
    timing = infer_frame_rate(pts, MILLISECOND, 2000, [Fraction(25)])
    assert timing.variable and timing.duration == Fraction(2360, 1000)
    short = infer_frame_rate(pts, MILLISECOND, 1, [Fraction(25)])
    assert (short.variable, short.duration) == (False, Fraction(10, 25))
