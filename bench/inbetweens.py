"""(j) Keys and in-betweens beside every frame solved: what a frame takes, and what it looks like."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.look import LOOK, NOTE, WHAT, look, records, size
from bench.material import Material, first_of
from bench.table import Column, Table
from vidstyle.generators import finish
from vidstyle.jobs.folder.schedule import KeyKind
from vidstyle.measure.measure import measure
from vidstyle.render.video import style_images, stylize_video
from vidstyle.settings import Settings

COLUMNS = (
    *WHAT,
    Column("mode", "mode"),
    Column("keys", "keys", ".0%"),
    Column("evaluations", "evaluations", ".2f"),
    Column("first_evaluations", "of a first frame", ".0f"),
    Column("seconds", "a later frame", ".2f", " s"),
    Column("frames_an_hour", "frames an hour", ".0f"),
    *LOOK,
)

MODES: Mapping[str, Mapping[str, Any]] = {
    "every frame": {"max_inbetweens": 0, "steps": 12, "first_frame_steps": 40, "temporal_frames": (1,)},
    "in-betweens": {},
}
"""What is compared: every frame solved, as it was before there were in-betweens, and the standard settings."""

SHOT = 100
"""Frames of a shot, the first one among them, in what an hour makes."""


def run(material: Material) -> Table:
    """A row for each mode: painted as a video, and measured as one."""
    frames = material.frames or ("1-24" if material.full else "1-8")
    rows = []
    for mode, changes in MODES.items():
        settings = Settings().replace(
            size=size(material), frames=frames, cuts="none", device=material.device, **changes
        )
        start = first_of(frames)
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder) / "painted.mkv"
            begin, each = _timed(material, output, settings)
            first, *later = records(output)
            study = finish(measure(output, material.clip, style_images(material.styles), settings, first=start))
            if settings.motion.max_inbetweens and material.full:
                # The motion of thirty frames is found while the first is painted: of a few frames that would be all.
                whole = settings.replace(frames=f"{start}-", limit=f"{SHOT}f")
                begin, each = _timed(material, Path(folder) / "shot.mkv", whole)
        rows.append(
            look(study, material)
            | {
                "mode": mode,
                "keys": sum(record["kind"] == KeyKind.SOLVED for record in later) / len(later),
                "evaluations": sum(record["evaluations"] for record in later) / len(later),
                "first_evaluations": first["evaluations"],
                "seconds": each,
                "frames_an_hour": 3600 * SHOT / (begin + (SHOT - 1) * each),
            }
        )
    notes = (
        f"First frames count only in what an hour makes, in shots of {SHOT} frames. The long form times in-betweens "
        "over as many frames, or as many as there are.",
        NOTE,
    )
    return Table("keys and in-betweens", COLUMNS, rows, notes)


def _timed(material: Material, output: Path, settings: Settings) -> tuple[float, float]:
    """Seconds from the first evaluation to the first frame, and for each later one."""
    times = dict(_painted(material, output, settings))
    return times[KeyKind.FIRST], (times["end"] - times[KeyKind.FIRST]) / (len(records(output)) - 1)


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
                yield KeyKind.FIRST, now - begin
            seen = True
            yield "end", now - begin
