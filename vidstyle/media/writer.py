"""Frames into a file, with the clip's sound, subtitles, chapters and tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import av
import numpy as np

from vidstyle.media.command import encoding_command
from vidstyle.media.delivery import delivery
from vidstyle.media.destination import check_output, output_numbers
from vidstyle.media.develop import developed, write_picture
from vidstyle.media.encoders import Encoding, choose_encoding
from vidstyle.media.ffmpeg import find_ffmpeg, running
from vidstyle.media.files import hidden_part, publish_part, storage_error
from vidstyle.media.numbered import write_numbered
from vidstyle.media.pattern import is_pattern
from vidstyle.media.source import Source
from vidstyle.media.stills import quantise
from vidstyle.media.streams import filled_tracks, plan_tracks
from vidstyle.media.timeline import Timeline, timeline
from vidstyle.media.verify import verify, verify_picture
from vidstyle.settings import Hdr


def write_video(
    source: Source,
    frames: Iterable[np.ndarray],
    output: Path,
    *,
    start: int = 0,
    stop: int | None = None,
    size: tuple[int, int] | None = None,
    crf: int = 16,
    hdr: Hdr = "auto",
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
        For each of its frames `start` to `stop` an (H, W, 3) float32 RGB image, 0..1, in the clip's view. Opacity, and
        what else an EXR or DPX file holds, is the clip's own.
    output
        Ends in .mp4, .mkv, .mov or .webm, or is a pattern of picture files such as ``out/%04d.png``. Numbered pictures
        keep their numbers.
    start, stop
        The part of the clip, from 0, `stop` exclusive; its sound and subtitles are cut to it, a whole clip's copied.
    size
        Width and height of the images; None: the clip's.
    crf
        Constant rate factor on x264's scale: 0 (lossless) to 51.
    hdr
        What becomes of light above white; see :func:`vidstyle.media.delivery.delivery`.
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
    UsageError, OutputError, MissingError
        As :func:`check_output`.
    StorageError
        The disk is full, or ffmpeg failed, or what it wrote is not what it was given.
    """
    stop = len(source.pts) if stop is None else stop
    size = size or (source.width, source.height)
    numbers = output_numbers(source, start, stop)
    check_output(source, output, overwrite or again, numbers=numbers, size=size, hdr=hdr, ffmpeg=ffmpeg, inputs=inputs)
    delivered = delivery(source, output, hdr)
    suffix = output.suffix.lower()
    if is_pattern(output):

        def write(path: Path, values: np.ndarray, place: int) -> None:
            write_picture(delivered, start + place, path, values)
            verify_picture(path, output, size)

        images = developed(delivered, frames, start, stop, size, alpha=True)
        yield from write_numbered(images, output, numbers, write, overwrite=overwrite)
        return
    source = delivered.source
    encoding = choose_encoding(source, suffix, size, crf)
    times = timeline(source, start, stop)
    part = hidden_part(output)
    images = developed(delivered, frames, start, stop, size, alpha=encoding.alpha)
    try:
        # Whatever an interrupted run may still be writing to is not this file.
        part.unlink(missing_ok=True)
        tracks = filled_tracks(source, plan_tracks(source, suffix)[0], times)
        command = encoding_command(find_ffmpeg(ffmpeg), source, part, encoding, tracks, times, size)
        with running(command, output) as pipe:
            yield from _feed(pipe, images, encoding, times, size)
        verify(part, output, times, size, tracks)
        publish_part(part, output)
    except OSError as error:
        raise storage_error(output, error) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _feed(
    pipe: IO[bytes], images: Iterable[np.ndarray], encoding: Encoding, times: Timeline, size: tuple[int, int]
) -> Iterator[int]:
    """Write raw frames with their exact times to ffmpeg's standard input, as a NUT stream."""
    bits = 16 if "10" in encoding.pixel_format else 8
    # ffmpeg's white, as in decoding; opacity has none.
    gain = np.ones(4 if encoding.alpha else 3, np.float32)
    if bits == 16:
        gain[:3] = encoding.color.white(10) / 65_535
    layout = {(8, False): "rgb24", (8, True): "rgba", (16, False): "rgb48le", (16, True): "rgba64le"}
    with av.open(pipe, "w", format="nut") as container:
        stream = container.add_stream("rawvideo", rate=times.rate)
        stream.width, stream.height = size
        stream.pix_fmt = layout[bits, encoding.alpha]
        stream.time_base = stream.codec_context.time_base = times.time_base
        for index, (image, pts) in enumerate(zip(images, times.pts, strict=True)):
            frame = av.VideoFrame.from_ndarray(quantise(np.clip(image, 0, 1) * gain, bits), format=stream.pix_fmt)
            frame.pts, frame.time_base = pts, times.time_base
            for packet in stream.encode(frame):
                container.mux(packet)
            yield index + 1
        for packet in stream.encode():
            container.mux(packet)
