"""The program's commands, and the group that paints a clip when no command is named."""

from typing import Any

import typer
import typer.core

from vidstyle.cli.arguments import mended
from vidstyle.cli.commands.assemble import assemble
from vidstyle.cli.commands.doctor import doctor
from vidstyle.cli.commands.frame import frame
from vidstyle.cli.commands.looks import looks
from vidstyle.cli.commands.mask import mask
from vidstyle.cli.commands.measure import measure
from vidstyle.cli.commands.plan import plan
from vidstyle.cli.commands.presets import presets
from vidstyle.cli.commands.redo import redo
from vidstyle.cli.commands.status import status
from vidstyle.cli.commands.studio import studio
from vidstyle.cli.commands.stylize import stylize
from vidstyle.cli.commands.submit import CONTEXT, submit
from vidstyle.cli.commands.suggest_keys import suggest_keys
from vidstyle.cli.commands.task import task
from vidstyle.cli.commands.weights import weights
from vidstyle.cli.show.failures import complain
from vidstyle.errors import UsageError


class DefaultCommandGroup(typer.core.TyperGroup):
    """A group that is a command itself, with its own flags, unless the first word names one of its commands.

    A file with the name of a command is given by its path: ``./plan``.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Leave all arguments to the command that the first one names; without such, parse them."""
        is_command = bool(args) and args[0] in self.commands
        ctx.meta[__name__], ctx.allow_interspersed_args, ctx.allow_extra_args = is_command, not is_command, is_command
        parameters: Any = self.commands[args[0]].params if is_command else self.params
        switches = {name for parameter in parameters if getattr(parameter, "is_flag", False) for name in parameter.opts}
        try:
            args = args[:is_command] + mended(args[is_command:], switches)
        except UsageError as error:
            complain(str(error))
            raise typer.Exit(error.exit_code) from error
        return super().parse_args(ctx, args)

    def get_params(self, ctx: Any) -> list[Any]:
        """The group's own flags and arguments, unless a command is named."""
        return [] if ctx.meta.get(__name__) else super().get_params(ctx)


EPILOG = """\
[bold]Examples[/bold]
  vidstyle clip.mp4 --style wave.jpg
  vidstyle clip.mp4 --style wave.jpg --preset draft --size 480 --limit 2s
  vidstyle clip.mp4 --style wave.jpg:2 --style night.jpg -o painted.mp4
  vidstyle clip.mp4 --style sky.jpg@sky.png --style ground.jpg --strength 0@0s,1@2s
  vidstyle clip.mp4 --painted 41=frame41.png
  vidstyle photo.jpg --style wave.jpg --style-scale 1.5
  vidstyle *.mp4 --style wave.jpg -o painted/

An interrupted run resumes when the same command is run again.
Every setting can also stand in ./vidstyle.toml, or in a variable such as VIDSTYLE_STEPS.
"""

app = typer.Typer(
    cls=DefaultCommandGroup,
    invoke_without_command=True,
    no_args_is_help=True,
    subcommand_metavar="",
    options_metavar="[FLAGS]",
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    epilog=EPILOG,
)
app.callback()(stylize)
app.command()(plan)
app.command()(task)
app.command()(assemble)
app.command()(redo)
app.command(context_settings=CONTEXT)(submit)
app.command()(status)
app.command()(looks)
app.command()(studio)
app.command()(mask)
app.command()(suggest_keys)
app.command()(frame)
app.command()(measure)
app.command()(weights)
app.command()(presets)
app.command()(doctor)
