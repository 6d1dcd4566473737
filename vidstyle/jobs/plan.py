"""From a command to a job: everything is checked and decided here, before anything is written or painted."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidstyle import machine
from vidstyle.errors import StorageError, UsageError
from vidstyle.jobs.folder import job as jobs
from vidstyle.jobs.folder import output_marker, source_cache
from vidstyle.jobs.folder.cleanup import earlier_job, size_of
from vidstyle.jobs.folder.job import Job, Shot
from vidstyle.jobs.inputs import files_besides, require_apart
from vidstyle.jobs.masks import bare_shots, check_mask, mask_words
from vidstyle.jobs.painted import (
    PaintedFrame,
    check_paintings,
    given_keys,
    painted_frames,
    painting_words,
    unlike_frames,
)
from vidstyle.jobs.returns import with_returns
from vidstyle.jobs.shots import inspect_shots, selected_frames
from vidstyle.media.encode.streams import AUDIO_WORDS
from vidstyle.media.images.stills import read_style
from vidstyle.media.output.destination import check_free, check_output
from vidstyle.media.output.request import output_request
from vidstyle.media.probe.probe import FRAME_MARK, fingerprint_of, probe
from vidstyle.media.source import Source, scaled_size
from vidstyle.motion.shots.cuts import read_cuts
from vidstyle.paths import exists
from vidstyle.ranges import format_numbers
from vidstyle.settings import (
    DELIVERY,
    Keys,
    MediaSettings,
    Settings,
    StyleImage,
    Wrap,
    parse_frames,
    parse_limit,
    value_at,
    values_of,
)
from vidstyle.style.network.layers import canonical_all

FPS_UNUSED = "--fps is for numbered pictures: a film keeps its own times."


@dataclass(frozen=True)
class PlannedJob:
    """What a command comes to, once everything is checked and before anything is written or deleted.

    Attributes
    ----------
    job
        The job, with the style pictures where they lie now.
    source
        What is in its clip.
    earlier
        The job that is in the folder; without `restart`, this very one, as it was begun.
    restart
        Whether that is to be deleted.
    missing
        The job folder and those above it, as far as they are not there yet.
    painted
        The painted frames, where they lie now.
    """

    job: Job
    source: Source
    earlier: Job | None
    restart: bool
    missing: tuple[Path, ...]
    painted: tuple[PaintedFrame, ...] = ()


def plan_job(
    clip: Path,
    styles: Sequence[StyleImage],
    output: Path,
    settings: Settings | None = None,
    *,
    work_dir: Path | None = None,
    overwrite: bool = False,
    restart: bool = False,
) -> PlannedJob:
    """Decide what is to be done, and make sure that it can be; nothing is written, and nothing deleted.

    Parameters are those of :func:`vidstyle.render.video.stylize_video`; the style pictures are copied into the job
    folder, `work_dir`.

    Raises
    ------
    InputError
        The clip or a style picture can't be used, or the job folder is another version's.
    UsageError
        Settings that can't be met, or that differ from those the job folder was begun with.
    OutputError, StorageError
        The output can't be created, the job folder is somebody else's; the disk is too small.
    """
    folder = job_folder(output, work_dir)
    if not (overwrite or exists(folder)):  # it may be the output that the job there was writing
        check_free(output, (clip, *(style.path for style in styles)))
    request = _resolve_request(clip, styles, output, settings or Settings(), folder, overwrite)
    missing = tuple(place for place in (folder, *folder.parents) if not exists(place))
    earlier = earlier_job(folder, jobs.digest(request.identity))
    if earlier is not None and not restart:
        job = _resumed_job(earlier, request)
        require_apart(output, job)
        return PlannedJob(job, request.source, earlier, restart, missing, request.painted)
    folder_made = earlier.folder_made if earlier else folder in missing or work_dir is None
    job, source = _new_job(folder, folder_made, request)
    require_apart(output, job)
    _check_space(job, earlier)
    return PlannedJob(job, source, earlier, restart, missing, request.painted)


@dataclass(frozen=True)
class _Request:
    """What a command asks for, once all of its inputs were looked at."""

    paths: dict[str, Any]  # the fields of a job that may change between two runs, but for its settings
    asked: Settings
    settings: Settings  # the same, resolved
    source: Source
    frames: range
    size: tuple[int, int]
    painted: tuple[PaintedFrame, ...]
    identity: dict[str, Any]
    warnings: tuple[str, ...]  # what the output can't hold


def _resolve_request(
    clip: Path, styles: Sequence[StyleImage], output: Path, asked: Settings, folder: Path, overwrite: bool
) -> _Request:
    """Look at all inputs, and make sure that the output can be written."""
    asked = located(asked)
    one = _names_one_frame(asked.media)
    source, content = source_cache.load(folder, clip, asked.media) or (probe(clip, asked.media, glance=one), "")
    if content.startswith(FRAME_MARK) and not one:  # an earlier job's, of one frame
        source, content = probe(clip, asked.media), ""
    settings = resolved(asked, source)
    frames = selected_frames(source, settings.media)
    size = scaled_size(source, settings.media.size)
    styles = [at_frames(style, source) for style in styles]
    painted = painted_frames(settings.media.painted, source, frames)
    check_styles(styles, source, frames, needed=not painted)
    check_paintings(painted, source, settings.media.max_megapixels)
    pictures = style_words(styles, size, settings)
    named = f"{source.number(frames.start)}-{source.number(frames.stop - 1)}"
    words, cuts = painting_words(painted, source), _cuts_words(settings)
    content = content or fingerprint_of(clip, source, frames)
    identity = jobs.identity(content, pictures, size, named, cuts, settings, words)
    # An output that this very job was writing is whole, or a part of what it will write.
    allowed = overwrite or output_marker.was_writing(folder, jobs.digest(identity), output)
    inputs = (*files_besides(styles, settings), *(each.path for each in painted))
    warnings = check_output(source, output_request(output, frames, size, settings, overwrite=allowed, inputs=inputs))
    paths: dict[str, Any] = {"source_path": clip.resolve(), "styles": tuple(styles), "output": output.resolve()}
    paths["overwrite"] = overwrite
    settings = settings.replace(painted=())  # from here on the job has them
    return _Request(paths, asked, settings, source, frames, size, painted, identity, warnings)


def _names_one_frame(media: MediaSettings) -> bool:
    """Whether a single frame is asked for, which is found without reading the clip through."""
    if media.frames and len(set(parse_frames(media.frames))) == 1:
        return True
    limit = parse_limit(media.limit) if media.limit else None
    return isinstance(limit, int) and limit == 1


def _resumed_job(earlier: Job, request: _Request) -> Job:
    """An earlier job with what may change between two runs.

    Raises
    ------
    UsageError
        Something else has changed.
    """
    if changes := jobs.differences(earlier.identity, request.identity):
        raise UsageError(
            f"'{earlier.folder}' holds work that was begun with other settings:",
            *(f"  {change}" for change in changes),
            "Go on with the old ones, or start over with --restart.",
        )
    settings = dataclasses.replace(earlier.settings, run=request.settings.run).replace(
        **{key: request.settings.get(key) for key in DELIVERY},
        # Where none are asked for, as many as the job was begun with: another number of threads rounds differently.
        threads=request.asked.run.threads or earlier.settings.run.threads,
    )
    return dataclasses.replace(earlier, settings=settings, **request.paths)


def _new_job(folder: Path, folder_made: bool, request: _Request) -> tuple[Job, Source]:
    """A job and its source, all of whose frames were decoded once."""
    frames, settings = request.frames, request.settings
    given = given_keys(request.painted)
    indices = [key.index for key in given]
    source, shots, damage = inspect_shots(request.source, frames, settings, indices)
    shots = with_returns(source, shots, settings, frames, indices)
    unlike = unlike_frames(request.painted, source, frames)
    bare = (sentence for style in request.paths["styles"] for sentence in bare_shots(style, source, shots, frames))
    job = Job(
        folder=folder,
        fingerprint=request.identity["clip"],
        settings=settings,
        size=request.size,
        bit_depth=16 if source.bit_depth > 8 else 8,
        shots=shots,
        closing=shots[-1].stop - frames.stop,
        identity=request.identity,
        summary=_summary(source, frames, request.size),
        notes=(
            *source.warnings,
            *damage,
            *request.warnings,
            *_selection_notes(source, settings),
            *bare,
            *unlike,
            *_return_notes(shots),
        ),
        given=given,
        numbers=source.numbers[frames.start : frames.stop],
        folder_made=folder_made,
        **request.paths,
    )
    return job, source


def job_folder(output: Path, work_dir: Path | None = None) -> Path:
    """Where a job is kept: in `work_dir`, by default in ``OUTPUT.vidstyle`` beside the output."""
    return (work_dir or output.with_name(f"{output.name}.vidstyle")).resolve()


def resolved(settings: Settings, source: Source) -> Settings:
    """The settings in one spelling, with files by their full paths, and keys at the source's frames."""
    weights = Path(settings.network.network_weights).expanduser()
    cuts = Path(settings.motion.cuts).expanduser()
    return with_canonical_layers(resolved_delivery(settings, source)).replace(
        network_weights=str(weights.resolve())
        if exists(weights) and weights.is_file()
        else settings.network.network_weights,
        cuts=str(cuts.resolve()) if settings.motion.cuts not in ("auto", "none") else settings.motion.cuts,
        threads=settings.run.threads or machine.cores(),
        wrap=resolved_wrap(settings, source),
    )


def resolved_wrap(settings: Settings, source: Source) -> Wrap:
    """Whether a clip's left and right edges are neighbours, "on" or "off"."""
    if settings.media.wrap == "auto":
        return "on" if source.viewing.goes_around else "off"
    return settings.media.wrap


def resolved_delivery(settings: Settings, source: Source) -> Settings:
    """The settings with keys at the source's frames, and another sound by its full path."""
    audio = settings.media.audio
    settings = settings.mapped_keys(lambda keys: keys.in_frames(source.seconds, source.numbers, source.index_of))
    return settings.replace(audio=audio if audio in AUDIO_WORDS else str(Path(audio).expanduser().resolve()))


def check_styles(styles: Sequence[StyleImage], source: Source, frames: range, *, needed: bool = True) -> None:
    """Make sure that their masks fit, and, where any are needed, that there are styles in each of the frames.

    Raises
    ------
    UsageError, InputError
        They don't.
    """
    if needed and not styles:
        raise UsageError("there is no style: name at least one picture.")
    for style in styles:
        if style.mask:
            check_mask(style.mask, source, frames)
    if needed and not any(style.mask for style in styles):
        for index in frames:
            if not any(value_at(style.weight, index) for style in styles):
                raise UsageError(
                    f"at frame {source.number(index)} no style has a share: to show the clip there, let strength be 0."
                )


def at_frames(style: StyleImage, source: Source) -> StyleImage:
    """A style whose keys, if it has any, stand at the source's frames."""
    if not isinstance(style.weight, Keys):
        return style
    try:
        return dataclasses.replace(
            style, weight=style.weight.in_frames(source.seconds, source.numbers, source.index_of)
        )
    except UsageError as error:
        raise UsageError(f"the share of '{style.path}': {error}") from error


def style_words(
    styles: Sequence[StyleImage], size: tuple[int, int], settings: Settings
) -> list[tuple[str, float | Keys, str]]:
    """What styles are known by in a job's identity: each picture's hash, its share, and what names its mask.

    Raises
    ------
    InputError
        A picture can't be read.
    """
    return [
        (_picture_digest(style.path, size, settings), style.weight, mask_words(style.mask) if style.mask else "")
        for style in styles
    ]


def with_canonical_layers(settings: Settings) -> Settings:
    """The settings with layers by the names that the network has for them.

    Raises
    ------
    UsageError
        The network has no such layer.
    """
    objective, network = settings.objective, settings.network.network
    return settings.replace(
        content_layers=canonical_all(objective.content_layers, network),
        style_layers=canonical_all(objective.style_layers, network),
    )


def located(settings: Settings) -> Settings:
    """The settings with OpenColorIO's configuration by its full path: a job is carried on elsewhere."""
    config = Path(settings.media.ocio).expanduser()
    return settings.replace(ocio=str(config.resolve())) if settings.media.ocio and exists(config) else settings


def _cuts_words(settings: Settings) -> str:
    cuts = settings.motion.cuts
    return cuts if cuts in ("auto", "none") else ", ".join(map(str, read_cuts(Path(cuts))))


def _picture_digest(path: Path, size: tuple[int, int], settings: Settings) -> str:
    read_style(path, size, settings.objective.style_scale, settings.media.max_megapixels)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _check_space(job: Job, earlier: Job | None) -> None:
    """Compare what the job will need with what is free, or will be once an earlier job is deleted.

    Painted texture hardly compresses: a frame file takes some 60% of its pixels. A state is floats.
    """
    width, height = job.canvas
    frame = width * height * 3 * job.bit_depth // 8
    state = width * height * 3 * 4 * max(job.settings.objective.temporal_frames)
    kept = width * height * 3 * 4 * len({shot.returns for shot in job.shots if shot.returns})
    needed = int(0.6 * frame * sum(len(shot.frames) for shot in job.shots)) + 2 * state + kept
    place = next(folder for folder in (job.folder, *job.folder.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    if needed > free and (earlier is None or needed > free + size_of(earlier)):
        raise StorageError(
            f"'{place}' has {_size(free)} free and the job takes about {_size(needed)}. "
            "Free some space, name a folder on another disk with --work-dir, or paint at a smaller --size."
        )


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _summary(source: Source, frames: range, size: tuple[int, int]) -> str:
    """What was found in the clip, in a line."""
    kinds = [stream.kind for stream in source.streams]
    count = f"{len(frames)} of {len(source.pts)} frames" if len(frames) < len(source.pts) else f"{len(frames)} frames"
    scaled = f", painted at {size[0]}×{size[1]}" if size != source.size else ""
    extras = [
        f"{kinds.count(kind)} × {word}" if kinds.count(kind) > 1 else word
        for kind, word in (("audio", "sound"), ("subtitle", "subtitles"))
        if kind in kinds
    ]
    if source.chapters:
        extras.append(f"{source.chapters} chapters")
    return (
        f"{source.path.name}: {count}, {source.width}×{source.height}{scaled}, "
        f"{float(source.frame_rate):.6g} frames a second, {float(source.duration):.2f} s"
        + "".join(f", {extra}" for extra in extras)
    )


def _return_notes(shots: Sequence[Shot]) -> tuple[str, ...]:
    returning = [shot.number for shot in shots if shot.returns]
    anew = "with its paint; --returns none paints each anew."
    match returning:
        case []:
            return ()
        case [number]:
            return (f"shot {number} shows what an earlier shot showed, and begins {anew}",)
        case _:
            return (f"shots {format_numbers(returning)} show what an earlier shot showed, and begin {anew}",)


def _selection_notes(source: Source, settings: Settings) -> tuple[str, ...]:
    last = parse_frames(settings.media.frames)[1] if settings.media.frames else None
    end = source.number(len(source.pts) - 1)
    said = {
        f"--frames {settings.media.frames}: the clip ends with frame {end}, at {float(source.seconds[-1]):.6g} s.": last
        is not None
        and source.is_beyond(last),
        FPS_UNUSED: settings.media.fps is not None and source.kind == "video",
        "it is 360°: the painting goes on across its left and right edges; --wrap off ends it there.": (
            source.viewing.goes_around and settings.media.wrap == "on"
        ),
        "--strength 0: nothing is painted, and the result has the clip's own frames.": not any(
            values_of(settings.media.strength)
        ),
    }
    return tuple(sentence for sentence, holds in said.items() if holds)
