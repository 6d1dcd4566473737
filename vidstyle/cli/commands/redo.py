"""``vidstyle redo``: paint some frames of a finished job anew."""

from pathlib import Path
from typing import Annotated

from vidstyle.cli import options
from vidstyle.cli.flags import FILES, JOB
from vidstyle.errors import UsageError


@options.command(options.REDO_SETTINGS)
def redo(
    folder: Annotated[Path, options.path_argument("JOB", "The job folder, or the output beside it.")],
    *,
    frames: Annotated[
        str, options.option("--frames", "A-B", "Which frames to paint anew, as in --frames of the job.", FILES)
    ] = "",
    style: options.Style = None,
    clip: options.Clip = "",
    yes: options.Yes = False,
    keep_retouched: options.KeepRetouched = False,
    plan: Annotated[bool, options.switch("--plan", "Write it down for a farm, and paint nothing here.", JOB)] = False,
    undo: Annotated[
        bool, options.switch("--undo", "Take back what was painted anew last, and show what was there before.", JOB)
    ] = False,
    page: options.Page = None,
    display: options.Display,
    **settings: str,
) -> None:
    """Paint some frames of a finished job anew, with other settings, styles or masks.

    All other frames keep their bytes, the old painting turns into the new one and back without a join, and the output
    is put together again. The frames that were there stay in the job folder.
    """
    import time

    from vidstyle.cli.follow import follow
    from vidstyle.cli.job import open_kept_job
    from vidstyle.cli.names import parse_style
    from vidstyle.cli.page import shown_job
    from vidstyle.cli.show.progress import show_progress
    from vidstyle.cli.show.summary import finished
    from vidstyle.generators import finish
    from vidstyle.jobs.redo import plan_redo, take_back, write_redo

    reporter = display.reporter()
    with show_progress(reporter) as show:
        run_settings = {key: settings.pop(key) for key in options.RUN_SETTINGS if key in settings}
        job = open_kept_job(folder, run_settings, clip=clip)
        if bool(frames) == undo:
            raise UsageError(
                "name the frames to paint anew, as in --frames 352-372, or take the last ones back: --undo."
            )
        begin = time.monotonic()
        if undo:
            from vidstyle.render.assemble import assemble, own_output

            job = own_output(job, overwrite=yes)
            finish(take_back(job))
            last = follow(assemble(job, keep=True, keep_retouched=keep_retouched), show, reporter)
            if last is not None and last.output is not None:
                reporter.say(finished(last, time.monotonic() - begin), "bold green")
            return
        styles = [parse_style(text) for text in style or ()]
        planned = plan_redo(job, frames, settings, styles, keep_retouched=keep_retouched)
        if plan:
            redone = finish(write_redo(job, planned))
            reporter.say(f"{redone.summary}: vidstyle submit '{job.folder}' has it done.", "bold")
            return

        from vidstyle.render.video import redo as paint_anew

        run = paint_anew(job, planned, overwrite=yes, keep_retouched=keep_retouched)
        with shown_job(page, planned.redo, show) as showed:
            last = follow(run, showed, reporter, work=planned.redo.folder)
        if last is not None and last.output is not None:
            reporter.say(finished(last, time.monotonic() - begin), "bold green")
