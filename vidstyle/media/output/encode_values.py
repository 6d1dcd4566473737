"""A clip's painted frames as pictures that look like its own: their light, their opacity, and all else they hold."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from vidstyle.errors import OutputError, StorageError
from vidstyle.media.color.display import protect_highlights
from vidstyle.media.encode.metadata import timecode_after
from vidstyle.media.images.plate_writer import write_plate, write_plate_like
from vidstyle.media.images.plates import is_plate
from vidstyle.media.images.stills import write_image
from vidstyle.media.output.output_color import OutputColor
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Source


def encode_values(
    delivered: OutputColor, images: Iterable[np.ndarray], start: int, stop: int, size: tuple[int, int], alpha: bool
) -> Iterator[np.ndarray]:
    """Painted frames as the values of a file, (H, W, 3), or (H, W, 4) with the clip's own opacity.

    Parameters
    ----------
    delivered
        What the file holds.
    images
        The painted frames.
    start, stop, size
        Which of the clip's they are, from 0, `stop` exclusive; their width and height.
    alpha
        Whether the file holds opacity.
    """
    source, plain = delivered.source, delivered.painted.is_plain
    alpha = alpha and source.has_alpha
    if plain and not alpha:
        yield from map(delivered.values, images)
        return
    for image, frame in zip(images, read_frames(source, start, stop, size), strict=True):
        shown = image if plain else protect_highlights(image, frame.image)
        if frame.cover is not None and not alpha:  # what is transparent is seen over black
            shown = delivered.painted.to_display(delivered.painted.from_display(shown) * frame.cover)
        values = delivered.values(shown)
        if alpha:  # some of the pictures may have none
            values = np.dstack([values, np.ones(values.shape[:2], np.float32) if frame.alpha is None else frame.alpha])
        yield values


def write_picture(delivered: OutputColor, index: int, path: Path, values: np.ndarray) -> None:
    """Write a frame of a clip as a picture; of a kind with the clip's own, with all that those hold.

    Parameters
    ----------
    delivered
        What the file holds.
    index
        The frame's index in the clip, from 0.
    path
        The file; it appears whole or not at all.
    values
        (H, W, 3 or 4) as :func:`encode_values` makes them.

    Raises
    ------
    OutputError, StorageError
        It can't be written, the disk is full.
    """
    source = delivered.source
    if source.window and _is_like(source, path) and delivered.display == source.display:
        write_plate_like(source.files[index], path, values[..., :3], source.window)
    elif not is_plate(path):
        write_image(path, values, source.bit_depth)
    else:
        clip = source.files[index] if source.files else source.path
        alpha = values[..., 3] if values.shape[2] == 4 else None
        timecode = source.timecode and timecode_after(source.timecode, index, source.frame_rate)
        about = (delivered.display.primaries, source.frame_rate, timecode, clip)
        write_plate(path, values[..., :3], alpha, source.bit_depth, *about)


def trial_write_picture(delivered: OutputColor, index: int, output: Path, size: tuple[int, int]) -> None:
    """Write an EXR or DPX file with all that it is to hold elsewhere, before anything is painted: some can't be.

    Raises
    ------
    OutputError
        It can't.
    InputError
        The clip's own file can't be read.
    """
    if not is_plate(output):
        return
    channels = 4 if delivered.source.has_alpha else 3
    with tempfile.TemporaryDirectory(prefix="vidstyle-") as folder:
        try:
            path = Path(folder) / f"rehearsal{output.suffix}"
            write_picture(delivered, index, path, np.zeros((size[1], size[0], channels), np.float32))
        except StorageError as error:
            raise OutputError(f"'{output}' could not be written: {error}") from error


def _is_like(source: Source, path: Path) -> bool:
    return bool(source.files) and source.files[0].suffix.lower() == path.suffix.lower()
