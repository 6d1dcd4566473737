"""Frames of a finished job that are to be painted anew: checked, decided and written down."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vidstyle.errors import InputError, UsageError
from vidstyle.jobs.folder import job as jobs
from vidstyle.jobs.folder import source_cache
from vidstyle.jobs.folder.attempt import require_idle
from vidstyle.jobs.folder.cleanup import remove
from vidstyle.jobs.folder.files import append_line, make_folder, publishing, read_bytes, status
from vidstyle.jobs.folder.frames import checksum, frame_path, missing_frames, most_bytes
from vidstyle.jobs.folder.job import GivenKey, Job, Shot
from vidstyle.jobs.folder.redos import is_finished, redo_folder, redos
from vidstyle.jobs.folder.retouched import changed_frames, retouched
from vidstyle.jobs.painted import PaintedFrame, check_paintings, given_keys, make_given, painted_frames, painting_words
from vidstyle.jobs.plan import PlannedJob, at_frames, check_styles, resolved, style_words
from vidstyle.jobs.progress import Progress
from vidstyle.jobs.shots import cut_at, selected_frames, whole_shots
from vidstyle.jobs.write_job import write_job
from vidstyle.media.source import Source
from vidstyle.ranges import format_numbers
from vidstyle.settings import DELIVERY, WHOLE_JOB, Settings, StyleImage


@dataclass(frozen=True)
class PlannedRedo:
    """A range that is to be painted anew: a job within the job.

    Attributes
    ----------
    redo
        That job, with new style pictures where they lie now.
    source
        What is in the clip.
    begun
        Whether it is there already, and to be gone on with.
    painted
        Frames of the range that somebody has painted.
    """

    redo: Job
    source: Source
    begun: bool
    painted: tuple[PaintedFrame, ...] = ()


def plan_redo(
    job: Job,
    frames: str,
    settings: Mapping[str, Any] | None = None,
    styles: Sequence[StyleImage] = (),
    *,
    keep_retouched: bool = False,
) -> PlannedRedo:
    """Decide what is to be painted anew, and make sure that it can be; nothing is written.

    Parameters
    ----------
    job
        A job whose frames are there.
    frames
        Which of them, as :class:`vidstyle.settings.MediaSettings` has them.
    settings
        Those that are other than the job's.
    styles
        Other ones than the job's; none: the same.
    keep_retouched
        Whether frames of the range that somebody has changed by hand stay so, as painted frames to the others.

    Raises
    ------
    UsageError, InputError
        The frames are not the job's, or not all painted; a setting can't change within a job, or makes no sense.
    """
    changes = dict(settings or {})
    _check_changes(changes)
    source = source_cache.source_of(job)
    span = selected_frames(source, Settings().replace(frames=frames).media)
    if not set(span) <= set(job.frames):
        first, last = job.number(job.frames.start), job.number(job.frames.stop - 1)
        raise UsageError(f"--frames {frames}: the job's frames are {first} to {last}.")
    if job.unpainted:
        raise InputError(f"'{job.folder}' was planned with --strength 0, so that nothing of it is painted.")
    asked = resolved(Settings().replace(**changes), source)
    chosen = job.settings.replace(**{key: asked.get(key) for key in changes})
    named = f"{job.number(span.start)}-{job.number(span.stop - 1)}"
    placed = tuple(at_frames(style, source) for style in styles)
    if placed:
        check_styles(placed, source, span)
    painted = painted_frames(chosen.media.painted, source, span)
    check_paintings(painted, source, chosen.media.max_megapixels)
    chosen = chosen.replace(painted=())
    words, cuts = style_words(placed, job.size, chosen), str(job.identity["cuts"])
    touched = _touched(job, span) if keep_retouched else {}
    given_words = [*painting_words(painted, source), *(f"{job.number(at)}={crc}" for at, crc in touched.items())]
    identity = jobs.identity(job.fingerprint, words, job.size, named, cuts, chosen, given_words)
    identity |= {jobs.REDO: job.digest} | ({} if placed else {"style": job.identity["style"]})
    earlier = redos(job)
    for place, redo in enumerate(earlier, 1):
        if not is_finished(redo) or (place == len(earlier) and redo.identity == identity):
            if redo.identity != identity:
                raise UsageError(
                    f"frames {redo.identity['frames']} are being painted anew, with other settings, in "
                    f"'{redo.folder}': finish that first (vidstyle task '{job.folder}' --shot 1-{len(job.shots)}), or "
                    "delete that folder."
                )
            return PlannedRedo(dataclasses.replace(redo, styles=placed or job.styles), source, True, painted)
    _check_painted(job, span)
    new = {each.index for each in painted}
    old = {key.index: key for key in (*map(GivenKey, touched), *job.given)}
    kept = [key for index, key in old.items() if index in span and index not in new]
    given = tuple(sorted((*given_keys(painted), *kept), key=lambda key: key.index))
    if not (placed or job.styles or any(key.is_style for key in given)):
        raise UsageError("the job has no style but its painted frames, and none of these is in the range: name one.")
    number = int(earlier[-1].folder.name) + 1 if earlier else 1
    redo = dataclasses.replace(
        job,
        folder=redo_folder(job, number),
        styles=placed or job.styles,
        settings=chosen,
        shots=_parts(job, span, source, [key.index for key in given]),
        given=given,
        identity=identity,
        summary=f"frames {named} of {job.source_path.name}, painted anew",
        notes=(),
        folder_made=True,
        numbers=job.numbers[span.start - job.frames.start : span.stop - job.frames.start],
        closing=0,
    )
    return PlannedRedo(redo, source, False, painted)


def write_redo(job: Job, planned: PlannedRedo) -> Generator[Progress, None, Job]:
    """Write down what is to be painted anew, as far as it is not.

    Yields, raises
        As :func:`vidstyle.jobs.write_job.write_job`.
    """
    redo, source = planned.redo, planned.source
    if redo.styles == job.styles:
        if not planned.begun:
            make_folder(redo.folder)
            jobs.save(redo)
            source_cache.save(redo, source)
        make_given(redo, planned.painted, source)
    else:
        earlier = redo if planned.begun else None
        redo = yield from write_job(PlannedJob(redo, source, earlier, False, (redo.folder,), planned.painted))
    _copy_given(job, redo)
    if not planned.begun:
        append_line(job.log, f"to be painted anew: frames {redo.identity['frames']}, in {redo.folder.name}")
    return redo


def _copy_given(job: Job, redo: Job) -> None:
    """Let a range have the given keyframes that the job has there, and the frames that somebody has changed by hand."""
    known = {key.index for key in job.given}
    for key in redo.given:
        if status(redo.given_path(key.index)) is None:
            make_folder(redo.given_path(key.index).parent)
            shot = next(shot for shot in job.shots if key.index in shot.frames)
            path = job.given_path(key.index) if key.index in known else frame_path(job, shot, key.index)
            with publishing(redo.given_path(key.index)) as file:
                file.write(read_bytes(path, most_bytes(job)))


def _touched(job: Job, span: range) -> dict[int, int]:
    """The frames of a range that somebody has changed by hand, with the checksums of their files."""
    found = {}
    for shot in job.shots:
        for index in changed_frames(job, shot, span):
            found[index] = checksum(read_bytes(frame_path(job, shot, index), most_bytes(job)))["crc32"]
    return found


def take_back(job: Job) -> Generator[Progress, None, None]:
    """Delete the range that was painted anew last: what is under it is shown again.

    Yields
    ------
    ``wait`` while the heartbeat of a machine that may be at work on the job is watched.

    Raises
    ------
    UsageError
        Nothing was painted anew.
    StoppedAtCheckpoint
        A process is at work on the job.
    """
    found = redos(job)
    if not found:
        raise UsageError(f"'{job.folder}': nothing was painted anew, so that nothing can be taken back.")
    for holder in require_idle(job):
        yield Progress("wait", f"the job was begun by {holder}; waiting to see whether it is alive")
    remove(found[-1])
    append_line(job.log, f"taken back: frames {found[-1].identity['frames']}, in {found[-1].folder.name}")


def _check_changes(changes: Mapping[str, Any]) -> None:
    for key in changes:
        if key in WHOLE_JOB:
            raise UsageError(f"{key} holds for a whole job, and can't change in a part of it: plan another one.")
        if key in DELIVERY:
            raise UsageError(f"{key} is of the output alone, and costs no painting: vidstyle assemble takes it.")


def _check_painted(job: Job, span: range) -> None:
    """Make sure that the range and what is beside it are painted."""
    needed = range(span.start - 1, span.stop + 1)
    beside = [shot for shot in job.shots if shot.start < needed.stop and shot.stop > needed.start]
    absent = set()
    for shot in beside:
        missing = missing_frames(job, shot, thorough=False)
        absent.update({*missing}.intersection(needed).difference(retouched(job, shot, missing)))
    if absent:
        raise InputError(
            f"'{job.folder}': frames {format_numbers(map(job.number, sorted(absent)))} are not painted yet. "
            "Finish the job first: run the command again that began it, or submit it again."
        )


def _parts(job: Job, span: range, source: Source, given: Sequence[int]) -> tuple[Shot, ...]:
    """The parts of the job's shots that are in a range, cut at keyframes that are given."""
    parts: list[Shot] = []
    for whole in whole_shots(job):
        start, stop = max(span.start, whole.start), min(span.stop, whole.stop)
        if start < stop:
            light = whole.light and whole.light.part(start - whole.start, stop - whole.start)
            pts = source.pts[start], source.pts[stop - 1]
            parts.append(Shot(len(parts) + 1, start, stop, pts, light, whole.picture))
    return tuple(cut_at(given, source, parts, job.settings.motion.max_shot_frames, job.frames))
