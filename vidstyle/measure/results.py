"""What was measured, as plain values: of a frame, of a shot, of the whole clip."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vidstyle.measure.footage import Footage
from vidstyle.measure.metrics.boil import Boil
from vidstyle.measure.metrics.drift import Drift, Look
from vidstyle.measure.metrics.regions import Uncovered
from vidstyle.measure.metrics.shapes import Stale
from vidstyle.measure.metrics.style_distance import StyleDistances
from vidstyle.motion.camera.moments import ROUNDING
from vidstyle.settings import Settings, StyleImage


@dataclass(frozen=True)
class WarpErrors:
    """The warp error of a pair of frames, or its mean over pairs; None where no pixel could be compared.

    That is of the output, of the clip itself, and of a painting that is merely carried along; and the share of pixels
    that was `kept` to be compared.
    """

    output: float | None
    clip: float | None
    carried: float | None
    kept: float

    @property
    def over_clip(self) -> float | None:
        """Times the clip's own."""
        return _ratio(self.output, self.clip)

    @property
    def over_carried(self) -> float | None:
        """Times the carried painting's, or the error of rounding to 8 bits where nothing moves and that has none."""
        return None if self.carried is None else _ratio(self.output, max(self.carried, ROUNDING))


@dataclass(frozen=True)
class FrameMeasures:
    """One frame of one output. Where a shot begins what looks back is None, and style and content where not sampled.

    Attributes
    ----------
    frame
        Its number, as people know it.
    warp
        Warp errors by gap, in frames; without those that would reach across a cut.
    rhythm
        The correlation of its residual with the one before; see :mod:`vidstyle.measure.metrics.rhythm`.
    boil
        By gap, in frames: how much it changes where the clip rests.
    stale, shape
        How much of it shows an earlier frame's shapes, and how well it shows the clip's own.
    fine_detail
        How much of what is finer than a stroke is the clip's own; None where the clip has nothing so fine.
    change, clip_change
        Root mean square change from the frame before, of the output and of the clip.
    difference
        The frame difference.
    look, clip_look
        Brightness, colour and sharpness.
    content, style, clip_style
        Content and style distances, and the clip's own distance from the style.
    borrowed
        The share of the style picture's subject that it has and the clip has not.
    """

    frame: int
    warp: Mapping[int, WarpErrors]
    rhythm: float | None
    boil: Mapping[int, Boil]
    stale: Stale | None
    shape: float
    fine_detail: float | None
    change: float | None
    clip_change: float | None
    difference: float | None
    look: Look
    clip_look: Look
    content: float | None
    style: StyleDistances | None
    clip_style: StyleDistances | None
    borrowed: float | None

    @property
    def sharpness(self) -> float:
        """Times the clip's."""
        return self.look.sharpness / self.clip_look.sharpness


@dataclass(frozen=True)
class Summary:
    """A shot, or the whole clip, of one output.

    Attributes
    ----------
    first, last
        The numbers of its first and last frame.
    warp
        Mean warp errors by gap.
    rhythm, difference
        The mean rhythm and frame difference.
    boil, stale, shape, fine_detail
        Boil by gap, stale paint, shapes and fine detail over all frames.
    repeated
        The numbers of frames that repeat the one before.
    sharpness, sharpness_over_style
        The mean sharpness, times the clip's, and times the style's, where that is known.
    drift
        Over the shot; for the whole clip, of each kind the shot's where it is largest.
    content, style, clip_style, uncovered
        Mean content and style distances, and the clip's own from the style; the style of newly uncovered regions.
    borrowed
        The mean of what it has of the style picture's subject.
    legible
        Shapes over those of the same frames painted as stills; None where none was painted.
    """

    first: int
    last: int
    warp: Mapping[int, WarpErrors]
    rhythm: float | None
    boil: Mapping[int, Boil]
    stale: Stale
    shape: float
    fine_detail: float | None
    difference: float | None
    repeated: tuple[int, ...]
    sharpness: float
    sharpness_over_style: float | None
    drift: Drift
    content: float | None
    style: StyleDistances | None
    clip_style: StyleDistances | None
    uncovered: Uncovered | None
    borrowed: float | None
    legible: float | None = None


@dataclass(frozen=True)
class Measurement:
    """All that was measured of one output, by its file's name: of each frame, each shot, the whole clip."""

    name: str
    frames: tuple[FrameMeasures, ...]
    shots: tuple[Summary, ...]
    whole: Summary


@dataclass(frozen=True)
class Study:
    """All that was measured, by output, of what, and how.

    The frames of each shot are by index in the clip from 0. Without style pictures none is known.
    """

    footage: Footage
    shots: tuple[range, ...]
    styles: tuple[StyleImage, ...]
    settings: Settings
    every: int
    outputs: tuple[Measurement, ...]


def _ratio(a: float | None, b: float | None) -> float | None:
    return None if a is None or not b else a / b


def plain_values(value: Any) -> Any:
    """What was measured of a frame, a shot or the clip, as plain values for JSON."""
    if isinstance(value, WarpErrors):
        return dataclasses.asdict(value) | {"over_clip": value.over_clip, "over_carried": value.over_carried}
    if dataclasses.is_dataclass(value):
        return {key.name: plain_values(getattr(value, key.name)) for key in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain_values(entry) for key, entry in value.items()}
    return list(value) if isinstance(value, tuple) else value
