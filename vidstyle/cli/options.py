"""The flags: one for each setting, derived from the settings, and those that several commands share."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

import typer

from vidstyle.cli.show.failures import complain
from vidstyle.errors import UsageError
from vidstyle.settings import CODECS, PRESETS, Settings, choices

FILES, LOOK, MOTION, SOLVER = "Input and output", "Look", "Motion", "Solver"
RUN, JOB, DISPLAY = "Run", "Job", "Display"
PANELS = (FILES, LOOK, MOTION, SOLVER, RUN, JOB, DISPLAY)
"""The panels of the help text, in the order they appear in."""

F = TypeVar("F", bound=Callable[..., Any])


class Flag(NamedTuple):
    """What the help text says of a setting."""

    panel: str
    placeholder: str
    help: str


FLAGS = {
    "size": Flag(FILES, "PIXELS", "Long side of the output; without it, the clip's own size."),
    "frames": Flag(FILES, "A-B", "Only these frames, counted from 1 or as pictures are numbered: 10-40, 10-, -40, 7."),
    "limit": Flag(FILES, "TIME", "At most this much of the clip: 2s, 500ms, 1:30, or 48f for frames."),
    "crf": Flag(FILES, "0-51", "Quality of the encoded video: lower is better and larger."),
    "fps": Flag(FILES, "RATE", "Rate of numbered pictures: 24, 23.976, 24000/1001; without it, as they say, or 25."),
    "colorspace": Flag(
        FILES, "NAME", "What the clip's values mean: auto, srgb, linear, pq, hlg, log, or a name of --ocio."
    ),
    "ocio": Flag(FILES, "CONFIG", "An OpenColorIO configuration, whose colour space --colorspace names."),
    "hdr": Flag(FILES, "", "What becomes of light above white; auto keeps it where the format can."),
    "codec": Flag(FILES, "NAME", f"{', '.join(CODECS)}, or a chip's own, such as h264_nvenc; auto: the clip's."),
    "pixel_format": Flag(
        FILES, "420|422|444|rgb[-BITS]", "Resolution of the colours, and bits a channel, as in 422-10."
    ),
    "audio": Flag(FILES, "auto|copy|convert|none|FILE", "What becomes of the sound; FILE: this one instead."),
    "strength": Flag(LOOK, "0-1", "How much of the painting shows over the clip's own frames; 0: nothing is painted."),
    "on_damage": Flag(FILES, "", "Where more than a few frames are gone or broken: stop, or paint what is there."),
    "max_megapixels": Flag(FILES, "N", "The largest frame or picture that is decoded, in millions of pixels; 0: any."),
    "style_weight": Flag(LOOK, "X", "How strongly the style shows."),
    "content_weight": Flag(LOOK, "X", "How closely the clip's own shapes are kept."),
    "style_subject": Flag(
        LOOK, "0-1", "How much of what the style shows, a face or a hand, comes along; 1: all of it."
    ),
    "style_scale": Flag(LOOK, "X", "Size of the strokes: the style's long side over the frame's."),
    "tv_weight": Flag(LOOK, "X", "How smooth neighbouring pixels are."),
    "style_layers": Flag(LOOK, "LAYERS", "Layers that see the style, with commas between."),
    "content_layers": Flag(LOOK, "LAYERS", "Layers that see the content."),
    "network": Flag(LOOK, "", "The network that looks at the pictures."),
    "network_weights": Flag(LOOK, "NAME|FILE", "Its weights: builtin, imagenet, caffe or a state-dict file."),
    "pooling": Flag(LOOK, "", "How it shrinks what it sees."),
    "padding": Flag(LOOK, "", "What it sees beyond the edge."),
    "temporal_weight": Flag(MOTION, "X", "How closely a frame follows the ones before it."),
    "temporal_frames": Flag(MOTION, "N,N", "How many solved frames back it looks, such as 1,2,4."),
    "flow": Flag(MOTION, "", "How motion between frames is found."),
    "max_inbetweens": Flag(
        MOTION, "N", "The most frames from one solved frame to the next, carried from both; 0: none."
    ),
    "cuts": Flag(MOTION, "auto|none|FILE", "Where shots begin; a FILE holds their first frames, one a line."),
    "max_shot_frames": Flag(MOTION, "N", "Paint a shot of more frames in pieces, which several machines can share."),
    "steps": Flag(SOLVER, "N", "Steps a frame; up to a third of --first-frame-steps more, by how much of it is new."),
    "first_frame_steps": Flag(SOLVER, "N", "Steps of a shot's first frame."),
    "tolerance": Flag(SOLVER, "X", "Stop a frame early once the loss falls by less; 0 never does."),
    "optimizer": Flag(SOLVER, "", "How the steps are taken."),
    "objective": Flag(SOLVER, "", "What is minimised; ruder2016 is the published one, for comparison."),
    "init": Flag(SOLVER, "", "What a shot's first frame is started from."),
    "seed": Flag(SOLVER, "N", "Of everything random."),
    "device": Flag(RUN, "NAME", "Where it runs: auto, cpu, cuda, cuda:1, mps."),
    "precision": Flag(RUN, "", "auto takes bfloat16 where the processor is fast at it."),
    "threads": Flag(RUN, "N", "CPU threads; 0 takes one a core."),
    "ffmpeg": Flag(RUN, "FILE", "The ffmpeg program; without it, one is found."),
}
"""Every setting, in the order of the help text. A setting of few values has no placeholder: it shows them."""

CLIP_ONLY = frozenset(key for key, flag in FLAGS.items() if flag.panel == MOTION) | {
    *("frames", "limit", "crf", "codec", "pixel_format", "audio", "steps", "fps", "on_damage")
}
"""The settings that play no part in painting a single picture."""

ProgressStyle = Literal["auto", "rich", "plain", "json", "openjd", "farm", "afanasy", "tractor", "none"]


def option(*names: str, panel: str, **more: Any) -> Any:
    """A flag with a value, in a panel of the help text; where it has a default worth telling, its help says so."""
    return typer.Option(*names, rich_help_panel=panel, show_default=False, **more)


def switch(*names: str, panel: str, **more: Any) -> Any:
    """A flag that is given or not."""
    return option(*names, panel=panel, metavar="", **more)


def path(word: str) -> Path:
    """The file or folder that a word names; an empty one would be taken for the current folder."""
    if not word:
        complain("a name on the command line is empty: name a file or a folder. Is a variable empty?")
        raise typer.Exit(UsageError.exit_code)
    return Path(word)


def path_option(*names: str, panel: str, **more: Any) -> Any:
    """A flag that names a file or a folder."""
    return option(*names, panel=panel, parser=path, **more)


def path_argument(metavar: str, help: str, **more: Any) -> Any:
    """A word that names a file or a folder."""
    return typer.Argument(metavar=metavar, help=help, show_default=False, parser=path, **more)


def _complete(values: typing.Iterable[str]) -> Callable[[str], list[str]]:
    def complete(incomplete: str) -> list[str]:
        return [value for value in values if value.startswith(incomplete)]

    return complete


def flag_name(key: str) -> str:
    """The flag of a setting: ``style_weight`` is ``--style-weight``."""
    return "--" + key.replace("_", "-")


def setting(key: str, default: str = "") -> Any:
    """The flag of a setting, as `FLAGS` has it; a default worth telling ends its help."""
    flag, values = FLAGS[key], choices(key)
    return option(
        flag_name(key),
        panel=flag.panel,
        metavar=flag.placeholder or "|".join(values),
        help=flag.help + (f" [dim]({default})[/dim]" if default else ""),
        autocompletion=_complete(values) if values else None,
    )


Style = Annotated[
    list[str] | None,
    option("--style", "-s", panel=FILES, metavar="IMG[:WEIGHT]", help="The style picture; several are blended."),
]
Output = Annotated[
    str | None,
    option("--output", "-o", panel=FILES, metavar="OUT", help="Output; without it, clip.wave.mp4 in this folder."),
]
Preset = Annotated[
    str | None,
    option(
        "--preset",
        panel=LOOK,
        metavar="|".join(PRESETS),
        autocompletion=_complete(PRESETS),
        help="A set of settings; 'vidstyle presets' shows them. Other flags go before it.",
    ),
]
Device = Annotated[str, setting("device")]
Ffmpeg = Annotated[str, setting("ffmpeg")]
Config = Annotated[
    Path | None,
    path_option(
        "--config",
        panel=JOB,
        metavar="FILE",
        envvar="VIDSTYLE_CONFIG",
        help="Settings in a TOML file, instead of ./vidstyle.toml.",
    ),
]
JobFolder = Annotated[Path, path_argument("DIR", "The job folder.")]
Night = Annotated[Path, path_argument("DIR|NIGHT", "A job folder, or a folder of them.")]
Clip = Annotated[
    str,
    option("--clip", panel=FILES, metavar="FILE", help="The clip, where it lies elsewhere than when it was planned."),
]
WorkDir = Annotated[
    Path | None,
    path_option(
        "--work-dir",
        panel=JOB,
        metavar="DIR",
        envvar="VIDSTYLE_WORK_DIR",
        help="Where unfinished work is kept; without it, OUT.vidstyle beside the output.",
    ),
]
Keep = Annotated[bool, switch("--keep", panel=JOB, help="Keep the frames once the output is finished.")]
Restart = Annotated[bool, switch("--restart", panel=JOB, help="Start over instead of going on with earlier work.")]
Yes = Annotated[bool, switch("--yes", "-y", panel=JOB, help="Replace the output if it is there.")]
DryRun = Annotated[bool, switch("--dry-run", panel=JOB, help="Say what would be done, and write nothing.")]
ProgressFlag = Annotated[
    str,
    option(
        "--progress",
        panel=DISPLAY,
        metavar="STYLE",
        envvar="VIDSTYLE_PROGRESS",
        autocompletion=_complete(typing.get_args(ProgressStyle)),
        help=f"{', '.join(typing.get_args(ProgressStyle))}.",
    ),
]
Json = Annotated[bool, switch("--json", panel=DISPLAY, help="Data on standard output: a JSON object a line.")]
Quiet = Annotated[bool, switch("--quiet", "-q", panel=DISPLAY, help="Only errors.")]
Verbose = Annotated[bool, switch("--verbose", "-v", panel=DISPLAY, help="All settings, and every term of the loss.")]
Debug = Annotated[bool, switch("--debug", panel=DISPLAY, help="A traceback with every error.")]


def with_settings(function: F) -> F:
    """Put a flag for each setting in the place of a command's ``**settings``, and sort all by their panels.

    The command receives the settings that were given, as text; `vidstyle.settings` knows their types.
    """
    return _with({key: _parameter(key, text_of(Settings().get(key))) for key in FLAGS}, function)


def with_run_settings(function: F) -> F:
    """The same with the few settings that a job leaves open: where and how it runs."""
    flags = {key: _parameter(key, "as planned") for key, flag in FLAGS.items() if flag.panel == RUN}
    return _with(flags, function)


def _with(flags: Mapping[str, inspect.Parameter], function: F) -> F:
    signature = inspect.signature(function, eval_str=True)

    @functools.wraps(function)
    def command(**arguments: Any) -> Any:
        given = {key: arguments.pop(key) for key in flags}
        return function(**arguments, **{key: value for key, value in given.items() if value is not None})

    parameters = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    parameters += flags.values()
    command.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=sorted((p.replace(kind=p.KEYWORD_ONLY) for p in parameters), key=_panel)
    )
    return typing.cast(F, command)


def _parameter(key: str, default: str) -> inspect.Parameter:
    annotation = Annotated[str | None, setting(key, default)]
    return inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def text_of(value: object) -> str:
    """A setting's value as it is written on a command line."""
    if isinstance(value, (tuple, list)):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else "" if value is None else str(value)


def _panel(parameter: inspect.Parameter) -> int:
    _, *metadata = typing.get_args(parameter.annotation) or (None,)
    panel = getattr(metadata[0], "rich_help_panel", None) if metadata else None
    return PANELS.index(panel) if panel in PANELS else -1
