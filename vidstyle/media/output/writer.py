"""Frames into a file, with the clip's sound, subtitles, chapters and tags."""

import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame

from vidstyle.media.encode.command import encoding_command
from vidstyle.media.encode.ffmpeg import running
from vidstyle.media.encode.patch import patch_output
from vidstyle.media.encode.pipe import pipe_frames
from vidstyle.media.files import published
from vidstyle.media.images.pattern import is_pattern
from vidstyle.media.output.destination import check_output, plan_output
from vidstyle.media.output.encode_values import encode_values, write_picture
from vidstyle.media.output.output_color import output_color
from vidstyle.media.output.pictures import write_pictures
from vidstyle.media.output.request import OutputRequest
from vidstyle.media.output.trial_encode import extracted_covers
from vidstyle.media.output.verify import verify, verify_picture
from vidstyle.media.part import comment_of_part
from vidstyle.media.reader import is_shown_as_stored, read_frames, read_stored
from vidstyle.media.source import Source


def write_video(
    source: Source, frames: Iterable[np.ndarray] | None, request: OutputRequest, *, resumed: bool = False
) -> Iterator[int]:
    """Encode frames with all else that the clip has; the file appears only once it is whole and verified.

    Parameters
    ----------
    source
        The clip that the frames were made from.
    frames
        For each of the clip's frames that are asked for an (H, W, 3) float32 RGB image, 0..1, as the clip is
        displayed. Opacity, and what else an EXR or DPX file holds, is the clip's own. None: the clip's own frames, in
        the pixels that they are stored in where those can be shown.
    request
        The file, and how it is written.
    resumed
        Whether numbered pictures that are there may be an interrupted call's: the same ones are no obstacle.

    Yields
    ------
    written
        Frames handed to the encoder. The file is finished when the generator ends; closed earlier, it leaves nothing.

    Raises
    ------
    UsageError, OutputError, DependencyError
        As :func:`check_output`.
    StorageError
        The disk is full, or ffmpeg failed, or what it wrote is not what it was given.
    """
    output, start, stop, size = request.path, request.frames.start, request.frames.stop, request.size
    again = resumed and is_pattern(output)
    check_output(source, dataclasses.replace(request, overwrite=request.overwrite or again))
    color = output_color(source, output, request.hdr)
    stored = frames is None and color.display == color.painted and is_shown_as_stored(source, size)
    if frames is None:
        frames = (frame.image for frame in read_frames(source, start, stop, size))
    if request.is_pictures:
        # The numbers of others say which frames they show.
        said = is_pattern(output) or source.kind == "still"
        comment = "" if said else comment_of_part("", (source.number(start),) * 2, source.path.name)

        def write(path: Path, values: np.ndarray, number: int) -> None:
            write_picture(color, start + number, path, values, comment)
            verify_picture(path, output, size)

        images = encode_values(color, frames, request, alpha=True)
        yield from write_pictures(images, request.files(source), write, overwrite=request.overwrite)
        return
    plan, _ = plan_output(color.source, request)
    values: Iterable[np.ndarray | VideoFrame]
    if stored:
        values = read_stored(source, start, stop)
    else:
        values = encode_values(color, frames, request, alpha=plan.encoding.alpha)
    with published(output) as part:
        with (
            extracted_covers(plan) as covers,
            running(encoding_command(plan, part, covers, stored=stored), output) as pipe,
        ):
            yield from pipe_frames(pipe, values, plan.encoding, plan.times, size)
        patch_output(part, plan)
        verify(part, output, plan.times, size, plan.tracks)


def write_still(source: Source, image: np.ndarray, request: OutputRequest) -> None:
    """Write a still's painted frame, (H, W, 3) as it is displayed, with its opacity and all else that it holds.

    Raises
    ------
    OutputError, StorageError
        The file can't be written, or the disk is full.
    """
    color = output_color(source, request.path, request.hdr)
    write_picture(color, 0, request.path, next(encode_values(color, [image], request, alpha=True)))
