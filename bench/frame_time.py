"""(c) Where a frame's wall time goes, in a render as users have it."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bench.material import Material
from bench.table import Column, Table
from vidstyle.generators import Run
from vidstyle.render.direction import canvas
from vidstyle.render.recurrence import context, prepare, priors, publisher
from vidstyle.render.recurrence.state import Checkpoints
from vidstyle.render.video import stylize_video
from vidstyle.settings import Settings
from vidstyle.style.solver import FrameSolver

COLUMNS = (
    Column("device", "device"),
    Column("size", "size"),
    Column("step", "step"),
    Column("ms", "a frame", ".1f", " ms"),
    Column("share", "of its wall time", ".1%"),
    Column("where", "where"),
)

FRAMES = 4

# What is timed: where its name stands, and what it is to people.
BESIDE = {"decode": (canvas, "read_round"), "flow": (prepare, "both_ways"), "reliability": (context, "reliability")}
IN_LINE = {
    "wait": (context.RenderContext, "tasks"),
    "warp": (priors, "warp"),
    "solve": (FrameSolver, "next"),
    "write": (publisher, "publish_frame"),
    "state": (Checkpoints, "offer"),
}


def run(material: Material) -> Table:
    """A row for each step of a later frame; those done beside the solver cost wall time only as far as it waits."""
    size = material.size or (640 if material.full else 240)
    settings = Settings().replace(
        max_inbetweens=0,
        size=size,
        frames=material.frames or f"1-{FRAMES}",
        cuts="none",
        device=material.device,
        first_frame_steps=4,  # a quick start: first frames are left out
    )
    laps: dict[str, list[float]] = defaultdict(list)
    published: list[float] = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        for name, (place, attribute) in (BESIDE | IN_LINE).items():
            stack.enter_context(timed(place, attribute, laps[name]))
        painted = encoded = 0.0
        for news in stylize_video(material.clip, material.styles, Path(folder) / "painted.mp4", settings):
            if news.kind == "frame":
                published.append(time.perf_counter())
            painted = time.perf_counter() if news.kind == "shot" else painted
            encoded = time.perf_counter()
    later = len(published) - 1
    wall = (published[-1] - published[0]) / later
    about = {"device": material.device, "size": f"{size} px"}

    def row(step: str, seconds: float, where: str) -> dict[str, Any]:
        return about | {"step": step, "ms": 1e3 * seconds, "share": seconds / wall, "where": where}

    spent = {name: statistics.fmean(laps[name][-later:]) for name in IN_LINE}
    rows = [row(name, statistics.fmean(laps[name]), "beside the solver") for name in BESIDE]
    rows += [row(name, seconds, "in line") for name, seconds in spent.items()]
    rows.append(row("rest", wall - sum(spent.values()), "in line"))
    rows.append(row("all", wall, ""))
    rows.append(row("encode", (encoded - painted) / len(published), "once all are painted"))
    notes = (f"Means over {later} frames after the first, `standard`.",)
    return Table("where a later frame's wall time goes", COLUMNS, rows, notes)


@contextmanager
def timed(place: Any, attribute: str, laps: list[float]) -> Iterator[None]:
    """Note down how long each call takes; of a generator, each item, or all of it where it returns a value."""
    original: Callable[..., Any] = getattr(place, attribute)

    def watched(*arguments: Any, **named: Any) -> Any:
        start = time.perf_counter()
        result = original(*arguments, **named)
        if isinstance(result, Generator):
            return stepped(result)
        laps.append(time.perf_counter() - start)
        return result

    def stepped(generator: Generator[Any, None, Any]) -> Generator[Any, None, Any]:
        items: list[float] = []
        run = Run(generator)
        try:
            start = time.perf_counter()
            for item in run:
                items.append(time.perf_counter() - start)
                yield item
                start = time.perf_counter()
            if run.result is not None:
                items = [sum(items) + time.perf_counter() - start]
            return run.result
        finally:  # whoever asks for frames may stop before the last
            generator.close()
            laps.extend(items)

    with patch.object(place, attribute, watched):
        yield
