"""``vidstyle plan``: write job folders for a farm, and paint nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vidstyle.cli import options
from vidstyle.cli.config import Layer, config_files, resolve
from vidstyle.cli.names import output_path, parse_style
from vidstyle.cli.show.failures import complain, explain, guarded
from vidstyle.errors import UsageError, VidstyleError

if TYPE_CHECKING:
    from vidstyle.cli.show.console import Voice


@guarded
@options.with_settings
def plan(
    clip: Annotated[Path | None, options.path_argument("CLIP", "A video, or numbered pictures.")] = None,
    style: options.Style = None,
    output: options.Output = None,
    preset: options.Preset = None,
    yes: options.Yes = False,
    restart: options.Restart = False,
    job: Annotated[
        Path | None,
        options.path_option(
            "--job",
            "--work-dir",
            panel=options.JOB,
            metavar="DIR",
            help="The job folder; without it, OUT.vidstyle beside the output. With --batch: where they go.",
            envvar="VIDSTYLE_WORK_DIR",
        ),
    ] = None,
    batch: Annotated[
        Path | None,
        options.path_option(
            "--batch", panel=options.JOB, metavar="NIGHT", help="Many clips in many styles, as a TOML file names them."
        ),
    ] = None,
    config: options.Config = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    debug: options.Debug = False,
    **settings: str,
) -> None:
    """Find a clip's shots and write down what is to be painted, for a farm or for later.

    What follows is 'vidstyle submit DIR', or 'vidstyle task DIR --shot N' for each shot and 'vidstyle assemble DIR'.
    """
    from vidstyle.cli.show.console import voice

    talk = voice("none", quiet=quiet, verbose=verbose)
    styles = tuple(map(parse_style, style)) if style else None
    flags = Layer("the command line", settings, preset, styles, output)
    if batch is None:
        if clip is None:
            raise UsageError("no clip is named: vidstyle plan CLIP --style IMG --job DIR, or --batch NIGHT.")
        _plan(clip, flags, config, job, talk, yes=yes, restart=restart, json=json)
        return
    if clip is not None:
        raise UsageError(f"'{clip}' and --batch are one too many: the clips stand in {batch}.")
    _plan_night(batch, flags, config, job, talk, yes=yes, restart=restart, json=json)


def _plan_night(
    batch: Path,
    flags: Layer,
    config: Path | None,
    folder: Path | None,
    talk: Voice,
    *,
    yes: bool,
    restart: bool,
    json: bool,
) -> None:
    """Plan each clip; one that can't be keeps no other from it."""
    from vidstyle.cli.batch import over, read_night

    night = read_night(batch)
    failures: list[VidstyleError] = []
    for entry in night.entries:
        try:
            place = (folder or night.folder) / f"{entry.name}.vidstyle"
            night.output.mkdir(parents=True, exist_ok=True)
            _plan(entry.clip, over(entry.layer, flags), config, place, talk, yes=yes, restart=restart, json=json)
        except VidstyleError as error:
            complain(f"{entry.name}: {explain(error)[0]}")
            failures.append(error)
    done = len(night.entries) - len(failures)
    talk.say(f"{done} of {len(night.entries)} clips are planned in {folder or night.folder}", "bold")
    if failures:
        raise typer.Exit(failures[0].exit_code)


def _plan(
    clip: Path,
    flags: Layer,
    config: Path | None,
    folder: Path | None,
    talk: Voice,
    *,
    yes: bool,
    restart: bool,
    json: bool,
) -> None:
    choices = resolve(flags, config)
    if not choices.styles:
        raise UsageError("no style is named: add --style and a picture, such as --style wave.jpg.")
    target = output_path(choices.output, clip, choices.styles, still=False)

    from vidstyle.media.output.destination import check_not_input

    check_not_input([target], config_files(config))

    from vidstyle.cli.show.words import plural
    from vidstyle.generators import Run
    from vidstyle.jobs import job as jobs
    from vidstyle.jobs.plan import draft
    from vidstyle.jobs.planned_job import carried_out

    drafted = draft(clip, choices.styles, target, choices.settings, work_dir=folder, overwrite=yes, restart=restart)
    for news in (run := Run(carried_out(drafted))):
        talk.say(news.message, "yellow")
    job = run.result
    if jobs.portable(job) != jobs.load(job.folder):  # the clip has moved, or the output will be another
        jobs.save(job)
    for note in job.notes:
        talk.say(note, "yellow")
    talk.say(f"{job.summary}, {plural(len(job.shots), 'shot')}, planned in {job.folder}", "green")
    if json:
        from vidstyle.cli.show.display import emit

        frames = [[job.number(shot.start), job.number(shot.stop - 1)] for shot in job.shots]
        emit(
            {"type": "plan", "job": str(job.folder), "clip": str(job.clip), "output": str(job.output), "shots": frames}
        )
