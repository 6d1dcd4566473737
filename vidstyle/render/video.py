"""A whole clip in one process: plan, every shot, assemble."""

from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

from vidstyle.errors import UsageError, VidstyleError
from vidstyle.jobs.delivery import delivery_notes
from vidstyle.jobs.folder import output_marker
from vidstyle.jobs.folder.frames import done_at_a_glance, missing_frames
from vidstyle.jobs.folder.job import Job, load
from vidstyle.jobs.folder.lease import read_holder
from vidstyle.jobs.folder.redos import redos
from vidstyle.jobs.folder.retouched import without_retouched
from vidstyle.jobs.plan import PlannedJob, plan_job
from vidstyle.jobs.progress import Progress
from vidstyle.jobs.redo import PlannedRedo, plan_redo, write_redo
from vidstyle.jobs.time_estimate import TimeEstimator
from vidstyle.jobs.write_job import withdraw, write_job
from vidstyle.render.assemble import FramesMissing, assemble, own_output
from vidstyle.render.task import render_shots
from vidstyle.settings import Settings, StyleImage


# As many parameters as there are choices that are no settings: this is what users of the library call.
def stylize_video(  # noqa: PLR0913
    clip: Path | str,
    styles: Sequence[StyleImage | Path | str],
    output: Path | str,
    settings: Settings | None = None,
    *,
    work_dir: Path | str | None = None,
    keep: bool = False,
    keep_retouched: bool = False,
    restart: bool = False,
    overwrite: bool = False,
) -> Generator[Progress, None, None]:
    """Repaint a video in the style of one or more pictures.

    Nothing happens until the first value is asked for. Stopped at any point (by closing the generator, an
    exception, a kill or a power cut), the same call goes on where it was, to the same bytes.

    Parameters
    ----------
    clip
        A video file, a folder of numbered pictures, a pattern such as ``frames/%04d.png`` or ``a.####.exr``, or a glob.
    styles
        Pictures, each with its share or by path alone.
    output
        The video to write, in the container that its suffix names, or a pattern of pictures.
    settings
        Everything else.
    work_dir
        Folder for unfinished work; by default ``OUTPUT.vidstyle`` beside the output.
    keep
        Keep that folder, frames included, once the output is there.
    keep_retouched
        Keep frames that somebody has changed by hand in it; else they are in the way.
    restart
        Delete what an earlier run left, and start over.
    overwrite
        Whether an output that is there may be replaced.

    Yields
    ------
    Progress
        At first ``plan``, at last ``done``.

    Raises
    ------
    VidstyleError
        One of its kinds: see :mod:`vidstyle.errors`.

    Examples
    --------
    >>> for progress in stylize_video("clip.mp4", ["wave.jpg"], "clip.wave.mp4"):  # doctest: +SKIP
    ...     print(progress.kind, progress.frames_done, progress.seconds_left)
    """
    planned = plan_job(
        named(clip),
        style_images(styles),
        named(output),
        settings,
        work_dir=None if work_dir is None else named(work_dir),
        overwrite=overwrite,
        restart=restart,
    )
    if planned.source.kind == "still":
        raise UsageError(f"'{clip}' is a picture, not a clip: stylize_image paints pictures.")
    if restart and planned.earlier is not None:
        _check_dependencies(planned.job)
    job = yield from write_job(planned)
    total = len(job.frames)
    yield Progress("plan", job.summary, shots=len(job.shots), frames_total=total, run_total=total)
    for note in job.notes:
        yield Progress("warning", note)
    estimator = TimeEstimator(job.settings, job.canvas, assembling=total)
    try:
        if not output_marker.has_written(job.folder, job.digest, job.output, job.output_numbers):
            yield from render_shots(job, job.shots, keep_retouched=keep_retouched, estimator=estimator)
        yield from assemble(job, keep=keep, keep_retouched=keep_retouched, estimator=estimator)
    except FramesMissing:
        yield Progress("warning", "frames of an earlier run are damaged; they are painted anew")
        yield from render_shots(job, job.shots, estimator=estimator)
        yield from assemble(job, keep=keep, estimator=estimator)
    except VidstyleError:
        if planned.earlier is None or planned.restart:
            _withdraw_if_bare(job, planned)
        raise


def redo_frames(
    folder: Path | str,
    frames: str,
    settings: Mapping[str, Any] | None = None,
    styles: Sequence[StyleImage | Path | str] = (),
    *,
    overwrite: bool = False,
    keep_retouched: bool = False,
) -> Generator[Progress, None, None]:
    """Paint some frames of a finished job anew, and put its output together again.

    All other frames keep their bytes, and the frames that were there stay in the job folder. Stopped at any point,
    the same call goes on where it was, to the same bytes.

    Parameters
    ----------
    folder
        The job folder.
    frames
        Which frames, such as "352-372", as people number them.
    settings
        Those that are other than the job's, by their names.
    styles
        Other ones than the job's; none: the same.
    overwrite
        Whether an output that is there may be replaced, if it is not this job's own.
    keep_retouched
        Keep frames that somebody has changed by hand: those of the range are painted frames to the others.

    Yields
    ------
    Progress
        As :func:`stylize_video`.

    Raises
    ------
    VidstyleError
        One of its kinds: see :mod:`vidstyle.errors`.
    """
    job = load(named(folder))
    planned = plan_redo(job, frames, settings, style_images(styles), keep_retouched=keep_retouched)
    yield from redo(job, planned, overwrite=overwrite, keep_retouched=keep_retouched)


def redo(
    job: Job, planned: PlannedRedo, *, overwrite: bool = False, keep_retouched: bool = False
) -> Generator[Progress, None, None]:
    """The same for frames that are planned; yields and errors are those of :func:`redo_frames`."""
    job = own_output(job, overwrite=overwrite)
    delivery_notes(job)  # before any painting, whether it can be written
    for each in (job, *redos(job)):
        missing = {shot.number: missing_frames(each, shot, thorough=False) for shot in each.shots}
        yield from without_retouched(each, missing, keep=keep_retouched)
    anew = yield from write_redo(job, planned)
    total = len(anew.frames)
    yield Progress("plan", anew.summary, shots=len(anew.shots), frames_total=total, run_total=total)
    estimator = TimeEstimator(anew.settings, anew.canvas, assembling=len(job.frames))
    yield from render_shots(anew, anew.shots, keep_retouched=keep_retouched, estimator=estimator)
    yield from assemble(job, keep=True, keep_retouched=keep_retouched, estimator=estimator)


def style_images(styles: Sequence[StyleImage | Path | str]) -> list[StyleImage]:
    """Style pictures with their shares, whether these were given or not."""
    return [style if isinstance(style, StyleImage) else StyleImage(named(style)) for style in styles]


def named(path: Path | str) -> Path:
    """The path; an empty text would name the current folder.

    Raises
    ------
    UsageError
        The text is empty.
    """
    if path == "":
        raise UsageError("a name is empty: name a file or a folder.")
    return Path(path)


def _check_dependencies(job: Job) -> None:
    """Make sure that weights and device are there, before earlier work is deleted for a job that needs them."""
    from vidstyle.render.recurrence.context import RenderContext  # brings torch, which takes seconds

    context = RenderContext(job)
    _ = context.solver, context.flow


def _withdraw_if_bare(job: Job, planned: PlannedJob) -> None:
    """Delete a new job in which nothing is painted: a command that can't work leaves nothing behind."""
    holders = [read_holder(place) for place in (*map(job.shot_folder, job.shots), job.folder / "assembly")]
    at_work = any(holder is not None and not holder.ended for holder in holders)
    if not at_work and (job.unpainted or not any(done_at_a_glance(job, shot) for shot in job.shots)):
        withdraw(job, planned)
