"""Numbers with runs as ranges."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidstyle.farm.shots import format_shots, parse_shots
from vidstyle.ranges import format_numbers, spread_evenly


@pytest.mark.parametrize(
    ("numbers", "most", "words"),
    [
        ([], None, ""),
        ([5, 3, 4, 9], None, "3-5, 9"),
        ([1, 3, 5], 2, "1, 3, …"),
        ([1, 2, 4], 2, "1-2, 4"),
    ],
)
def test_runs_are_ranges(numbers: list[int], most: int | None, words: str) -> None:
    assert format_numbers(numbers, most=most) == words


@given(st.sets(st.integers(1, 60), min_size=1))
def test_shots_that_are_formatted_parse_to_themselves(numbers: set[int]) -> None:
    assert parse_shots(format_shots(numbers), 60) == tuple(sorted(numbers))


@given(st.integers(1, 50), st.integers(1, 60))
def test_numbers_are_spread_evenly(length: int, count: int) -> None:
    spread = spread_evenly(range(100, 100 + length), count)
    assert len(spread) == min(length, count) and spread == sorted(set(spread))
    assert all(100 <= number < 100 + length for number in spread)
    gaps = [after - before for before, after in itertools.pairwise(spread)]
    assert not gaps or max(gaps) - min(gaps) <= 1
