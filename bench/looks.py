"""(m) Whether what is chosen of small looks is like that in the film: at other sizes, and in other presets."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import torch

from bench.material import Material
from bench.table import Column, Table
from vidstyle.generators import finish
from vidstyle.settings import preset
from vidstyle.style.calibration import style_distance, style_quantiles
from vidstyle.style.network.device import to_tensor
from vidstyle.style.objective.sliced_wasserstein import STROKE_LAYERS
from vidstyle.style.pyramid import scaled_style
from vidstyle.style.solver import FrameSolver

WEIGHTS = (5.0, 20.0, 60.0)
SHORT, FULL = (320, 640), (320, 1280)
"""Long sides."""
PRESETS = ("standard", "draft")
COLOURS = 40
"""Pixels of the long side at which the colours of two paintings are compared: no stroke is seen."""
COLUMNS = (
    Column("weight", "style weight", "g"),
    Column("size", "size", "d"),
    Column("preset", "preset"),
    Column("distance", "style distance", ".3f"),
    Column("colours", "colours", ".1f"),
)


def run(material: Material) -> Table:
    """A row for each weight, size and preset."""
    rows: list[dict[str, Any]] = []
    for weight in WEIGHTS:
        small = None
        for long in FULL if material.full else SHORT:
            for name in PRESETS:
                image = material.images((long, round(long * 9 / 16)), 1)[0]
                settings = preset(name).replace(style_weight=weight, device=material.device)
                solver = FrameSolver(material.pictures, image.shape[:2], settings)
                painting = finish(solver.first(image)).image
                colours = cv2.resize(painting, (COLOURS, COLOURS * 9 // 16), interpolation=cv2.INTER_AREA)
                small = colours if small is None else small
                rows.append(
                    {
                        "weight": weight,
                        "size": long,
                        "preset": name,
                        "distance": _distance(solver, material, painting) / _distance(solver, material, image),
                        "colours": 255 * float(np.abs(colours - small).mean()),
                    }
                )
    return Table(
        "small looks beside the film",
        COLUMNS,
        rows,
        (
            "Style distance: sliced, over that of the clip's own frame; 0 is the style itself.",
            "Colours: mean difference, of 255, from the first row of that weight.",
        ),
    )


def _distance(solver: FrameSolver, material: Material, image: np.ndarray) -> float:
    """How far an image is from the style, as the solver measures it."""
    size = image.shape[0], image.shape[1]
    with torch.no_grad():
        pictures = [
            (scaled_style(to_tensor(picture, solver.device), size, 1.0), share) for picture, share in material.pictures
        ]
        wanted = style_quantiles([(solver.network(picture, STROKE_LAYERS), share) for picture, share in pictures])
        return style_distance(solver.network(to_tensor(image, solver.device), STROKE_LAYERS), wanted)
