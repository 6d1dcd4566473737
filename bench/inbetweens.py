"""(j) Keys and in-betweens beside every frame solved: what a frame takes, and what it looks like."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.material import SAMPLES, Material, result
from bench.table import Column, Table
from vidstyle.measure.measure import measure
from vidstyle.render.clip import style_images, stylize_video
from vidstyle.render.schedule import FIRST, KEY
from vidstyle.settings import Settings, parse_frames

COLUMNS = (
    Column("device", "device"),
    Column("size", "size"),
    Column("frames", "frames"),
    Column("mode", "mode"),
    Column("keys", "keys", ".0%"),
    Column("evaluations", "evaluations", ".2f"),
    Column("first_evaluations", "of a first frame", ".0f"),
    Column("seconds", "a later frame", ".2f", " s"),
    Column("frames_an_hour", "frames an hour", ".0f"),
    Column("near", "over carried", ".2f"),
    Column("far", "over 10 frames", ".2f"),
    Column("gram", "style distance", ".3f"),
    Column("wasserstein", "sliced", ".3f"),
    Column("sharpness", "sharpness", ".2f"),
    Column("uncovered", "there new", ".2f"),
)

MODES: Mapping[str, Mapping[str, Any]] = {
    "every frame": {"inbetweens": 0, "steps": 12, "first_steps": 40},
    "in-betweens": {},
}
"""What is compared: every frame solved, as it was before there were in-betweens, and the standard settings."""

SHOT = 100
"""Frames of a shot, the first one among them, in what an hour makes."""


def run(material: Material) -> Table:
    """A row for each mode: painted as a video, and measured as one."""
    size = material.size
    if size is None and material.clip.parent == SAMPLES:
        size = 320 if material.full else 96
    frames = material.frames or ("1-24" if material.full else "1-8")
    rows = []
    for mode, changes in MODES.items():
        settings = Settings().replace(size=size, frames=frames, cuts="none", device=material.device, **changes)
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder) / "painted.mkv"
            times = dict(_painted(material, output, settings))
            first, *later = _records(output)
            study = result(
                measure(output, material.clip, style_images(material.styles), settings, first=parse_frames(frames)[0])
            )
        whole, each = study.outputs[0].whole, (times["end"] - times[FIRST]) / len(later)
        near, far = (whole.warp[gap].over_carried if gap in whole.warp else None for gap in (1, 10))
        new = whole.uncovered
        rows.append(
            {
                "device": material.device,
                "size": "{}×{}".format(*study.footage.size),
                "frames": f"{whole.first}-{whole.last}",
                "mode": mode,
                "keys": sum(record["kind"] == KEY for record in later) / len(later),
                "evaluations": sum(record["evaluations"] for record in later) / len(later),
                "first_evaluations": first["evaluations"],
                "seconds": each,
                "frames_an_hour": 3600 * SHOT / (times[FIRST] + (SHOT - 1) * each),
                "near": near,
                "far": far,
                "gram": whole.style.gram if whole.style else None,
                "wasserstein": whole.style.wasserstein if whole.style else None,
                "sharpness": whole.sharpness_over_style,
                "uncovered": new.inside.wasserstein / new.rest.wasserstein
                if new is not None and new.inside is not None and new.rest is not None
                else None,
            }
        )
    notes = (
        f"First frames count only in what an hour makes, in shots of {SHOT} frames. Over carried: warp error over that "
        "of the painting merely carried along. There new: sliced distance of newly uncovered regions over the rest's.",
    )
    return Table("keys and in-betweens", COLUMNS, rows, notes)


def _painted(material: Material, output: Path, settings: Settings) -> Iterator[tuple[str, float]]:
    """When the first frame was there, and all of them: seconds since the first evaluation."""
    begin: float | None = None
    seen = False
    for news in stylize_video(material.clip, material.styles, output, settings, keep=True):
        now = time.perf_counter()
        if news.kind == "evaluation" and begin is None:
            begin = now
        elif news.kind == "frame" and begin is not None:
            if not seen:
                yield FIRST, now - begin
            seen = True
            yield "end", now - begin


def _records(output: Path) -> list[dict[str, Any]]:
    """What is kept of each frame, in order."""
    frames = output.with_name(f"{output.name}.vidstyle").glob("shots/0001/frames/*.json")
    return [json.loads(path.read_text()) for path in sorted(frames)]
