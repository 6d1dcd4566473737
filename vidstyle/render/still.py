"""A picture repainted in the style of others: a clip of one frame, without a job folder."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from pathlib import Path

import numpy as np

from vidstyle.errors import InputError, Unpaintable, UsageError
from vidstyle.generators import Run
from vidstyle.jobs.inputs import files_besides
from vidstyle.jobs.plan import SMALLEST_STYLE
from vidstyle.jobs.progress import Progress
from vidstyle.jobs.time_estimate import FIRST, Tally
from vidstyle.media.images.stills import read_image
from vidstyle.media.output.destination import check_output
from vidstyle.media.output.encode_values import encode_values, write_picture
from vidstyle.media.output.output_color import output_color
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Source, scaled_size
from vidstyle.render.mix import mix
from vidstyle.render.video import named, style_images
from vidstyle.settings import Settings, StyleImage
from vidstyle.style.solver import FrameSolver


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
    image, output, settings = named(image), named(output), settings or Settings()
    source = probe(image, settings.media)
    if source.kind != "still":
        raise UsageError(f"'{image}' is a clip, not a picture: stylize_video paints clips.")
    inputs = files_besides(style_images(styles), settings)
    warnings = check_output(source, output, overwrite, hdr=settings.media.hdr, inputs=inputs)
    size = scaled_size(source, settings.media.size)
    largest, shown = settings.media.max_megapixels, source.display.from_srgb
    pictures = [
        (shown(read_image(style.path, SMALLEST_STYLE, largest)), style.weight) for style in style_images(styles)
    ]
    if not pictures:
        raise UsageError("there is no style: name at least one picture.")
    scaled = f", painted at {size[0]}×{size[1]}" if size != (source.width, source.height) else ""
    yield Progress("plan", f"{image.name}: {source.width}×{source.height}{scaled}", frames_total=1, run_total=1)
    for note in (*source.warnings, *warnings):
        yield Progress("warning", note)

    begin = time.monotonic()
    tally = Tally(1, 1, 0, settings)
    frame = next(read_frames(source, size=size))
    if settings.media.strength == 0:
        _write(output, frame.image, source, size, settings)
        seconds = time.monotonic() - begin
        written = output.stat().st_size
        yield Progress("done", frame=1, seconds=seconds, output=output, bytes=written, **tally.counts())
        return
    run = Run(FrameSolver(pictures, (size[1], size[0]), settings).first(frame.image))
    try:
        for step in run:
            seconds = time.monotonic() - begin
            tally.evaluated(FIRST, step.evaluations, step.expected, seconds)
            yield Progress(
                "evaluation",
                frame=1,
                evaluations=step.evaluations,
                expected=step.expected,
                losses=step.losses,
                seconds=seconds,
                **tally.counts(),
            )
    except Unpaintable as error:
        raise InputError(f"{image}: can't be painted: {error}") from None
    solution = run.result
    _write(output, mix(frame.image, solution.image, settings.media.strength), source, size, settings)
    tally.finished(FIRST, time.monotonic() - begin)
    yield Progress(
        "done",
        frame=1,
        evaluations=solution.evaluations,
        losses=solution.losses,
        seconds=time.monotonic() - begin,
        output=output,
        bytes=output.stat().st_size,
        **tally.counts(),
    )


def _write(output: Path, image: np.ndarray, source: Source, size: tuple[int, int], settings: Settings) -> None:
    """Write what is shown as a picture with all else that the source has."""
    delivered = output_color(source, output, settings.media.hdr)
    write_picture(delivered, 0, output, next(encode_values(delivered, [image], 0, 1, size, alpha=True)))
