"""Shots of a job, one after another: what one process of a farm does."""

from collections.abc import Generator, Sequence

from vidstyle.jobs.folder.frames import is_done, missing_frames
from vidstyle.jobs.folder.job import Job, Shot
from vidstyle.jobs.folder.redos import redos, shots_within
from vidstyle.jobs.folder.retouched import without_retouched
from vidstyle.jobs.progress import Progress


def render_shots(
    job: Job, shots: Sequence[Shot], *, give_up: bool = False, keep_retouched: bool = False
) -> Generator[Progress, None, None]:
    """Paint what is missing of some shots, and of what is to be painted anew in them; end at once where nothing is.

    Parameters, yields, raises
        As :func:`vidstyle.render.shot.render_shot`, and :func:`vidstyle.jobs.folder.retouched.without_retouched`;
        first, where an earlier run left something, ``resume``.
    """
    if job.unpainted:
        return
    yield from _render(job, shots, give_up, keep_retouched)
    found = redos(job)
    for shot in shots if found else ():
        for redo, parts in shots_within(job, shot, found):
            yield from _render(redo, parts, give_up, keep_retouched)


def _render(job: Job, shots: Sequence[Shot], give_up: bool, keep_retouched: bool) -> Generator[Progress, None, None]:
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
    from vidstyle.jobs.time_estimate import TimeEstimator
    from vidstyle.render.context import RenderContext
    from vidstyle.render.shot import render_shot

    context = RenderContext(job)
    given = {key.index for key in job.given}
    begin = {shot.number: shot.order[0] for shot in shots if shot.number in missing and shot.order[0] not in given}
    first = sum(index in missing[number] for number, index in begin.items())
    estimator = TimeEstimator(total, first, left - first, job.settings)
    for shot in shots:
        if shot.number in missing:
            yield from render_shot(job, shot, context, estimator, give_up=give_up)
