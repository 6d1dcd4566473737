"""Engines that run a job's shots: what is asked of each, and the table of them."""

from __future__ import annotations

import importlib
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, cast

from vidstyle.errors import UsageError

if TYPE_CHECKING:  # the command line reads the table whenever it starts
    from vidstyle.jobs.folder.job import Job
    from vidstyle.jobs.progress import Progress

GRACE = 60
"""Seconds that a scheduler leaves a task between the request to stop and the end of its process."""


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
        GPUs of a task; None gives it one, if the job can use it and there is any.
    workers
        The most tasks at a time; None leaves it to the engine.
    options
        Further words for the engine's own command.
    overwrite
        Whether an output that is there may be replaced, though it was planned without that.
    """

    job: Job
    shots: tuple[int, ...]
    program: tuple[str, ...]
    per_task: int = 1
    gpus: int | None = None
    workers: int | None = None
    options: tuple[str, ...] = ()
    overwrite: bool = False

    @property
    def consent(self) -> tuple[str, ...]:
        """What the assembly must be told of what the user allowed here, on a machine that knows nothing of that."""
        from vidstyle.jobs.inputs import lies_beside

        named = () if lies_beside(self.job) else ("--output", str(self.job.output))
        return (*named, *(("--yes",) if self.overwrite else ()))


class Engine(Protocol):
    """A module that hands shots to a scheduler."""

    def describe(self, request: Request) -> str:
        """What `submit` would hand over, as the engine takes it."""

    def submit(self, request: Request) -> Generator[Progress, None, None]:
        """Hand over the shots, and the assembly, which follows once they are painted.

        Raises
        ------
        UsageError
            The engine does not know an option, or refuses the job.
        DependencyError
            The engine's commands are not on this machine.
        """


@dataclass(frozen=True)
class EngineEntry:
    """Where an engine is, the module that is an `Engine`, and which options of its own the command line offers.

    These have a placeholder and a help by their name, and reach the engine as words, ``--name=value``, in
    `Request.options`. With `passes_options` those that nobody here knows reach it too.
    """

    module: str
    options: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    passes_options: bool = False


ENGINES: Mapping[str, EngineEntry] = MappingProxyType(
    {
        "slurm": EngineEntry(
            "vidstyle.farm.slurm",
            {
                "partition": ("NAME", "The partition."),
                "account": ("NAME", "The account."),
                "time": ("TIME", "A task's time limit."),
            },
            passes_options=True,
        ),
        "openjd": EngineEntry("vidstyle.farm.openjd"),
        "local": EngineEntry("vidstyle.farm.local"),
    }
)
"""All engines, by the names that ``--to`` takes."""


def engine(name: str, options: tuple[str, ...] = ()) -> Engine:
    """The engine of that name.

    Raises
    ------
    UsageError
        There is none, or it does not take one of these options.
    """
    if name not in ENGINES:
        raise UsageError(f"--to {name} is not known: take {', '.join(ENGINES)}.")
    entry = ENGINES[name]
    for word in options if not entry.passes_options else ():
        if word.removeprefix("--").partition("=")[0] not in entry.options:
            raise UsageError(f"--to {name} takes no {word}: that is another engine's option, or unknown.")
    return cast(Engine, importlib.import_module(entry.module))


def missing_shots(job: Job) -> tuple[int, ...]:
    """Numbers of the shots that are not complete."""
    from vidstyle.jobs.folder.redos import is_complete, redos

    found = redos(job)
    return tuple(shot.number for shot in job.shots if not is_complete(job, shot, found))
