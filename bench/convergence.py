"""(b) The reference algorithm against ours, on the reference's objective and from the same earlier results."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from bench import reference
from bench.clock import settle
from bench.material import Material, link
from bench.painter import Painter
from bench.table import Column, Table
from vidstyle.motion.flow import Array
from vidstyle.settings import Settings
from vidstyle.style.device import to_tensor
from vidstyle.style.pyramid import resize
from vidstyle.style.solver import FrameSolver, Solution, Solve

COLUMNS = (
    Column("device", "device"),
    Column("size", "size"),
    Column("frame", "frame", "d"),
    Column("loss", "final loss", ".4g"),
    Column("reference_evaluations", "reference, evaluations", "d"),
    Column("reference_seconds", "time", ".1f", " s"),
    Column("reference_near_evaluations", "within 1%", "d"),
    Column("reference_near_seconds", "time", ".1f", " s"),
    Column("evaluations", "ours, within 1%", ".1f"),
    Column("seconds", "time", ".1f", " s"),
    Column("fewer", "evaluations, times fewer", ".1f"),
    Column("faster", "time, times less", ".1f"),
)

NEAR = 1.01
"""How near to the reference's final loss is near enough."""

STEPS = 600
"""Ours gives up after as many full-size steps."""

SHORT = 500
"""In the short form the reference gets no more iterations; it hardly gains 1% after these."""

LATER = 3
"""Frames after the first."""


@dataclass(frozen=True)
class Crossing:
    """When ours got there: evaluations, in full-size ones, and seconds."""

    evaluations: float
    seconds: float


def run(material: Material) -> Table:
    """A row for the first frame, and for each of some later ones."""
    width, height = (256, 144) if material.full else (80, 45)
    images = material.images((width, height), 1 + LATER)
    settings = Settings().replace(objective="ruder2016", device=material.device, tolerance=0.0)
    (style, share), *_ = material.pictures
    painter = Painter([(style, share)], (height, width), settings, steps=STEPS)
    on = painter.device
    # Both have the same picture for the style, at the size at which its strokes are those of the frame.
    zoom = math.sqrt(height * width / (style.shape[0] * style.shape[1]))
    strokes = resize(to_tensor(style, on), (round(style.shape[0] * zoom), round(style.shape[1] * zoom)))

    rows, memory, painting = [], None, images[0]
    for number, image in enumerate(images):
        frame = to_tensor(image, on)
        if number == 0:
            losses = reference.Losses(reference.from_rgb(frame), reference.from_rgb(strokes))
            start, most = reference.noise(frame), reference.FIRST_ITERATIONS
            solving = painter.first(image)
        else:
            # The reference carries its results along bilinearly.
            prior = link(image, images[number - 1], reference=True).carry(painting, "linear")
            target, trust = reference.from_rgb(to_tensor(prior.image, on)), to_tensor(prior.reliability, on)
            losses = reference.Losses(reference.from_rgb(frame), reference.from_rgb(strokes), [(target, trust)])
            start, most = target, reference.LATER_ITERATIONS
            solving = painter.next(image, [prior], memory)
        theirs = reference.solve(losses, start, most if material.full else min(most, SHORT))
        painting = reference.to_rgb(theirs.image)
        goal = NEAR * theirs.losses[-1]
        if number == 0:
            memory = curvature(material, settings, image)
        ours = crossing(painter, solving, goal, lambda tried, losses=losses: float(losses(reference.from_rgb(tried))))
        near = next(index for index, loss in enumerate(theirs.losses) if loss <= goal)
        row = {
            "device": on.device.type,
            "size": f"{width}×{height}",
            "frame": number + 1,
            "loss": theirs.losses[-1],
            "reference_evaluations": len(theirs.losses),
            "reference_seconds": theirs.seconds[-1],
            "reference_near_evaluations": near + 1,
            "reference_near_seconds": theirs.seconds[near],
        }
        if ours is not None:
            row |= {
                "evaluations": ours.evaluations,
                "seconds": ours.seconds,
                "fewer": (near + 1) / ours.evaluations,
                "faster": theirs.seconds[near] / ours.seconds,
            }
        rows.append(row)
    notes = (
        f"Both losses in float32; ours runs in {str(on.dtype).removeprefix('torch.')}, coarse evaluations count by "
        "their pixels.",
    )
    return Table("the reference algorithm and ours on the reference's objective", COLUMNS, rows, notes)


def crossing(painter: Painter, solving: Solve, goal: float, measure: Callable[[Tensor], float]) -> Crossing | None:
    """When a solve first tries a picture whose loss is at most `goal`; the clock stands still while it is measured."""
    device = painter.device.device
    start = time.perf_counter()
    for step in solving:
        settle(device)
        now = time.perf_counter()
        if painter.tried is not None and step.loss < 1.1 * goal:
            with torch.no_grad():
                reached = measure(painter.tried) <= goal
            if reached:
                return Crossing(step.evaluations, now - start)
            start += time.perf_counter() - now
    return None


def curvature(material: Material, settings: Settings, image: Array) -> Mapping[str, Array] | None:
    """What a first frame of a few steps leaves to the frames after it."""
    solver = FrameSolver(material.pictures[:1], (image.shape[0], image.shape[1]), settings.replace(first_steps=8))
    solving = solver.first(image)
    while True:
        try:
            next(solving)
        except StopIteration as end:
            solution: Solution = end.value
            return solution.memory
