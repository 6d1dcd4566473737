"""Every choice a user can make, as frozen values; the defaults stand here, each once, with its reason.

A group is a table of the TOML form (`[objective]`, `[solve]`, …) and every key is unique across the groups, so
that a flag, an environment variable and a config key share one name: ``style_weight`` is ``--style-weight``,
``VIDSTYLE_STYLE_WEIGHT`` and ``style_weight`` under ``[objective]``.
"""

from __future__ import annotations

import dataclasses
import math
import re
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import tomli_w

from vidstyle.errors import UsageError

Objective = Literal["vidstyle", "ruder2016"]
Network = Literal["vgg19", "vgg16"]
Pooling = Literal["max", "average"]
Padding = Literal["zeros", "replicate"]
Optimizer = Literal["lbfgs", "adam"]
Start = Literal["content", "random"]
FlowMethod = Literal["dis", "raft", "none"]
Precision = Literal["auto", "float32", "bfloat16"]
Hdr = Literal["auto", "keep", "sdr", "pq", "hlg"]
Chroma = Literal["420", "422", "444", "rgb"]

CODECS = ("h264", "h265", "av1", "vp9", "prores", "dnxhr", "ffv1")
"""Codecs by name, beside "auto"."""
HARDWARE_CODECS = tuple(
    f"{codec}_{maker}"
    for maker, codecs in {
        "nvenc": ("h264", "hevc", "av1"),
        "qsv": ("h264", "hevc", "av1"),
        "amf": ("h264", "hevc", "av1"),
        "videotoolbox": ("h264", "hevc", "prores"),
    }.items()
    for codec in codecs
)
"""The encoders of NVIDIA's, Intel's, AMD's and Apple's chips, by ffmpeg's names: faster, and at the same size worse."""
Damaged = Literal["stop", "paint"]


@dataclass(frozen=True)
class StyleImage:
    """A style picture and its share in the blend.

    Attributes
    ----------
    path
        The picture's file.
    weight
        Its share, above 0; shares are divided by their sum.
    """

    path: Path
    weight: float = 1.0


@dataclass(frozen=True)
class NetworkSettings:
    """Which feature network looks at the pictures."""

    # VGG19 is what Gatys et al. 2015 and Ruder et al. 2016 use.
    network: Network = "vgg19"
    # "builtin" needs no download; else "imagenet", "caffe" or a state-dict file.
    weights: str = "builtin"
    # The reference's choice.
    pooling: Pooling = "max"
    # Zeros draw a frame around the picture; the nearest pixel does not.
    padding: Padding = "replicate"


@dataclass(frozen=True)
class ObjectiveSettings:
    """What a good frame is."""

    objective: Objective = "vidstyle"
    # Each weight is of a loss divided by its target's own energy, so these hold for any size and style.
    content_weight: float = 1.0
    style_weight: float = 20.0
    temporal_weight: float = 12000.0
    tv_weight: float = 5.0
    # Gatys et al. 2015 take the content from one deep layer, the style from the first of every block.
    content_layers: tuple[str, ...] = ("relu4_2",)
    style_layers: tuple[str, ...] = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
    # How much of what stands in one place of the style picture, a face or a hand, comes along; 1 is Gatys et al. 2015.
    subject: float = 0.0
    # The style picture's long side over the frame's: larger gives larger strokes.
    style_scale: float = 1.0
    # Distances, in solved frames, of the earlier results that a frame is held to (Ruder et al. 2016, section 4.3).
    temporal_frames: tuple[int, ...] = (1, 2)


@dataclass(frozen=True)
class SolveSettings:
    """How a frame is found."""

    optimizer: Optimizer = "lbfgs"
    # Full-size steps of a warm-started frame, which takes up to a third of first_steps more, by how much of it is new;
    # and of a shot's first frame.
    steps: int = 4
    first_steps: int = 36
    # Stop once the loss fell by less than this, relative, over the last few steps; 0 never stops early.
    tolerance: float = 1e-3
    # Starting from the content keeps the first frame's solve short (a random start takes 2–3 times as long).
    start: Start = "content"
    seed: int = 0


@dataclass(frozen=True)
class MotionSettings:
    """How frames hang together."""

    flow: FlowMethod = "dis"
    # The most frames from one solved frame (a key) to the next; those are carried from both. 0 solves every frame.
    inbetweens: int = 9
    # "auto" finds cuts, "none" has a single shot, else a file with the first frame of each new shot, one a line.
    cuts: str = "auto"
    # A shot of more frames is painted in pieces that several machines share; None keeps shots whole, which no
    # joint between two pieces can equal.
    max_shot: int | None = None


@dataclass(frozen=True)
class MediaSettings:
    """Which frames of the clip, at which size, how much of the painting is shown, and how it is encoded."""

    # Long side in pixels; None keeps the clip's size.
    size: int | None = None
    # First and last frame, inclusive ("10-40", "10-", "-40", "7"): 1-based, or the numbers in the pictures' names.
    frames: str | None = None
    # At most this much of the clip ("2s", "500ms", "1:30", "48f" for frames).
    limit: str | None = None
    # Constant rate factor of the encoder (0 lossless … 51): 16 is visually lossless on painted texture.
    crf: int = 16
    # Frames a second of numbered pictures ("24", "24000/1001"); None takes what their headers say, or 25.
    fps: str | None = None
    # What the clip's values mean, where its tags don't say it or are wrong; "auto" believes them.
    colorspace: str = "auto"
    # An OpenColorIO configuration that has that colour space ("ocio://default" is OpenColorIO's own); empty: none.
    ocio: str = ""
    # "auto" keeps HDR and scene-linear light where the output's format can hold it.
    hdr: Hdr = "auto"
    # "auto" keeps the clip's own codec where the container holds it, and else takes what plays most widely; one of
    # CODECS or HARDWARE_CODECS.
    codec: str = "auto"
    # Resolution of the colours and bits a channel ("420", "422-10", "444-12", "rgb"); "auto" keeps the clip's where its
    # codec is kept, too, or is one that is edited with, and else takes 4:2:0, which plays most widely.
    pixels: str = "auto"
    # "auto" copies the sound where the container takes it and converts it where not; "copy", "convert", "none", or
    # a file with the sound to put in its place.
    audio: str = "auto"
    # How much of the painting is mixed into the clip's own frame in what is shown; at 0 nothing is painted. What is
    # painted stays at full strength, and so does what the next frame is held to.
    strength: float = 1.0
    # Of a clip of which more than a few frames are gone or broken: "paint" takes what is there.
    damaged: Damaged = "stop"
    # The most that a frame or a style picture may have, 0 for no limit: 16K video and large scans are below it, and
    # 60000 × 60000 pixels in a file of a few bytes are not.
    max_megapixels: int = 200


@dataclass(frozen=True)
class RunSettings:
    """Where and how it runs. Not part of a job's identity: none of it is meant to change the picture."""

    # "auto", "cpu", "cuda", "cuda:1", "mps".
    device: str = "auto"
    # "auto" takes bfloat16 where the processor is fast at it.
    precision: Precision = "auto"
    # CPU threads; 0 takes one a core. They are counted when a job is planned: each number has rounding of its own.
    threads: int = 0
    # The ffmpeg program; empty finds one.
    ffmpeg: str = ""


@dataclass(frozen=True)
class Settings:
    """All settings of a run.

    Raises
    ------
    UsageError
        A value out of its range, or two that contradict each other.
    """

    network: NetworkSettings = field(default_factory=NetworkSettings)
    objective: ObjectiveSettings = field(default_factory=ObjectiveSettings)
    solve: SolveSettings = field(default_factory=SolveSettings)
    motion: MotionSettings = field(default_factory=MotionSettings)
    media: MediaSettings = field(default_factory=MediaSettings)
    run: RunSettings = field(default_factory=RunSettings)

    def __post_init__(self) -> None:
        _check(self)

    def replace(self, **values: Any) -> Settings:
        """The same settings with some values, named by their unique key, exchanged.

        >>> Settings().replace(steps=20, flow="none").solve.steps
        20
        """
        if values.get("objective", self.objective.objective) != self.objective.objective:
            # Weights mean nothing across objectives: each brings its own.
            values = {**OBJECTIVES.get(str(values["objective"]), {}), **values}
        if values.get("flow") == "none" != self.motion.flow:
            values = {"inbetweens": 0, **values}  # without motion nothing can be carried over a gap
        groups: dict[str, Any] = {}
        for key, value in values.items():
            group = GROUP_OF.get(key)
            if group is None:
                raise UsageError(f"there is no setting named '{key}'{_did_you_mean(key, GROUP_OF)}.")
            groups.setdefault(group, {})[key] = _coerce(group, key, value)
        return dataclasses.replace(
            self, **{name: dataclasses.replace(getattr(self, name), **changes) for name, changes in groups.items()}
        )

    def get(self, key: str) -> Any:
        """The value of a setting by its unique key."""
        return getattr(getattr(self, GROUP_OF[key]), key)

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Plain tables of plain values, as JSON and TOML take them; None is left out."""
        return {
            group.name: {
                key: list(value) if isinstance(value, tuple) else value
                for key, value in dataclasses.asdict(getattr(self, group.name)).items()
                if value is not None
            }
            for group in dataclasses.fields(self)
        }

    def to_toml(self) -> str:
        """The settings as a TOML document that :func:`from_toml` reads back."""
        return tomli_w.dumps(self.to_dict())


def flatten(tables: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in tables as :meth:`Settings.to_dict` makes them, by their unique key alone.

    Keys may also stand outside a table.

    Raises
    ------
    UsageError
        An unknown table or key.
    """
    flat: dict[str, Any] = {}
    for name, value in tables.items():
        if isinstance(value, Mapping):
            if name not in {group.name for group in dataclasses.fields(Settings)}:
                raise UsageError(f"there is no settings table named [{name}].")
            for key, inner in value.items():
                if GROUP_OF.get(key) != name:
                    raise UsageError(f"there is no setting '{key}' in [{name}]{_did_you_mean(key, GROUP_OF)}.")
                flat[key] = inner
        elif name not in GROUP_OF:
            raise UsageError(f"there is no setting named '{name}'{_did_you_mean(name, GROUP_OF)}.")
        else:
            flat[name] = value
    return flat


def from_dict(tables: Mapping[str, Any], base: Settings | None = None) -> Settings:
    """Settings from tables; what is not named stays as in `base`. See :func:`flatten`.

    Raises
    ------
    UsageError
        An unknown table or key, a value of the wrong type or out of range.
    """
    return (base or Settings()).replace(**flatten(tables))


def from_toml(text: str, base: Settings | None = None) -> Settings:
    """Settings from a TOML document; see :func:`from_dict`."""
    try:
        return from_dict(tomllib.loads(text), base)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"the settings are not valid TOML: {error}.") from error


def parse_frames(text: str) -> tuple[int | None, int | None]:
    """First and last frame, inclusive, of "10-40", "10-", "-40" or "7" (None: no end), numbered as the clip is."""
    match = re.fullmatch(r"\s*(?:(\d+)|(\d+)?\s*-\s*(\d+)?)\s*", text)
    if match is None or not any(match.groups()):
        raise UsageError(
            f"--frames '{text}' is not understood: write 10-40, 10-, -40 or 7 (a film's first frame is 1)."
        )
    first, last = (int(end) if end else None for end in (match[1] or match[2], match[1] or match[3]))
    if first is not None and last is not None and last < first:
        raise UsageError(f"--frames '{text}' holds no frame: the last comes after the first.")
    return first, last


def parse_rate(text: str) -> Fraction:
    """Frames a second of "24", "23.976" or "24000/1001"."""
    try:
        rate = Fraction(text.strip())
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"--fps '{text}' is not understood: write 24, 23.976 or 24000/1001.") from None
    if not Fraction(1, 1000) <= rate <= 10_000:
        raise UsageError(f"--fps '{text}' is out of range: 0.001 to 10000 frames a second.")
    return rate


def parse_limit(text: str) -> Fraction | int:
    """Seconds (a `Fraction`) of "2s", "500ms", "2", "1:30" or "2m"; a number of frames (an `int`) of "48f"."""
    text = text.strip().lower()
    if match := re.fullmatch(r"(\d+)\s*f(?:rames?)?", text):
        value: Fraction | int = int(match[1])
    elif match := re.fullmatch(r"(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)", text):
        value = int(match[1] or 0) * 3600 + int(match[2]) * 60 + Fraction(match[3])
    elif match := re.fullmatch(r"(\d+(?:\.\d+)?|\.\d+)\s*(ms|s|sec|m|min|h)?", text):
        units = {"ms": Fraction(1, 1000), "m": Fraction(60), "min": Fraction(60), "h": Fraction(3600)}
        value = Fraction(match[1]) * units.get(match[2], Fraction(1))
    else:
        raise UsageError(f"--limit '{text}' is not understood: write 2s, 500ms, 1:30 or 48f.")
    if value <= 0:
        raise UsageError(f"--limit '{text}' leaves no frame: it must be above 0.")
    return value


def parse_pixels(text: str) -> tuple[Chroma | None, int | None]:
    """Resolution of the colours and bits a channel of "422-10", "4:2:2 10 bit" or "yuv422p10le"; None is left open.

    >>> parse_pixels("422-10")
    ('422', 10)
    """
    written = re.sub(r"[\s:_-]|bit$", "", text.strip().lower())
    if written == "auto":
        return None, None
    if match := re.fullmatch(r"(?:yuv)?(420|422|444)(?:p?(8|10|12|16)|p)?(?:le|be)?", written):
        depth = 8 if "yuv" in written and match[2] is None else match[2]
        return typing.cast(Chroma, match[1]), int(depth) if depth else None
    if match := re.fullmatch(r"(?:rgb|gbrp?)(8|10|12|16)?(?:le|be)?", written):
        return "rgb", int(match[1]) if match[1] else None
    raise UsageError(
        f"--pixels '{text}' is not understood: write 420, 422, 444 or rgb, and the bits a channel if they matter, "
        "as in 422-10."
    )


PRESETS: Mapping[str, tuple[str, Mapping[str, Any]]] = types.MappingProxyType(
    {
        "draft": ("a quick look at the style", {"steps": 3, "first_steps": 12}),
        "standard": ("the default", {}),
        "final": (
            "every frame solved, more steps and a longer memory",
            {"steps": 24, "first_steps": 100, "temporal_frames": (1, 2, 4), "inbetweens": 0},
        ),
    }
)
"""Name → what it is for, and the settings it changes."""


OBJECTIVES: Mapping[str, Mapping[str, Any]] = types.MappingProxyType(
    {
        "vidstyle": types.MappingProxyType(
            {
                **{
                    key: getattr(ObjectiveSettings(), key)
                    for key in (
                        "content_weight",
                        "style_weight",
                        "temporal_weight",
                        "temporal_frames",
                        "tv_weight",
                        "subject",
                    )
                },
                "padding": NetworkSettings().padding,
                "steps": SolveSettings().steps,
                "inbetweens": MotionSettings().inbetweens,
            }
        ),
        # The reference's weights, for its own normalisation, all channels alike, VGG's own padding, every frame solved.
        "ruder2016": types.MappingProxyType(
            {
                "content_weight": 5.0,
                "style_weight": 100.0,
                "temporal_weight": 1000.0,
                "temporal_frames": (1,),
                "tv_weight": 1e-3,
                "subject": 1.0,
                "padding": "zeros",
                "steps": 12,
                "inbetweens": 0,
            }
        ),
    }
)
"""Objective → the settings that change with it, unless they are given too."""


def preset(name: str) -> Settings:
    """The settings of a preset by its name."""
    if name not in PRESETS:
        raise UsageError(f"there is no preset named '{name}': take {', '.join(PRESETS)}.")
    return Settings().replace(**PRESETS[name][1])


GROUP_OF: Mapping[str, str] = types.MappingProxyType(
    {
        key.name: group.name
        for group in dataclasses.fields(Settings)
        for key in dataclasses.fields(typing.get_type_hints(Settings)[group.name])
    }
)
"""The group each setting belongs to."""

_HINTS = {name: typing.get_type_hints(cls) for name, cls in typing.get_type_hints(Settings).items()}


def choices(key: str) -> tuple[str, ...]:
    """The values that a setting can have, where they are few; empty where it takes others too.

    >>> choices("pooling")
    ('max', 'average')
    """
    hint = _HINTS[GROUP_OF[key]][key]
    return typing.get_args(hint) if typing.get_origin(hint) is Literal else ()


def _coerce(group: str, key: str, value: Any) -> Any:
    """The value in its setting's own type: what TOML or an environment variable holds may be a near one."""
    hint = _HINTS[group][key]
    options = typing.get_args(hint) if typing.get_origin(hint) is types.UnionType else (hint,)
    if value is None and types.NoneType in options:
        return None
    hint = options[0]
    try:
        if typing.get_origin(hint) is Literal:
            if value not in typing.get_args(hint):
                raise UsageError(f"{key} = '{value}' is not known: take {', '.join(map(str, typing.get_args(hint)))}.")
            return value
        if typing.get_origin(hint) is tuple:
            inner = typing.get_args(hint)[0]
            parts = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
            return tuple(inner(part) for part in parts)
        if isinstance(value, bool) or (hint is int and isinstance(value, float) and not value.is_integer()):
            raise ValueError
        if hint is str and isinstance(value, (list, dict)):
            raise ValueError
        return hint(value)
    except (TypeError, ValueError):
        wanted = {int: "a whole number", float: "a number", str: "a text"}.get(hint, "a list")
        raise UsageError(f"{key} = {value!r} is not usable: it must be {wanted}.") from None


def _check(settings: Settings) -> None:
    objective, solve, media, run = settings.objective, settings.solve, settings.media, settings.run
    for key in ("content_weight", "style_weight", "temporal_weight", "tv_weight"):
        value = getattr(objective, key)
        if not (math.isfinite(value) and value >= 0):
            raise UsageError(f"{key} = {value} is out of range: it must be 0 or more.")
    if objective.content_weight == 0 and objective.style_weight == 0:
        raise UsageError("content_weight and style_weight are both 0: there is nothing to solve for.")
    if objective.content_weight > 0 and not objective.content_layers:
        raise UsageError("content_layers is empty while content_weight is above 0.")
    if objective.style_weight > 0 and not objective.style_layers:
        raise UsageError("style_layers is empty while style_weight is above 0.")
    if not 0 <= objective.subject <= 1:
        raise UsageError(f"subject = {objective.subject} is out of range: 0 (none of it) to 1 (all).")
    if not (math.isfinite(objective.style_scale) and 0.05 <= objective.style_scale <= 20):
        raise UsageError(f"style_scale = {objective.style_scale} is out of range: 0.05 to 20.")
    if not objective.temporal_frames or any(gap < 1 for gap in objective.temporal_frames):
        raise UsageError("temporal_frames must hold distances of 1 solved frame or more, such as 1,2,4.")
    if list(objective.temporal_frames) != sorted(set(objective.temporal_frames)):
        raise UsageError("temporal_frames must rise, nearest first, such as 1,2,4.")
    if solve.steps < 1 or solve.first_steps < 1:
        raise UsageError("steps and first_steps must be 1 or more.")
    if not (0 <= solve.tolerance < 1):
        raise UsageError(f"tolerance = {solve.tolerance} is out of range: 0 to below 1.")
    if media.size is not None and not 16 <= media.size <= 16384:
        raise UsageError(f"size = {media.size} is out of range: the long side is 16 to 16384 pixels.")
    if not 0 <= media.crf <= 51:
        raise UsageError(f"crf = {media.crf} is out of range: 0 (lossless) to 51.")
    if media.codec in _OTHER_NAMES:
        raise UsageError(f"codec = '{media.codec}' is called {_OTHER_NAMES[media.codec]} here.")
    if media.codec not in ("auto", *CODECS, *HARDWARE_CODECS):
        raise UsageError(
            f"codec = '{media.codec}' is not known: take auto, {', '.join(CODECS)}, "
            f"or a chip's own: {', '.join(HARDWARE_CODECS)}."
        )
    parse_pixels(media.pixels)
    if media.audio == "":
        raise UsageError("audio is empty: take auto, copy, convert, none or a file.")
    if not 0 <= media.strength <= 1:
        raise UsageError(f"strength = {media.strength} is out of range: 0 (the clip's own frames) to 1 (the painting).")
    if media.max_megapixels < 0:
        raise UsageError(f"max_megapixels = {media.max_megapixels} is out of range: 0 (no limit) or more.")
    if media.frames is not None:
        parse_frames(media.frames)
    if media.limit is not None:
        parse_limit(media.limit)
    if media.fps is not None:
        parse_rate(media.fps)
    if run.threads < 0:
        raise UsageError(f"threads = {run.threads} is out of range: 0 (one a core) or more.")
    motion = settings.motion
    if not 0 <= motion.inbetweens <= 100:
        raise UsageError(f"inbetweens = {motion.inbetweens} is out of range: 0 (every frame is solved) to 100.")
    if motion.inbetweens and objective.objective == "ruder2016":
        raise UsageError("inbetweens must be 0 with the objective ruder2016, which solves every frame as published.")
    if motion.inbetweens and motion.flow == "none":
        raise UsageError("inbetweens must be 0 with flow = none: without motion nothing can be carried between frames.")
    if motion.inbetweens and objective.temporal_frames[0] != 1:
        raise UsageError(
            "temporal_frames must begin with 1 where inbetweens is above 0: what lies between two solved frames is "
            "carried from both. Take 1,2,4, or inbetweens = 0."
        )
    if settings.motion.max_shot is not None and settings.motion.max_shot < 3:
        raise UsageError(f"max_shot = {settings.motion.max_shot} is out of range: it must be 3 frames or more.")
    if settings.motion.cuts == "":
        raise UsageError("cuts is empty: take auto, none or a file.")


# Codecs by names of their encoders, their standards, and files that say so.
_OTHER_NAMES = {
    **dict.fromkeys(("x264", "avc", "h.264", "libx264"), "h264"),
    **dict.fromkeys(("x265", "hevc", "h.265", "libx265"), "h265"),
    **dict.fromkeys(("av01", "libsvtav1", "svtav1"), "av1"),
    **dict.fromkeys(("dnxhd", "dnx", "vc3"), "dnxhr"),
    **dict.fromkeys(("libvpx-vp9", "vpx"), "vp9"),
    "prores_ks": "prores",
}


def _did_you_mean(word: str, known: Mapping[str, Any]) -> str:
    import difflib  # only on the way to an error

    close = difflib.get_close_matches(word, known, 1)
    return f"; did you mean '{close[0]}'?" if close else ""
