"""From a command to a job: everything is checked and decided here, before anything is painted."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from vidstyle import machine
from vidstyle.errors import StorageError, UsageError
from vidstyle.generators import finish
from vidstyle.jobs import job as jobs
from vidstyle.jobs import output_marker, source_cache
from vidstyle.jobs.cleanup import earlier_job, size_of
from vidstyle.jobs.inputs import files_besides, require_apart
from vidstyle.jobs.job import Job, Shot
from vidstyle.jobs.pieces import pieces
from vidstyle.jobs.write_job import PlannedJob, write_job
from vidstyle.media.encode.streams import AUDIO_WORDS
from vidstyle.media.images.plates import require_other_parts
from vidstyle.media.images.stills import read_image
from vidstyle.media.output.destination import check_output
from vidstyle.media.output.request import output_request
from vidstyle.media.probe.damage import accept_losses
from vidstyle.media.probe.inspection import Inspection
from vidstyle.media.probe.probe import fingerprint, probe
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Source, scaled_size
from vidstyle.motion.cuts import LONG_SIDE, find_cuts, read_cuts
from vidstyle.paths import exists
from vidstyle.settings import MotionSettings, Settings, StyleImage, parse_frames, parse_limit
from vidstyle.style.network.layers import canonical_all

SMALLEST_STYLE = 16
"""A style picture's least side, in pixels: one pixel in the network's fifth block."""


def plan(
    clip: Path,
    styles: Sequence[StyleImage],
    output: Path,
    settings: Settings | None = None,
    *,
    work_dir: Path | None = None,
    overwrite: bool = False,
    restart: bool = False,
) -> Job:
    """Make a job folder, or find the one that an earlier run of the same command left.

    Parameters, errors
        As :func:`plan_job`; also those of :func:`write_job`, whose waiting it goes through without a word.
    """
    planned = plan_job(clip, styles, output, settings, work_dir=work_dir, overwrite=overwrite, restart=restart)
    return finish(write_job(planned))


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

    Parameters
    ----------
    clip
        A video file, a folder of numbered pictures, a pattern such as ``frames/%04d.png`` or ``a.####.exr``, or a glob.
    styles
        The style pictures; they are copied into the job folder.
    output
        The video that will come out.
    settings
        Everything else.
    work_dir
        The job folder; by default ``OUTPUT.vidstyle`` beside the output.
    overwrite
        Whether an output that is there may be replaced.
    restart
        Delete what an earlier run left, and start over.

    Raises
    ------
    InputError
        The clip or a style picture can't be used, or the job folder is another version's.
    UsageError
        Settings that can't be met, or that differ from those the job folder was begun with.
    OutputError, StorageError
        The output can't be created, the job folder is somebody else's; the disk is too small.
    """
    settings = located(settings or Settings())
    folder = job_folder(output, work_dir)
    source, content = source_cache.load(folder, clip, settings.media) or (probe(clip, settings.media), "")
    if source.kind == "still":
        raise UsageError(f"'{clip}' is a picture, not a clip: stylize_image paints pictures.")
    asked_threads = settings.run.threads
    settings = _resolved(settings)
    frames = selected_frames(source, settings)
    size = scaled_size(source, settings.media.size)
    pictures = [(_picture_digest(style.path, settings), style.weight) for style in styles]
    if not pictures:
        raise UsageError("there is no style: name at least one picture.")
    named = f"{source.number(frames.start)}-{source.number(frames.stop - 1)}"
    identity = jobs.identity(content or fingerprint(clip), pictures, size, named, _cuts_words(settings), settings)
    # What is there is whole, or a part of what is about to be there.
    allowed = overwrite or output_marker.was_writing(folder, jobs.digest(identity), output)
    inputs = files_besides(styles, settings)
    request = output_request(output, frames, size, settings, overwrite=allowed, inputs=inputs)
    warnings = check_output(source, request)

    missing = tuple(place for place in (folder, *folder.parents) if not exists(place))
    earlier = earlier_job(folder, jobs.digest(identity))
    if earlier is not None and not restart:
        if changes := jobs.differences(earlier.identity, identity):
            raise UsageError(
                f"'{folder}' holds work that was begun with other settings:\n"
                + "".join(f"  {change}\n" for change in changes)
                + "Go on with the old ones, or start over with --restart."
            )
        run = dataclasses.replace(earlier.settings, run=settings.run).replace(
            fps=settings.media.fps,
            **{key: settings.get(key) for key in jobs.OUTPUT_SETTINGS},
            # Where none are asked for, those that the job was begun with: others round differently.
            threads=asked_threads or earlier.settings.run.threads,
        )
        job = dataclasses.replace(
            earlier,
            source_path=clip.resolve(),
            styles=tuple(styles),
            output=output.resolve(),
            overwrite=overwrite,
            settings=run,
        )
        require_apart(output, job)
        return PlannedJob(job, source, earlier, restart, missing)

    source, shots, damage = _inspected(source, frames, settings)
    job = Job(
        folder=folder,
        source_path=clip.resolve(),
        fingerprint=identity["clip"],
        styles=tuple(styles),
        output=output.resolve(),
        overwrite=overwrite,
        settings=settings,
        size=size,
        bit_depth=16 if source.bit_depth > 8 else 8,
        shots=shots,
        identity=identity,
        summary=_summary(source, frames, size),
        notes=(*source.warnings, *damage, *warnings, *_selection_notes(source, settings)),
        numbers=source.numbers[frames.start : frames.stop],
        folder_made=earlier.folder_made if earlier else folder in missing or work_dir is None,
    )
    require_apart(output, job)
    _check_space(job, earlier)
    return PlannedJob(job, source, earlier, restart, missing)


def job_folder(output: Path, work_dir: Path | None = None) -> Path:
    """Where a job is kept: in `work_dir`, by default in ``OUTPUT.vidstyle`` beside the output."""
    return (work_dir or output.with_name(f"{output.name}.vidstyle")).resolve()


def selected_frames(source: Source, settings: Settings) -> range:
    """The indices of the frames that ``frames`` and ``limit`` leave of a clip.

    Raises
    ------
    UsageError
        None.
    """
    count = len(source.pts)
    start, stop = 0, count
    if settings.media.frames:
        first, last = parse_frames(settings.media.frames)
        numbers = source.numbers or range(1, count + 1)
        if first == 0 and not source.numbers:
            raise UsageError(f"--frames {settings.media.frames}: frames count from 1.")
        start = 0 if first is None else bisect_left(numbers, first)
        stop = count if last is None else bisect_right(numbers, last)
        if start >= stop:
            raise UsageError(
                f"--frames {settings.media.frames}: '{source.path}' has "
                + (
                    f"the frames {numbers[0]} to {numbers[-1]}."
                    if source.numbers
                    else f"only {count} frames, from 1 on."
                )
            )
    if settings.media.limit:
        limit = parse_limit(settings.media.limit)
        if isinstance(limit, int):
            stop = min(stop, start + limit)
        else:
            end = source.pts[start] + limit / source.time_base
            stop = min(stop, max(bisect_left(source.pts, end), start + 1))
    return range(start, stop)


def _resolved(settings: Settings) -> Settings:
    """The settings in one spelling, with files by their full paths."""
    weights = Path(settings.network.network_weights).expanduser()
    cuts = Path(settings.motion.cuts).expanduser()
    audio = settings.media.audio
    return with_canonical_layers(settings).replace(
        network_weights=str(weights.resolve())
        if exists(weights) and weights.is_file()
        else settings.network.network_weights,
        cuts=str(cuts.resolve()) if settings.motion.cuts not in ("auto", "none") else settings.motion.cuts,
        audio=audio if audio in AUDIO_WORDS else str(Path(audio).expanduser().resolve()),
        threads=settings.run.threads or machine.cores(),
    )


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


def _inspected(source: Source, frames: range, settings: Settings) -> tuple[Source, tuple[Shot, ...], tuple[str, ...]]:
    """The clip as it is to be read, its shots, and what of it is damaged: all from looking at every frame once."""
    small = scaled_size(source, min(LONG_SIDE, max(source.width, source.height)))
    inspection = Inspection(source)
    looked_at = inspection.watched(read_frames(source, frames.start, frames.stop, small))
    shots = _shots(source, frames, settings.motion, (frame.image for frame in looked_at))
    deque(looked_at, maxlen=0)  # where the cuts are known, nobody has looked yet
    for file in source.files[frames.start : frames.stop] if source.window else ():
        require_other_parts(file)
    losses = inspection.losses
    source = dataclasses.replace(source, damaged=source.damaged or bool(losses))
    return source, shots, accept_losses(source.path, losses, settings.media.on_damage)


def _shots(source: Source, frames: range, motion: MotionSettings, images: Iterable[np.ndarray]) -> tuple[Shot, ...]:
    starts = [frames.start, *find_cuts(images, motion.cuts, frames.start, frames.stop, source.numbers)]
    parts = [
        part
        for start, stop in zip(starts, [*starts[1:], frames.stop], strict=True)
        for part in pieces(start, stop, motion.max_shot_frames or stop - start)
    ]
    return tuple(
        Shot(number, start, stop, (source.pts[start], source.pts[stop - 1]))
        for number, (start, stop) in enumerate(parts, 1)
    )


def _picture_digest(path: Path, settings: Settings) -> str:
    read_image(path, SMALLEST_STYLE, settings.media.max_megapixels)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _check_space(job: Job, earlier: Job | None) -> None:
    """Compare what the job will need with what is free, or will be once an earlier job is deleted.

    Painted texture hardly compresses: a frame file takes some 60% of its pixels. A state is floats.
    """
    width, height = job.size
    frame = width * height * 3 * job.bit_depth // 8
    state = width * height * 3 * 4 * max(job.settings.objective.temporal_frames)
    needed = int(0.6 * frame * sum(len(shot.frames) for shot in job.shots)) + 2 * state
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
    scaled = f", painted at {size[0]}×{size[1]}" if size != (source.width, source.height) else ""
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


def _selection_notes(source: Source, settings: Settings) -> tuple[str, ...]:
    last = parse_frames(settings.media.frames)[1] if settings.media.frames else None
    end = source.number(len(source.pts) - 1)
    said = {
        f"--frames {settings.media.frames}: the clip ends with frame {end}.": last is not None and last > end,
        "--fps is for numbered pictures: a film keeps its own times.": settings.media.fps is not None
        and source.kind == "video",
        "--strength 0: nothing is painted, and the result has the clip's own frames.": settings.media.strength == 0,
    }
    return tuple(sentence for sentence, holds in said.items() if holds)
