"""From finished frames to a finished clip."""

from collections.abc import Generator

from vidstyle.errors import InputError
from vidstyle.jobs.folder import output_marker
from vidstyle.jobs.folder.attempt import attempt, wait_for_lease
from vidstyle.jobs.folder.cleanup import remove
from vidstyle.jobs.folder.files import append_line
from vidstyle.jobs.folder.frames import forget_frame, missing_frames
from vidstyle.jobs.folder.job import Job
from vidstyle.jobs.folder.source_cache import source_of
from vidstyle.jobs.inputs import files_besides, require_apart
from vidstyle.jobs.progress import Progress
from vidstyle.media.images.pattern import files_of
from vidstyle.media.output.request import output_request
from vidstyle.media.output.writer import write_video
from vidstyle.ranges import format_numbers
from vidstyle.render.direction.mix import visible_frames


class FramesMissing(InputError):
    """Frames that were never painted, or are damaged; they count as missing from here on."""


def assemble(job: Job, *, keep: bool = False) -> Generator[Progress, None, None]:
    """Write a job's frames as a video with the clip's sound and everything else; verified, then renamed.

    It can be begun again at any time. Closing the generator leaves no output. Once the output is there the job folder
    is removed, unless it is to be kept.

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
    what = "assembling the frames"
    lease = yield from wait_for_lease(job.folder / "assembly", what)
    with attempt(lease, what):
        if not output_marker.has_written(job.folder, job.digest, job.output, job.output_numbers):
            if missing := take_stock(job):
                names = ", ".join(
                    f"{format_numbers(map(job.number, indices))} (shot {number})" for number, indices in missing.items()
                )
                raise FramesMissing(
                    f"'{job.folder}': frames are missing: {names}. Paint them first: "
                    "run the command again that began the job, or submit it again."
                )
            again = output_marker.was_writing(job.folder, job.digest, job.output)
            with output_marker.writing(job):
                yield from _write(job, again)
            append_line(job.log, f"assembled: {job.output}")
        if keep:
            output_marker.mark_written(job)
    if not keep:
        remove(job)
    total = len(job.frames)
    yield Progress(
        "done",
        shots=len(job.shots),
        frames_done=total,
        frames_total=total,
        output=job.output,
        bytes=sum(file.stat().st_size for file in files_of(job.output, job.output_numbers)),
    )


def take_stock(job: Job) -> dict[int, list[int]]:
    """Indices of missing and damaged frames by shot number, from reading all of them; from now on both are missing."""
    missing = {shot.number: missing_frames(job, shot, thorough=True) for shot in job.shots}
    for shot in job.shots:
        for index in missing[shot.number]:
            forget_frame(job, shot, index)
    return {number: indices for number, indices in missing.items() if indices}


def _write(job: Job, again: bool) -> Generator[Progress, None, None]:
    source = source_of(job)
    inputs = files_besides(job.styles, job.settings)
    request = output_request(job.output, job.frames, job.size, job.settings, overwrite=job.overwrite, inputs=inputs)
    for count in write_video(source, visible_frames(job, source), request, resumed=again):
        yield Progress("assemble", shots=len(job.shots), frames_done=count, frames_total=len(job.frames))
