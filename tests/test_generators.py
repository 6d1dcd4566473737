"""Generators that yield news and return a result."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from vidstyle.generators import Run, finish


def counting(closed: list[bool]) -> Generator[int, None, str]:
    try:
        yield 1
        yield 2
        return "end"
    finally:
        closed.append(True)


def test_a_run_gives_the_news_and_then_the_result() -> None:
    run = Run(counting([]))
    assert (list(run), run.result) == ([1, 2], "end")


def test_finish_gives_the_result_alone() -> None:
    assert finish(counting([])) == "end"


def test_a_run_that_is_left_early_has_no_result_and_ends_its_generator() -> None:
    closed: list[bool] = []
    run = Run(counting(closed))
    for news in run:
        assert news == 1
        break
    with pytest.raises(AttributeError):
        _ = run.result
    assert closed == [True]
