"""(e) Frames an hour at the sizes of video, for each preset."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from bench.clock import settle
from bench.material import Link, Material, link
from bench.table import Column, Table
from vidstyle.motion.flow import Array
from vidstyle.settings import PRESETS, preset
from vidstyle.style.solver import FrameSolver, Solve

COLUMNS = (
    Column("device", "device"),
    Column("size", "size"),
    Column("preset", "preset"),
    Column("first_seconds", "first frame", ".1f", " s"),
    Column("later_seconds", "a solved frame", ".1f", " s"),
    Column("frames_an_hour", "frames an hour", ".0f"),
    Column("timed", "timed"),
)

SIZES = ((640, 360), (1280, 720))

SHORT_BUDGET, FULL_BUDGET = 4.0, 15.0
"""Seconds that a frame is timed for."""

SHOT = 100
"""Frames of a shot, the first one among them, in what an hour makes."""


@dataclass(frozen=True)
class Timing:
    """Seconds that a frame takes, and how that is known."""

    seconds: float
    known: str


def run(material: Material) -> Table:
    """A row for each size and preset."""
    # The short form times one preset and scales the others by their steps.
    timed = tuple(PRESETS) if material.full else ("standard",)
    budget = FULL_BUDGET if material.full else SHORT_BUDGET
    rows = []
    for size in SIZES:
        earlier, image = material.images(size, 2)
        back = link(image, earlier)
        timings = {name: time_preset(material, name, earlier, image, back, budget) for name in timed}
        for name in PRESETS:
            first, later = timings.get(name) or scaled(timings["standard"], name)
            rows.append(
                {
                    "device": material.device,
                    "size": "{}×{}".format(*size),
                    "preset": name,
                    "first_seconds": first.seconds,
                    "later_seconds": later.seconds,
                    "frames_an_hour": 3600 * SHOT / (first.seconds + (SHOT - 1) * later.seconds),
                    "timed": first.known if first.known == later.known else f"{first.known}, {later.known}",
                }
            )
    notes = (
        f"In shots of {SHOT} frames, every frame solved; the solver alone. What is done beside it is in (c), and "
        "in-betweens are in (j).",
    )
    return Table("frames an hour", COLUMNS, rows, notes)


def time_preset(
    material: Material, name: str, earlier: Array, image: Array, back: Link, budget: float
) -> tuple[Timing, Timing]:
    """A first frame and a later one, each timed for as long as the budget, in seconds, lasts."""
    settings = preset(name).replace(device=material.device)
    solver = FrameSolver(material.pictures, (image.shape[0], image.shape[1]), settings)
    count = len(settings.objective.temporal_frames)
    # What is carried along is all the same to the clock: the frame itself will do.
    prior = back.carry(earlier)
    priors = [replace(prior, reliability=prior.reliability / np.float32(count))] * count
    first = time_frame(solver, solver.first(earlier), budget)
    return first, time_frame(solver, solver.next(image, priors), budget)


def time_frame(solver: FrameSolver, solving: Solve, budget: float) -> Timing:
    """How long a frame takes: seen to its end, or told from the evaluations made when the budget is spent."""
    start, warm = time.perf_counter(), None
    for step in solving:
        settle(solver.device.device)
        now = time.perf_counter() - start
        if warm is None:
            warm = (step.evaluations, now)
        elif now > budget:
            rate = (now - warm[1]) / (step.evaluations - warm[0])
            return Timing(now + rate * (step.expected - step.evaluations), "in part")
    return Timing(time.perf_counter() - start, "to the end")


def scaled(timings: tuple[Timing, Timing], name: str) -> tuple[Timing, Timing]:
    """Timings of `standard` as those of another preset, by their steps."""
    standard, other = preset("standard").solve, preset(name).solve
    first, later = timings
    return (
        Timing(first.seconds * other.first_frame_steps / standard.first_frame_steps, "scaled"),
        Timing(later.seconds * other.steps / standard.steps, "scaled"),
    )
