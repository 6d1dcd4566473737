"""``--dry-run``: everything is checked and decided as in a run, and nothing is written."""

from collections.abc import Generator, Sequence
from pathlib import Path

from vidstyle.cli.show.words import plural
from vidstyle.jobs.folder.frames import done_at_a_glance
from vidstyle.jobs.plan import plan_job
from vidstyle.jobs.progress import Progress
from vidstyle.render.forecast import seconds_ahead
from vidstyle.render.still import plan_image, seconds_for_image
from vidstyle.settings import Settings, StyleImage


def run_dry(
    clip: Path,
    styles: Sequence[StyleImage],
    output: Path,
    settings: Settings,
    *,
    still: bool,
    work_dir: Path | None,
    overwrite: bool,
) -> Generator[Progress, None, None]:
    """Yield what a run would before its first frame. Parameters and errors are those of `stylize_video`."""
    if still:
        image = plan_image(clip, styles, output, settings, overwrite=overwrite)
        yield from image.news()
        yield _estimate(seconds_for_image(image), 1)
        return
    planned = plan_job(clip, styles, output, settings, work_dir=work_dir, overwrite=overwrite)
    job, begun = planned.job, planned.earlier is not None
    total, done = len(job.frames), sum(len(done_at_a_glance(job, shot)) for shot in job.shots) if begun else 0
    yield Progress("plan", job.summary, shots=len(job.shots), frames_total=total)
    for note in job.notes:
        yield Progress("warning", note)
    if begun:
        yield Progress(
            "resume", f"{done} of {plural(total, 'frame')} are done already", frames_done=done, frames_total=total
        )
    left = sum(len(shot.frames) for shot in job.shots) - done
    yield _estimate(seconds_ahead(job, planned.source, done), left)


def _estimate(seconds: float, frames: int) -> Progress:
    return Progress("estimate", frames_total=frames, run_total=frames, seconds_left=seconds)
