"""(n) All but the solver: frames a second and cores in use, with a solver that costs nothing."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bench.material import Material
from bench.table import Column, Table
from vidstyle.motion.flow import Array
from vidstyle.render import forecast
from vidstyle.render.recurrence import context
from vidstyle.render.video import stylize_video
from vidstyle.settings import Settings
from vidstyle.style.memory import NO_MEMORY, ShotMemory, StyleGain
from vidstyle.style.network.device import select_device
from vidstyle.style.objective.policy import POLICIES
from vidstyle.style.request import Asked, Prior
from vidstyle.style.solver import FrameSolver, Solution, Solve

COLUMNS = (
    Column("device", "device"),
    Column("clip", "clip"),
    Column("size", "size"),
    Column("threads", "threads", "d"),
    Column("frames_a_second", "frames a second", ".2f"),
    Column("processor_seconds", "processor a frame", ".3f", " s"),
    Column("cores", "cores in use", ".2f"),
)

THREADS = (1, 2)
FRAMES = 50


class FreeSolver(FrameSolver):
    """A solver whose result is what a frame would be begun with."""

    begun = (0.0, 0.0)
    """When one was last made: wall and processor time, in seconds."""

    def __init__(self, styles: Sequence[Any], size: tuple[int, int], settings: Settings) -> None:
        del styles, size
        self.device, self.policy = select_device(settings.run), POLICIES[settings.objective.objective]
        type(self).begun = time.perf_counter(), time.process_time()

    @property
    def description(self) -> str:
        """In words."""
        return "a solver that costs nothing"

    def first(self, content: Array, asked: Asked | None = None) -> Solve:
        """The frame itself."""
        del asked
        yield from ()
        return Solution(content, {}, 0.0, NO_MEMORY)

    def next(
        self, content: Array, priors: Sequence[Prior], memory: ShotMemory = NO_MEMORY, asked: Asked | None = None
    ) -> Solve:
        """The nearest prior."""
        del content, asked
        yield from ()
        return Solution(priors[0].image.clip(0, 1), {}, 0.0, memory)

    def mend(self, content: Array, carried: Prior, gain: StyleGain | None = None, asked: Asked | None = None) -> Solve:
        """What was carried."""
        del content, gain, asked
        yield from ()
        return Solution(carried.image.clip(0, 1), {}, 0.0, NO_MEMORY)


def run(material: Material) -> Table:
    """A row for each clip, size and number of threads."""
    sizes = [material.size] if material.size else [640, 1280] if material.full else [320]
    rows = [row(material, clip, size, threads) for clip in material.clips for size in sizes for threads in THREADS]
    notes = (
        "From the first frame that is read to the last that is on the disk; planning and the output are left out.",
        "OpenCV and torch take as many threads as are said.",
    )
    return Table("all but the solver", COLUMNS, rows, notes)


def row(material: Material, clip: Path, size: int, threads: int) -> dict[str, Any]:
    """One clip painted by a solver that costs nothing."""
    frames = material.frames or f"1-{FRAMES}"
    settings = Settings().replace(size=size, frames=frames, cuts="none", device=material.device, threads=threads)
    done, wall, processor = 0, 0.0, 0.0
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        stack.enter_context(patch.object(context, "FrameSolver", FreeSolver))
        stack.enter_context(patch.object(forecast, "takes_long", lambda job, left: False))  # of no solver
        for news in stylize_video(clip, material.styles, Path(folder) / "painted.mkv", settings):
            done += news.kind == "frame"
            if news.kind == "shot":
                wall, processor = time.perf_counter() - FreeSolver.begun[0], time.process_time() - FreeSolver.begun[1]
    return {
        "device": material.device,
        "clip": clip.name,
        "size": f"{size} px",
        "threads": threads,
        "frames_a_second": done / wall,
        "processor_seconds": processor / done,
        "cores": processor / wall,
    }
