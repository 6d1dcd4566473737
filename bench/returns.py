"""(p) Shot and counter-shot: first frames that begin with an earlier one's paint, beside each painted anew."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench.look import records, size
from bench.material import Material, link
from bench.table import Column, Table
from vidstyle.generators import finish
from vidstyle.media.images.stills import read_image, write_image
from vidstyle.motion.flow import Array
from vidstyle.render.video import stylize_video
from vidstyle.settings import Settings

COLUMNS = (
    Column("device", "device"),
    Column("returns", "--returns"),
    Column("first", "evaluations of the two places' first frames", ".1f"),
    Column("returning", "of one that comes back", ".1f"),
    Column("all", "of all six", ".1f"),
    Column("apart", "how far apart the paint of one place is", ".1f", " of 255"),
)

_SHOTS, _BLUR = 6, 4.0
"""How many shots the film has; pixels, the deviation of the blur that leaves colours and large strokes."""


def run(material: Material) -> Table:
    """A row for each way: a film of six shots in two places, the clip's and its mirror image, turned upside down."""
    step = 12 if material.full else 4
    images = material.images(_size(material), step * (_SHOTS // 2 - 1) + 1)
    shown = [images[step * (shot // 2)] for shot in range(_SHOTS)]
    shown = [image[::-1, ::-1].copy() if shot % 2 else image for shot, image in enumerate(shown)]
    rows = []
    for returns in ("auto", "none"):
        with tempfile.TemporaryDirectory() as folder:
            painted = list(_painted(material, shown, Path(folder), returns))
        evaluations = [count for _, count in painted]
        rows.append(
            {
                "device": material.device,
                "returns": returns,
                "first": sum(evaluations[:2]) / 2,
                "returning": sum(evaluations[2:]) / (_SHOTS - 2),
                "all": sum(evaluations),
                "apart": float(np.mean([_apart(shown, painted, shot) for shot in range(2, _SHOTS)])),
            }
        )
    notes = (
        f"Shots of one frame each, of a clip and of its mirror image in turn; a place comes back {step} frames later. "
        "Apart: root mean square difference of two paintings of a place, blurred, where motion finds it again.",
    )
    return Table("set-ups that come back", COLUMNS, rows, notes)


def _size(material: Material) -> tuple[int, int]:
    side = size(material) or 320
    return side, 2 * round(side * 9 / 32)


def _painted(material: Material, shown: list[Array], folder: Path, returns: str) -> Iterator[tuple[Array, float]]:
    """Each frame's painting, and how many evaluations it took."""
    clip, cuts = folder / "clip", folder / "cuts.txt"
    clip.mkdir()
    for number, image in enumerate(shown, 1):
        write_image(clip / f"{number:04d}.png", image)
    cuts.write_text("".join(f"{number}\n" for number in range(2, len(shown) + 1)))
    options: dict[str, Any] = {"cuts": str(cuts), "device": material.device, "returns": returns}
    settings = Settings().replace(**options)
    output = folder / "out.mkv"
    finish(stylize_video(clip, material.styles, output, settings, keep=True))
    paintings = sorted(output.with_name(f"{output.name}.vidstyle").glob("shots/*/frames/*.png"))
    for path, record in zip(paintings, records(output), strict=True):
        yield read_image(path), record["evaluations"]


def _apart(shown: list[Array], painted: list[tuple[Array, float]], shot: int) -> float:
    """How far a frame's painting is from that of the place's first one."""
    earlier = link(shown[shot], shown[shot % 2]).carry(painted[shot % 2][0])
    difference = cv2.GaussianBlur(painted[shot][0] - earlier.image, (0, 0), _BLUR)
    weight = earlier.reliability[..., None]
    return 255 * float(np.sqrt((weight * np.square(difference)).sum() / (3 * weight.sum())))
