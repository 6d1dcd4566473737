"""``vidstyle task``: paint some shots of a job, as one process of a farm."""

from typing import Annotated

from vidstyle.cli import options
from vidstyle.cli.flags import JOB, RUN
from vidstyle.errors import UsageError

GRACE = 20.0
"""Seconds. Most schedulers kill a process half a minute after they asked it to stop."""


@options.command(options.RUN_SETTINGS)
def task(
    folder: options.JobFolder,
    *,
    shot: Annotated[
        str,
        options.option(
            "--shot",
            "N|A-B|env",
            "Which shots, from 1: 7, 3-9 or 1,4-6; env takes the index that Slurm, Kubernetes or OpenCue sets.",
            JOB,
        ),
    ],
    per_task: Annotated[int, options.option("--per-task", "N", "With env: shots per index.", JOB, min=1)] = 1,
    clip: options.Clip = "",
    grace: Annotated[
        float,
        options.option(
            "--grace", "SECONDS", "After SIGTERM, drop a frame that takes longer than this. [dim](20)[/dim]", RUN, min=0
        ),
    ] = GRACE,
    keep_retouched: options.KeepRetouched = False,
    page: options.Page = None,
    display: options.Display,
    **settings: str,
) -> None:
    """Paint shots of a planned job.

    Frames that are done are left as they are. Stopped by a signal, it ends with 75, and the same command resumes.
    Stopped twice in a row before it finished a frame, it ends with 65: it needs more time.
    """
    from vidstyle.cli.follow import FARM_EXIT_CODES, follow
    from vidstyle.cli.job import open_job
    from vidstyle.cli.page import shown_job
    from vidstyle.cli.show.progress import show_progress
    from vidstyle.ranges import format_numbers
    from vidstyle.render.task import render_shots

    reporter = display.reporter()
    with show_progress(reporter) as show:
        if per_task > 1 and shot != "env":
            raise UsageError("--per-task goes with --shot env: name the shots themselves, as in --shot 1-10.")
        job = open_job(folder, settings, clip=clip)
        numbers = _numbers(shot, per_task, len(job.shots))
        reporter.say(f"{job.source_path.name}: shots {format_numbers(numbers)} of {len(job.shots)}")
        shots = [job.shots[number - 1] for number in numbers]
        run = render_shots(job, shots, give_up=True, keep_retouched=keep_retouched)
        with shown_job(page, job, show) as showed:
            follow(run, showed, reporter, exit_codes=FARM_EXIT_CODES, grace=grace, work=job.folder)


def _numbers(shot: str, per_task: int, count: int) -> tuple[int, ...]:
    import os

    from vidstyle.farm.shots import block, index_from, parse_shots

    return block(index_from(os.environ), per_task, count) if shot == "env" else parse_shots(shot, count)
