"""``vidstyle task``: paint some shots of a job, as one process of a farm."""

from __future__ import annotations

from typing import Annotated

from vidstyle.cli import options
from vidstyle.cli.show.failures import guarded
from vidstyle.errors import StoppedAtCheckpoint, UsageError

GRACE = 20.0
"""Seconds: most schedulers kill half a minute after they have asked."""


@guarded
@options.with_run_settings
def task(
    folder: options.JobFolder,
    shot: Annotated[
        str,
        options.option(
            panel=options.JOB,
            metavar="N|A-B|env",
            help="Which shots, from 1: 7, 3-9 or 1,4-6; env takes the index that Slurm, Kubernetes or OpenCue sets.",
        ),
    ],
    per_task: Annotated[
        int,
        options.option(panel=options.JOB, min=1, metavar="N", help="With env: how many shots each index stands for."),
    ] = 1,
    clip: options.Clip = "",
    grace: Annotated[
        float,
        options.option(
            panel=options.RUN,
            min=0,
            metavar="SECONDS",
            help="A frame that takes longer than this after SIGTERM is dropped. [dim](20)[/dim]",
        ),
    ] = GRACE,
    progress: options.ProgressFlag = "auto",
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    debug: options.Debug = False,
    **settings: str,
) -> None:
    """Paint shots of a planned job.

    What is done already is left as it is. Stopped by a signal, it ends in 75, and the same command goes on;
    stopped before a frame was finished, twice in a row, it ends in 65: it needs more time.
    """
    from vidstyle.cli.follow import follow, stop_codes
    from vidstyle.cli.job import opened
    from vidstyle.cli.show.console import voice
    from vidstyle.cli.show.display import display
    from vidstyle.render.task import render_shots

    talk = voice(progress, json=json, quiet=quiet, verbose=verbose)
    with display(talk.progress, talk) as show:
        if per_task > 1 and shot != "env":
            raise UsageError("--per-task goes with --shot env: name the shots themselves, as in --shot 1-10.")
        job = opened(folder, settings, clip=clip)
        numbers = _numbers(shot, per_task, len(job.shots))
        run = render_shots(job, [job.shots[number - 1] for number in numbers], give_up=True)
        follow(run, show, talk, exit_codes=stop_codes(StoppedAtCheckpoint.exit_code), grace=grace)


def _numbers(shot: str, per_task: int, count: int) -> tuple[int, ...]:
    import os

    from vidstyle.farm.shots import block, index_from, parse_shots

    return block(index_from(os.environ), per_task, count) if shot == "env" else parse_shots(shot, count)
