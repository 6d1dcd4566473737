"""Generators that yield news and return a result, run to their ends."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

from vidstyle.generators import Run

News = TypeVar("News")
Result = TypeVar("Result")


def drained(run: Generator[News, None, Result]) -> tuple[list[News], Result]:
    """All that a run yields, and what it returns."""
    news = list(kept := Run(run))
    return news, kept.result
