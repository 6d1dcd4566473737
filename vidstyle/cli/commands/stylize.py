"""``vidstyle CLIP``: paint a clip or a picture. It is the command that runs when none is named."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from vidstyle.cli import options
from vidstyle.cli.config import Layer, config_files, resolve
from vidstyle.cli.flags import CLIP_ONLY, DISPLAY, flag_name
from vidstyle.cli.names import output_path, parse_style
from vidstyle.errors import UsageError
from vidstyle.paths import exists


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"vidstyle {version('vidstyle')}")
        raise typer.Exit


def _complete_clip(ctx: typer.Context, incomplete: str) -> list[str]:
    commands = [name for name in getattr(ctx.command, "commands", ()) if name.startswith(incomplete)]
    folder = Path(incomplete).parent if not incomplete.endswith("/") else Path(incomplete)
    files = [f"{path}/" if path.is_dir() else str(path) for path in folder.glob("[!.]*")]
    return commands + sorted(name for name in files if name.startswith(incomplete))


@options.command(options.SETTINGS)
def stylize(
    ctx: typer.Context,
    *,
    clip: Annotated[
        Path | None,
        options.path_argument(
            "CLIP", "A video, a picture, or numbered ones: 'sh010.####.exr', a folder.", autocompletion=_complete_clip
        ),
    ] = None,
    style: options.Style = None,
    output: options.Output = None,
    preset: options.Preset = None,
    keys: options.Keys = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    restart: options.Restart = False,
    keep: options.Keep = False,
    work_dir: options.WorkDir = None,
    config: options.Config = None,
    display: options.Display,
    version: Annotated[
        bool, options.switch("--version", "Print the version.", DISPLAY, is_eager=True, callback=_print_version)
    ] = False,
    **settings: str,
) -> None:
    """Repaint a clip in the style of a picture.

    Each frame follows the ones before it along the motion, so that the result does not flicker.
    """
    if ctx.invoked_subcommand is not None:
        return
    from vidstyle.cli.follow import follow
    from vidstyle.cli.show.progress import show_progress
    from vidstyle.cli.show.summary import finished, summary

    reporter = display.reporter()
    with show_progress(reporter) as show:
        if restart and dry_run:
            raise UsageError("--restart deletes earlier work and --dry-run writes nothing: take one.")
        if clip is None:
            raise UsageError("no clip is named: vidstyle CLIP --style IMG. 'vidstyle --help' says more.")
        if not exists(clip) and str(clip) in getattr(ctx.command, "commands", ()):
            raise UsageError(f"'{clip}' is a command, and a command comes first: vidstyle {clip} …")
        styles = tuple(map(parse_style, style)) if style else None
        choices = resolve(Layer("the command line", settings, preset, styles, output).with_keys(keys), config)
        if not choices.styles:
            raise UsageError("no style is named: add --style and a picture, such as --style wave.jpg.")

        from vidstyle.media.output.destination import check_not_input
        from vidstyle.media.probe.probe import kind_of  # brings PyAV, which takes a moment

        begin = time.monotonic()
        still = kind_of(clip) == "still"
        target = output_path(choices.output, clip, choices.styles, still=still)
        check_not_input([target], config_files(config))
        for line in summary(clip, choices, target, verbose=display.verbose):
            reporter.say(line)
        if still and (unused := [flag_name(key) for key in settings if key in CLIP_ONLY]):
            reporter.say(f"{', '.join(unused)}: no part of painting a single picture.", "yellow")

        from vidstyle.jobs.plan import job_folder
        from vidstyle.render.still import stylize_image
        from vidstyle.render.video import stylize_video

        asked = (clip, choices.styles, target, choices.settings)
        if dry_run:
            from vidstyle.cli.dry_run import run_dry

            run = run_dry(*asked, still=still, work_dir=work_dir, overwrite=yes)
        elif still:
            run = stylize_image(*asked, overwrite=yes)
        else:
            run = stylize_video(*asked, work_dir=work_dir, keep=keep, restart=restart, overwrite=yes)
        work = None if still or dry_run else job_folder(target, work_dir)
        last = follow(run, show, reporter, work=work)
        if last is not None and last.output is not None:
            reporter.say(finished(last, time.monotonic() - begin), "bold green")
        if dry_run:
            reporter.say("Nothing was written.", "bold")
