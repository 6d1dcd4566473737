"""(f) How steady and how well painted each preset's output is, as `vidstyle measure` sees it."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from bench.look import LOOK, NOTE, WHAT, look, size
from bench.material import Material, first_of
from bench.table import Column, Table
from vidstyle.generators import finish
from vidstyle.measure.measure import measure
from vidstyle.render.video import style_images, stylize_video
from vidstyle.settings import preset

COLUMNS = (
    *WHAT,
    Column("preset", "preset"),
    *LOOK,
    Column("over_clip", "over clip", ".2f"),
    Column("borrowed", "borrowed", ".2f"),
    Column("seconds", "a frame", ".1f", " s"),
)


def run(material: Material) -> Table:
    """A row for each preset: painted as a video, and measured as one."""
    rows = []
    for name in material.presets:
        frames = material.frames or ("1-8" if material.full else "1-4")
        settings = preset(name).replace(size=size(material), frames=frames, device=material.device)
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder) / "painted.mp4"
            seconds = statistics.fmean(
                news.seconds
                for news in stylize_video(material.clip, material.styles, output, settings)
                if news.kind == "frame"
            )
            study = finish(
                measure(output, material.clip, style_images(material.styles), settings, first=first_of(frames))
            )
        rows.append(look(study, material) | {"preset": name, "seconds": seconds})
    return Table(
        "steadiness and style of each preset", COLUMNS, rows, (NOTE, "Over clip: warp error over the clip's own.")
    )
