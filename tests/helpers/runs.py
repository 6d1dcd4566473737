"""Quick paintings, and generators that yield news and return a result, run to their ends."""

from __future__ import annotations

from collections.abc import Callable, Container, Generator, Sequence
from typing import Any, TypeVar

import numpy as np

from vidstyle.generators import Run, finish
from vidstyle.jobs.folder.files import make_folder
from vidstyle.jobs.folder.frames import mark_done, publish_frame
from vidstyle.jobs.folder.job import Job, Shot
from vidstyle.jobs.folder.lease import acquire
from vidstyle.jobs.plan import plan_job
from vidstyle.jobs.write_job import write_job
from vidstyle.media.images.stills import encode_frame
from vidstyle.settings import Settings

QUICK = Settings().replace(
    steps=2,
    first_frame_steps=2,
    content_layers=("relu2_1",),
    style_layers=("relu1_1",),
    threads=1,
    device="cpu",
    precision="float32",
    cuts="none",
)
"""A painting for which hardly anything is solved, the same on every machine."""

News = TypeVar("News")
Result = TypeVar("Result")


def drained(run: Generator[News, None, Result]) -> tuple[list[News], Result]:
    """All that a run yields, and what it returns."""
    news = list(kept := Run(run))
    return news, kept.result


def plan(*arguments: Any, **named: Any) -> Job:
    """Plan a job and write it down: parameters and errors of ``plan_job``."""
    return finish(write_job(plan_job(*arguments, **named)))


def put(
    job: Job, levels: Callable[[int], float], only: Container[int] | None = None, shots: Sequence[Shot] = ()
) -> None:
    """Grey frames for the whole job, or for `only` some of its shots' frames, of these levels."""
    for shot in shots or job.shots:
        folder = make_folder(job.shot_folder(shot) / "frames").parent
        lease = finish(acquire(folder))
        for index in shot.frames if only is None else [index for index in shot.frames if index in only]:
            image = np.full((job.size[1], job.size[0], 3), levels(index), np.float32)
            publish_frame(job, shot, index, encode_frame(image, 8), {"seconds": 0}, lease)
        if only is None:
            mark_done(job, shot, {}, lease.scratch)
        lease.release("done")
