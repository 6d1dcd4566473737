"""``python -m bench``: all benchmarks, or some of them, as tables and as JSON."""

from __future__ import annotations

import importlib
import json
import os
import platform
import time
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.console import Console

from bench.material import SAMPLES, Material
from bench.table import painted_frames
from vidstyle.cli.tuning import reexec_with_malloc_tunables, tune
from vidstyle.machine import description
from vidstyle.settings import PRESETS, RunSettings
from vidstyle.style.network.device import select_device

PARTS = {
    "a": "evaluation",
    "b": "convergence",
    "c": "frame_time",
    "d": "memory",
    "e": "throughput",
    "f": "quality",
    "g": "motion",
    "h": "bookkeeping",
    "i": "damage",
    "j": "inbetweens",
    "k": "real_clips",
    "l": "time_left",
    "m": "looks",
    "n": "pipeline",
    "o": "sizes",
    "p": "returns",
}
"""Part → the module whose `run` makes its table."""


# A parameter for each flag.
def main(  # noqa: PLR0913
    only: Annotated[str, typer.Option(metavar="a,b,…", help="These parts alone.")] = ",".join(PARTS),
    full: Annotated[bool, typer.Option("--full", help="The long form: larger sizes, more frames.")] = False,
    device: Annotated[str, typer.Option(help="cpu or cuda; auto: both, where both are there.")] = "auto",
    clip: Annotated[Path, typer.Option(help="What is painted.")] = SAMPLES / "clip.mp4",
    clips: Annotated[Path | None, typer.Option(metavar="DIR", help="A folder of clips, in (k), (l) and (n).")] = None,
    style: Annotated[list[Path], typer.Option(help="The style picture.")] = [SAMPLES / "wave.jpg"],  # noqa: B006
    frames: Annotated[str | None, typer.Option(metavar="10-40", help="Which frames of the clip.")] = None,
    size: Annotated[int | None, typer.Option(help="The long side in pixels, in (c), (f), (k) and (n).")] = None,
    preset: Annotated[
        str, typer.Option(metavar="NAME,…", help="The presets to compare in (f); (o) takes the first.")
    ] = ",".join(PRESETS),
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Where the figures go.")] = None,
) -> None:
    """What is fast and what is good, measured side by side.

    (a) an evaluation over the bare network's; (b) the reference algorithm and ours; (c) where a frame's time goes;
    (d) peak memory; (e) frames an hour; (f) steadiness and style of each preset; (g) motion; (h) what a job
    of many shots costs beside the painting; (i) how damaged files end; (j) keys and
    in-betweens beside every frame solved; (k) how calm and legible real clips are;
    (l) what is said of the time left; (m) small looks beside the film;
    (n) all but the solver; (o) a large frame beside its preview;
    (p) a set-up that comes back.
    """
    chosen, presets = _among(only, PARTS, "--only"), _among(preset, PRESETS, "--preset")
    devices = [device] if device != "auto" else ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
    console = Console()
    if not console.is_terminal:
        console = Console(width=150)
    console.print(_machine(devices), highlight=False)
    figures: dict[str, Any] = {"machine": description(), "devices": devices, "load": os.getloadavg()[0], "parts": {}}
    begin = time.monotonic()
    for part in chosen:
        module = importlib.import_module(f"bench.{PARTS[part]}")
        with console.status(f"({part}) {str(module.__doc__).splitlines()[0]}"):
            started = time.monotonic()
            table = painted_frames(
                module.run(Material(clip, tuple(style), frames, size, presets, full, name, clips)) for name in devices
            )
        console.print()
        console.print(table.rich(part))
        figures["parts"][part] = table.to_dict() | {"seconds": round(time.monotonic() - started, 1)}
        if json_file is not None:  # after each, as the later ones take long
            json_file.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    console.print(f"\nAll of it took {time.monotonic() - begin:.0f} s.", highlight=False)


def _among(names: str, known: Any, option: str) -> tuple[str, ...]:
    chosen = tuple(name.strip() for name in names.split(",") if name.strip())
    if unknown := [name for name in chosen if name not in known]:
        raise typer.BadParameter(f"there is no '{unknown[0]}': take {', '.join(known)}.", param_hint=option)
    return chosen


def _machine(devices: list[str]) -> str:
    """What it runs on, in words, and whether it has other things to do."""
    facts = [select_device(RunSettings(device=name)).description for name in devices]
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    busy = f"; the load is {load:.1f}: others are at work, times mean little" if load > 0.5 * cores else ""
    return f"{'; '.join(facts)}; torch {torch.__version__}, Python {platform.python_version()}{busy}"


if __name__ == "__main__":
    # As the program does; what is said before torch is loaded is heard when all begins again.
    tune()
    reexec_with_malloc_tunables()
    typer.run(main)
