"""(o) Whether a large frame is painted as its preview promised: one frame at several sizes."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from bench.material import SAMPLES, Material
from bench.memory import peak
from bench.table import Column, Table
from vidstyle.generators import finish
from vidstyle.measure.metrics.fine_detail import find_fine_detail, kept_detail
from vidstyle.measure.metrics.style_distance import Style
from vidstyle.media.probe.probe import probe
from vidstyle.media.source import scaled_size
from vidstyle.motion.filters import scaled_down
from vidstyle.settings import preset
from vidstyle.style.solver import FrameSolver

PROMISED = 512
"""The long side at which all but the fine detail is compared: that of the largest frame without a preview."""
SHORT, FULL = (320, 640), (320, 512, 1024, 1920, 3840)
"""Long sides; beyond the clip's own none is painted, since an enlarged clip has no fine detail to be kept."""
COMMON = 320
"""The long side at which strokes are measured: what is finer, the smallest painting has no pixels for."""
BROAD = 1 / 40
"""The blur, in long sides, that is taken off before strokes are measured: what is broader is the clip's light."""

COLUMNS = (
    Column("size", "size", "d"),
    Column("detail", "fine detail", ".3f"),
    Column("distance", "style distance", ".3f"),
    Column("stroke", "stroke width", ".2f", " ‰"),
    Column("evaluations", "evaluations", ".1f"),
    Column("megabytes", "memory so far", ".0f", " MB"),
)


def run(material: Material) -> Table:
    """A row a size, in the first of the presets."""
    source, name = probe(material.clip), material.presets[0]
    most = max(source.size)
    sizes = [size for size in (FULL if material.full else SHORT) if size <= most or material.clip.parent == SAMPLES]
    rows = [_row(material, scaled_size(source, size), name) for size in sizes]
    return Table(
        f"one frame, its preview and its enlargement, {name}",
        COLUMNS,
        rows,
        (
            "Fine detail: correlation with the clip's, as `vidstyle measure` has it.",
            f"Style distance: sliced, seen at {PROMISED} pixels; 0 is the style itself.",
            "Stroke width: at which the painting's detail is correlated by half, in thousandths of the long side;",
            f"seen at {COMMON} pixels.",
        ),
    )


def _row(material: Material, size: tuple[int, int], name: str) -> dict[str, Any]:
    (image,) = material.images(size, 1)
    solver = FrameSolver(material.pictures, image.shape[:2], preset(name).replace(device=material.device))
    solution = finish(solver.first(image))
    seen = scaled_down(solution.image, PROMISED)
    style = Style(material.pictures, seen.shape[:2], 1.0, solver.device)
    return {
        "size": max(size),
        "detail": kept_detail(find_fine_detail(image), solution.image),
        "distance": style.distances(style.features(seen)).wasserstein,
        "stroke": 1000 * stroke_width(scaled_down(solution.image, COMMON)),
        "evaluations": solution.evaluations,
        "megabytes": peak() / 1e6,
    }


def stroke_width(painting: np.ndarray) -> float:
    """At how many long sides a painting's detail, (H, W, 3) in 0..1, is correlated with itself by half."""
    grey = cv2.cvtColor(np.ascontiguousarray(painting, np.float32), cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    long = max(grey.shape)
    detail = grey - cv2.GaussianBlur(grey, (0, 0), BROAD * long)
    windowed = detail * np.outer(np.hanning(height), np.hanning(width))
    correlation = np.fft.fftshift(np.fft.ifft2(np.abs(np.fft.fft2(windowed)) ** 2).real)
    rows, columns = np.indices(correlation.shape)
    away = np.hypot(rows - height // 2, columns - width // 2).ravel()
    ring = away.astype(int)
    count = np.maximum(np.bincount(ring), 1)
    fallen = np.bincount(ring, correlation.ravel() / correlation.max()) / count
    at = np.bincount(ring, away) / count
    beyond = int(np.argmax(fallen < 0.5))
    return float(np.interp(-0.5, -fallen[beyond - 1 : beyond + 1], at[beyond - 1 : beyond + 1])) / long
