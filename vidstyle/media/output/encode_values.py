"""A clip's painted frames as pictures that look like its own: their light, their opacity, and all else they hold."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from vidstyle.errors import OutputError, StorageError
from vidstyle.media.color.display import protect_highlights
from vidstyle.media.files import scratch_folder
from vidstyle.media.images.plate_writer import write_plate, write_plate_like
from vidstyle.media.images.plates import is_plate
from vidstyle.media.images.stills import over_white, write_image
from vidstyle.media.output.output_color import OutputColor
from vidstyle.media.output.request import OutputRequest
from vidstyle.media.reader import read_frames
from vidstyle.media.timecode import timecode_after


def encode_values(
    color: OutputColor, images: Iterable[np.ndarray], request: OutputRequest, alpha: bool
) -> Iterator[np.ndarray]:
    """Painted frames as the values of a file, (H, W, 3), or (H, W, 4) with the clip's own opacity if it holds `alpha`.

    If it does not, what is transparent is shown over white, as in a still, and premultiplied light over black: what is
    painted there follows from nothing that can be seen. The `request` says which of the clip's frames they are, and how
    large.
    """
    source, frames, plain = color.source, request.frames, color.painted.is_plain
    alpha = alpha and source.has_alpha
    if plain and not source.has_alpha:
        yield from map(color.values, images)
        return
    for image, frame in zip(images, read_frames(source, frames.start, frames.stop, request.size), strict=True):
        shown = image if plain else protect_highlights(image, frame.image)
        if frame.cover is not None and not alpha:
            shown = color.painted.to_display(color.painted.from_display(shown) * frame.cover)
        elif frame.alpha is not None and not alpha:
            shown = over_white(shown, frame.alpha)
        values = color.values(shown)
        if alpha:  # some of the pictures may have none
            values = np.dstack([values, np.ones(values.shape[:2], np.float32) if frame.alpha is None else frame.alpha])
        yield values


def write_picture(color: OutputColor, index: int, path: Path, values: np.ndarray, comment: str = "") -> None:
    """Write a frame of a clip as a picture; of a kind with the clip's own, with all that those hold.

    The values, (H, W, 3 or 4), are those that :func:`encode_values` makes. The comment is left out where the format
    has none. The file appears whole or not at all.

    Raises
    ------
    OutputError, StorageError
        The file can't be written, or the disk is full.
    """
    source = color.source
    same_format = bool(source.files) and source.files[0].suffix.lower() == path.suffix.lower()
    if source.window and same_format and color.display == source.display:
        write_plate_like(source.files[index], path, values[..., :3], source.window)
    elif not is_plate(path):
        write_image(path, values, source.bit_depth, comment)
    else:
        clip = source.files[index] if source.files else source.path
        timecode = source.timecode and timecode_after(source.timecode, index, source.frame_rate)
        about = (color.display.primaries, source.frame_rate, timecode, clip)
        write_plate(path, values, source.bit_depth, *about)


def trial_write_picture(color: OutputColor, request: OutputRequest) -> None:
    """Write the first EXR or DPX file into a scratch folder, before anything is painted: some can't be written.

    Raises
    ------
    OutputError
        The file can't be written.
    InputError
        The clip's own file can't be read.
    """
    if not is_plate(request.path):
        return
    channels = 4 if color.source.has_alpha else 3
    with scratch_folder() as folder:
        try:
            path = folder / f"trial{request.path.suffix}"
            write_picture(color, request.frames.start, path, np.zeros((*request.size[::-1], channels), np.float32))
        except StorageError as error:
            raise OutputError(f"'{request.path}' could not be written: {error}") from error
