"""May the result be written there? Asked before any work is done."""

import dataclasses
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from vidstyle.errors import OutputError, UsageError
from vidstyle.media.encode.command import OutputPlan
from vidstyle.media.encode.encoders import VIDEO_SUFFIXES, choose_encoding, encoding_warnings
from vidstyle.media.encode.ffmpeg import find_ffmpeg, has_option, require_encoder
from vidstyle.media.encode.streams import AUDIO_WORDS, nonempty_tracks, plan_tracks
from vidstyle.media.encode.timeline import container_times, timeline
from vidstyle.media.files import check_writable, exists_already, hidden_part, no_folder, storage_error
from vidstyle.media.images.pattern import is_pattern, numbered_part
from vidstyle.media.images.stills import WRITABLE_SUFFIXES
from vidstyle.media.output.encode_values import trial_write_picture
from vidstyle.media.output.output_color import output_color
from vidstyle.media.output.request import OutputRequest
from vidstyle.media.output.trial_encode import trial_encode
from vidstyle.media.source import Source


def check_output(source: Source, request: OutputRequest) -> tuple[str, ...]:
    """Make sure, before any work, that a result can be written: of a video a moment is written to a scratch file.

    What comes back is a sentence for each thing that the output's format can't keep as it is.

    Raises
    ------
    UsageError
        The name says no format that fits the clip, or what is asked for doesn't go together.
    OutputError
        The output is the clip itself or another input, it exists, its folder isn't there or can't be written; or the
        format can't hold it.
    DependencyError
        There is no ffmpeg, or one that can't write this format.
    """
    output, audio = request.path, request.encode.audio
    sound = () if audio in AUDIO_WORDS else (Path(audio),)
    _check_suffix(source, request)
    color = output_color(source, output, request.hdr)
    try:
        _check_place(source, request, sound)
    except OSError as error:
        raise storage_error(output, error) from error
    if not (request.is_pictures or source.kind == "still"):
        return color.warnings + plan_output(color.source, request)[1]
    trial_write_picture(color, request)
    unused = ", ".join(f"--{name.replace('_', '-')}" for name in request.encode.unused_by_pictures)
    return (*color.warnings, *((f"{unused}: no part of writing pictures.",) if unused else ()))


def plan_output(source: Source, request: OutputRequest) -> tuple[OutputPlan, tuple[str, ...]]:
    """How a video file will be written, as a trial shows it can be, and a sentence for each thing it can't keep.

    The source has the colours of the result; see :class:`vidstyle.media.output.output_color.OutputColor`. Errors are
    those of :func:`check_output`.
    """
    suffix, size, audio = request.path.suffix.lower(), request.size, request.encode.audio
    program = find_ffmpeg(request.ffmpeg)
    encoding = choose_encoding(source, suffix, size, request.encode)
    require_encoder(program, encoding.encoder)
    times = container_times(suffix, timeline(source, request.frames.start, request.frames.stop))
    tracks, warnings = plan_tracks(source, suffix, audio)
    plan = OutputPlan(program, source, encoding, nonempty_tracks(source, tracks, times), times, size)
    if source.mastering and source.color.is_hdr:
        if has_option(program, "mastering_display"):
            plan = dataclasses.replace(plan, mastering=source.mastering)
        else:
            warnings += ("the mastering data of the HDR is left out: it takes ffmpeg 9; pip install imageio-ffmpeg.",)
    plan, changes = trial_encode(plan, request.path, audio)
    return plan, (*encoding_warnings(source, suffix, size, encoding), *warnings, *changes)


def _check_suffix(source: Source, request: OutputRequest) -> None:
    output, suffix = request.path, request.path.suffix.lower()
    pictures, videos = ", ".join(WRITABLE_SUFFIXES), ", ".join(VIDEO_SUFFIXES)
    if source.kind == "still":
        if suffix not in WRITABLE_SUFFIXES:
            raise UsageError(
                f"'{source.path}' is a single picture, and so is the result: end '{output}' in {pictures}."
            )
    elif is_pattern(output):
        if suffix not in WRITABLE_SUFFIXES:
            raise UsageError(f"'{output}': numbered pictures must end in {pictures}.")
    elif request.is_pictures:
        return
    elif suffix in WRITABLE_SUFFIXES and suffix not in VIDEO_SUFFIXES:  # .webp can be animated
        raise UsageError(
            f"'{output}' names one picture for {len(request.frames)} frames: end it in {videos}, number the pictures "
            f"as in '{output.stem}-%04d{suffix}', or name one frame, as in --frames {request.frames.start + 1}."
        )
    elif suffix not in VIDEO_SUFFIXES:
        raise UsageError(f"'{output}' doesn't say a format that can be written: end it in {videos}.")


def check_not_input(targets: Iterable[Path], inputs: Iterable[Path], what: str = "one of the inputs") -> None:
    """Make sure that no file that will be written, or its part while it is, is one that is read, by whatever name.

    Raises
    ------
    OutputError
        One of them is read as well.
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


def check_free(output: Path, inputs: Iterable[Path]) -> None:
    """Make sure that no file of that name is there, before the clip is looked at.

    Of one that is read besides, more is said later.

    Raises
    ------
    OutputError
        One is.
    """
    with suppress(OSError):
        if output.is_file() and not any(path.exists() and path.samefile(output) for path in inputs):
            raise exists_already(output)


def _check_place(source: Source, request: OutputRequest, sound: tuple[Path, ...]) -> None:
    output, targets = request.path, request.files(source)
    if output.is_dir():
        raise OutputError(f"'{output}' is a folder: name a file in it.")
    check_not_input(targets, (source.path, *source.files), "the clip itself")
    check_not_input(targets, (*request.inputs, *sound))
    if not output.parent.exists():
        raise no_folder(output)
    if not output.parent.is_dir():
        raise OutputError(f"'{output.parent}' is a file, not a folder: choose another place for '{output.name}'.")
    if not request.overwrite and (taken := next((target for target in targets if target.exists()), None)):
        raise exists_already(taken)
    check_writable(output)
