"""(g) What motion costs, and how far off it is on a scene whose flow is known exactly."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import cv2
import numpy as np
import torch

from bench.clock import seconds
from bench.material import Material
from bench.table import Column, Table
from tests.helpers.synthetic import Disc, make_scene
from vidstyle.errors import DependencyError
from vidstyle.motion.flow import both_ways
from vidstyle.motion.methods import flow_method
from vidstyle.motion.reliability import reference_reliability, reliability
from vidstyle.motion.shots.cuts import find_cuts
from vidstyle.motion.warp import warp
from vidstyle.settings import choices

COLUMNS = (
    Column("device", "device"),
    Column("step", "step"),
    Column("method", "method"),
    Column("ms", "a frame", ".1f", " ms"),
    Column("figure", "figure", ".2g"),
    Column("meaning", "which is"),
)

SIZE = (272, 640)
SHIFT, DEGREES = (6.3, -2.4), 0.7
"""How the camera moves: pixels, and degrees around the middle."""
REPEATS = 3


def run(material: Material) -> Table:
    """A row for each method of each step."""
    rows = [{"device": material.device, **row} for part in (flow_rows, warp_rows) for row in part(material.device)]
    return Table(f"motion at {SIZE[1]}×{SIZE[0]}, where the flow is known exactly", COLUMNS, rows)


def flow_rows(device: str) -> Iterator[dict[str, Any]]:
    """Each flow method, the rules of reliability on DIS, and cuts."""
    height, width = SIZE
    disc = Disc((0.4 * width, 0.5 * height), 0.25 * height, (-9, 4))
    scene = make_scene(2, SIZE, shift=SHIFT, degrees=DEGREES, disc=disc)
    (earlier, image), (truth,), (uncovered,) = scene.images, scene.backward, scene.uncovered
    standing = np.linalg.norm(truth, axis=-1)[~uncovered].mean()
    backward = forward = truth
    for name in choices("flow"):
        try:
            method = flow_method(name, device)
        except DependencyError:
            continue  # its weights are a download
        found = both_ways(method, image, earlier)
        errors = np.linalg.norm(found[0] - truth, axis=-1)[~uncovered]
        meaning = f"px of error, of {standing:.1f} px of motion, where both frames show the same"
        yield row("flow, both ways", name, partial(both_ways, method, image, earlier), errors.mean(), meaning)
        if name == "dis":
            backward, forward = found
    for name, rule in (
        ("reference", partial(reference_reliability, backward, forward)),
        ("ours", partial(reliability, backward, forward, image, earlier)),
    ):
        trust = rule()
        yield row("reliability", name, rule, trust[uncovered].mean(), "trust in what was not there before")
        yield row("reliability", name, rule, trust[~uncovered].mean(), "trust in what was")
    frames = [earlier, image] * 5
    yield {"step": "cuts", "method": "auto", "ms": milliseconds(partial(find_cuts, frames, "auto", 0, 10)) / 10}


def warp_rows(device: str) -> Iterator[dict[str, Any]]:
    """Each way to warp, along the true flow; all of them run on the processor."""
    scene = make_scene(2, SIZE, shift=SHIFT, degrees=DEGREES)
    (earlier, image), (truth,) = scene.images, scene.backward
    inside = np.s_[16:-16, 16:-16]
    y, x = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float32)
    at = x + truth[..., 0], y + truth[..., 1]
    for name, carry in (
        ("lanczos", partial(warp, earlier, truth)),
        ("OpenCV's", partial(cv2.remap, earlier, *at, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)),
        ("linear", partial(warp, earlier, truth, "linear")),
    ):
        difference = np.sqrt(np.square(carry() - image)[inside].mean())
        yield row("warp", name, carry, difference, "root mean square difference from the frame")


def row(step: str, method: str, work: Callable[[], object], figure: float, meaning: str) -> dict[str, Any]:
    """A figure, and what it costs."""
    return {"step": step, "method": method, "ms": milliseconds(work), "figure": float(figure), "meaning": meaning}


def milliseconds(work: Callable[[], object]) -> float:
    """The median time of a call; each here returns NumPy arrays, so that nothing is left to a GPU."""
    return 1e3 * statistics.median(seconds(work, torch.device("cpu")) for _ in range(REPEATS))
