"""Job folders that somebody else may have made: every field and file wrong in each way, from a seeded generator."""

from __future__ import annotations

import copy
import json
import os
import random
import resource
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import imageio_ffmpeg
import numpy as np
import typer.main
from typer.testing import CliRunner, Result

from vidstyle.cli.app import app
from vidstyle.jobs.folder import lease
from vidstyle.media.images.stills import write_image
from vidstyle.render.video import stylize_video
from vidstyle.settings import Settings

MEMORY = 1 << 20
"""Kilobytes that looking at a folder may take."""
SECONDS = 10
"""Seconds of a processor that it may take."""
_EVIL = "\x1b]0;owned\x07\x9b2J"
_RAW = {"infinite": "1e999", "no number": "NaN", "endless digits": "9" * 5000, "deep": "[" * 100_000 + "]" * 100_000}
_MARK = "«raw»"
VALUES: dict[str, Any] = {
    "null": None,
    "true": True,
    "negative": -1,
    "zero": 0,
    "fraction": 0.5,
    "huge": 10**12,
    "larger": 10**30,
    "text": "x",
    "path": "../../../elsewhere/mine",
    "absolute": "/etc/passwd",
    "escape": _EVIL,
    "exponent": "1e999999999",
    "list": [],
    "table": {},
    "pairs": [[1, 10**9]],
    **{name: f"{_MARK}{name}" for name in _RAW},
}
"""What stands in place of a field, by name."""
FILES = ("link", "link to a folder", "pipe", "device", "folder", "empty", "cut", "noise", "sparse", "deep", "gone")
"""What stands in place of a file or folder."""


@dataclass(frozen=True)
class Case:
    """A folder of a kind, of which a file, or a field in it, is replaced."""

    kind: str
    file: str
    field: tuple[str | int, ...]
    way: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.file} {'.'.join(map(str, self.field))} {self.way}"


def make_jobs(home: Path) -> None:
    """Jobs of one clip: one painted and assembled, one interrupted with a state; what a farm leaves in them, too."""
    home.mkdir(exist_ok=True)
    clip, style = home / "clip.mp4", home / "style.png"
    film = "testsrc2=s=48x32:r=12,trim=end_frame=8,format=yuv420p"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", film, "-crf", "4", str(clip)]
    os.spawnv(os.P_WAIT, command[0], command)
    write_image(style, np.random.default_rng(0).random((32, 40, 3), np.float32))
    (home / "cuts.txt").write_text("5\n")
    few = {"steps": 1, "first_frame_steps": 1, "cuts": str(home / "cuts.txt"), "max_inbetweens": 2, "threads": 1}
    for kind in ("whole", "begun"):
        run = stylize_video(
            clip, [style], home / "out.mp4", Settings().replace(**few), work_dir=home / kind, keep=True, overwrite=True
        )
        for news in run:
            if kind == "begun" and news.frames_done >= 6:
                run.close()
                break
        (home / kind / "farm").mkdir()
        sent = {"when": "2026-01-01T00:00:00Z", "per_task": 1, "shots": "7", "assemble": "8"}
        (home / kind / "farm" / "slurm.json").write_text(json.dumps({"submissions": [sent]}))


def cases(home: Path, count: int, seed: int) -> list[Case]:
    """So many of all cases, the same for the same seed."""
    found = []
    for kind in ("whole", "begun"):
        for path in sorted((home / kind).rglob("*")):
            name = str(path.relative_to(home / kind))
            found += [Case(kind, name, (), way) for way in FILES]
            if path.suffix == ".json":
                for field in _fields(json.loads(path.read_text())):
                    found += [Case(kind, name, field, way) for way in (*VALUES, "gone")]
    random.Random(seed).shuffle(found)
    return found[:count]


def attack(case: Case, home: Path, target: Path) -> Path:
    """A job folder, beside a clip and what is not to be touched, with one thing wrong; its path."""
    shutil.copytree(home, target, symlinks=True)
    elsewhere, folder = target / "elsewhere", target / case.kind
    elsewhere.mkdir()
    (elsewhere / "mine").write_text("mine")
    path = folder / case.file
    if case.field:
        value = json.loads(path.read_text())
        _replace(value, case)
        text = json.dumps(value)
        for name, raw in _RAW.items():
            text = text.replace(json.dumps(f"{_MARK}{name}"), raw)
        path.write_text(text)
        return folder
    data = path.read_bytes() if path.is_file() else b"{}"
    if case.way in ("link", "link to a folder"):  # what was there lies elsewhere now, and is somebody's
        shutil.move(path, elsewhere / "moved")
        path.symlink_to(elsewhere / "moved" if case.way == "link" else elsewhere)
        return folder
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    match case.way:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "folder":
            path.mkdir()
        case "sparse":
            path.touch()
            os.truncate(path, 1 << 40)
        case "gone":
            pass
        case way:
            noise = bytes(np.random.default_rng(0).integers(0, 256, len(data), np.uint8))
            content = {"empty": b"", "cut": data[: len(data) // 2], "noise": noise, "deep": b"[" * 100_000}
            path.write_bytes(content[way])
    return folder


def ending(number: int, folder: Path) -> tuple[str, str]:
    """How the commands that meet such a folder end, and what is said."""
    lease.BEAT, lease.PATIENCE = 0.05, 0.2  # a lease of another machine is watched for a minute otherwise
    home, before = folder.parent, _tree(folder.parent / "elsewhere")
    memory, begin, told = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time(), ""
    for words in _commands(number, folder):
        done = _run(list(map(str, words)), {"HOME": str(home), "VIDSTYLE_PROGRESS": "plain"})
        said = done.output.strip()
        if done.exit_code == 1 or "should not happen" in said:
            return "crash", f"{words[0]}: {done.exc_info and done.exc_info[1]!r} {said[-600:]}"
        if any(sign in said for sign in "\x1b\x07\x9b"):
            return "crash", f"{words[0]}: an escape reached the terminal: {said!r}"
        if _tree(home / "elsewhere") != before:
            return "touched", f"{words[0]}: something outside of the folder was changed"
        told = told or (said if done.exit_code else "")
        if time.process_time() - begin > SECONDS:
            return "hang", f"{words[0]}: over {SECONDS} s of a processor"
        if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory > MEMORY:
            return "crash", f"{words[0]}: it took over {MEMORY >> 20} GB"
    return ("refused", told) if told else ("whole", "")


@cache
def _program() -> Any:
    return typer.main.get_command(app)


def _run(words: list[str], environment: dict[str, str]) -> Result:
    # Typer's own makes the program anew each time, which takes longer than all else.
    with mock.patch("typer.testing._get_command", lambda _: _program()):
        return CliRunner().invoke(app, words, env=environment)


def _commands(number: int, folder: Path) -> Iterator[tuple[object, ...]]:
    """Those that cost little for every folder, the others for some."""
    home = folder.parent
    yield "status", folder, "--json"
    yield "status", folder
    yield "submit", folder, "--to", ("slurm", "openjd", "local")[number % 3], "--dry-run"
    again = ("plan", home / "clip.mp4", "--style", home / "style.png", "-o", home / "out.mp4", "--job", folder, "-y")
    few = ("--steps", 1, "--first-frame-steps", 1, "--cuts", home / "cuts.txt", "--max-inbetweens", 2, "--threads", 1)
    if number % 12 == 0:
        yield *again, *few
    if number % 48 == 1:
        yield "task", folder, "--shot", "1-2"
    if number % 12 == 2 or number % 48 == 1:
        yield "assemble", folder, "-o", home / "new.mp4", "-y"
    if number % 12 == 3:
        yield *again, *few, "--restart"


def _fields(value: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*above, key)
        yield from _fields(inner, (*above, key))


def _replace(value: Any, case: Case) -> None:
    for key in case.field[:-1]:
        value = value[key]
    if case.way == "gone":
        del value[case.field[-1]]
    else:
        value[case.field[-1]] = copy.deepcopy(VALUES[case.way])


def _tree(folder: Path) -> dict[str, object]:
    return {
        str(path.relative_to(folder)): (path.lstat().st_mtime_ns, path.lstat().st_size)
        for path in sorted(folder.rglob("*"))
    }
