"""A trial before anything is painted: a moment of the result, with all that goes into it, into a scratch file.

What ffmpeg can't write it says only when it tries, and painting takes hours.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from vidstyle.errors import OutputError, StorageError
from vidstyle.media import demuxer
from vidstyle.media.encode.command import OutputPlan, encoding_command
from vidstyle.media.encode.ffmpeg import EncodingFailed, running
from vidstyle.media.encode.patch import patch_output
from vidstyle.media.encode.pipe import pipe_frames
from vidstyle.media.encode.streams import ATTACHED, OutputTrack, converted, keepers
from vidstyle.media.files import scratch_folder
from vidstyle.media.formats import READING
from vidstyle.media.output.verify import Mismatch, verify

# A trial writes pictures of so many pixels in all, beside a second of the other streams.
_PIXELS = 4_000_000
_FEWEST, _MOST = 2, 25
_ROOM = 32_000_000
"""Bytes that a trial may take."""
# Formats in which each packet of sound has a header.
_BROADCAST = ("mpegts", "hls")


@contextmanager
def extracted_covers(plan: OutputPlan) -> Iterator[dict[int, Path]]:
    """The pictures that are to be attached, as files for the time of the block, by their stream in the clip."""
    wanted = [track.stream for track in plan.tracks if track.encoder == ATTACHED]
    if not wanted:
        yield {}
        return
    with scratch_folder() as folder:
        covers = {}
        with demuxer.opened(plan.source.path) as container:
            for packet in container.demux([container.streams[stream.index] for stream in wanted]):
                if packet.size and packet.stream_index not in covers:
                    covers[packet.stream_index] = folder / str(packet.stream_index)
                    covers[packet.stream_index].write_bytes(bytes(packet))
        yield covers


def trial_encode(plan: OutputPlan, output: Path, audio: str) -> tuple[OutputPlan, tuple[str, ...]]:
    """Write a moment of an output into a scratch file, and change what can't be written, or say so.

    The output itself isn't touched. By the setting `audio`, sound that is to be copied is not converted. The plan comes
    back but for the streams that could not be copied, with a sentence for each of them.

    Raises
    ------
    OutputError
        The output can't be written: the message names what can.
    """
    key = _key(plan, output, audio)
    if key not in _TRIED:
        if len(_TRIED) > _REMEMBERED:
            _TRIED.clear()
        _TRIED[key] = _try(plan, output, audio)
    tracks, warnings = _TRIED[key]
    return replace(plan, tracks=tracks), warnings


_Outcome = tuple[tuple[OutputTrack, ...], tuple[str, ...]]
# A run tries its output twice, when it is planned and when it ends: the outcomes in this process are kept.
_TRIED: dict[tuple[object, ...], _Outcome] = {}
_REMEMBERED = 64


def _try(plan: OutputPlan, output: Path, audio: str) -> _Outcome:
    if not (_write_error(plan, output) or _copy_error(plan, plan.tracks)):
        return plan.tracks, ()
    bare = replace(plan, tracks=())
    if picture := _write_error(bare, output):
        raise OutputError(
            f"'{output}' can't be written with {plan.encoding.encoder}: {picture}. {_advice(bare, output)}"
        )
    kept: list[OutputTrack] = []
    warnings = []
    for track in plan.tracks:
        trouble = _write_error(replace(plan, tracks=(track,)), output) or _copy_error(plan, (track,))
        if not trouble:
            kept.append(track)
            continue
        other = converted(track, output.suffix.lower())
        if track.stream.kind == "audio" and audio == "copy":
            raise OutputError(
                f"--audio copy: {output.suffix} won't take the {track} stream as it is ({trouble}). "
                "Take --audio convert, or .mkv."
            )
        if other.encoder and other != track and not _write_error(replace(plan, tracks=(other,)), output):
            kept.append(other)
            warnings.append(
                f"{output.suffix} won't take the {track} stream as it is: it is converted ({other.encoder})."
            )
        elif track.stream.kind == "audio":
            raise OutputError(
                f"the {track} stream can't be written into '{output}': {trouble}. "
                "Take .mkv, another sound with --audio FILE, or --audio none."
            )
        else:
            kept_by = keepers(track.stream.kind, output.suffix.lower())
            warnings.append(f"{output.suffix} won't take the {track} stream: it is left out{kept_by}.")
    if trouble := _write_error(replace(plan, tracks=tuple(kept)), output):
        raise OutputError(f"'{output}' can't be written with all its streams: {trouble}. Take .mkv, or --audio none.")
    return tuple(kept), tuple(warnings)


def _advice(bare: OutputPlan, output: Path) -> str:
    """What would work instead of a picture that can't be written, as far as trying tells."""
    for suffix in (".mkv", ".mov", ".mp4"):
        if suffix != output.suffix.lower() and not _write_error(bare, output.with_suffix(suffix)):
            return f"{suffix} can be: end the name in it, or take another --codec."
    return "Take another --codec, or another ffmpeg (--ffmpeg)."


def _write_error(plan: OutputPlan, output: Path) -> str:
    """Why a moment of it can't be written; empty if it can, or if scratch files can't be written to try it.

    Raises
    ------
    StorageError
        The folder of scratch files is nearly full, so that nothing can be told.
    """
    try:
        with scratch_folder() as folder, extracted_covers(plan) as covers:
            _write_moment(plan, folder / f"trial{output.suffix.lower()}", covers)
    except (EncodingFailed, Mismatch) as error:
        place = tempfile.gettempdir()
        if shutil.disk_usage(place).free < _ROOM:
            raise StorageError(
                f"'{place}' is nearly full, where a moment of '{output}' is tried: free some space there, or name "
                "another folder with the variable TMPDIR."
            ) from error
        return error.reason if isinstance(error, EncodingFailed) else error.what
    except (StorageError, OSError):
        return ""
    return ""


def _write_moment(plan: OutputPlan, part: Path, covers: dict[int, Path]) -> None:
    """Write a file of a few frames, and look whether it is right.

    Raises
    ------
    StorageError, OSError
        The file can't be written; where it isn't for want of room, :class:`EncodingFailed` or :class:`Mismatch`.
    """
    size, times = plan.size, plan.times
    sample = replace(plan, times=times.beginning(max(min(_PIXELS // (size[0] * size[1]), _MOST), _FEWEST)))
    second = max(sample.times.end, times.pts[0] + times.ticks) * times.time_base
    shape = (size[1], size[0], 4 if plan.encoding.alpha else 3)
    # The pictures are not plain, and no two are alike: some encoders leave out what they need not store.
    ramp = np.linspace(0.1, 0.9, shape[1] * shape[2], dtype=np.float32).reshape(shape[1:])
    images = (np.broadcast_to(ramp, shape) * (1 - number / 50) for number in range(len(sample.times.pts)))
    with running(encoding_command(sample, part, covers, second), part) as pipe:
        for _ in pipe_frames(pipe, images, sample.encoding, sample.times, size):
            pass
    patch_output(part, sample)
    verify(part, part, sample.times, size, None)


def _copy_error(plan: OutputPlan, tracks: Sequence[OutputTrack]) -> str:
    """Why sound that is to be copied can't be, from its first packet to its last; empty if it can.

    In a broadcast each packet says anew what it is, and a single one that doesn't would end the copy.
    """
    source = plan.source
    copied = [track for track in tracks if (track.file, track.encoder, track.stream.kind) == (None, "copy", "audio")]
    if source.container not in _BROADCAST or not copied:
        return ""
    maps = [word for track in copied for word in ("-map", f"0:{track.stream.index}")]
    quiet = ["-nostdin", "-hide_banner", "-nostats", "-loglevel", "warning", "-y"]
    only = [word for name, value in READING.items() for word in (f"-{name}", value)]
    read = [*only, "-i", f"file:{source.path}", *maps, "-c", "copy", "-f", "matroska", os.devnull]
    try:
        with running([plan.program, *quiet, *read], source.path):
            return ""
    except EncodingFailed as error:
        return error.reason


def _key(plan: OutputPlan, output: Path, audio: str) -> tuple[object, ...]:
    """What an answer depends on."""
    covers = {track.stream.index: Path() for track in plan.tracks}
    command = encoding_command(plan, Path(f"trial{output.suffix.lower()}"), covers)
    files = {plan.source.path, *(track.file for track in plan.tracks if track.file)}
    stamps = [(path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(files) if path.is_file()]
    program = shutil.which(plan.program) or plan.program
    return (
        *command,
        plan.size,
        *plan.times.pts[:_MOST],
        *stamps,
        Path(program).stat().st_mtime_ns,
        str(plan.tracks),
        audio,
    )
