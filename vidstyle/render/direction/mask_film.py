"""A mask drawn on a few frames of a clip, written out as a film of all of them, with a picture to check it by."""

import re
from collections.abc import Generator, Iterator
from pathlib import Path

import cv2
import numpy as np

from vidstyle.jobs.masks import check_mask, mask_frames
from vidstyle.jobs.progress import Progress
from vidstyle.jobs.shots import inspect_shots, selected_frames
from vidstyle.media.images.pattern import is_pattern
from vidstyle.media.images.stills import write_image
from vidstyle.media.output.destination import check_output
from vidstyle.media.output.request import OutputRequest, output_request
from vidstyle.media.output.writer import write_video
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Source, scaled_size
from vidstyle.settings import Mask, Settings

PREVIEW_FRAMES, PREVIEW_WIDTH, PREVIEW_COLUMNS = 12, 320, 4
"""How many frames the preview shows, and their pixels across."""
_TINT = np.array([1.0, 0.2, 0.9], np.float32)


def write_mask_film(
    clip: Path, mask: Mask, output: Path, settings: Settings, *, overwrite: bool = False
) -> Generator[Progress, None, None]:
    """Carry a mask over a clip, from cut to cut, and write it: white on black, without the clip's sound.

    In Matroska it is lossless, unless the settings name a codec. Beside it is written the preview, of
    :func:`preview_path`: frames of the clip with the mask laid over them.

    Yields
    ------
    ``warning``, ``assemble`` for each frame, at last ``done``.

    Raises
    ------
    VidstyleError
        One of its kinds: see :mod:`vidstyle.errors`.
    """
    source = probe(clip, settings.media)
    frames = selected_frames(source, settings.media)
    check_mask(mask, source, frames)
    codec = settings.media.codec
    if codec == "auto" and output.suffix.lower() == ".mkv":
        codec = "ffv1"
    size = scaled_size(source, settings.media.size)
    settings = settings.replace(audio="none", codec=codec, loop="off")
    request = output_request(output, frames, size, settings, overwrite=overwrite, inputs=mask.files)
    warnings = check_output(source, request)
    source, shots, damage = inspect_shots(source, frames, settings)
    for sentence in (*source.warnings, *warnings, *damage):
        yield Progress("warning", sentence)
    count = len(frames)
    for done in write_video(source, _white_on_black(mask, source, [shot.frames for shot in shots], size), request):
        yield Progress("assemble", frames_done=done, frames_total=count)
    write_image(preview_path(output), _preview(source, request))
    size_of = sum(file.stat().st_size for file in request.files(source))
    yield Progress("done", frames_done=count, frames_total=count, output=output, bytes=size_of)


def preview_path(output: Path) -> Path:
    """Where the preview of a mask's film is: ``mask.preview.jpg`` for ``mask.mkv``."""
    stem = re.split(r"[._]?[%#@$]", output.name)[0] if is_pattern(output) else output.stem
    return output.with_name(f"{stem or 'mask'}.preview.jpg")


def _white_on_black(mask: Mask, source: Source, shots: list[range], size: tuple[int, int]) -> Iterator[np.ndarray]:
    for shot in shots:
        for _, image in mask_frames(mask, source, shot, size):
            yield np.repeat(image[..., None], 3, 2)


def _preview(source: Source, request: OutputRequest) -> np.ndarray:
    """Frames of the clip, evenly spread, each with what is in the mask tinted and outlined: a sheet, (H, W, 3)."""
    count = min(PREVIEW_FRAMES, len(request.frames))
    chosen = [request.frames[round(n * (len(request.frames) - 1) / max(1, count - 1))] for n in range(count)]
    width, height = request.size
    size = PREVIEW_WIDTH, max(1, round(PREVIEW_WIDTH * height / width))
    if is_pattern(request.path):
        written = request.files(source)
        masks = [next(read_frames(probe(written[index - request.frames.start]), size=size)).image for index in chosen]
    else:
        film = probe(request.path)
        masks = [next(read_frames(film, index - request.frames.start, size=size)).image for index in chosen]
    cells = []
    for index, mask in zip(chosen, masks, strict=True):
        frame = next(read_frames(source, index, size=size)).image
        shown = frame + np.float32(0.4) * mask * (_TINT - frame)
        rims, _ = cv2.findContours((mask[..., 0] > 0.5).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        cells.append(cv2.drawContours(np.ascontiguousarray(shown), rims, -1, (1.0, 1.0, 0.0), 1))
    cells += [np.zeros_like(cells[0])] * (-len(cells) % min(PREVIEW_COLUMNS, len(cells)))
    columns = min(PREVIEW_COLUMNS, len(cells))
    return np.concatenate([np.concatenate(cells[row : row + columns], 1) for row in range(0, len(cells), columns)])
