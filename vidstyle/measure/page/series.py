"""The curves of a report: which measures are drawn over time, and how."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from vidstyle.measure.results import FrameMeasures, Measurement, Study
from vidstyle.measure.summary import GAPS

Read = Callable[[FrameMeasures], float | None]


@dataclass(frozen=True)
class Chart:
    """A diagram over time: its heading, how to read it, and its scale: logarithmic, from 0, from 0 to 1, or about 0.

    It shows something of each output, of its carried painting, of the clip.
    """

    title: str
    note: str
    scale: Literal["log", "zero", "share", "about"]
    output: Read | None = None
    carried: Read | None = None
    clip: Read | None = None


def _warp_chart(gap: int) -> Chart:
    return Chart(
        f"Warp error, {'from frame to frame' if gap == 1 else f'over {gap} frames'}",
        "Lower is steadier. Paint has more detail than the clip, so that even a painting that is merely carried along "
        "lies above the clip; far above that, it flickers."
        if gap == 1
        else "Slow boiling, which hardly shows from frame to frame.",
        "log",
        output=lambda frame: frame.warp[gap].output if gap in frame.warp else None,
        carried=lambda frame: frame.warp[gap].carried if gap in frame.warp else None,
        clip=lambda frame: frame.warp[gap].clip if gap in frame.warp else None,
    )


CHARTS = (
    *map(_warp_chart, GAPS),
    Chart(
        "Boil",
        "Change, of 255, where the clip rests once the camera's motion and the change of its light are taken off.",
        "zero",
        output=lambda frame: frame.boil[1].level if 1 in frame.boil else None,
    ),
    Chart(
        "Stale paint",
        "Of what changed over five frames, how much still shows the old shapes.",
        "share",
        output=lambda frame: frame.stale.share if frame.stale else None,
    ),
    Chart("Shapes", "How well the clip's edges are kept; 1 is all of them.", "share", output=lambda frame: frame.shape),
    Chart(
        "Fine detail",
        "How much of what is finer than a stroke is the clip's own; 1 is a photograph.",
        "share",
        output=lambda frame: frame.fine_detail,
    ),
    Chart(
        "Frame difference",
        "Change from frame to frame that is not the clip's. A frame that repeats the one before stands out.",
        "zero",
        output=lambda frame: frame.difference,
    ),
    Chart(
        "Brightness",
        "L* beyond the clip's: 0 to 100 from black to white.",
        "about",
        output=lambda frame: frame.look.lightness - frame.clip_look.lightness,
    ),
    Chart("Sharpness", "Detail, times the clip's.", "log", output=lambda frame: frame.sharpness),
    Chart(
        "Style, Gram distance",
        "What painting minimises; 0 is the style itself.",
        "zero",
        output=lambda frame: frame.style.gram if frame.style else None,
        clip=lambda frame: frame.clip_style.gram if frame.clip_style else None,
    ),
    Chart(
        "Style, sliced Wasserstein",
        "What painting does not minimise; 0 is the style itself.",
        "zero",
        output=lambda frame: frame.style.wasserstein if frame.style else None,
        clip=lambda frame: frame.clip_style.wasserstein if frame.clip_style else None,
    ),
    Chart(
        "Borrowed subject",
        "How much of what the style picture shows is in the frame and not in the clip.",
        "share",
        output=lambda frame: frame.borrowed,
    ),
    Chart(
        "Content distance",
        "How far what is alike in the clip is unlike here; 0 is the clip itself.",
        "zero",
        output=lambda frame: frame.content,
    ),
    Chart(
        "Pixels compared",
        "What the warp error from frame to frame looks at: neither hidden nor at the rim of what moves.",
        "share",
        clip=lambda frame: frame.warp[1].kept if 1 in frame.warp else None,
    ),
)


def charts(study: Study, labels: Sequence[str]) -> list[dict[str, Any]]:
    """Each chart with its curves as plain values; `labels` are the clip's and the outputs' names."""
    drawn = []
    for chart in CHARTS:
        curves = [
            curve for curve in _curves(chart, study.outputs, labels) if any(v is not None for v in curve["values"])
        ]
        if curves:
            drawn.append({"title": chart.title, "note": chart.note, "scale": chart.scale, "curves": curves})
    return drawn


def _curves(chart: Chart, outputs: Sequence[Measurement], labels: Sequence[str]) -> Iterator[dict[str, Any]]:
    for track, output in enumerate(outputs, 1):
        if chart.output is not None:
            yield {"role": "output", "track": track, "label": labels[track], "values": _values(output, chart.output)}
    for track, output in enumerate(outputs, 1):
        if chart.carried is not None:
            name = "carried along" if len(outputs) == 1 else f"{labels[track]}, carried along"
            yield {"role": "carried", "track": track, "label": name, "values": _values(output, chart.carried)}
    if chart.clip is not None:
        yield {"role": "clip", "track": 0, "label": labels[0], "values": _values(outputs[0], chart.clip)}


def _values(output: Measurement, read: Read) -> list[float | None]:
    """One value a frame, at four digits."""
    return [None if (value := read(frame)) is None else float(f"{value:.4g}") for frame in output.frames]
