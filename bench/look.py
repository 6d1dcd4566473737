"""How a painted clip looks, as `vidstyle measure` sees it: what several tables say of one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.material import SAMPLES, Material
from bench.table import Column
from vidstyle.measure.results import Study

WHAT = (Column("device", "device"), Column("size", "size"), Column("frames", "frames"))
"""What was painted."""

LOOK = (
    Column("near", "over carried", ".2f"),
    Column("far", "over 10 frames", ".2f"),
    Column("gram", "style distance", ".3f"),
    Column("wasserstein", "sliced", ".3f"),
    Column("sharpness", "sharpness", ".2f"),
    Column("uncovered", "there new", ".2f"),
)
"""How steady it is, and how well painted."""

NOTE = (
    "Over carried: warp error (Lai et al. 2018) over that of the painting merely carried along the motion, the least "
    "that a crisp one can have. Style distances: 0 is the style itself. There new: "
    "sliced distance of newly uncovered regions over the rest's."
)
"""What the columns mean."""


def size(material: Material) -> int | None:
    """The long side at which whole clips are painted; None: the clip's own."""
    if material.size is None and material.clip.parent == SAMPLES:
        return 320 if material.full else 96
    return material.size


def look(study: Study, material: Material) -> dict[str, Any]:
    """The figures of the first output of a study, by column."""
    whole = study.outputs[0].whole
    near, far = (whole.warp.get(gap) for gap in (1, 10))
    new = whole.uncovered
    return {
        "device": material.device,
        "size": "{}×{}".format(*study.footage.size),
        "frames": f"{whole.first}-{whole.last}",
        "near": near and near.over_carried,
        "far": far and far.over_carried,
        "over_clip": near and near.over_clip,
        "gram": whole.style and whole.style.gram,
        "wasserstein": whole.style and whole.style.wasserstein,
        "sharpness": whole.sharpness_over_style,
        "borrowed": whole.borrowed,
        "uncovered": new.inside.wasserstein / new.rest.wasserstein if new and new.inside and new.rest else None,
    }


def records(output: Path) -> list[dict[str, Any]]:
    """What the job folder beside an output keeps of each frame, in order."""
    frames = output.with_name(f"{output.name}.vidstyle").glob("shots/*/frames/*.json")
    return [json.loads(path.read_text()) for path in sorted(frames)]
