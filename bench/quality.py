"""(f) How steady and how well painted each preset's output is, as `vidstyle measure` sees it."""

from __future__ import annotations

import statistics
import tempfile
from dataclasses import asdict
from pathlib import Path

from bench.material import SAMPLES, Material, result
from bench.table import Column, Table
from vidstyle.measure.measure import measure
from vidstyle.render.clip import style_images, stylize_video
from vidstyle.settings import parse_frames, preset

COLUMNS = (
    Column("device", "device"),
    Column("size", "size"),
    Column("frames", "frames"),
    Column("preset", "preset"),
    Column("gap", "gap", "d"),
    Column("output", "warp error", ".2e"),
    Column("carried", "carried", ".2e"),
    Column("over_carried", "over carried", ".2f"),
    Column("clip", "clip", ".2e"),
    Column("over_clip", "over clip", ".2f"),
    Column("kept", "kept", ".0%"),
    Column("gram", "style distance", ".3f"),
    Column("wasserstein", "sliced", ".3f"),
    Column("borrowed", "borrowed", ".2f"),
    Column("uncovered", "there new", ".3f"),
    Column("seconds", "a frame", ".1f", " s"),
)


def run(material: Material) -> Table:
    """A row for each preset: painted as a video, and measured as one."""
    size = material.size
    if size is None and material.clip.parent == SAMPLES:
        size = 320 if material.full else 96
    rows = []
    for name in material.presets:
        settings = preset(name).replace(
            size=size, frames=material.frames or ("1-8" if material.full else "1-4"), device=material.device
        )
        first = parse_frames(settings.media.frames)[0]
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder) / "painted.mp4"
            seconds = statistics.fmean(
                news.seconds
                for news in stylize_video(material.clip, material.styles, output, settings)
                if news.kind == "frame"
            )
            study = result(measure(output, material.clip, style_images(material.styles), settings, first=first))
        whole = study.outputs[0].whole
        about = {
            "device": material.device,
            "size": "{}×{}".format(*study.footage.size),
            "frames": f"{whole.first}-{whole.last}",
            "preset": name,
            "seconds": seconds,
            "gram": whole.style.gram,
            "wasserstein": whole.style.wasserstein,
            "borrowed": whole.borrowed,
        }
        if whole.uncovered is not None and whole.uncovered.inside is not None:
            about["uncovered"] = whole.uncovered.inside.wasserstein
        for gap, errors in whole.warp.items():
            if errors.output is not None:
                ratios = {"over_carried": errors.over_carried, "over_clip": errors.over_clip}
                rows.append(about | {"gap": gap} | asdict(errors) | ratios)
    notes = (
        "Warp error after Lai et al. 2018; carried: of the painting merely carried along the motion, the least that a "
        "crisp one can have. Style distances: 0 is the style itself.",
    )
    return Table("steadiness and style of each preset", COLUMNS, rows, notes)
