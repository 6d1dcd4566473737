"""Another delivery of the same painted frames: another file, codec, sound or strength. It costs no painting."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vidstyle.errors import UsageError
from vidstyle.jobs.folder.job import Job
from vidstyle.jobs.folder.source_cache import source_of
from vidstyle.jobs.inputs import files_besides, require_apart
from vidstyle.jobs.plan import FPS_UNUSED, resolved_delivery
from vidstyle.media.output.destination import check_output
from vidstyle.media.output.request import output_request
from vidstyle.settings import Settings


def another_delivery(job: Job, output: Path, settings: Mapping[str, Any]) -> Job:
    """A job whose frames are written elsewhere or otherwise.

    `settings` are some of :data:`vidstyle.settings.DELIVERY`, as text or values; the others stay as planned.

    Raises
    ------
    UsageError
        A setting makes no sense, or the job has nothing painted to be shown.
    InputError
        The clip is another one, or it isn't there.
    """
    changed = dataclasses.replace(job, output=output, settings=job.settings.replace(**settings))
    if job.unpainted and not changed.unpainted:
        raise UsageError(
            f"'{job.folder}' was planned with --strength 0, so that nothing of it is painted: plan it again without."
        )
    asked = resolved_delivery(Settings().replace(**settings), source_of(changed))
    resolved = {key: asked.get(key) for key in settings}
    return dataclasses.replace(changed, settings=job.settings.replace(**resolved))


def delivery_notes(job: Job) -> tuple[str, ...]:
    """A sentence for each thing that a job's output can't keep.

    Raises
    ------
    UsageError, OutputError, DependencyError
        It can't be written: see :func:`vidstyle.media.output.destination.check_output`.
    """
    require_apart(job.output, job)
    source, inputs = source_of(job), files_besides(job.styles, job.settings)
    request = output_request(job.output, job.frames, job.size, job.settings, overwrite=job.overwrite, inputs=inputs)
    unused = job.settings.media.fps is not None and source.kind == "video"
    return (*check_output(source, request), *((FPS_UNUSED,) if unused else ()))
