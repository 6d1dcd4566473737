"""From finished frames to a finished clip."""

import dataclasses
from collections.abc import Container, Generator, Mapping
from types import MappingProxyType

from vidstyle.errors import InputError
from vidstyle.jobs.folder import output_marker
from vidstyle.jobs.folder.attempt import attempt, wait_for_lease
from vidstyle.jobs.folder.cleanup import remove
from vidstyle.jobs.folder.files import append_line
from vidstyle.jobs.folder.frames import done_at_a_glance, forget_frame, missing_frames
from vidstyle.jobs.folder.job import Job
from vidstyle.jobs.folder.redos import redos
from vidstyle.jobs.folder.retouched import without_retouched
from vidstyle.jobs.folder.source_cache import source_of
from vidstyle.jobs.inputs import files_besides, require_apart
from vidstyle.jobs.progress import Progress
from vidstyle.jobs.time_estimate import TimeEstimator
from vidstyle.media.images.pattern import files_of
from vidstyle.media.output.request import output_request
from vidstyle.media.output.writer import write_video
from vidstyle.ranges import format_numbers
from vidstyle.render.output_frames import visible_frames


class FramesMissing(InputError):
    """Frames that were never painted, or are damaged; they count as missing from here on."""


def assemble(
    job: Job, *, keep: bool = False, keep_retouched: bool = False, estimator: TimeEstimator | None = None
) -> Generator[Progress, None, None]:
    """Write a job's frames as a video with the clip's sound and everything else; verified, then renamed.

    It can be begun again at any time. Closing the generator leaves no output. Once the output is there the job folder
    is removed, unless it is to be kept. With `keep_retouched` frames are taken as somebody has changed them.

    Yields
    ------
    ``wait`` while another machine's lease is watched, ``assemble`` for each frame, at last ``done``.

    Raises
    ------
    FramesMissing
        Frames are missing, which the message names.
    StoppedAtCheckpoint
        Another process is assembling them.
    OutputError, StorageError, DependencyError
        The output can't be created, the disk is full, or ffmpeg is missing.
    """
    require_apart(job.output, job)
    what = f"assembling the frames of {job.source_path.name}"
    if not _has_written(job) and not _is_painted(job):
        # Before the lease: who comes too early has not failed.
        _require_none(job, (yield from take_stock(job, keep_retouched)))
    lease = yield from wait_for_lease(job.folder / "assembly", what)
    with attempt(lease, what):
        if not _has_written(job):
            _require_none(job, (yield from take_stock(job, keep_retouched)))
            again = output_marker.was_writing(job.folder, job.digest, job.output)
            with output_marker.writing(job):
                yield from _write(job, again, estimator=estimator)
            append_line(job.log, f"assembled: {job.output}")
        if keep:
            output_marker.mark_written(job)
    if not keep:
        remove(job)
    yield _done(job)


def _has_written(job: Job) -> bool:
    return output_marker.has_written(job.folder, job.digest, job.output, job.output_numbers)


def _is_painted(job: Job) -> bool:
    """Whether each frame has been painted, by the names of files alone; some may be damaged."""
    return all(done_at_a_glance(each, shot).issuperset(shot.frames) for each, _ in _parts(job) for shot in each.shots)


def _require_none(job: Job, missing: Mapping[str, list[int]]) -> None:
    if missing:
        names = ", ".join(f"{format_numbers(map(job.number, indices))} ({of})" for of, indices in missing.items())
        raise FramesMissing(
            f"'{job.folder}': frames are missing: {names}. Paint them first: run the command again that began the job, "
            "or submit it again. --partial joins what is there by now."
        )


def own_output(job: Job, *, overwrite: bool = False) -> Job:
    """The job, which may replace what is there if that is its own output, be it of other settings."""
    own = output_marker.is_own(job) or output_marker.was_writing(job.folder, job.digest, job.output)
    return dataclasses.replace(job, overwrite=overwrite or own)


def preview(job: Job) -> Generator[Progress, None, None]:
    """Write what is painted of a job so far, with the clip's sound; what is not shows the clip, dimmed.

    It only reads, so that those who paint the job are not disturbed.

    Yields
    ------
    ``assemble`` for each frame, ``resume`` with how many are painted, at last ``done``.

    Raises
    ------
    InputError
        Nothing is painted yet.
    OutputError, StorageError, DependencyError
        As :func:`assemble`.
    """
    require_apart(job.output, job)
    missing = {shot.number: missing_frames(job, shot, thorough=True) for shot in job.shots}
    painted = {job.in_clip(index) for shot in job.shots for index in {*shot.frames}.difference(missing[shot.number])}
    done, total = len(painted), len(job.frames)
    if not done:
        raise InputError(f"'{job.folder}': no frame is painted yet, so that there is nothing to show.")
    rest = "" if done == total else "; the others are the clip's own, dimmed"
    yield Progress("resume", f"{done} of {total} frames are painted{rest}")
    yield from _write(job, False, missing)
    yield _done(job)


def take_stock(job: Job, keep_retouched: bool = False) -> Generator[Progress, None, dict[str, list[int]]]:
    """Indices of missing and damaged frames by what they are of, from reading all; from now on both are missing.

    Yields, raises
        As :func:`vidstyle.jobs.folder.retouched.without_retouched`.
    """
    found: dict[str, list[int]] = {}
    for each, anew in _parts(job):
        missing = {shot.number: missing_frames(each, shot, thorough=True) for shot in each.shots}
        missing = yield from without_retouched(each, missing, keep=keep_retouched)
        for shot in each.shots:
            for index in missing[shot.number]:
                found.setdefault(f"shot {shot.number}{anew}", []).append(index)
                forget_frame(each, shot, index)
    return found


def _parts(job: Job) -> list[tuple[Job, str]]:
    """The job and those within it that paint some frames anew, with the words for it."""
    return [(job, ""), *((redo, ", painted anew") for redo in redos(job))]


def _done(job: Job) -> Progress:
    total, files = len(job.frames), files_of(job.output, job.output_numbers)
    size = sum(file.stat().st_size for file in files)
    return Progress("done", shots=len(job.shots), frames_done=total, frames_total=total, output=job.output, bytes=size)


def _write(
    job: Job,
    again: bool,
    missing: Mapping[int, Container[int]] = MappingProxyType({}),
    estimator: TimeEstimator | None = None,
) -> Generator[Progress, None, None]:
    estimator = estimator or TimeEstimator(job.settings, job.size, assembling=len(job.frames))
    source = source_of(job)
    inputs = files_besides(job.styles, job.settings)
    request = output_request(job.output, job.frames, job.size, job.settings, overwrite=job.overwrite, inputs=inputs)
    for count in write_video(source, visible_frames(job, source, missing), request, resumed=again):
        estimator.assembled()
        yield Progress(
            "assemble",
            shots=len(job.shots),
            frames_done=count,
            frames_total=len(job.frames),
            seconds_left=estimator.seconds_left(),
        )
