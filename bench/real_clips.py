"""(k) Real clips of any kind: how calm they are where they rest, how up to date, and how legible."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from bench.look import records, size
from bench.material import Material
from bench.table import Column, Table
from vidstyle.generators import finish
from vidstyle.measure.measure import measure
from vidstyle.render.video import stylize_video
from vidstyle.settings import Settings, preset

FRAMES, STILLS = 40, 2
"""Frames of each clip that are painted, from the first that is asked for on, and how many of them as stills as well."""
SIZE = 320

COLUMNS = (
    Column("clip", "clip"),
    Column("frames", "frames"),
    Column("boil", "boil", ".1f"),
    Column("boil_10", "over 10", ".1f"),
    Column("rests", "rests", ".0%"),
    Column("stale", "stale", ".2f"),
    Column("shapes", "shapes", ".3f"),
    Column("legible", "over a still's", ".2f"),
    Column("evaluations", "evaluations", ".2f"),
    Column("seconds", "a frame", ".1f", " s"),
)


def run(material: Material) -> Table:
    """A row for each clip in the folder that was named, or for the one clip."""
    rows = [_row(clip, material) for clip in material.clips]
    return Table(
        "real clips, standard",
        COLUMNS,
        rows,
        (
            "Boil: change, of 255, where the clip rests, a frame and over 10. Stale: share of what changed that"
            " shows what was there before. Over a still's: shapes beside the same frames painted alone. Evaluations: of"
            " the network, a frame.",
        ),
    )


def _row(clip: Path, material: Material) -> dict[str, object]:
    settings = preset("standard").replace(
        size=size(material) or SIZE,
        frames=material.frames,
        limit=None if material.full else f"{FRAMES}f",
        codec="ffv1",
        pixel_format="rgb",
        device=material.device,
    )
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "painted.mkv"
        painting = stylize_video(clip, material.styles, output, settings, keep=True)
        seconds = statistics.fmean(news.seconds for news in painting if news.kind == "frame")
        painted = records(output)
        study = finish(measure(output, clip, settings=Settings().replace(device=material.device), stills=STILLS))
    whole = study.outputs[0].whole
    return {
        "clip": clip.name,
        "frames": f"{whole.first}-{whole.last}",
        "boil": whole.boil[1].level,
        "boil_10": whole.boil[10].level,
        "rests": whole.boil[1].share,
        "stale": whole.stale.share,
        "shapes": whole.shape,
        "legible": whole.legible,
        "evaluations": statistics.fmean(record["evaluations"] for record in painted),
        "seconds": seconds,
    }
