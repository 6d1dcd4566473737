"""(b) The reference algorithm against ours, on the reference's objective and from the same earlier results."""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch
from torch import Tensor

from bench import reference
from bench.clock import settle
from bench.material import Material, link
from bench.painter import Painter
from bench.table import Column, Table
from vidstyle.generators import finish
from vidstyle.motion.flow import Array
from vidstyle.settings import Settings
from vidstyle.style.memory import ShotMemory
from vidstyle.style.network.device import to_tensor
from vidstyle.style.pyramid import scaled_style
from vidstyle.style.solver import FrameSolver, Solve

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

SHORT, FULL = (80, 45), (112, 63)

NEAR = 1.01
"""How near to the reference's final loss is near enough."""

STEPS = 1000
"""Ours gives up after as many full-size steps."""

SHORT_FIRST, SHORT_LATER = 400, 100
"""In the short form the reference gets no more iterations; it hardly gains 1% after these."""

LATER = 3
"""Frames after the first."""


@dataclass(frozen=True)
class Crossing:
    """When a solve came near enough: evaluations, in full-size ones, and seconds."""

    evaluations: float
    seconds: float


def run(material: Material) -> Table:
    """A row for the first frame, and for each of some later ones."""
    width, height = FULL if material.full else SHORT
    images = material.images((width, height), 1 + LATER)
    settings = Settings().replace(objective="ruder2016", device=material.device, tolerance=0.0)
    painter = Painter(material.pictures[:1], (height, width), settings, steps=STEPS)
    style = to_tensor(material.pictures[0][0], painter.device)
    strokes = reference.from_rgb(scaled_style(style, (height, width), settings.objective.style_scale))
    memory = curvature(material, settings, images[0])
    rows, painting = [], images[0]
    for number, image in enumerate(images):
        frame = caffe(image, painter)
        if number == 0:
            losses = reference.Losses(frame, strokes)
            start, most = reference.noise(frame), reference.FIRST_ITERATIONS if material.full else SHORT_FIRST
            solving = painter.first(image)
        else:
            # The reference carries its results along bilinearly.
            prior = link(image, images[number - 1], reference=True).carry(painting, "linear")
            target, trust = caffe(prior.image, painter), to_tensor(prior.reliability, painter.device)
            losses = reference.Losses(frame, strokes, [(target, trust)])
            start, most = target, reference.LATER_ITERATIONS if material.full else SHORT_LATER
            solving = painter.next(image, [prior], memory)
        theirs = reference.solve(losses, start, most)
        painting = reference.to_rgb(theirs.image)
        ours = crossing(painter, solving, losses, NEAR * theirs.losses[-1])
        about = {"device": painter.device.device.type, "size": f"{width}×{height}", "frame": number + 1}
        rows.append(about | figures(theirs, ours))
    precision = str(painter.device.dtype).removeprefix("torch.")
    notes = [
        f"Both losses in float32; ours runs in {precision}, and its coarse evaluations count by their pixels.",
        f"A dash: not within {STEPS} full-size steps.",
    ]
    if not material.full:
        notes.append(f"The reference is stopped after {SHORT_FIRST} and {SHORT_LATER} iterations.")
    return Table("the reference algorithm and ours on the reference's objective", COLUMNS, rows, notes)


def figures(theirs: reference.Solved, ours: Crossing | None) -> dict[str, float]:
    """What a row says of the two."""
    near = next(index for index, loss in enumerate(theirs.losses) if loss <= NEAR * theirs.losses[-1])
    row = {
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
    return row


def crossing(painter: Painter, solving: Solve, losses: reference.Losses, goal: float) -> Crossing | None:
    """When a solve first tries a picture whose loss is at most `goal`; the clock stands still while it is measured."""
    start = time.perf_counter()
    for step in solving:
        settle(painter.device.device)
        now = time.perf_counter()
        if painter.tried is not None and step.loss < 1.1 * goal:
            with torch.no_grad():
                reached = float(losses(reference.from_rgb(painter.tried))) <= goal
            if reached:
                return Crossing(step.evaluations, now - start)
            start += time.perf_counter() - now
    return None


def curvature(material: Material, settings: Settings, image: Array) -> ShotMemory:
    """What a first frame of a few steps leaves to the frames after it."""
    solver = FrameSolver(material.pictures[:1], (image.shape[0], image.shape[1]), settings.replace(first_frame_steps=8))
    return finish(solver.first(image)).memory


def caffe(image: Array, painter: Painter) -> Tensor:
    """An image on the painter's device as the reference's network takes it."""
    return reference.from_rgb(to_tensor(image, painter.device))
