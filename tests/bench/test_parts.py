"""Every part of the benchmarks runs to its end, at a few pixels, and prints what it found."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from typing import Any

import pytest
from rich.console import Console

from bench.__main__ import PARTS
from bench.material import SAMPLES, Material
from vidstyle.media.images.stills import read_image, write_image

SIZE = (48, 32)
FEW_STEPS = {"steps": 1, "first_frame_steps": 2}
SMALL: Mapping[str, Mapping[str, Any]] = {
    "evaluation": {"SHORT": SIZE, "ROUNDS": 1},
    "convergence": {"SHORT": SIZE, "SHORT_FIRST": 6, "SHORT_LATER": 4, "LATER": 1, "STEPS": 8},
    "frame_time": {"FRAMES": 3},
    "memory": {"SHORT": (SIZE, (64, 36)), "STEPS": 1},
    "throughput": {"SIZES": (SIZE,), "SHORT_BUDGET": 0.1},
    "quality": {},
    "motion": {"SIZE": (64, 96), "REPEATS": 1},
    "bookkeeping": {"SHORT": (2,), "FRAMES": 3, "REPEATS": 1},
    "damage": {"SHORT": 6},
    "real_clips": {"STILLS": 1},
    "time_left": {"PART": ("draft, gone on with",)},
    "looks": {"WEIGHTS": (20.0,), "SHORT": (48, 64), "PRESETS": ("draft",)},
    "pipeline": {"THREADS": (1,)},
    "sizes": {"SHORT": (48, 64)},
    "returns": {},
    "inbetweens": {"MODES": {"every frame": {"max_inbetweens": 0, **FEW_STEPS}, "in-betweens": FEW_STEPS}},
}
"""Module → the constants that make it small. A part that is not here has no test yet."""


SLOW = {"a", "b", "d", "f", "h", "i", "j", "k", "l", "m", "o", "p"}
"""Parts that take seconds however small they are made: some measure whole processes."""


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    style = tmp_path_factory.mktemp("style") / "wave.png"
    write_image(style, read_image(SAMPLES / "wave.jpg")[:64, :96])
    return Material(SAMPLES / "clip.mp4", (style,), "1-3", SIZE[0], ("draft",), full=False, device="cpu")


@pytest.mark.slow
@pytest.mark.parametrize("part", [pytest.param(part, marks=pytest.mark.slow if part in SLOW else ()) for part in PARTS])
def test_a_part_runs_to_its_end(part: str, material: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module(f"bench.{PARTS[part]}")
    for name, value in SMALL[PARTS[part]].items():
        monkeypatch.setattr(module, name, value)
    table = module.run(material)
    assert table.rows
    keys = {column.key for column in table.columns}
    assert all(keys & row.keys() for row in table.rows)
    console = Console(width=150)
    with console.capture() as printed:
        console.print(table.rich(part))
    assert table.title in printed.get()
    assert json.loads(json.dumps(table.to_dict()))["rows"]
