"""(l) What the clock says: time left, said beside true, at the first word, the tenth second, half and nine tenths."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.material import Material
from bench.table import Column, Table
from vidstyle.media.images.stills import write_image

COLUMNS = (
    Column("run", "run", "s"),
    Column("total", "in all", ".0f", " s"),
    Column("first", "first said, of true", ".2f"),
    Column("tenth", "at 10 s", ".2f"),
    Column("half", "at half", ".2f"),
    Column("late", "at 90%", ".2f"),
    Column("jump", "largest jump", ".0%"),
)

SIZES = {"draft": 160, "standard": 240}
FRAMES = "36f"


class Said(NamedTuple):
    """What a run said: when, in seconds from its start, and how many were left."""

    at: float
    left: float


class Recording(NamedTuple):
    """All that a run said, and the second in which it ended."""

    said: list[Said]
    end: float

    def over_true(self, at: float) -> float | None:
        """What was said last before a moment, less the time since, over what was true then."""
        known = [word for word in self.said if word.at <= at]
        return max(known[-1].left - (at - known[-1].at), 0.0) / (self.end - at) if known and at < self.end else None

    def row(self, name: str) -> dict[str, Any]:
        """The figures of the table."""
        first = self.said[0]
        return {
            "run": name,
            "total": self.end,
            "first": first.left / (self.end - first.at),
            "tenth": self.over_true(max(10.0, first.at)),
            "half": self.over_true(0.5 * self.end),
            "late": self.over_true(0.9 * self.end),
            "jump": self.jump,
        }

    @property
    def jump(self) -> float:
        """The largest change from one word to the next that time itself does not explain, over the time in all."""
        pairs = zip(self.said, self.said[1:], strict=False)
        return max((abs(b.left - max(a.left - (b.at - a.at), 0.0)) for a, b in pairs), default=0.0) / self.end


def run(material: Material) -> Table:
    """A row a run: the clip in two presets, one that was interrupted, and a still."""
    with tempfile.TemporaryDirectory() as name:
        rows = list(_rows(material, Path(name)))
    notes = (
        "said over true: 1 is right, 1.25 says a quarter too much. Each run is a whole process, and true is its end; a "
        "jump is what the time left changes by from one word to the next, beside time passing, of the time in all. "
        "Where others are at work on the machine, what is true wanders, too.",
    )
    return Table("time left", COLUMNS, rows, notes)


def _rows(material: Material, folder: Path) -> Iterator[dict[str, Any]]:
    common = ["--device", material.device, *(word for path in material.styles for word in ("--style", str(path)))]
    for preset, size in SIZES.items():
        flags = [*common, "--preset", preset, "--size", str(material.size or size)]
        part = ["--frames", material.frames] if material.frames else ["--limit", FRAMES]
        words = [str(material.clip), *flags, *part, "-o", str(folder / f"{preset}.mp4")]
        yield record(words).row(preset)
        if preset == "draft":
            words[-1] = str(folder / "again.mp4")
            _interrupt(words)
            yield record(words).row("draft, gone on with")
    photo = folder / "photo.png"
    write_image(photo, material.images((640, 360), 1)[0])
    flags = [*common, "--preset", "standard", "--size", str(material.size or SIZES.get("standard", 240))]
    yield record([str(photo), *flags, "-o", str(folder / "still.png")]).row("still")


def record(words: Sequence[str]) -> Recording:
    """Run a command to its end, and note what it says."""
    begin = time.monotonic()
    said = []
    with _started(words) as process:
        assert process.stdout is not None
        for line in process.stdout:
            left = json.loads(line).get("seconds_left")
            if left is not None:
                said.append(Said(time.monotonic() - begin, left))
    if process.returncode:
        raise RuntimeError(f"vidstyle {' '.join(words)} ended with {process.returncode}")
    return Recording(said, time.monotonic() - begin)


def _interrupt(words: Sequence[str]) -> None:
    """Run a command until half of its frames are done."""
    with _started(words) as process:
        assert process.stdout is not None
        for line in process.stdout:
            news = json.loads(line)
            if news["type"] == "frame" and news["frames_done"] >= news["frames_total"] / 2:
                process.send_signal(signal.SIGTERM)
                break
        process.stdout.read()


def _started(words: Sequence[str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "vidstyle", *words, "--json", "--quiet"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
