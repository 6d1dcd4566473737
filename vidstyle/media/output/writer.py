"""Frames into a file, with the clip's sound, subtitles, chapters and tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame

from vidstyle.media.encode.command import encoding_command
from vidstyle.media.encode.ffmpeg import running
from vidstyle.media.encode.patch import patch_output
from vidstyle.media.encode.pipe import pipe_frames
from vidstyle.media.encode.plan import EncodeOptions
from vidstyle.media.files import hidden_part, publish_part, storage_error
from vidstyle.media.images.pattern import is_pattern
from vidstyle.media.output.destination import check_output, output_numbers, produce
from vidstyle.media.output.encode_values import encode_values, write_picture
from vidstyle.media.output.numbered import write_numbered
from vidstyle.media.output.output_color import output_color
from vidstyle.media.output.trial_encode import extracted_covers
from vidstyle.media.output.verify import verify, verify_picture
from vidstyle.media.reader import is_shown_as_stored, read_frames, read_stored
from vidstyle.media.source import Source
from vidstyle.settings import Hdr


def write_video(
    source: Source,
    frames: Iterable[np.ndarray] | None,
    output: Path,
    *,
    start: int = 0,
    stop: int | None = None,
    size: tuple[int, int] | None = None,
    crf: int = 16,
    hdr: Hdr = "auto",
    codec: str = "auto",
    pixel_format: str = "auto",
    audio: str = "auto",
    ffmpeg: str = "",
    overwrite: bool = False,
    again: bool = False,
    inputs: Sequence[Path] = (),
) -> Iterator[int]:
    """Encode frames with all else that the clip has; the file appears only once it is whole and verified.

    Parameters
    ----------
    source
        The clip that the frames were made from.
    frames
        For each of its frames `start` to `stop` an (H, W, 3) float32 RGB image, 0..1, as the clip is displayed.
        Opacity, and what else an EXR or DPX file holds, is the clip's own. None: the clip's own frames, in the pixels
        that they are stored in where those can be shown.
    output
        Ends in one of the :data:`~vidstyle.media.encode.encoders.VIDEO_SUFFIXES`, or is a pattern of picture files
        such as ``out/%04d.png``. Numbered pictures keep their numbers.
    start, stop
        The part of the clip, from 0, `stop` exclusive; its sound and subtitles are cut to it, a whole clip's copied.
    size
        Width and height of the images; None: the clip's.
    crf
        Constant rate factor on x264's scale: 0 (lossless) to 51.
    hdr
        What becomes of light above white; see :func:`vidstyle.media.output.output_color.output_color`.
    codec, pixel_format, audio
        As in the settings.
    ffmpeg
        The program; empty finds one.
    overwrite
        Whether an existing file may be replaced.
    again
        Whether numbered pictures that are there may be an interrupted call's: the same ones are no obstacle.
    inputs
        What else the frames were made from, and so never replaced.

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
    stop = len(source.pts) if stop is None else stop
    size = size or (source.width, source.height)
    check_output(
        source,
        output,
        overwrite or again,
        start=start,
        count=stop - start,
        size=size,
        hdr=hdr,
        crf=crf,
        codec=codec,
        pixel_format=pixel_format,
        audio=audio,
        ffmpeg=ffmpeg,
        inputs=inputs,
    )
    delivered = output_color(source, output, hdr)
    stored = frames is None and delivered.display == delivered.painted and is_shown_as_stored(source, size)
    if frames is None:
        frames = (frame.image for frame in read_frames(source, start, stop, size))
    if is_pattern(output):
        numbers = output_numbers(source, start, stop)

        def write(path: Path, values: np.ndarray, place: int) -> None:
            write_picture(delivered, start + place, path, values)
            verify_picture(path, output, size)

        images = encode_values(delivered, frames, start, stop, size, alpha=True)
        yield from write_numbered(images, output, numbers, write, overwrite=overwrite)
        return
    plan, _ = produce(
        delivered.source, output, start, stop, size, EncodeOptions(crf, codec, pixel_format, audio), ffmpeg
    )
    encoding, times = plan.encoding, plan.times
    part = hidden_part(output)
    values: Iterable[np.ndarray | VideoFrame] = (
        read_stored(source, start, stop)
        if stored
        else encode_values(delivered, frames, start, stop, size, alpha=encoding.alpha)
    )
    try:
        # Whatever an interrupted run may still be writing to is not this file.
        part.unlink(missing_ok=True)
        with (
            extracted_covers(plan) as covers,
            running(encoding_command(plan, part, covers, stored=stored), output) as pipe,
        ):
            yield from pipe_frames(pipe, values, encoding, times, size)
        patch_output(part, plan)
        verify(part, output, times, size, plan.tracks)
        publish_part(part, output)
    except OSError as error:
        raise storage_error(output, error) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
