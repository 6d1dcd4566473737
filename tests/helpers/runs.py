"""Generators that yield news and return a result, run to their ends."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

News = TypeVar("News")
Result = TypeVar("Result")


def drained(run: Generator[News, None, Result]) -> tuple[list[News], Result]:
    """All that a run yields, and what it returns."""
    news: list[News] = []
    while True:
        try:
            news.append(next(run))
        except StopIteration as end:
            result: Result = end.value
            return news, result
