"""(h) What a job of many shots costs beside the painting: planning, a finished task, going on, looking, joining."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar
from unittest import mock

import imageio_ffmpeg
import numpy as np

from bench.material import Material
from bench.table import Column, Table
from vidstyle.farm.status import Watch
from vidstyle.generators import finish
from vidstyle.jobs.folder.files import make_folder, timestamp
from vidstyle.jobs.folder.frames import frame_path, mark_done
from vidstyle.jobs.folder.job import Job
from vidstyle.jobs.folder.lease import acquire
from vidstyle.jobs.folder.source_cache import source_of
from vidstyle.jobs.plan import plan_job
from vidstyle.jobs.write_job import write_job
from vidstyle.media.images.stills import encode_frame, write_image
from vidstyle.render.assemble import take_stock
from vidstyle.render.task import render_shots
from vidstyle.settings import Settings, StyleImage

T = TypeVar("T")

COLUMNS = (
    Column("shots", "shots", "d"),
    Column("frames", "frames", "d"),
    Column("plan", "plan", ".2f", " s"),
    Column("plan_again", "plan, again", ".2f", " s"),
    Column("task", "finished task", ".2f", " s"),
    Column("resume", "resume", ".2f", " s"),
    Column("status", "status", ".2f", " s"),
    Column("look", "2nd look", ".2f", " s"),
    Column("stock", "assemble: stock", ".2f", " s"),
    Column("source", "assemble: clip", ".3f", " s"),
)

SHORT = (100, 1_000)
FULL = (1_000, 10_000)
FRAMES = 20
"""Frames a shot: at 10,000 shots, two hours of film."""
SIZE = 16
REPEATS = 3


def run(material: Material) -> Table:
    """A row a job; the frames are tiny, since no time here depends on their size but that of reading them."""
    rows = [_measured(shots) for shots in (FULL if material.full else SHORT)] if material.device == "cpu" else []
    notes = (
        "'finished task' and 'status' are whole processes, the median of 5 and of 3; 'plan, again' is what the same "
        "command does on the job that is there; 'resume' is up to the first frame to paint; 'stock' reads every frame.",
    )
    return Table("bookkeeping", COLUMNS, rows, notes)


def _measured(shots: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip, style, cuts = folder / "clip.mp4", StyleImage(folder / "style.png"), folder / "cuts.txt"
        _encode(clip, shots * FRAMES)
        write_image(style.path, np.full((SIZE, SIZE, 3), 0.5, np.float32))
        cuts.write_text("".join(f"{number * FRAMES + 1}\n" for number in range(1, shots)))
        settings = Settings().replace(cuts=str(cuts), device="cpu")

        def planned() -> Job:
            return finish(write_job(plan_job(clip, [style], folder / "out.mkv", settings)))

        found: dict[str, float] = {"shots": shots, "frames": shots * FRAMES}
        found["plan"], job = _timed(planned)
        found["plan_again"], job = _timed(planned)
        _paint(job)
        found["task"] = _process("task", str(job.folder), "--shot", str(shots // 2), times=REPEATS + 2)
        found["status"] = _process("status", str(job.folder), times=REPEATS)
        looking = Watch(job.folder)
        looking.look()
        found["look"], _ = _timed(looking.look)
        last = frame_path(job, job.shots[-1], job.shots[-1].stop - 1)
        data = last.read_bytes()
        last.unlink()
        found["resume"], _ = _timed(lambda: next(render_shots(job, job.shots)))
        last.write_bytes(data)
        found["stock"], missing = _timed(lambda: finish(take_stock(job)))
        assert not missing
        found["source"], _ = _timed(lambda: source_of(job))
        return found


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    begin = time.perf_counter()
    result = work()
    return time.perf_counter() - begin, result


def _process(*words: str, times: int) -> float:
    """The median time of a command, from its start to its end."""
    command = [sys.executable, "-m", "vidstyle", *words]
    return statistics.median(
        _timed(lambda: subprocess.run(command, check=True, capture_output=True))[0] for _ in range(times)
    )


def _encode(path: Path, frames: int) -> None:
    source = f"color=s={SIZE}x{SIZE}:r=24,trim=end_frame={frames}"
    encoder: Sequence[str] = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", source, *encoder, str(path)]
    subprocess.run(command, check=True)


def _paint(job: Job) -> None:
    """Every frame and record as a run leaves them, but not flushed one by one."""
    data = encode_frame(np.full((job.size[1], job.size[0], 3), 0.5, np.float32), 8)
    losses = {"content": 0.2, "style": 0.1, "temporal": 0.02, "tv": 0.01}
    record = {"job": job.digest, "bytes": len(data), "crc32": zlib.crc32(data), "losses": losses, "evaluations": 12.0}
    text = json.dumps(record | {"seconds": 1.5, "attempt": 1, "machine": {}, "finished": timestamp()}, indent=1)
    with mock.patch.object(os, "fsync", lambda descriptor: None):
        for shot in job.shots:
            make_folder(job.shot_folder(shot) / "frames")
            lease = finish(acquire(job.shot_folder(shot)))
            for index in shot.frames:
                path = frame_path(job, shot, index)
                path.write_bytes(data)
                path.with_suffix(".json").write_text(text)
            mark_done(job, shot, {"attempts": 1, "machine": {}}, lease.scratch)
            lease.release("done")
