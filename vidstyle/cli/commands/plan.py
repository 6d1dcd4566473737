"""``vidstyle plan``: write job folders, and paint nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vidstyle.cli import options
from vidstyle.cli.config import Layer, config_files, resolve
from vidstyle.cli.flags import JOB
from vidstyle.cli.names import output_path, parse_style
from vidstyle.cli.show.failures import complain, explain
from vidstyle.cli.show.words import duration
from vidstyle.errors import UsageError, VidstyleError
from vidstyle.paths import exists

if TYPE_CHECKING:
    from vidstyle.cli.show.reporter import Reporter
    from vidstyle.jobs.folder.job import Job
    from vidstyle.media.source import Source


@options.command(options.SETTINGS)
def plan(
    clip: Annotated[Path | None, options.path_argument("CLIP", "A video, or numbered pictures.")] = None,
    style: options.Style = None,
    output: options.Output = None,
    preset: options.Preset = None,
    keys: options.Keys = None,
    yes: options.Yes = False,
    restart: options.Restart = False,
    job: Annotated[
        Path | None,
        options.path_option(
            "--job --work-dir",
            "DIR",
            "Job folder; without it, OUT.vidstyle beside the output. With --batch: the folder of the job folders.",
            JOB,
            envvar="VIDSTYLE_WORK_DIR",
        ),
    ] = None,
    batch: Annotated[
        Path | None, options.path_option("--batch", "FILE", "TOML file with clips and styles, to plan many jobs.", JOB)
    ] = None,
    config: options.Config = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    debug: options.Debug = False,
    **settings: str,
) -> None:
    """Find a clip's shots and write a job folder, for a farm or for later; nothing is painted.

    What follows is 'vidstyle submit DIR', or 'vidstyle task DIR --shot N' for each shot and 'vidstyle assemble DIR'.
    """
    from vidstyle.cli.show.reporter import reporter_for

    planner = _Planner(
        reporter_for("none", quiet=quiet, verbose=verbose), config, overwrite=yes, restart=restart, json=json
    )
    styles = tuple(map(parse_style, style)) if style else None
    flags = Layer("the command line", settings, preset, styles, output).with_keys(keys)
    if batch is None:
        if clip is None:
            raise UsageError("no clip is named: vidstyle plan CLIP --style IMG --job DIR, or --batch FILE.")
        planner.plan(clip, flags, job)
        return
    if clip is not None:
        raise UsageError(f"'{clip}' and --batch are one too many: the clips stand in {batch}.")
    planner.plan_batch(batch, flags, job)


@dataclass(frozen=True)
class _Planner:
    """Plans clips, all with the same flags."""

    reporter: Reporter
    config: Path | None
    overwrite: bool
    restart: bool
    json: bool

    def plan_batch(self, file: Path, flags: Layer, folder: Path | None) -> None:
        """Plan each clip of a batch; one that can't be planned stops no other, and one that is done is left alone."""
        from vidstyle.cli.batch import overlay, read_batch

        batch = read_batch(file)
        folder = folder or batch.folder
        count, ahead = Counter[str](), 0.0
        failures: list[VidstyleError] = []
        for entry in batch.entries:
            place = folder / f"{entry.name}.vidstyle"
            one = replace(self, reporter=replace(self.reporter, label=entry.name))
            known = exists(place)
            try:
                if one.is_done(entry.output, place):
                    count["done"] += 1
                    continue
                entry.output.parent.mkdir(parents=True, exist_ok=True)
                ahead += one.plan(entry.clip, overlay(entry.layer, flags), place) or 0.0
                count["planned before" if known else "new"] += 1
            except VidstyleError as error:
                (sentence, *below), _ = explain(error)
                complain(f"{entry.name}: {sentence}", *below)
                failures.append(error)
                count["failed"] += 1
        words = ", ".join(
            f"{count[what]} {what}" for what in ("done", "planned before", "new", "failed") if count[what]
        )
        self.reporter.say(f"{words}: {folder}", "bold")
        if ahead:
            self.reporter.say(
                f"For all of them, one process will take about {duration(ahead)} on this machine.", "cyan"
            )
        if failures:
            raise typer.Exit(failures[0].exit_code)

    def is_done(self, output: Path, folder: Path) -> bool:
        """Whether an output is there, and nothing is left to be done for it; told to whoever reads the data."""
        from vidstyle.jobs.folder import job as jobs
        from vidstyle.jobs.folder import output_marker

        if self.overwrite or self.restart or not exists(output):
            return False
        if exists(folder) and not (jobs.is_job_folder(folder) and output_marker.is_written(jobs.load(folder))):
            return False
        if self.json:
            from vidstyle.cli.show.progress import emit

            emit({"type": "done", "output": str(output)})
        return True

    def plan(self, clip: Path, flags: Layer, folder: Path | None) -> float | None:
        """Plan one clip, in a job folder or, where none is named, in the one beside the output.

        What comes back are the seconds that it will take on this machine; None where nobody can tell.
        """
        choices = resolve(flags, self.config)
        if not choices.styles and not choices.settings.media.painted:
            raise UsageError("no style is named: add --style and a picture, such as --style wave.jpg.")

        from vidstyle.media.output.destination import check_not_input
        from vidstyle.media.probe.probe import kind_of

        target = output_path(choices.output, clip, choices.styles, still=kind_of(clip) == "still")

        check_not_input([target], config_files(self.config))

        from vidstyle.cli.show.words import plural
        from vidstyle.generators import Run
        from vidstyle.jobs.folder import job as jobs
        from vidstyle.jobs.plan import plan_job
        from vidstyle.jobs.write_job import write_job

        changes = {"overwrite": self.overwrite, "restart": self.restart}
        planned = plan_job(clip, choices.styles, target, choices.settings, work_dir=folder, **changes)
        for news in (run := Run(write_job(planned))):
            self.reporter.say(news.message, "yellow")
        job = run.result
        if jobs.portable(job) != jobs.load(job.folder):  # the clip has moved, or the output will be another
            jobs.save(job)
        for note in job.notes:
            self.reporter.say(note, "yellow")
        self.reporter.say(f"{job.summary}, {plural(len(job.shots), 'shot')}, planned in {job.folder}", "green")
        left = _seconds_here(job, planned.source)
        if left:
            self.reporter.say(f"On this machine, one process will take about {duration(left)}.", "cyan")
        if self.json:
            from vidstyle.cli.show.progress import emit

            frames = [[job.number(shot.start), job.number(shot.stop - 1)] for shot in job.shots]
            paths = {"job": str(job.folder), "clip": str(job.source_path), "output": str(job.output)}
            emit({"type": "plan", **paths, "shots": frames, "seconds_left": left})
        return left


def _seconds_here(job: Job, source: Source) -> float | None:
    """How long a job will take on this machine; None where it can't be painted here, as on a farm's front end."""
    from vidstyle.jobs.folder.frames import done_at_a_glance
    from vidstyle.render.forecast import seconds_ahead  # brings torch, which takes seconds

    done = sum(len(done_at_a_glance(job, shot)) for shot in job.shots)
    try:
        return seconds_ahead(job, source, done)
    except VidstyleError:
        return None
