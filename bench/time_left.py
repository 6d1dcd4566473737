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
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames

COLUMNS = (
    Column("run", "run", "s"),
    Column("total", "in all", ".0f", " s"),
    Column("first", "first said, of true", ".2f"),
    Column("tenth", "at 10 s", ".2f"),
    Column("half", "at half", ".2f"),
    Column("late", "at 90%", ".2f"),
    Column("jump", "largest jump", ".0%"),
)

SIZE = 240
"""The long side in pixels, unless another is asked for; a picture's is thrice that."""
LENGTHS = {"draft": "60f", "standard": "40f", "final": "8f"}
"""How much of a clip is painted in a preset."""
CLIPS = 3
PART: tuple[str, ...] = ("draft, gone on with", "a still")
"""The runs of the short form."""


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
        """The largest rise, or fall that time does not explain, over what was left, or over ten seconds."""
        pairs = zip(self.said, self.said[1:], strict=False)
        changes = ((max(b.left - a.left, a.left - (b.at - a.at) - b.left), a.left) for a, b in pairs if b.left)
        return max((change / max(left, 10.0) for change, left in changes), default=0.0)


def run(material: Material) -> Table:
    """A row a run: some clips and pictures in some presets, those that were interrupted, and a night."""
    with tempfile.TemporaryDirectory() as name:
        rows = list(_rows(material, Path(name)))
    notes = (
        "said over true: 1 is right, 1.25 says a quarter too much. Each run is a whole process, and true is its end; a "
        "jump is what the time left changes by from one word to the next, beside time passing, of what was left or of "
        "ten seconds. "
        "Where others are at work on the machine, what is true wanders, too.",
    )
    return Table("time left", COLUMNS, rows, notes)


def _rows(material: Material, folder: Path) -> Iterator[dict[str, Any]]:
    clips = material.clips[:CLIPS]
    photo = folder / "photo.png"
    write_image(photo, next(read_frames(probe(clips[-1], None))).image)
    runs = {f"draft, {clip.name}": ("draft", [clip]) for clip in clips}
    runs |= {preset: (preset, clips[:1]) for preset in LENGTHS if preset != "draft"}
    runs |= {"a still": ("standard", [photo]), "a still, draft": ("draft", [photo])}
    runs |= {f"{preset}, gone on with": (preset, clips[:1]) for preset in ("draft", "standard")}
    runs |= {f"a night of {len(clips)}": ("draft", [*clips, photo])}
    for number, (name, (preset, inputs)) in enumerate(runs.items()):
        if not (material.full or name in PART):
            continue
        size = (material.size or SIZE) * (3 if inputs == [photo] else 1)
        words = [*map(str, inputs), "--device", material.device, "--preset", preset, "--size", str(size)]
        words += [word for path in material.styles for word in ("--style", str(path))]
        if inputs != [photo]:
            words += ["--frames", material.frames] if material.frames else ["--limit", LENGTHS.get(preset, "8f")]
        suffix = "/" if len(inputs) > 1 else ".png" if inputs == [photo] else ".mp4"
        words += ["-o", f"{folder / str(number)}{suffix}"]
        if "gone on" in name:
            _interrupt(words)
        yield record(words).row(name)


def record(words: Sequence[str]) -> Recording:
    """Run a command to its end, and note what it says."""
    begin = time.monotonic()
    said = []
    with _started(words) as process:
        assert process.stdout is not None
        for line in process.stdout:
            news = json.loads(line)
            left = news.get("all_seconds_left" if news.get("clips") else "seconds_left")
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
