"""``vidstyle CLIP``: paint clips or pictures. It is the command that runs when none is named."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vidstyle.cli import options
from vidstyle.cli.config import Layer, config_files, resolve
from vidstyle.cli.flags import DISPLAY
from vidstyle.cli.names import parse_style
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
        list[Path] | None,
        options.path_argument(
            "CLIP...",
            "Videos, pictures, or numbered ones: 'sh010.####.exr', a folder.",
            autocompletion=_complete_clip,
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
    keep_retouched: options.KeepRetouched = False,
    work_dir: options.WorkDir = None,
    config: options.Config = None,
    page: options.Page = None,
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
    from vidstyle.cli.painter import Painter
    from vidstyle.cli.show.progress import show_progress

    reporter = display.reporter()
    with show_progress(reporter) as show:
        if restart and dry_run:
            raise UsageError("--restart deletes earlier work and --dry-run writes nothing: take one.")
        if not clip:
            raise UsageError("no clip is named: vidstyle CLIP --style IMG. 'vidstyle --help' says more.")
        if not exists(clip[0]) and str(clip[0]) in getattr(ctx.command, "commands", ()):
            raise UsageError(f"'{clip[0]}' is a command, and a command comes first: vidstyle {clip[0]} …")
        styles = tuple(map(parse_style, style)) if style else None
        choices = resolve(Layer("the command line", settings, preset, styles, output).with_keys(keys), config)
        if not choices.styles and not choices.settings.media.painted:
            raise UsageError("no style is named: add --style and a picture, such as --style wave.jpg.")
        painter = Painter(
            choices=choices,
            given=settings,
            reporter=reporter,
            verbose=display.verbose,
            configs=config_files(config),
            work_dir=work_dir,
            keep=keep,
            keep_retouched=keep_retouched,
            restart=restart,
            overwrite=yes,
            dry_run=dry_run,
            page=page,
        )
        if len(clip) > 1 and choices.settings.media.painted:
            raise UsageError("--painted names frames of one clip: paint several clips one by one.")
        if len(clip) == 1:
            painter.paint(clip[0], show)
        else:
            painter.paint_all(clip)
