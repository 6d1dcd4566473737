"""Generators that yield news and return a result, run to their ends."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

from vidstyle.generators import Run, finish
from vidstyle.jobs.job import Job
from vidstyle.jobs.plan import plan_job
from vidstyle.jobs.write_job import write_job

News = TypeVar("News")
Result = TypeVar("Result")


def drained(run: Generator[News, None, Result]) -> tuple[list[News], Result]:
    """All that a run yields, and what it returns."""
    news = list(kept := Run(run))
    return news, kept.result


def plan(*arguments: Any, **named: Any) -> Job:
    """Plan a job and write it down: parameters and errors of ``plan_job``."""
    return finish(write_job(plan_job(*arguments, **named)))
