"""``--dry-run``: everything is looked at and decided as in earnest, and nothing is left behind."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Generator, Sequence
from pathlib import Path

from vidstyle.cli.words import plural
from vidstyle.render.frames import count_done
from vidstyle.render.image import stylize_image
from vidstyle.render.job import is_job_folder
from vidstyle.render.plan import job_folder, plan
from vidstyle.render.progress import Progress
from vidstyle.settings import Settings, StyleImage


def rehearse(
    clip: Path,
    styles: Sequence[StyleImage],
    output: Path,
    settings: Settings,
    *,
    still: bool,
    work_dir: Path | None,
    overwrite: bool,
) -> Generator[Progress, None, None]:
    """What a run would say before its first frame. Parameters and errors are those of `stylize_video`."""
    if still:
        with contextlib.closing(stylize_image(clip, styles, output, settings, overwrite=overwrite)) as run:
            for progress in run:
                if progress.kind == "evaluation":
                    return
                yield progress
    folder = job_folder(output, work_dir)
    begun = is_job_folder(folder)
    with tempfile.TemporaryDirectory() as scratch:
        # To an earlier job nothing is added: either it is gone on with, or it stands in the way.
        place = folder if begun else Path(scratch) / "job"
        job = plan(clip, styles, output, settings, work_dir=place, overwrite=overwrite)
    total, done = len(job.frames), sum(count_done(job, shot) for shot in job.shots) if begun else 0
    yield Progress("plan", job.summary, shots=len(job.shots), frames_total=total)
    for note in job.notes:
        yield Progress("warning", note)
    if begun:
        yield Progress(
            "resume",
            f"{done} of {plural(total, 'frame')} are done already",
            frames_done=done,
            frames_total=total,
        )
