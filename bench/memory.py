"""(d) Peak memory against the frame's size, each in a process of its own."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.table import Column, Table
from vidstyle.cli.tuning import reexec_with_malloc_tunables, tune
from vidstyle.settings import Settings

if TYPE_CHECKING:  # it brings torch, which the process that starts itself again has no use for
    from bench.material import Material

COLUMNS = (
    Column("device", "device"),
    Column("size", "size"),
    Column("megapixels", "megapixels", ".3f"),
    Column("host_mb", "process", ".0f", " MB"),
    Column("cuda_mb", "on the GPU", ".0f", " MB"),
)

SHORT = ((160, 90), (480, 270))
FULL = ((320, 180), (640, 360), (1280, 720))

STEPS = 13
"""Of a later frame: as many as make the optimiser's history about as long as it gets at such sizes."""


def run(material: Material) -> Table:
    """A row a size; a size is a whole run of two frames, video in and out."""
    rows = []
    for width, height in FULL if material.full else SHORT:
        asked = (width, STEPS, material.device, material.clip, *material.styles)
        command = [sys.executable, "-m", __spec__.name, *asked]
        done = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True)
        size = {"device": material.device, "size": f"{width}×{height}", "megapixels": width * height / 1e6}
        rows.append(size | json.loads(done.stdout))
    key = "host_mb" if rows[-1]["cuda_mb"] is None else "cuda_mb"
    slope, base = np.polyfit([row["megapixels"] for row in rows], [row[key] for row in rows], 1)
    notes = (f"About {base:.0f} MB and {slope:.0f} MB a megapixel.",)
    return Table("peak memory of a whole run", COLUMNS, rows, notes)


def paint(long_side: int, steps: int, device: str, clip: Path, styles: Sequence[Path]) -> dict[str, float | None]:
    """Paint two frames, and say what this process took at most."""
    import torch

    from vidstyle.render.video import stylize_video

    settings = Settings().replace(
        size=long_side,
        frames="1-2",
        cuts="none",
        first_frame_steps=2,
        steps=steps,
        max_inbetweens=0,
        tolerance=0.0,
        device=device,
    )
    with tempfile.TemporaryDirectory() as folder:
        for _ in stylize_video(clip, styles, Path(folder) / "painted.mp4", settings):
            pass
    cuda = torch.cuda.max_memory_allocated() / 1e6 if torch.cuda.is_available() else None
    return {"host_mb": peak() / 1e6, "cuda_mb": cuda}


def peak() -> int:
    """The most memory, in bytes, that this process had at a time."""
    status = Path("/proc/self/status")
    if status.exists():
        # ru_maxrss would be the parent's, where that had more when it started this process.
        found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text())
        if found:
            return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    tune()
    reexec_with_malloc_tunables()
    _, long_side, steps, device, clip, *styles = sys.argv
    json.dump(paint(int(long_side), int(steps), device, Path(clip), list(map(Path, styles))), sys.stdout)
