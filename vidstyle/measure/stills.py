"""Some frames painted as stills, which owe nothing to any other: what can be read in a film is held against them."""

from collections.abc import Generator, Sequence
from dataclasses import replace
from statistics import fmean

from vidstyle.errors import UsageError
from vidstyle.generators import Run
from vidstyle.jobs.progress import Progress
from vidstyle.measure.footage import Footage
from vidstyle.measure.metrics.shapes import find_edges, shape
from vidstyle.measure.results import Measurement
from vidstyle.media.reader import read_frames
from vidstyle.motion.flow import Array
from vidstyle.ranges import spread_evenly
from vidstyle.settings import Settings
from vidstyle.style.solver import FrameSolver

Shapes = dict[int, float]


def shapes_of_stills(
    footage: Footage, pictures: Sequence[tuple[Array, float]], settings: Settings, count: int
) -> Generator[Progress, None, Shapes]:
    """How well the clip's shapes are kept in `count` of its frames, each painted as a still, by the frame's number.

    Yields
    ------
    ``evaluation`` for each step of a still.

    Raises
    ------
    UsageError
        No style is known.
    """
    if not pictures:
        raise UsageError("--stills paints frames: name the style picture with --style.")
    width, height = footage.size
    solver = FrameSolver(pictures, (height, width), settings)
    found: Shapes = {}
    for index in spread_evenly(footage.frames, count):
        number = footage.clip.number(index)
        (frame,) = read_frames(footage.clip, index, index + 1, footage.size)
        for step in (solving := Run(solver.first(frame.image))):
            yield Progress("evaluation", frame=number, evaluations=step.evaluations, expected=step.expected)
        found[number] = shape(find_edges(frame.image), find_edges(solving.result.image))
    return found


def beside_stills(measured: Measurement, stills: Shapes) -> Measurement:
    """The measurement with how well shapes are kept beside the stills'."""
    pairs = [(frame.shape, stills[frame.frame]) for frame in measured.frames if frame.frame in stills]
    ratio = fmean(film for film, _ in pairs) / max(fmean(still for _, still in pairs), 1e-9) if pairs else None
    return replace(measured, whole=replace(measured.whole, legible=ratio))
