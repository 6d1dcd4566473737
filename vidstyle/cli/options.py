"""Typer's options: one for each setting, those that several commands share, and groups of them as a parameter."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vidstyle.cli.flags import DISPLAY, FILES, FLAGS, JOB, LOOK, PANELS, RUN, flag_name, text_of
from vidstyle.cli.show.failures import complain, guarded
from vidstyle.errors import UsageError
from vidstyle.settings import DELIVERY, PRESETS, SWITCH, WHOLE_JOB, Settings, choices

if TYPE_CHECKING:
    from vidstyle.cli.show.reporter import Reporter

PROGRESS_NAMES = ("auto", "rich", "plain", "json", "openjd", "farm", "afanasy", "tractor", "none")
"""What ``--progress`` takes: `auto`, and the names in `show.progress`."""


def option(names: str, metavar: str, help: str, panel: str, **more: Any) -> Any:
    """A flag with a value, in a panel of the help text. Its names have a space between."""
    return typer.Option(*names.split(), metavar=metavar, help=help, rich_help_panel=panel, show_default=False, **more)


def switch(names: str, help: str, panel: str, **more: Any) -> Any:
    """A flag without a value."""
    return option(names, "", help, panel, **more)


def path_option(names: str, metavar: str, help: str, panel: str, **more: Any) -> Any:
    """A flag that names a file or a folder."""
    return option(names, metavar, help, panel, parser=_path, **more)


def path_argument(metavar: str, help: str, **more: Any) -> Any:
    """An argument that names a file or a folder."""
    return typer.Argument(metavar=metavar, help=help, show_default=False, parser=_path, **more)


def _path(word: str) -> Path:
    if not word:  # it would be taken for the current folder
        complain("a name on the command line is empty: name a file or a folder. Is a variable empty?")
        raise typer.Exit(UsageError.exit_code)
    return Path(word)


def _complete(values: Iterable[str]) -> Callable[[str], list[str]]:
    return lambda incomplete: [value for value in values if value.startswith(incomplete)]


SWITCHES = frozenset(key for key in FLAGS if choices(key) == SWITCH)
"""Settings whose flags take no value."""


def setting(key: str, default: str = "") -> Any:
    """The flag of a setting, as `FLAGS` has it; a default worth telling ends its help."""
    flag, values = FLAGS[key], choices(key)
    if key in SWITCHES:
        return switch(f"{flag_name(key)}/{flag_name(f'no_{key}')}", flag.help, flag.panel)
    text = flag.help + (f" [dim]({default})[/dim]" if default else "")
    complete = _complete(values) if values else None
    return option(flag_name(key), flag.placeholder or "|".join(values), text, flag.panel, autocompletion=complete)


SETTINGS = {key: setting(key, text_of(Settings().get(key))) for key in FLAGS}
"""A flag for each setting."""
REPEATED = frozenset({"painted"})
"""Settings whose flags may be given several times."""
RUN_SETTINGS = {key: setting(key, "as planned") for key, flag in FLAGS.items() if flag.panel == RUN}
"""Those that a planned job leaves open: where and how it runs."""
REDO_SETTINGS = {key: setting(key, "as planned") for key in FLAGS if key not in (*DELIVERY, *WHOLE_JOB)}
"""Those that a range of a job's frames can be painted anew with."""
DELIVERY_SETTINGS = {key: setting(key, "as planned") for key in FLAGS if key in DELIVERY}
"""Those that painted frames can be written by in another way."""

Style = Annotated[
    list[str] | None,
    option(
        "--style -s",
        "IMG[:WEIGHT][@MASK]",
        "Style picture, and where: several are blended, or each in its mask.",
        FILES,
    ),
]
Output = Annotated[str | None, option("--output -o", "OUT", "Output; without it, clip.wave.mp4 in this folder.", FILES)]
Preset = Annotated[
    str | None,
    option(
        "--preset",
        "|".join(PRESETS),
        "Set of settings, as 'vidstyle presets' shows them; other flags override it.",
        LOOK,
        autocompletion=_complete(PRESETS),
    ),
]
Config = Annotated[
    Path | None,
    path_option(
        "--config", "FILE", "TOML file with settings, instead of ./vidstyle.toml.", JOB, envvar="VIDSTYLE_CONFIG"
    ),
]
Keys = Annotated[
    Path | None,
    path_option("--keys", "FILE", "TOML file with values that change over time: strength, weights, styles.", LOOK),
]
JobFolder = Annotated[Path, path_argument("DIR", "The job folder.")]
JobFolders = Annotated[Path, path_argument("DIR", "A job folder, or a folder that holds several.")]
Clip = Annotated[str, option("--clip", "FILE", "The clip, if it has moved since it was planned.", FILES)]
WorkDir = Annotated[
    Path | None,
    path_option(
        "--work-dir",
        "DIR",
        "Folder for unfinished work; without it, OUT.vidstyle beside the output.",
        JOB,
        envvar="VIDSTYLE_WORK_DIR",
    ),
]
Keep = Annotated[bool, switch("--keep", "Keep the painted frames once the output is finished.", JOB)]
Restart = Annotated[bool, switch("--restart", "Start over instead of resuming earlier work.", JOB)]
KeepRetouched = Annotated[
    bool, switch("--keep-retouched", "Keep frames that were changed by hand in the job folder.", JOB)
]
Yes = Annotated[bool, switch("--yes -y", "Replace the output if it exists.", JOB)]
DryRun = Annotated[bool, switch("--dry-run", "Say what would be done, and write nothing.", JOB)]
Progress = Annotated[
    str,
    option(
        "--progress",
        "STYLE",
        f"{', '.join(PROGRESS_NAMES)}.",
        DISPLAY,
        envvar="VIDSTYLE_PROGRESS",
        autocompletion=_complete(PROGRESS_NAMES),
    ),
]
Json = Annotated[bool, switch("--json", "Write data to standard output, one JSON object a line.", DISPLAY)]
Quiet = Annotated[bool, switch("--quiet -q", "Only errors.", DISPLAY)]
Verbose = Annotated[bool, switch("--verbose -v", "All settings, and every term of the loss.", DISPLAY)]
Debug = Annotated[bool, switch("--debug", "A traceback with every error.", DISPLAY)]

Page = Annotated[
    Path | None,
    path_option("--page", "FILE", "A page that shows what is being painted, for any browser: film.html.", DISPLAY),
]


@dataclass(frozen=True)
class Display:
    """How a command that runs a job shows what it does."""

    progress: Progress = "auto"
    json: Json = False
    quiet: Quiet = False
    verbose: Verbose = False
    debug: Debug = False

    def reporter(self) -> Reporter:
        """The reporter that these flags ask for; UsageError where they contradict each other."""
        from vidstyle.cli.show.reporter import reporter_for

        return reporter_for(self.progress, json=self.json, quiet=self.quiet, verbose=self.verbose)


def command(flags: Mapping[str, Any] = MappingProxyType({})) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a command of a function, which ends in a sentence and an exit code, whatever happens in it.

    A parameter whose type is a dataclass, such as `Display`, stands for the options that are its fields. `flags` take
    the place of ``**settings``: the function receives those that were given, as text, as a list of texts or, of a
    switch, as a bool.
    """

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        groups: dict[str, Any] = {}
        parameters = []
        for parameter in inspect.signature(function, eval_str=True).parameters.values():
            if dataclasses.is_dataclass(parameter.annotation):
                group = groups[parameter.name] = parameter.annotation
                hints = typing.get_type_hints(group, include_extras=True)
                parameters += [
                    _parameter(each.name, hints[each.name], each.default) for each in dataclasses.fields(group)
                ]
            elif parameter.kind is parameter.VAR_KEYWORD:
                parameters += [
                    _parameter(name, Annotated[_type_of(name) | None, flag], None) for name, flag in flags.items()
                ]
            else:
                parameters.append(parameter.replace(kind=parameter.KEYWORD_ONLY))

        @functools.wraps(function)
        def run(**arguments: Any) -> None:
            given = {name: arguments.pop(name) for name in flags}
            for name, group in groups.items():
                arguments[name] = group(**{each.name: arguments.pop(each.name) for each in dataclasses.fields(group)})
            function(**arguments, **{name: value for name, value in given.items() if value not in (None, [])})

        run.__signature__ = inspect.Signature(sorted(parameters, key=_panel))  # type: ignore[attr-defined]
        return guarded(run)

    return decorate


def _type_of(name: str) -> Any:
    """What a setting's flag is read as."""
    return bool if name in SWITCHES else list[str] if name in REPEATED else str


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _panel(parameter: inspect.Parameter) -> int:
    _, *metadata = typing.get_args(parameter.annotation) or (None,)
    panel = getattr(metadata[0], "rich_help_panel", None) if metadata else None
    return PANELS.index(panel) if panel in PANELS else -1
