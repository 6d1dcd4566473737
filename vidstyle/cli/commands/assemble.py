"""``vidstyle assemble``: make the output of a job's painted frames."""

from typing import Annotated

from vidstyle.cli import options
from vidstyle.cli.flags import FILES, JOB
from vidstyle.errors import UsageError


@options.command({**options.DELIVERY_SETTINGS, **options.RUN_SETTINGS})
def assemble(
    folder: options.JobFolder,
    *,
    output: Annotated[
        str | None, options.option("--output -o", "OUT", "Output, if not the planned one.", FILES)
    ] = None,
    output_folder: Annotated[
        str, options.option("--output-folder", "DIR", "Folder of the output, if not the planned one.", FILES)
    ] = "",
    clip: options.Clip = "",
    yes: options.Yes = False,
    keep_retouched: options.KeepRetouched = False,
    partial: Annotated[
        bool,
        options.switch("--partial", "A preview of what is painted; the rest is the clip, dimmed.", JOB),
    ] = False,
    remove: Annotated[
        bool, options.switch("--remove", "Delete the job folder once the output is verified.", JOB)
    ] = False,
    display: options.Display,
    **settings: str,
) -> None:
    """Assemble the painted frames of a job to a video, with the clip's sound and metadata.

    If frames are missing or damaged, they are named and nothing is written, unless a --partial preview is asked for.
    Another codec, sound, strength or size of file costs no painting: vidstyle assemble DIR --codec prores -o edit.mov
    """
    import dataclasses
    import time
    from pathlib import Path

    from vidstyle.cli.follow import FARM_EXIT_CODES, follow
    from vidstyle.cli.job import open_job
    from vidstyle.cli.show.progress import show_progress
    from vidstyle.cli.show.summary import finished
    from vidstyle.jobs.delivery import another_delivery, delivery_notes
    from vidstyle.jobs.folder import output_marker
    from vidstyle.jobs.folder.cleanup import remove as delete
    from vidstyle.jobs.inputs import require_consent
    from vidstyle.jobs.progress import Progress

    reporter = display.reporter()
    with show_progress(reporter) as show:
        changes = {key: settings.pop(key) for key in options.DELIVERY_SETTINGS if key in settings}
        job = open_job(folder, settings, clip=clip)
        if output == "":
            raise UsageError("--output is empty: name a file.")
        if partial and (remove or not (output or output_folder)):
            raise UsageError("--partial writes a preview and keeps the job: name its file with -o, without --remove.")
        target = Path(output).expanduser().resolve() if output else job.output
        target = Path(output_folder).resolve() / target.name if output_folder else target
        if not (output or output_folder or yes):
            require_consent(job)
        planned = target == job.output and not changes
        overwrite = yes or (planned and (job.overwrite or output_marker.is_own(job)))
        another = bool(changes) or target != job.output
        if another:
            job = another_delivery(job, target, changes)
        job = dataclasses.replace(job, overwrite=overwrite)
        if not partial and output_marker.is_written(job) and not yes:
            total = len(job.frames)
            show(Progress("done", shots=len(job.shots), frames_done=total, frames_total=total, output=job.output))
            reporter.say(f"{job.output}: it is there already.", "green")
            if remove:
                delete(job)
            return

        for sentence in delivery_notes(job) if another else ():
            reporter.say(sentence, "yellow")

        from vidstyle.render.assemble import assemble as join
        from vidstyle.render.assemble import preview

        begin = time.monotonic()
        run = preview(job) if partial else join(job, keep=not remove, keep_retouched=keep_retouched)
        last = follow(run, show, reporter, exit_codes=FARM_EXIT_CODES)
        if last is not None and last.output is not None:
            reporter.say(finished(last, time.monotonic() - begin), "bold green")
