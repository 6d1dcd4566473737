"""Shots of a job, one after another: what one process of a farm does."""

from collections.abc import Generator, Sequence

from vidstyle.jobs.folder.frames import is_done, missing_frames
from vidstyle.jobs.folder.job import Job, Shot
from vidstyle.jobs.folder.redos import redos, shots_within
from vidstyle.jobs.folder.retouched import without_retouched
from vidstyle.jobs.progress import Progress
from vidstyle.jobs.time_estimate import TimeEstimator


def render_shots(
    job: Job,
    shots: Sequence[Shot],
    *,
    give_up: bool = False,
    keep_retouched: bool = False,
    estimator: TimeEstimator | None = None,
) -> Generator[Progress, None, None]:
    """Paint what is missing of some shots, and of what is to be painted anew in them; end at once where nothing is.

    The `estimator` is one that knows of what comes after, if anything does.

    Parameters, yields, raises
        As :func:`vidstyle.render.recurrence.shot.render_shot`, and
        :func:`vidstyle.jobs.folder.retouched.without_retouched`; first, where an earlier run left something,
        ``resume``, and ``estimate`` where it takes long.
    """
    if job.unpainted:
        return
    estimator = estimator or TimeEstimator(job.settings, job.canvas)
    yield from _render(job, shots, estimator, give_up, keep_retouched)
    found = redos(job)
    for shot in shots if found else ():
        for redo, parts in shots_within(job, shot, found):
            if left := [part for part in parts if not is_done(redo, part)]:
                yield from _render(redo, left, estimator, give_up, keep_retouched)


def _render(
    job: Job, shots: Sequence[Shot], estimator: TimeEstimator, give_up: bool, keep_retouched: bool
) -> Generator[Progress, None, None]:
    total = sum(len(shot.frames) for shot in shots)
    missing = {shot.number: missing_frames(job, shot, thorough=False) for shot in shots if not is_done(job, shot)}
    missing = yield from without_retouched(job, missing, keep=keep_retouched)
    left = sum(map(len, missing.values()))
    if left < total:
        yield Progress(
            "resume",
            f"going on where it was: {total - left} of {total} frames are done",
            shots=len(job.shots),
            frames_done=total - left,
            frames_total=total,
            run_total=left,
        )
    if not missing:
        return

    # Imported only here, since a finished shot must not cost the seconds that torch takes to load.
    from vidstyle.render.forecast import forecast, takes_long
    from vidstyle.render.recurrence.context import RenderContext
    from vidstyle.render.recurrence.shot import render_shot

    context = RenderContext(job)
    given = {key.index for key in job.given}
    begin = {
        shot.number: shot.order[0]
        for shot in shots
        if shot.number in missing and shot.order[0] not in given and shot.returns is None
    }
    first = sum(index in missing[number] for number, index in begin.items())
    estimator.begin(total, first, left - first)
    if takes_long(job, left):
        solver = context.solver
        estimator.begin(
            total, first, left - first, forecast(job, context.source, solver.network, solver.device, context.flow)
        )
        yield Progress("estimate", shots=len(job.shots), **estimator.counts())
    for shot in shots:
        if shot.number in missing:
            yield from render_shot(job, shot, context, estimator, give_up=give_up)
