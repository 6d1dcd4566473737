"""``vidstyle submit``: hand what is missing of a job to an engine."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vidstyle.cli import options
from vidstyle.cli.config import user_programs
from vidstyle.cli.flags import JOB
from vidstyle.cli.options import option
from vidstyle.cli.show.failures import complain, explain
from vidstyle.errors import UsageError, VidstyleError
from vidstyle.farm.engine import ENGINES, Request, engine, missing_shots
from vidstyle.printable import shell_words

if TYPE_CHECKING:
    from vidstyle.cli.show.progress import Show
    from vidstyle.cli.show.reporter import Reporter
    from vidstyle.jobs.folder.job import Job

ENGINE = "Engine"
CONTEXT = {"ignore_unknown_options": True, "allow_extra_args": True}
"""What is not understood is an engine's own."""


@options.command(
    {
        name: option(f"--{name}", *words, f"With --to {engine}")
        for engine, entry in ENGINES.items()
        for name, words in entry.options.items()
    }
)
def submit(
    ctx: typer.Context,
    folder: options.JobFolders,
    *,
    to: Annotated[str, option("--to", "|".join(ENGINES), "The engine.", ENGINE)],
    workers: Annotated[int | None, option("--workers", "N", "Tasks at a time; local: processes.", ENGINE)] = None,
    per_task: Annotated[
        int, option("--per-task", "N", "Shots that a task paints, to start up less often. [dim](1)[/dim]", ENGINE)
    ] = 1,
    gpus: Annotated[
        int | None, option("--gpus", "N", "GPUs of a task; without it, one where there are any.", ENGINE)
    ] = None,
    program: Annotated[
        str, option("--program", "WORDS", "Command that starts vidstyle on a worker; without it, this program.", ENGINE)
    ] = "",
    dry_run: Annotated[
        bool, options.switch("--dry-run", "Print what would be submitted, and submit nothing.", JOB)
    ] = False,
    yes: options.Yes = False,
    page: options.Page = None,
    display: options.Display,
    **engine_options: str,
) -> None:
    """Hand the missing shots of a job to an engine, and after them the assembly.

    Run again after a failure, it sends what is still missing. A --page is kept up to date as long as this runs.
    Any other option goes to sbatch as it is:
    vidstyle submit DIR --to slurm --qos=night --constraint=a100
    """
    from vidstyle.cli.show.progress import show_progress
    from vidstyle.farm.status import find_jobs
    from vidstyle.jobs.folder import output_marker
    from vidstyle.jobs.inputs import require_consent

    words = (*(f"--{name}={value}" for name, value in engine_options.items() if value), *ctx.args)
    for name, value in {"--workers": workers, "--per-task": per_task}.items():
        if value is not None and value < 1:
            raise UsageError(f"{name} {value} is out of range: it must be 1 or more.")
    chosen = engine(to, words)
    reporter = display.reporter()
    failures: list[VidstyleError] = []
    found = find_jobs(folder)
    with _shown(None if dry_run else page, folder, found, reporter) as showing:
        for planned in found:
            settings = planned.settings.replace(**user_programs())
            job = dataclasses.replace(planned, settings=settings, overwrite=planned.overwrite or yes)
            request = Request(job, missing_shots(job), _program(program), per_task, gpus, workers, words, yes)
            if output_marker.is_written(job):
                reporter.say(f"{job.output}: it is there already.", "green")
            elif dry_run:
                typer.echo(chosen.describe(request), nl=False)
            else:
                from vidstyle.cli.follow import FARM_EXIT_CODES, follow

                try:
                    if not yes:
                        require_consent(job)
                    with show_progress(reporter) as show, showing(show) as showed:
                        follow(chosen.submit(request), showed, reporter, exit_codes=FARM_EXIT_CODES)
                except VidstyleError as error:
                    if len(found) == 1:
                        raise
                    (sentence, *below), _ = explain(error)
                    complain(f"{job.folder}: {sentence}", *below)
                    failures.append(error)
    if failures:
        raise typer.Exit(failures[0].exit_code)


@contextmanager
def _shown(
    page: Path | None, folder: Path, jobs: Sequence[Job], reporter: Reporter
) -> Iterator[Callable[[Show], AbstractContextManager[Show]]]:
    """Show the jobs on the page, if there is one, while this process is at work on them."""
    from vidstyle.cli.page.jobs import JobsPage
    from vidstyle.jobs.folder import output_marker

    if page is None:
        yield nullcontext
        return
    shown = JobsPage(page, folder, jobs)
    shown.look()
    try:
        yield shown.showing
    finally:
        shown.look()
        if all(output_marker.is_written(job) for job in jobs):
            shown.close()
        else:  # others paint from here on, who know of no page
            watch = shell_words(["vidstyle", "status", str(folder), "--watch", "--page", str(page)])
            reporter.say(f"{page} shows how far it is by now. To keep it up to date: {watch}")


def _program(words: str) -> tuple[str, ...]:
    """The words that start this same program, wherever the current folder is."""
    import shlex
    import shutil
    import sys

    if words:
        return tuple(shlex.split(words))
    beside = shutil.which("vidstyle", path=str(Path(sys.executable).parent))
    # -P: a task runs in a folder of somebody's data, from which nothing must be imported.
    return (beside,) if beside else (sys.executable, "-P", "-m", "vidstyle")
