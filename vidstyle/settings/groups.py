"""The settings in groups, with their defaults, reasons and ranges."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vidstyle.errors import UsageError
from vidstyle.settings.codec_names import CODEC_NAMES, HARDWARE_CODECS, OTHER_NAMES
from vidstyle.settings.keys import Keys, seen, values_of
from vidstyle.settings.parse import parse_frames, parse_limit, parse_pixel_format, parse_rate, parse_start

HALF_WEIGHT = 0.5
"""The weight of the style, per weight of the content, at which half of it is seen where its gain is 1.

How far a painting is on the way to its style goes by what is :func:`vidstyle.settings.keys.seen` of that: a weight that
rises evenly would look like a jump.
"""

Objective = Literal["vidstyle", "ruder2016"]
Network = Literal["vgg19", "vgg16"]
Pooling = Literal["max", "average"]
Padding = Literal["zeros", "replicate"]
Optimizer = Literal["lbfgs", "adam"]
Init = Literal["content", "random"]
FlowMethod = Literal["dis", "raft", "none"]
Precision = Literal["auto", "float32", "bfloat16"]
Hdr = Literal["auto", "keep", "sdr", "pq", "hlg"]
Deinterlace = Literal["auto", "on", "off"]
OnDamage = Literal["stop", "paint"]
Bars = Literal["keep", "paint"]
Colors = Literal["style", "clip"]
Light = Literal["film", "painting"]
Loop = Literal["off", "on"]
Returns = Literal["auto", "none"]
Wrap = Literal["auto", "on", "off"]
Faces = Literal["keep", "paint"]


@dataclass(frozen=True)
class Mask:
    """Where something is asked for: white there, black elsewhere, grey between.

    The `path` is a picture for all frames, a video or numbered pictures. What is `drawn` on some frames, by their
    numbers, follows the motion over the others. Without either, the mask is the clip's own opacity.
    """

    path: Path | None = None
    drawn: tuple[tuple[int, Path], ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """What is read for it besides the clip."""
        return (*([self.path] if self.path else []), *(path for _, path in self.drawn))


@dataclass(frozen=True)
class StyleImage:
    """A style picture's file, its share in the blend, and where it is asked for.

    The share is above 0, or keys of it; shares are divided by their sum. Without a mask the style takes what the masks
    of others leave.

    Raises
    ------
    UsageError
        The share is not above 0, or a key is below 0.
    """

    path: Path
    weight: float | Keys = 1.0
    mask: Mask | None = None

    def __post_init__(self) -> None:
        values = values_of(self.weight)
        if not all(math.isfinite(value) and value >= 0 for value in values) or not any(values):
            raise UsageError(f"the weight {self.weight} of '{self.path}' is out of range: it must be above 0.")


# Pixels: strokes at the edges must have room to turn into each other.
_LEAST_MARGIN = 16


@dataclass(frozen=True)
class NetworkSettings:
    """The network whose features the losses compare."""

    # VGG19 is what Gatys et al. 2015 and Ruder et al. 2016 use.
    network: Network = "vgg19"
    # "builtin" needs no download; else "imagenet", "caffe" or a state-dict file.
    network_weights: str = "builtin"
    # Ruder et al. 2016 use max.
    pooling: Pooling = "max"
    # Zeros draw a frame around the picture; the nearest pixel does not.
    padding: Padding = "replicate"


@dataclass(frozen=True)
class ObjectiveSettings:
    """What a frame minimises."""

    objective: Objective = "vidstyle"
    # Each weight is of a loss divided by its target's own energy, so these hold for any size and style.
    content_weight: float | Keys = 1.0
    style_weight: float | Keys = 20.0
    temporal_weight: float = 3000.0
    tv_weight: float = 5.0
    # Of fine shapes of strong contrast, so that lettering and digits can be read.
    detail_weight: float = 400.0
    # Whether in faces fine shapes of weak contrast count as well, so that people keep their looks, or are painted like
    # the rest.
    faces: Faces = "keep"
    # Gatys et al. 2015 take the content from one deep layer, the style from the first of every block.
    content_layers: tuple[str, ...] = ("relu4_2",)
    style_layers: tuple[str, ...] = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
    # How much of what is in one place of the style picture, such as a face, is copied; 1 is Gatys et al. 2015.
    style_subject: float = 0.0
    # The style picture's long side over the frame's: larger gives larger strokes.
    style_scale: float = 1.0
    # Distances, in solved frames, to the earlier results of the temporal loss (Ruder et al. 2016, section 4.3).
    temporal_frames: tuple[int, ...] = (1, 2)

    def __post_init__(self) -> None:
        for key in ("content_weight", "style_weight", "temporal_weight", "tv_weight", "detail_weight"):
            value = getattr(self, key)
            if not all(math.isfinite(number) and number >= 0 for number in values_of(value)):
                raise UsageError(f"{key} = {value} is out of range: it must be 0 or more.")
        if 0 in values_of(self.content_weight) and 0 in values_of(self.style_weight):
            raise UsageError("content_weight and style_weight are both 0: there is nothing to solve for.")
        for kind in ("content", "style"):
            if any(values_of(getattr(self, f"{kind}_weight"))) and not getattr(self, f"{kind}_layers"):
                raise UsageError(f"{kind}_layers is empty while {kind}_weight is above 0.")
        _in_range("style_subject", self.style_subject, 0, 1, "0 (none of it) to 1 (all)")
        _in_range("style_scale", self.style_scale, 0.05, 20, "0.05 to 20")
        if not self.temporal_frames or any(distance < 1 for distance in self.temporal_frames):
            raise UsageError("temporal_frames must hold distances of 1 solved frame or more, such as 1,2,4.")
        if list(self.temporal_frames) != sorted(set(self.temporal_frames)):
            raise UsageError("temporal_frames must rise, nearest first, such as 1,2,4.")


@dataclass(frozen=True)
class FrameWeights:
    """What the losses weigh in a frame: the weights of :class:`ObjectiveSettings` that hold for it."""

    content: float
    style: float
    temporal: float
    tv: float
    detail: float

    def seen(self, gain: float = 1.0) -> float:
        """How far a painting comes on the way to its style, 0..1, where that is asked for with a gain."""
        if self.style <= 0 or self.content <= 0:
            return float(self.style > 0)
        return seen(gain * self.style / self.content, HALF_WEIGHT)

    def seen_beside(self, strongest: FrameWeights) -> float:
        """How much of what is seen with the `strongest` weights is seen with these, 0..1."""
        most = strongest.seen()
        return min(1.0, self.seen() / most) if most else 1.0


@dataclass(frozen=True)
class SolveSettings:
    """How a frame is solved."""

    optimizer: Optimizer = "lbfgs"
    # Full-size steps of a later frame; by how much of it is new, it takes up to 3/7 of first_frame_steps more.
    steps: int = 4
    # Full-size steps of a shot's first frame.
    first_frame_steps: int = 28
    # A frame ends once its loss fell by less than this share over the last few steps; 0 never ends one early.
    tolerance: float = 1e-3
    # Starting from the content keeps the first frame's solve short (a random start takes 2–3 times as long).
    init: Init = "content"
    seed: int = 0

    def __post_init__(self) -> None:
        for key in ("steps", "first_frame_steps"):
            _in_range(key, getattr(self, key), 1, 1_000_000, "it must be 1 or more, and a million at most")
        _in_range("seed", self.seed, -(2**63), 2**63 - 1, "a number of 64 bits")
        if not 0 <= self.tolerance < 1:
            raise UsageError(f"tolerance = {self.tolerance} is out of range: 0 to below 1.")


@dataclass(frozen=True)
class MotionSettings:
    """How motion carries paint from frame to frame, and where it does not."""

    flow: FlowMethod = "dis"
    # The most frames between two keyframes, which are warped from both; 0 solves every frame.
    max_inbetweens: int = 9
    # "auto" finds cuts, "none" makes a single shot; else a file with the first frame of each new shot, one a line.
    cuts: str = "auto"
    # A shot of more frames is painted in pieces, which several machines share. None keeps shots whole, which is
    # better than any overlap of two pieces.
    max_shot_frames: int | None = None
    # Whether the clip is shown round and round, so that its last frame is followed by its first one.
    loop: Loop = "off"
    # Whether a shot that shows what an earlier one showed begins with the paint that it had.
    returns: Returns = "auto"

    def __post_init__(self) -> None:
        _in_range("max_inbetweens", self.max_inbetweens, 0, 100, "0 (every frame is solved) to 100")
        if self.max_inbetweens and self.flow == "none":
            raise UsageError(
                "max_inbetweens must be 0 with flow = none: without motion nothing can be carried between frames."
            )
        _in_range("max_shot_frames", self.max_shot_frames, 3, math.inf, "it must be 3 frames or more")
        if self.cuts == "":
            raise UsageError("cuts is empty: take auto, none or a file.")


@dataclass(frozen=True)
class MediaSettings:
    """Which frames are painted, at which size, and how the output is encoded."""

    # Long side in pixels; None keeps the clip's size.
    size: int | None = None
    # First and last frame, inclusive ("10-40", "10-", "-40", "7"): 1-based, or the numbers in the pictures' names; or
    # times ("13s-17s"), or the clip's timecodes.
    frames: str | None = None
    # Where the painted part begins ("13s", "1:30", "312"), in place of the first of `frames`.
    start: str | None = None
    # At most this much of the clip ("2s", "500ms", "1:30", or "48f" for 48 frames).
    limit: str | None = None
    # Frames that somebody has painted ("41=frame41.png"), or folders of such, by their numbers.
    painted: tuple[str, ...] = ()
    # Constant rate factor of the encoder, 0 (lossless) to 51: 16 is visually lossless on painted texture.
    crf: int = 16
    # Frame rate of numbered pictures ("24", "24000/1001"); None takes that of their headers, or 25.
    fps: str | None = None
    # Colour space of the clip, for where its tags are missing or wrong; "auto" believes them.
    colorspace: str = "auto"
    # An OpenColorIO configuration that has that colour space ("ocio://default" is OpenColorIO's own); empty: none.
    ocio: str = ""
    # "auto" keeps HDR and scene-linear light where the output's format can hold it.
    hdr: Hdr = "auto"
    # One of CODEC_NAMES or HARDWARE_CODECS; "auto" keeps the clip's codec where the container holds it, and else takes
    # the one that plays most widely.
    codec: str = "auto"
    # Chroma subsampling and bits a channel ("420", "422-10", "444-12", "rgb"). "auto" keeps the clip's where its codec
    # is kept or is one for editing, and else takes 4:2:0, which plays most widely.
    pixel_format: str = "auto"
    # "copy", "convert", "none", or a file with another sound; "auto" copies the sound where the container takes it and
    # else converts it.
    audio: str = "auto"
    # Share of the painting that is mixed into the clip's frames; at 0 nothing is painted. Only the output is mixed:
    # frames are solved, and followed by the next ones, at full strength.
    strength: float | Keys = 1.0
    # "clip" shows the painting's brightness alone, over the clip's own colours. Only the output is changed by it, too.
    colors: Colors = "style"
    # Whether the painting goes dark and bright with the film, or is as bright throughout. Only the output does: frames
    # are solved, and followed by the next ones, in the normal light of their shot.
    light: Light = "film"
    # Whether black bars above and below a picture, or beside it, stay as they are, or are painted as a part of it.
    bars: Bars = "keep"
    # Whether the left and the right edge are neighbours, as in 360° pictures; "auto" believes their metadata.
    wrap: Wrap = "auto"
    # "auto" deinterlaces clips that are marked as interlaced or look so, "on" all.
    deinterlace: Deinterlace = "auto"
    # If more than a few frames of a clip are missing or broken: "paint" takes the others.
    on_damage: OnDamage = "stop"
    # The largest frame or style picture, 0 for no limit: it allows 16K video and large scans, and refuses 60000 × 60000
    # pixels in a file of a few bytes.
    max_megapixels: int = 200

    def __post_init__(self) -> None:
        _in_range("size", self.size, 16, 16384, "the long side is 16 to 16384 pixels")
        _in_range("crf", self.crf, 0, 51, "0 (lossless) to 51")
        if self.codec in OTHER_NAMES:
            raise UsageError(f"codec = '{self.codec}' is called {OTHER_NAMES[self.codec]} here.")
        if self.codec not in ("auto", *CODEC_NAMES, *HARDWARE_CODECS):
            raise UsageError(
                f"codec = '{self.codec}' is not known: take auto, {', '.join(CODEC_NAMES)}, "
                f"or a chip's own: {', '.join(HARDWARE_CODECS)}."
            )
        if self.audio == "":
            raise UsageError("audio is empty: take auto, copy, convert, none or a file.")
        for value in values_of(self.strength):
            _in_range("strength", value, 0, 1, "0 (the clip's own frames) to 1 (the painting)")
        _in_range("max_megapixels", self.max_megapixels, 0, math.inf, "0 (no limit) or more")
        parse_pixel_format(self.pixel_format)
        if self.frames is not None and self.start is not None:
            raise UsageError("--frames and --from are one too many: --from 13s --limit 4s is --frames 13s-17s.")
        checks = ((self.frames, parse_frames), (self.start, parse_start), (self.limit, parse_limit))
        for text, parse in (*checks, (self.fps, parse_rate)):
            if text is not None:
                parse(text)

    def margin(self, width: int) -> int:
        """Columns that are painted once more on each side of a frame so wide, since it wraps; most often 0."""
        return min(width // 2, max(_LEAST_MARGIN, width // 16)) if self.wrap == "on" else 0


DELIVERY = ("hdr", "crf", "codec", "pixel_format", "audio", "strength", "colors", "light", "fps")
"""Settings that decide how painted frames are written, and not what is painted."""
WHOLE_JOB = (
    *("frames", "start", "limit", "size", "colorspace", "ocio", "deinterlace", "on_damage"),
    *("bars", "wrap", "loop", "cuts", "max_shot_frames", "returns"),
)
"""Settings of what is painted on, which can't be others in a part of it."""


@dataclass(frozen=True)
class RunSettings:
    """Where and how it runs. It is not part of a job's identity, since it is not meant to change the picture."""

    # "auto", "cpu", "cuda", "cuda:1", "mps".
    device: str = "auto"
    # "auto" takes bfloat16 where the processor is fast at it.
    precision: Precision = "auto"
    # CPU threads; 0 takes one per core. A plan writes the number down, since each rounds differently.
    threads: int = 0
    # The ffmpeg program; empty finds one.
    ffmpeg: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"auto|cpu|cuda(:\d{1,4})?|mps(:0)?", self.device):
            raise UsageError(f"device = {self.device} is not known: take auto, cpu, cuda, cuda:1 or mps.")
        _in_range("threads", self.threads, 0, math.inf, "0 (one a core) or more")


def _in_range(key: str, value: float | None, lowest: float, highest: float, words: str) -> None:
    if value is not None and not lowest <= value <= (highest if math.isfinite(highest) else 2**31 - 1):
        raise UsageError(f"{key} = {value} is out of range: {words}.")
