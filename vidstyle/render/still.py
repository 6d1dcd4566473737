"""A picture repainted in the style of others: a clip of one frame, without a job folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vidstyle.errors import InputError, NonFiniteLoss, UsageError
from vidstyle.generators import Run
from vidstyle.jobs.inputs import files_besides
from vidstyle.jobs.masks import mask_of_picture
from vidstyle.jobs.plan import check_styles, resolved_wrap, with_canonical_layers
from vidstyle.jobs.progress import Progress
from vidstyle.jobs.time_estimate import FIRST, TimeEstimator
from vidstyle.media.images.stills import read_style
from vidstyle.media.output.destination import check_free, check_output
from vidstyle.media.output.request import OutputRequest, output_request
from vidstyle.media.output.writer import write_still
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Source, scaled_size
from vidstyle.render.direction.coverage import Masks, coverage
from vidstyle.render.direction.panorama import joined, widened
from vidstyle.render.output_frames import mix
from vidstyle.render.video import named, style_images
from vidstyle.settings import Keys, Settings, StyleImage, value_at

if TYPE_CHECKING:
    from vidstyle.style.solver import Solution


def stylize_image(
    image: Path | str,
    styles: Sequence[StyleImage | Path | str],
    output: Path | str,
    settings: Settings | None = None,
    *,
    overwrite: bool = False,
) -> Generator[Progress, None, None]:
    """Repaint a picture in the style of one or more others.

    Parameters
    ----------
    image
        A picture; its orientation is applied, and its opacity kept where the output's format has one.
    styles
        Pictures, each with its share or by path alone.
    output
        The picture to write, in the format of its suffix: PNG, JPEG, TIFF or WebP.
    settings
        Everything else; motion plays no part.
    overwrite
        Whether an output that is there may be replaced.

    Yields
    ------
    Progress
        ``plan``, ``evaluation`` after each evaluation, at last ``done``.

    Raises
    ------
    VidstyleError
        One of its kinds: see :mod:`vidstyle.errors`.
    """
    planned = plan_image(image, styles, output, settings, overwrite=overwrite)
    yield from planned.news()
    yield from paint_image(planned)


@dataclass(frozen=True)
class PlannedImage:
    """A picture to be painted, in the size of the output: everything is checked, and nothing is written yet.

    Style pictures are (H, W, 3) float32, 0..1, each with its share; they have masks if any has one. The warnings say
    what is unusual about it, and what will be done about that.
    """

    source: Source
    styles: tuple[tuple[np.ndarray, float], ...]
    masks: Masks
    settings: Settings
    output: OutputRequest
    warnings: tuple[str, ...]

    def news(self) -> Iterator[Progress]:
        """What will be done, as ``plan`` and ``warning``."""
        source, (width, height) = self.source, self.output.size
        scaled = f", painted at {width}×{height}" if (width, height) != source.size else ""
        summary = f"{source.path.name}: {source.width}×{source.height}{scaled}"
        yield Progress("plan", summary, frames_total=1, run_total=1)
        for warning in self.warnings:
            yield Progress("warning", warning)


def plan_image(
    image: Path | str,
    styles: Sequence[StyleImage | Path | str],
    output: Path | str,
    settings: Settings | None = None,
    *,
    overwrite: bool = False,
) -> PlannedImage:
    """Decide what is to be done, and make sure that it can be; nothing is written.

    Parameters, errors
        As :func:`stylize_image`.
    """
    image, output, settings = named(image), named(output), settings or Settings()
    if not overwrite:
        check_free(output, (image, *(style.path for style in style_images(styles))))
    source = probe(image, settings.media)
    if source.kind != "still":
        raise UsageError(f"'{image}' is a clip, not a picture: stylize_video paints clips.")
    settings = with_canonical_layers(settings.mapped_keys(_without_time))
    settings = settings.replace(wrap=resolved_wrap(settings, source))
    inputs = files_besides(style_images(styles), settings)
    size = scaled_size(source, settings.media.size)
    request = output_request(output, range(1), size, settings, overwrite=overwrite, inputs=inputs)
    warnings = check_output(source, request)
    largest, shown = settings.media.max_megapixels, source.display.from_srgb
    chosen = style_images(styles)
    for style in chosen:
        if isinstance(style.weight, Keys):
            _without_time(style.weight)
    check_styles(chosen, source, range(1))
    scale = settings.objective.style_scale
    pictures = [(shown(read_style(style.path, size, scale, largest)), value_at(style.weight, 0)) for style in chosen]
    masks = tuple(mask_of_picture(style.mask, source, size) if style.mask else None for style in chosen)
    return PlannedImage(
        source,
        tuple(pictures),
        masks if any(style.mask for style in chosen) else (),
        settings,
        request,
        (*source.warnings, *warnings),
    )


def paint_image(planned: PlannedImage) -> Generator[Progress, None, None]:
    """Paint a picture and write it; yields and errors are those of :func:`stylize_image`."""
    settings, output = planned.settings, planned.output
    begin = time.monotonic()
    estimator = TimeEstimator(settings, output.size)
    estimator.begin(1, 1, 0)
    image = next(read_frames(planned.source, size=output.size)).image
    solution = None
    if settings.media.strength != 0:
        to_paint = next(read_frames(planned.source, size=output.size, to_paint=True)).image
        solution = yield from _solve(planned, to_paint, estimator, begin)
        painted = joined(solution.image, settings.media.margin(output.size[0]))
        image = mix(image, painted, settings.media, covered=coverage(planned.masks))
    write_still(planned.source, image, output)
    seconds = time.monotonic() - begin
    estimator.finished(FIRST)
    yield Progress(
        "done",
        frame=1,
        evaluations=solution.evaluations if solution else 0.0,
        losses=solution.losses if solution else {},
        seconds=seconds,
        output=output.path,
        bytes=output.path.stat().st_size,
        **estimator.counts(),
    )


def seconds_for_image(planned: PlannedImage) -> float:
    """About how long a picture will take on this machine.

    Raises
    ------
    DependencyError, InputError
        Weights or a device are missing.
    """
    from vidstyle.render.forecast import expected_of_first, pace_of  # brings torch, which takes seconds
    from vidstyle.style.network.device import select_device
    from vidstyle.style.solver import feature_network

    width, height = planned.output.size
    device = select_device(planned.settings.run)
    network = feature_network(planned.settings, device)
    estimator = TimeEstimator(planned.settings, (width, height))
    size = height, width
    paced = pace_of(planned.settings, size, network, device)
    estimator.begin(1, 1, 0, expected_of_first(planned.settings, size, paced))
    return 0.0 if planned.settings.media.strength == 0 else estimator.seconds_left() or 0.0


def _without_time(keys: Keys) -> Keys:
    raise UsageError(f"'{keys}' changes over time, which a picture has none of: write one value.")


def _solve(
    planned: PlannedImage, image: np.ndarray, estimator: TimeEstimator, begin: float
) -> Generator[Progress, None, Solution]:
    from vidstyle.render.forecast import expected_of_first, pace_of  # brings torch, which takes seconds
    from vidstyle.style.request import Asked
    from vidstyle.style.solver import FrameSolver

    width, height = planned.output.size
    margin = planned.settings.media.margin(width)
    masks = tuple(None if mask is None else widened(mask, margin) for mask in planned.masks)
    asked = Asked(planned.settings.at(0), tuple(share for _, share in planned.styles), masks)
    size = height, width + 2 * margin
    solver = FrameSolver(planned.styles, size, planned.settings)
    paced = pace_of(planned.settings, size, solver.network, solver.device)
    estimator.begin(1, 1, 0, expected_of_first(planned.settings, size, paced))
    yield Progress("estimate", **estimator.counts())
    estimator.begun(FIRST)
    try:
        for step in (run := Run(solver.first(widened(image, margin), asked))):
            seconds = time.monotonic() - begin
            estimator.evaluated(step.evaluations, step.number, step.expected, step.expected_number)
            yield Progress(
                "evaluation",
                frame=1,
                evaluations=step.evaluations,
                expected=step.expected,
                losses=step.losses,
                seconds=seconds,
                painting=partial(_beside, image, step.image, margin),
                **estimator.counts(),
            )
    except NonFiniteLoss as error:
        raise InputError(f"{planned.source.path}: can't be painted: {error}") from None
    return run.result


def _beside(clip: np.ndarray, image: Callable[[], np.ndarray], margin: int) -> tuple[np.ndarray, np.ndarray]:
    """The painting as far as it has come, and the picture that it is of."""
    painted = image()
    shown = slice(margin, -margin) if margin and painted.shape[1] == clip.shape[1] + 2 * margin else slice(None)
    return painted[:, shown], clip
