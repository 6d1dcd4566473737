"""(i) Damaged files of every kind: how each ends, and whether any ends in a way that it must not."""

from __future__ import annotations

import contextlib
import multiprocessing
import resource
import shutil
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench import hostile
from bench.material import Material
from bench.spoilt import FRAMES, WAYS, Spoilt, make_valid, spoil
from bench.table import Column, Table
from vidstyle.errors import VidstyleError
from vidstyle.media.output.request import OutputRequest
from vidstyle.media.output.writer import write_video
from vidstyle.media.probe.damage import accept_losses
from vidstyle.media.probe.inspection import Inspection
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.settings import MediaSettings, OnDamage

ENDINGS = {
    "whole": "every frame, nothing lost",
    "warned": "painted, with a warning",
    "refused": "a sentence and an exit code",
    "silent": "shorter without a word",
    "leftover": "files left behind",
    "touched": "files of others changed",
    "crash": "traceback or crash",
    "hang": "too long",
}
"""How it can end, and what people read."""
BAD = ("silent", "leftover", "touched", "crash", "hang")

COLUMNS = (
    Column("way", "what was done"),
    Column("files", "files", "d"),
    *(Column(ending, words, "d") for ending, words in ENDINGS.items()),
    Column("seconds", "longest", ".1f", " s"),
)

TOLD = ("damaged", "cut short", "video streams")
"""Words of the warnings that tell that a clip isn't all that it was."""
SHORT, FULL, JOBS_FULL = 60, 1_000, 2_000
SEED = 1
LIMIT = 60.0
"""Seconds that a file may take: a hundred times what a valid one takes."""
JOB_LIMIT = 60.0
"""Seconds after which a job folder is waited for no longer; of a processor it may take far fewer."""
MEMORY = 6 << 30
"""Bytes of address space that looking at a file may take."""


def run(material: Material) -> Table:
    """A row for each way of damaging a file; each is looked at, read and written again, strictly and as it is."""
    count = FULL if material.full else SHORT
    notes: tuple[str, ...] = (
        f"{count} files (seed {SEED}); 'painted' is read and written with its sound, without painting.",
    )
    rows: list[dict[str, Any]] = []
    if material.device == "cpu":
        found = list(examine(range(count), SEED))
        for way in WAYS:
            of_way = [(ending, seconds) for spoilt, ending, _, seconds in found if spoilt.way == way]
            counts = Counter(ending for ending, _ in of_way)
            row = {"way": way, "files": len(of_way), "seconds": max((seconds for _, seconds in of_way), default=0.0)}
            rows.append(row | {ending: counts[ending] for ending in ENDINGS})
        jobs = list(examine_jobs(JOBS_FULL if material.full else SHORT, SEED))
        counts = Counter(ending for _, ending, _, _ in jobs)
        row = {"way": "hostile job folder", "files": len(jobs), "seconds": max(seconds for *_, seconds in jobs)}
        rows.append(row | {ending: counts[ending] for ending in ENDINGS})
        notes += tuple(f"{case}: {ENDINGS[ending]}: {words}" for case, ending, words, _ in jobs if ending in BAD)
        notes += tuple(
            f"{spoilt.number} ({spoilt.way} {spoilt.origin}): {ENDINGS[ending]}: {words}"
            for spoilt, ending, words, _ in found
            if ending in BAD
        )
    return Table("damaged files", COLUMNS, rows, notes)


def examine(numbers: range, seed: int) -> Iterator[tuple[Spoilt, str, str, float]]:
    """How each of the generator's files ends, what was said, and the seconds it took."""
    with tempfile.TemporaryDirectory() as name, contextlib.closing(_Worker(_look, LIMIT)) as worker:
        valid = make_valid(Path(name))
        for number in numbers:
            folder = Path(name) / str(number)
            folder.mkdir()
            spoilt = spoil(number, seed, valid, folder)
            yield spoilt, *worker.ask(spoilt.path)
            shutil.rmtree(folder)


def examine_jobs(count: int, seed: int) -> Iterator[tuple[hostile.Case, str, str, float]]:
    """The same of hostile job folders."""
    with tempfile.TemporaryDirectory() as name, contextlib.closing(_Worker(hostile.ending, JOB_LIMIT)) as worker:
        home = Path(name).resolve() / "home"
        hostile.make_jobs(home)
        for number, case in enumerate(hostile.cases(home, count, seed)):
            target = home.with_name(str(number))
            folder = hostile.attack(case, home, target)
            yield case, *worker.ask(number, folder)
            shutil.rmtree(target)


class _Worker:
    """A process that looks at one thing after another, and is replaced when it dies or takes too long."""

    def __init__(self, look: Callable[..., tuple[str, str]], limit: float) -> None:
        self._look, self._limit = look, limit
        self._process: multiprocessing.process.BaseProcess | None = None

    def ask(self, *what: object) -> tuple[str, str, float]:
        if self._process is None:
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs, self._look), daemon=True)
            self._process.start()
            theirs.close()
            self._pipe.recv()  # it has loaded all that it needs
        begin = time.monotonic()
        self._pipe.send(what)
        try:
            there = self._pipe.poll(self._limit)
            ending, words = self._pipe.recv() if there else ("hang", f"over {self._limit:.0f} s")
        except EOFError:
            ending, words = "crash", "the process died"
        seconds = time.monotonic() - begin
        if words == "the process died" or ending == "hang":
            self.close()
        return ending, words, seconds

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None


def _serve(pipe: Connection, look: Callable[..., tuple[str, str]]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    pipe.send(None)
    while True:
        pipe.send(look(*pipe.recv()))


def _look(path: Path) -> tuple[str, str]:
    endings = _ending(path, "stop"), _ending(path, "paint")
    return max(endings, key=lambda ending: BAD.index(ending[0]) if ending[0] in BAD else -1)


def _ending(path: Path, on_damage: OnDamage) -> tuple[str, str]:
    """How a file ends, and what is said of it."""
    before = set(path.parent.iterdir())
    output = path.with_name(f"out-{on_damage}.mkv")
    try:
        source = probe(path, MediaSettings(on_damage=on_damage))
        if source.kind == "still":
            return "whole", ""
        inspection = Inspection(source)
        for _ in inspection.watched(read_frames(source)):
            pass
        warnings = (*source.warnings, *accept_losses(path, inspection.losses, on_damage))
        request = OutputRequest(output, range(len(source.pts)), source.size)
        for _ in write_video(source, None, request):
            pass
        written = len(probe(output).pts)
    except VidstyleError as error:
        left = set(path.parent.iterdir()) - before
        if path.name not in str(error) and output.name not in str(error):
            return "crash", f"a sentence without the file's name: {error}"
        return ("leftover", ", ".join(map(str, left))) if left else ("refused", str(error))
    except Exception:
        return "crash", traceback.format_exc().strip().replace("\n", " | ")
    left = set(path.parent.iterdir()) - before - {output}
    if left:
        return "leftover", ", ".join(map(str, left))
    told = any(any(word in words for word in TOLD) for words in warnings)
    if written < FRAMES and not told:
        return "silent", f"{written} of {FRAMES} frames"
    return ("warned" if told else "whole"), " ".join(warnings)
