"""``vidstyle submit``: hand what is missing of a job to an engine."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from vidstyle.cli import options
from vidstyle.cli.config import own_programs
from vidstyle.cli.show.failures import complain, explain, guarded
from vidstyle.errors import StoppedAtCheckpoint, UsageError, VidstyleError

ENGINE, SLURM = "Engine", "Slurm"
CONTEXT = {"ignore_unknown_options": True, "allow_extra_args": True}
"""What is not understood is sbatch's."""


@guarded
def submit(
    ctx: typer.Context,
    folder: options.Night,
    to: Annotated[str, options.option("--to", panel=ENGINE, metavar="slurm|openjd|local", help="The engine.")],
    workers: Annotated[
        int | None,
        options.option(
            "--workers", panel=ENGINE, metavar="N", help="At most so many tasks at a time; local: processes."
        ),
    ] = None,
    per_task: Annotated[
        int,
        options.option(
            "--per-task", panel=ENGINE, metavar="N", help="Shots a task paints, to start up less often. [dim](1)[/dim]"
        ),
    ] = 1,
    gpus: Annotated[
        int | None,
        options.option(
            "--gpus", panel=ENGINE, metavar="N", help="GPUs a task is given; without it, one where there are any."
        ),
    ] = None,
    program: Annotated[
        str,
        options.option(
            "--program",
            panel=ENGINE,
            metavar="WORDS",
            help="What starts vidstyle where a task runs; here: this program.",
        ),
    ] = "",
    partition: Annotated[str, options.option("--partition", panel=SLURM, metavar="NAME", help="The partition.")] = "",
    account: Annotated[str, options.option("--account", panel=SLURM, metavar="NAME", help="The account.")] = "",
    time: Annotated[str, options.option("--time", panel=SLURM, metavar="TIME", help="A task's time limit.")] = "",
    dry_run: Annotated[
        bool, options.switch("--dry-run", panel=options.JOB, help="Print what would be submitted, and do nothing.")
    ] = False,
    progress: options.ProgressFlag = "auto",
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    debug: options.Debug = False,
) -> None:
    """Hand the shots that are missing to an engine, and what joins them.

    Run again after a failure, it sends what is still missing. Any other option goes to sbatch as it is:
    vidstyle submit DIR --to slurm --qos=night --constraint=a100
    """
    from vidstyle.cli.show.console import voice
    from vidstyle.cli.show.display import display
    from vidstyle.farm.engine import Request, engine, missing_shots
    from vidstyle.farm.status import find_jobs
    from vidstyle.jobs import output_marker
    from vidstyle.jobs.cleanup import require_inside

    named = {"partition": partition, "account": account, "time": time}
    words = (*(f"--{key}={value}" for key, value in named.items() if value), *ctx.args)
    if words and to != "slurm":
        raise UsageError(f"--to {to} takes no {words[0]}: that is an option of Slurm's, or unknown.")
    for name, value in {"--workers": workers, "--per-task": per_task}.items():
        if value is not None and value < 1:
            raise UsageError(f"{name} {value} is out of range: it must be 1 or more.")
    chosen = engine(to)
    talk = voice(progress, json=json, quiet=quiet, verbose=verbose)
    failures: list[VidstyleError] = []
    found = find_jobs(folder)
    for planned in found:
        job = dataclasses.replace(planned, settings=planned.settings.replace(**own_programs()))
        require_inside(job)
        request = Request(job, missing_shots(job), _program(program), per_task, gpus, workers, words)
        if output_marker.is_fulfilled(job):
            talk.say(f"{job.output}: it is there already.", "green")
        elif dry_run:
            typer.echo(chosen.describe(request), nl=False)
        else:
            from vidstyle.cli.follow import follow, stop_codes

            try:
                with display(talk.progress, talk) as show:
                    follow(chosen.submit(request), show, talk, exit_codes=stop_codes(StoppedAtCheckpoint.exit_code))
            except VidstyleError as error:
                if len(found) == 1:
                    raise
                complain(f"{job.folder}: {explain(error)[0]}")
                failures.append(error)
    if failures:
        raise typer.Exit(failures[0].exit_code)


def _program(words: str) -> tuple[str, ...]:
    """The words that start this same program, wherever the current folder is."""
    import shlex
    import shutil
    import sys
    from pathlib import Path

    if words:
        return tuple(shlex.split(words))
    beside = shutil.which("vidstyle", path=str(Path(sys.executable).parent))
    # -P: a task runs in a folder of somebody's data, from which nothing must be imported.
    return (beside,) if beside else (sys.executable, "-P", "-m", "vidstyle")
