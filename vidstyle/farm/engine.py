"""Engines that run a job's shots: what is asked of each, and the table of them."""

from __future__ import annotations

import importlib
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol, cast

from vidstyle.errors import UsageError
from vidstyle.jobs.frames import is_done
from vidstyle.jobs.job import Job
from vidstyle.jobs.progress import Progress


@dataclass(frozen=True)
class Request:
    """What is to be done.

    Attributes
    ----------
    job
        The job.
    shots
        Numbers of the shots that are still to be painted, from 1.
    program
        The words that start vidstyle where a task runs.
    per_task
        Shots that a task paints one after another, which saves starting up for each.
    gpus
        GPUs a task is given; None: one, where the job can use one and there are any.
    workers
        Tasks at a time, at most; None: as many as the engine sees fit.
    options
        Further words for the engine's own command.
    """

    job: Job
    shots: tuple[int, ...]
    program: tuple[str, ...]
    per_task: int = 1
    gpus: int | None = None
    workers: int | None = None
    options: tuple[str, ...] = ()


class Engine(Protocol):
    """A module that hands shots to a scheduler."""

    def describe(self, request: Request) -> str:
        """What `submit` would hand over, as the engine takes it."""

    def submit(self, request: Request) -> Generator[Progress, None, None]:
        """Hand over the shots, and what joins them once they are painted.

        Raises
        ------
        UsageError, DependencyError
            Options that the engine knows nothing of or refuses; its commands are not on this machine.
        """


ENGINES: Mapping[str, str] = MappingProxyType(
    {
        "slurm": "vidstyle.farm.slurm",
        "openjd": "vidstyle.farm.openjd",
        "local": "vidstyle.farm.local",
    }
)
"""Name → module."""


def engine(name: str) -> Engine:
    """The engine of that name.

    Raises
    ------
    UsageError
        There is none.
    """
    if name not in ENGINES:
        raise UsageError(f"--to {name} is not known: take {', '.join(ENGINES)}.")
    return cast(Engine, importlib.import_module(ENGINES[name]))


def missing_shots(job: Job) -> tuple[int, ...]:
    """Numbers of the shots that are not complete."""
    return tuple(shot.number for shot in job.shots if not is_done(job, shot))
