"""Which shots a task paints."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidstyle.errors import UsageError
from vidstyle.farm.shots import block, blocks_of, format_shots, index_from, parse_shots


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("7", [7]),
        ("3-5", [3, 4, 5]),
        ("1,4-6", [1, 4, 5, 6]),
        (" 9, 2 - 3 ", [2, 3, 9]),
        ("1-9:4", [1, 5, 9]),
        ("5,5,4-5", [4, 5]),
    ],
)
def test_numbers_ranges_and_lists(text: str, numbers: list[int]) -> None:
    assert list(parse_shots(text, 9)) == numbers
    assert parse_shots(format_shots(numbers), 9) == tuple(numbers)


@given(st.sets(st.integers(1, 300), min_size=1))
def test_shots_are_read_as_they_are_written(numbers: set[int]) -> None:
    assert parse_shots(format_shots(numbers), 300) == tuple(sorted(numbers))


@pytest.mark.parametrize("text", ["", "0", "10", "5-10", "4-3", "-3", "3-", "a", "1;2", "1-9:0", "1.5", "env2"])
def test_malformed_shots_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--shot"):
        parse_shots(text, 9)


def test_the_index_of_each_scheduler() -> None:
    assert index_from({"SLURM_ARRAY_TASK_ID": "3"}) == 3
    assert index_from({"JOB_COMPLETION_INDEX": "0"}) == 1
    assert index_from({"CUE_IFRAME": "12"}) == 12
    with pytest.raises(UsageError, match="SLURM_ARRAY_TASK_ID"):
        index_from({})
    with pytest.raises(UsageError, match="no number"):
        index_from({"CUE_IFRAME": "x"})


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_blocks_hold_every_shot_once(size: int) -> None:
    tasks = blocks_of(range(1, 23), size)
    assert [number for task in tasks for number in block(task, size, 22)] == list(range(1, 23))
    assert all(number in block(blocks_of([number], size)[0], size, 22) for number in range(1, 23))
    with pytest.raises(UsageError, match="has no shots"):
        block(len(tasks) + 1, size, 22)
    with pytest.raises(UsageError, match="has no shots"):
        block(0, size, 22)
