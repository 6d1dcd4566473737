"""``vidstyle assemble``: join the painted frames of a job."""

from __future__ import annotations

from typing import Annotated

from vidstyle.cli import options
from vidstyle.cli.show.failures import guarded
from vidstyle.errors import StoppedAtCheckpoint, UsageError


@guarded
@options.with_run_settings
def assemble(
    folder: options.JobFolder,
    output: Annotated[
        str | None,
        options.option("--output", "-o", panel=options.FILES, metavar="OUT", help="Another output than was planned."),
    ] = None,
    output_folder: Annotated[
        str,
        options.option(panel=options.FILES, metavar="DIR", help="Another folder for the output."),
    ] = "",
    clip: options.Clip = "",
    yes: options.Yes = False,
    remove: Annotated[
        bool, options.switch("--remove", panel=options.JOB, help="Delete the job folder once the output is verified.")
    ] = False,
    progress: options.ProgressFlag = "auto",
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    debug: options.Debug = False,
    **settings: str,
) -> None:
    """Join the painted frames of a job to a video, with the clip's sound and everything else.

    Frames that are missing or damaged are named, and nothing is written.
    """
    import dataclasses
    import time
    from pathlib import Path

    from vidstyle.cli.follow import follow, stop_codes
    from vidstyle.cli.job import opened
    from vidstyle.cli.show.console import voice
    from vidstyle.cli.show.display import display
    from vidstyle.cli.show.summary import finished
    from vidstyle.jobs import output_marker
    from vidstyle.jobs.cleanup import remove as delete
    from vidstyle.jobs.progress import Progress

    talk = voice(progress, json=json, quiet=quiet, verbose=verbose)
    with display(talk.progress, talk) as show:
        job = opened(folder, settings, clip=clip)
        if output == "":
            raise UsageError("--output is empty: name a file.")
        target = Path(output).expanduser().resolve() if output else job.output
        target = Path(output_folder).resolve() / target.name if output_folder else target
        job = dataclasses.replace(job, output=target, overwrite=job.overwrite or yes)
        if output_marker.is_fulfilled(job) and not yes:
            total = len(job.frames)
            show(Progress("done", shots=len(job.shots), frames_done=total, frames_total=total, output=job.output))
            talk.say(f"{job.output}: it is there already.", "green")
            if remove:
                delete(job)
            return

        from vidstyle.render.assemble import assemble as join

        begin = time.monotonic()
        last = follow(join(job, keep=not remove), show, talk, exit_codes=stop_codes(StoppedAtCheckpoint.exit_code))
        if last is not None and last.output is not None:
            talk.say(finished(last, time.monotonic() - begin), "bold green")
