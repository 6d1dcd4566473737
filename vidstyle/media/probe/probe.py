"""What is in a clip, looked up: a video file, a folder of numbered pictures, or one picture."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

from vidstyle.errors import InputError
from vidstyle.media import demuxer
from vidstyle.media.color.detect import asked_display, display_of, display_warnings
from vidstyle.media.color.display import DisplayTransform
from vidstyle.media.color.tags import Color
from vidstyle.media.frame_rate import asked_rate, infer_frame_rate
from vidstyle.media.images import plates, sequence
from vidstyle.media.images.animated_webp import is_animated_webp
from vidstyle.media.images.pictures import IMAGE_SUFFIXES, describe_image, is_transparent_animation
from vidstyle.media.images.plate_header import Window
from vidstyle.media.probe.damage import accept_losses, losses_of_file, losses_of_pictures
from vidstyle.media.probe.frame_index import glance_frames, index_frames
from vidstyle.media.probe.frame_tags import chroma_of, color_of, mastering_of, orientation, viewing_of
from vidstyle.media.probe.interlacing import with_fields
from vidstyle.media.probe.warnings import clip_warnings, picture_warnings, plate_warnings
from vidstyle.media.reader import frame_shape, read_frames
from vidstyle.media.refusals import require_regular, require_size
from vidstyle.media.source import ClipKind, Kind, Source, Stream, Viewing
from vidstyle.media.truncation import lacks_index, missing_bytes
from vidstyle.settings import MediaSettings

SEQUENCE_RATE = Fraction(25)
"""Frames a second of numbered pictures that carry no rate of their own."""

FRAME_MARK = "frame "
"""What a hash of one frame begins with, so that it is never taken for a whole clip's."""

# FFmpeg's time of creation for a file that states none.
_NEVER = "1970-01-01T00:00:00.000000Z"
_KEPT_TAGS = ("language", "title")


def kind_of(path: Path) -> ClipKind:
    """What a clip is, from its name and its first bytes.

    Raises
    ------
    InputError
        The file is missing or empty, or nothing that can be opened.
    """
    try:
        if sequence.names_many_files(path):
            return "sequence"
        status = path.stat()
        require_regular(path, status.st_mode)
        if status.st_size == 0:
            raise InputError(f"'{path}' is empty: copy or download it again.")
    except OSError as error:
        raise demuxer.input_error(path, error) from error
    try:
        if path.suffix.lower() in (*IMAGE_SUFFIXES, ".gif") and not _is_animated(path):
            return "still"
        with demuxer.opened(path) as container:  # a picture by another name is read by a format of its own
            is_picture = (
                container.format.name.endswith("_pipe") and len(tuple(islice(demuxer.packets(container), 2))) == 1
            )
            return "still" if is_picture else "video"
    except InputError as error:
        raise _cut_short(path) or error from error
    except (av.FFmpegError, OSError) as error:
        raise _unopened(path, error) from error


def _is_animated(path: Path) -> bool:
    try:
        return describe_image(path).animated
    except InputError:
        if is_animated_webp(path):  # a damaged one is read all the same
            return True
        raise


def probe(path: Path, asked: MediaSettings | None = None, *, glance: bool = False) -> Source:
    """What is in a clip, without decoding it (save where only decoding tells how many frames there are).

    Parameters
    ----------
    path
        A video file, a picture, a folder of numbered ones, a pattern or a glob.
    asked
        What is asked for in place of what the clip says (the rate of numbered pictures, what the values mean), whether
        a clip of which more than a few frames are gone is refused, and the largest frame.
    glance
        Whether a video's own index is enough where it has one: nothing is then known of damage.

    Raises
    ------
    InputError
        The clip is missing, empty, a folder without pictures, no video, too large, or damaged.
    UsageError, DependencyError
        The colour space that is asked for is not known, or OpenColorIO is missing.
    """
    kind, asked = kind_of(path), asked or MediaSettings()
    try:
        if kind != "video":
            found = sequence.find_pictures(path) if kind == "sequence" else sequence.Found((path,), ())
            source = _probe_pictures(path, kind, found, asked)
            require_size(path, source.width, source.height, asked.max_megapixels)
            return source
        log_lines: list[demuxer.Line] = []
        with demuxer.opened(path, log_lines) as container:
            return _probe_video(path, container, log_lines, asked, glance)
    except (av.FFmpegError, OSError) as error:
        raise demuxer.input_error(path, error) from error


def fingerprint(path: Path) -> str:
    """A hash of the clip's content (32 hex digits); for numbered pictures, of all of them and their order.

    Raises
    ------
    InputError
        The clip can't be read.
    """
    files = sequence.list_pictures(path) if sequence.names_many_files(path) else (path,)
    total = hashlib.blake2b(digest_size=16)
    try:
        for file in files:
            with file.open("rb") as content:
                total.update(hashlib.file_digest(content, "blake2b").digest())
    except OSError as error:
        raise demuxer.input_error(path, error) from error
    return total.hexdigest()


def fingerprint_of(path: Path, source: Source, frames: range) -> str:
    """The hash of the content of a clip of which some frames are painted; where it is one, of that frame alone.

    Raises
    ------
    InputError
        The clip can't be read.
    """
    if len(frames) > 1:
        return fingerprint(path)
    image = next(read_frames(source, frames.start, frames.stop)).image
    return FRAME_MARK + hashlib.blake2b(np.ascontiguousarray(image).tobytes(), digest_size=16).hexdigest()


def _probe_pictures(path: Path, kind: ClipKind, found: sequence.Found, asked: MediaSettings) -> Source:
    files, broken = found
    picture = describe_image(files[0])
    plate = plates.describe_plate(files[0]) if plates.holds_light(files[0]) else None
    window = _window(files, asked) if plate else None
    stored = DisplayTransform(plate.transfer, plate.primaries, floating=plate.floating) if plate else DisplayTransform()
    display, stated, wanted = asked_display(stored, asked), plate.rate if plate else None, asked_rate(asked.fps)
    rate = wanted or stated or SEQUENCE_RATE
    numbers = sequence.numbers_of(files) if kind == "sequence" else ()
    everything = sequence.list_pictures(path) if kind == "sequence" else files
    if broken and not numbers:  # nobody could tell which are left out
        raise broken[0]
    gaps = sequence.missing_ranges(sequence.numbers_of(everything)) if numbers else ()
    return Source(
        path=path,
        kind=kind,
        files=files,
        display=display,
        numbers=numbers,
        window=window,
        width=window[2] if window else picture.width,
        height=window[3] if window else picture.height,
        rotation=0,
        time_base=1 / rate,
        pts=tuple(range(len(files))),
        frame_rate=rate,
        variable_rate=False,
        duration=len(files) / rate,
        sample_aspect_ratio=plate.shape if plate else Fraction(1),
        timecode=plate.timecode if plate else None,
        bit_depth=picture.bit_depth,
        has_alpha=picture.has_alpha,
        viewing=Viewing(projection="equirectangular" if picture.spherical else ""),
        interlaced="",
        color=Color(),
        chroma="rgb",
        metadata=(("comment", picture.comment),) if kind == "still" and picture.comment else (),
        streams=(),
        chapters=0,
        warnings=accept_losses(path, losses_of_pictures(gaps, broken), asked.on_damage, few=0)
        + picture_warnings(
            kind=kind,
            rate=rate,
            stated=stated,
            asked=wanted,
            strays=sequence.strays(path, everything) if kind == "sequence" else (),
            animated=picture.animated,
        )
        + (plate_warnings(plate, window) if plate and window else ())
        + display_warnings(display),
    )


def _window(files: tuple[Path, ...], asked: MediaSettings) -> Window:
    """What is painted of EXR or DPX files, each of them no larger than is allowed."""
    found = [plates.describe_plate(file) for file in files]
    for file, plate in zip(files, found, strict=True):
        require_size(file, *plate.data_window[2:], asked.max_megapixels)
    return plates.painted_window(found)


def _unopened(path: Path, error: Exception) -> InputError:
    """The sentence for a file that could not be opened."""
    return _cut_short(path) or demuxer.input_error(path, error)


def _cut_short(path: Path) -> InputError | None:
    """The sentence for a file of which nothing can be read, if that is because it ends too early."""
    with suppress(OSError):
        if lacks_index(path):
            return InputError(
                f"'{path}' is cut short: its index (moov), written last, is not there, so no frame can be found. "
                "Copy, download or record it again."
            )
        if missing_bytes(path).amount:
            return InputError(
                f"'{path}' is cut short, and what is there can't be read: copy, download or record it again."
            )
    return None


def _probe_video(
    path: Path, container: InputContainer, log_lines: list[demuxer.Line], asked: MediaSettings, glance: bool
) -> Source:
    stream = demuxer.picture_stream(container)
    if stream is None:
        others = "sound but no picture" if container.streams.audio else "no video"
        raise InputError(f"'{path}' holds {others}: name a file with a video stream.")
    if stream.codec_context is None:
        raise InputError(f"'{path}' holds video of a kind that is not known here: convert it, to H.264 for instance.")
    sizes = [(stream.codec_context.width, stream.codec_context.height), *demuxer.sizes_refused(log_lines)]
    for width, height in sizes:
        require_size(path, width, height, asked.max_megapixels)
    beside = [other for other in container.streams if other.index != stream.index]
    known = glance_frames(path, stream) if glance else None
    frames = known or index_frames(path, container, stream, log_lines)
    first = frames.samples[0]
    rates = [demuxer.fraction(rate) for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate)]
    timing = infer_frame_rate(frames.pts, frames.time_base, frames.last_duration, rates)
    losses = () if known else losses_of_file(path, container, stream, frames, timing)
    warnings = accept_losses(path, losses, asked.on_damage)
    rotation, mirrored = orientation(first)
    sar = demuxer.fraction(stream.sample_aspect_ratio) or Fraction(1)
    upright = rotation in (0, 180)
    streams = tuple(describe_stream(other) for other in beside)
    if not (frames.complaints or any(loss.frames != 0 for loss in losses)):
        streams = tuple(_with_span(other, frames.begins, frames.ends) for other in streams)
    color = color_of(first, stream.codec_context)
    display = asked_display(display_of(color), asked)
    bit_depth = max(component.bits for component in first.format.components)
    has_alpha = any(component.is_alpha for component in first.format.components)
    if container.format.name == "gif":  # its decoder gives opacity to all
        has_alpha = is_transparent_animation(path)
    source = Source(
        path=path,
        kind="video",
        width=first.width if upright else first.height,
        height=first.height if upright else first.width,
        rotation=rotation,
        mirrored=mirrored,
        time_base=frames.time_base,
        pts=frames.pts,
        frame_rate=timing.frame_rate,
        variable_rate=timing.variable,
        duration=timing.duration,
        sample_aspect_ratio=sar if upright else 1 / sar,
        frame_shape=frame_shape(first),
        bit_depth=bit_depth,
        has_alpha=has_alpha,
        interlaced="",
        color=color,
        display=display,
        tags=_picture_tags(container, stream),
        viewing=viewing_of(first),
        stream=stream.index,
        seekable=frames.seekable,
        container=container.format.name,
        origin=Fraction(container.start_time or 0, av.time_base),
        codec=demuxer.codec_name(stream),
        chroma=chroma_of(first),
        metadata=tuple(file_tags(container).items()),
        timecode=_timecode(demuxer.tags_of(stream)) or _timecode(demuxer.tags_of(container)),
        mastering=mastering_of(first),
        streams=streams,
        chapters=len(container.chapters()),
        damaged=any(loss.frames != 0 for loss in losses),
        warnings=warnings
        + clip_warnings(
            rotation=rotation,
            mirrored=mirrored,
            timing=timing,
            sample_aspect_ratio=sar if upright else 1 / sar,
            other_videos=sum(other.kind == "video" for other in streams),
            repaired=frames.repaired,
        )
        + display_warnings(display),
    )
    return with_fields(source, any(frame.interlaced_frame for frame in frames.samples), asked.deinterlace)


def describe_stream(stream: av.stream.Stream) -> Stream:
    """What is known of a stream beside the picture."""
    # PyAV knows neither the layout nor the channels of a sound of an unknown kind.
    layout = getattr(getattr(stream, "layout", None), "name", "") if isinstance(stream, AudioStream) else ""
    return Stream(
        index=stream.index,
        kind=_kind(stream),
        codec=demuxer.codec_name(stream),
        language=None if stream.language in (None, "und") else demuxer.utf8_text(stream.language),
        channels=getattr(stream, "channels", 0) if isinstance(stream, AudioStream) else 0,
        layout=layout if " " not in layout else "",
        timecode="timecode" in stream.metadata,
    )


def _with_span(stream: Stream, begins: Mapping[int, Fraction], ends: Mapping[int, Fraction]) -> Stream:
    if stream.index not in ends:
        return stream
    return replace(stream, begin=float(begins[stream.index]), end=float(ends[stream.index]))


def _kind(stream: av.stream.Stream) -> Kind:
    if isinstance(stream, VideoStream):
        return "cover" if demuxer.is_cover(stream) else "video"
    kinds: dict[str, Kind] = {"audio": "audio", "subtitle": "subtitle", "attachment": "attachment"}
    return kinds.get(stream.type, "data")


def file_tags(container: InputContainer) -> dict[str, str]:
    """The file's tags; FFmpeg joins times of creation where there are several, and may say 1970 where there is none."""
    tags = demuxer.tags_of(container)
    created = [time for time in tags.pop("creation_time", "").split(";") if time not in ("", _NEVER)]
    return tags | {"creation_time": created[0]} if created else tags


def _picture_tags(container: InputContainer, stream: VideoStream) -> tuple[tuple[str, str], ...]:
    found = demuxer.tags_of(stream)
    tags = [(key, found[key]) for key in _KEPT_TAGS if found.get(key, "und") != "und"]
    # QuickTime keeps the reel's name with the timecode.
    reels = (demuxer.tags_of(other)["reel_name"] for other in container.streams if "reel_name" in other.metadata)
    return (*tags, *(("reel_name", reel) for reel in islice(reels, 1)))


def _timecode(tags: Mapping[str, str]) -> str | None:
    return next((text for key, text in tags.items() if key.lower() == "timecode"), None)
