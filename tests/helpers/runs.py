"""Quick paintings, and generators that yield news and return a result, run to their ends."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

from vidstyle.generators import Run, finish
from vidstyle.jobs.folder.job import Job
from vidstyle.jobs.plan import plan_job
from vidstyle.jobs.write_job import write_job
from vidstyle.settings import Settings

QUICK = Settings().replace(
    steps=2,
    first_frame_steps=2,
    content_layers=("relu2_1",),
    style_layers=("relu1_1",),
    threads=1,
    device="cpu",
    precision="float32",
    cuts="none",
)
"""A painting for which hardly anything is solved, the same on every machine."""

News = TypeVar("News")
Result = TypeVar("Result")


def drained(run: Generator[News, None, Result]) -> tuple[list[News], Result]:
    """All that a run yields, and what it returns."""
    news = list(kept := Run(run))
    return news, kept.result


def plan(*arguments: Any, **named: Any) -> Job:
    """Plan a job and write it down: parameters and errors of ``plan_job``."""
    return finish(write_job(plan_job(*arguments, **named)))
