"""May the result be written there? Asked before any work is done."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from vidstyle.errors import OutputError, UsageError
from vidstyle.media.encode.encoders import VIDEO_SUFFIXES, choose_encoding, encoding_warnings
from vidstyle.media.encode.ffmpeg import find_ffmpeg, has_option, require_encoder
from vidstyle.media.encode.plan import EncodeOptions, OutputPlan
from vidstyle.media.encode.streams import AUDIO_WORDS, nonempty_tracks, plan_tracks
from vidstyle.media.encode.timeline import timeline, times_in
from vidstyle.media.files import check_writable, exists_already, hidden_part, no_folder, storage_error
from vidstyle.media.images.pattern import files_of, is_pattern, numbered_part
from vidstyle.media.images.stills import WRITABLE_SUFFIXES
from vidstyle.media.output.encode_values import trial_write_picture
from vidstyle.media.output.output_color import output_color
from vidstyle.media.output.trial_encode import trial_encode
from vidstyle.media.source import Source
from vidstyle.settings import Hdr


def check_output(
    source: Source,
    output: Path,
    overwrite: bool,
    *,
    start: int = 0,
    count: int | None = None,
    size: tuple[int, int] | None = None,
    hdr: Hdr = "auto",
    crf: int = 16,
    codec: str = "auto",
    pixel_format: str = "auto",
    audio: str = "auto",
    ffmpeg: str = "",
    inputs: Sequence[Path] = (),
) -> tuple[str, ...]:
    """Make sure, before any work, that the result can be written: of a video a moment is written to a scratch file.

    Parameters
    ----------
    source
        The clip.
    output
        A video file, a pattern of picture files (``out/%04d.png``), or one picture file for a still.
    overwrite
        Whether an existing file may be replaced.
    start, count
        The clip's frame, from 0, that the result begins with, and how many it has; None: all that follow.
    size
        Width and height of the result; None: the clip's.
    hdr
        What becomes of light above white; see :func:`vidstyle.media.output.output_color.output_color`.
    crf, codec, pixel_format, audio
        How it is encoded, as in the settings.
    ffmpeg
        The program; empty finds one.
    inputs
        What else is read, and so never replaced.

    Returns
    -------
    warnings
        A sentence for each thing that the output's format can't keep as it is.

    Raises
    ------
    UsageError
        The name says no format that fits the clip, or what is asked for doesn't go together.
    OutputError
        It is the clip itself or another input, it exists, its folder isn't there or can't be written; or the format
        can't hold it.
    DependencyError
        No ffmpeg, or one that can't write this format.
    """
    form = EncodeOptions(crf, codec, pixel_format, audio)
    count = len(source.pts) - start if count is None else count
    sound = () if audio in AUDIO_WORDS else (Path(audio),)
    pattern = is_pattern(output)
    _check_suffix(source, output, pattern)
    delivered = output_color(source, output, hdr)
    numbers = output_numbers(source, start, start + count)
    try:
        _check_place(source, output, overwrite, files_of(output, numbers), (*inputs, *sound))
    except OSError as error:
        raise storage_error(output, error) from error
    if pattern or source.kind == "still":
        trial_write_picture(delivered, start, output, size or (source.width, source.height))
        idle = ", ".join(f"--{name}" for name in form.idle)
        return (*delivered.warnings, *((f"{idle}: no part of writing pictures.",) if idle else ()))
    return delivered.warnings + produce(delivered.source, output, start, start + count, size, form, ffmpeg)[1]


def output_numbers(source: Source, start: int, stop: int) -> Sequence[int]:
    """The numbers that pictures of frames `start` to `stop` (exclusive) get: the clip's own, else from 1."""
    return source.numbers[start:stop] if source.numbers else range(1, stop - start + 1)


def produce(
    source: Source,
    output: Path,
    start: int,
    stop: int,
    size: tuple[int, int] | None,
    form: EncodeOptions,
    ffmpeg: str,
) -> tuple[OutputPlan, tuple[str, ...]]:
    """How a video file will be written, rehearsed, and what there is to say of it; see :func:`check_output`."""
    suffix, size = output.suffix.lower(), size or (source.width, source.height)
    program = find_ffmpeg(ffmpeg)
    encoding = choose_encoding(source, suffix, size, form.crf, form.codec, form.pixel_format)
    require_encoder(program, encoding.encoder)
    times = times_in(suffix, timeline(source, start, stop))
    tracks, warnings = plan_tracks(source, suffix, form.audio)
    planned = OutputPlan(program, source, encoding, nonempty_tracks(source, tracks, times), times, size)
    if source.mastering and source.color.is_hdr:
        if has_option(program, "mastering_display"):
            planned = dataclasses.replace(planned, mastering=source.mastering)
        else:
            warnings += ("the mastering data of the HDR is left out: it takes ffmpeg 9; pip install imageio-ffmpeg.",)
    plan, rehearsed = trial_encode(planned, output, form.audio)
    return plan, (*encoding_warnings(source, suffix, size, encoding), *warnings, *rehearsed)


def _check_suffix(source: Source, output: Path, pattern: bool) -> None:
    suffix = output.suffix.lower()
    pictures, videos = ", ".join(WRITABLE_SUFFIXES), ", ".join(VIDEO_SUFFIXES)
    if source.kind == "still":
        if suffix not in WRITABLE_SUFFIXES:
            raise UsageError(
                f"'{source.path}' is a single picture, and so is the result: end '{output}' in {pictures}."
            )
    elif pattern:
        if suffix not in WRITABLE_SUFFIXES:
            raise UsageError(f"'{output}': numbered pictures must end in {pictures}.")
    elif suffix in WRITABLE_SUFFIXES and suffix not in VIDEO_SUFFIXES:  # .webp can be animated
        raise UsageError(
            f"'{output}' names one picture for a whole clip: end it in {videos}, or number the pictures as in "
            f"'{output.stem}-%04d{suffix}'."
        )
    elif suffix not in VIDEO_SUFFIXES:
        raise UsageError(f"'{output}' doesn't say a format that can be written: end it in {videos}.")


def check_not_input(targets: Iterable[Path], inputs: Iterable[Path], what: str = "one of the inputs") -> None:
    """Make sure that no file that will be written, or its part while it is, is one that is read, by whatever name.

    Raises
    ------
    OutputError
        One is.
    """

    @cache  # of many files in a folder, it is looked up once
    def real(folder: Path) -> Path:
        return folder.resolve()

    names, files = set(), set()
    for path in inputs:
        names.add(path.resolve() if path.is_symlink() else real(path.parent) / path.name)
        with suppress(OSError):
            status = path.stat()
            files.add((status.st_dev, status.st_ino))
    for target in targets:
        part = numbered_part(target)
        written = (target, hidden_part(target), part, hidden_part(part))
        same = any(real(path.parent) / path.name in names for path in written)
        with suppress(OSError):  # a hard link has a name of its own
            status = target.stat()
            same = same or (status.st_dev, status.st_ino) in files
        if same:
            raise OutputError(f"'{target}' is {what}: give the result another name.")


def _check_place(
    source: Source, output: Path, overwrite: bool, targets: Sequence[Path], inputs: Sequence[Path]
) -> None:
    if output.is_dir():
        raise OutputError(f"'{output}' is a folder: name a file in it.")
    check_not_input(targets, (source.path, *source.files), "the clip itself")
    check_not_input(targets, inputs)
    _check_folder(output.parent, output)
    if not overwrite and (taken := next((target for target in targets if target.exists()), None)):
        raise exists_already(taken)
    check_writable(output)


def _check_folder(folder: Path, output: Path) -> None:
    if not folder.exists():
        raise no_folder(output)
    if not folder.is_dir():
        raise OutputError(f"'{folder}' is a file, not a folder: choose another place for '{output.name}'.")
