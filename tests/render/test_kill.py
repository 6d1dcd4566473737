"""Killed with -9 at any moment, a job goes on to the same bytes."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from vidstyle.settings import StyleImage

# Brings everything in, then paints in a fork for each line it reads: starting Python and torch takes seconds.
_PAINTERS = """
import os, sys, tomllib
import vidstyle, vidstyle.render.shot, vidstyle.render.context
from vidstyle.settings import from_dict
clip, style, output, settings = sys.argv[1:]
print("ready", flush=True)
for _ in sys.stdin:
    child = os.fork()
    if not child:
        for _ in vidstyle.stylize_video(clip, [style], output, from_dict(tomllib.loads(settings)), keep=True):
            pass
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
_SETTINGS = """
steps = 3
first_frame_steps = 3
content_layers = ["relu2_1"]
style_layers = ["relu1_1", "relu2_1"]
temporal_frames = [1, 2]
max_inbetweens = {max_inbetweens}
threads = 1
device = "cpu"
precision = "float32"
"""


class Painters:
    """Runs of one job, one after the other, that can be killed."""

    def __init__(self, clip: Path, style: StyleImage, folder: Path, max_inbetweens: int) -> None:
        folder.mkdir()
        self.output = folder / "out.mp4"
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                _PAINTERS,
                clip,
                style.path,
                self.output,
                _SETTINGS.format(max_inbetweens=max_inbetweens),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._line() == "ready"

    def run(self, frames: int | None = None, delay: float = 0.0) -> int:
        """Run until so many frames are there and a moment longer; the exit status, negative if killed."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        child = int(self._line())
        if frames is not None:
            while len(self.frames()) < frames:
                time.sleep(0.01)
            time.sleep(delay)
            with contextlib.suppress(ProcessLookupError):  # it was quicker
                os.kill(child, signal.SIGKILL)
        return int(self._line())

    def frames(self) -> dict[str, bytes]:
        """The frame files so far."""
        return {path.name: path.read_bytes() for path in self.output.parent.glob("*/shots/*/frames/*.png")}

    def close(self) -> None:
        """End the process that forks."""
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@pytest.fixture(params=[0, 3], ids=["every frame solved", "in-betweens"])
def max_inbetweens(request: pytest.FixtureRequest) -> int:
    """The most frames between two keys."""
    most: int = request.param
    return most


@pytest.fixture
def whole(
    tmp_path: Path, clip: Path, style: StyleImage, max_inbetweens: int
) -> Iterator[tuple[dict[str, bytes], float]]:
    """The frames of an uninterrupted run, and its seconds."""
    painters = Painters(clip, style, tmp_path / "whole", max_inbetweens)
    begin = time.monotonic()
    assert painters.run() == 0
    yield painters.frames(), time.monotonic() - begin
    painters.close()


@pytest.mark.slow
def test_killed_at_ten_random_moments(
    tmp_path: Path, clip: Path, style: StyleImage, max_inbetweens: int, whole: tuple[dict[str, bytes], float]
) -> None:
    expected, seconds = whole
    assert len(expected) == 12
    chance = random.Random(0)
    painters = Painters(clip, style, tmp_path / "killed", max_inbetweens)
    for frames in sorted(chance.choices(range(12), k=10)):
        status = painters.run(frames, chance.uniform(0, seconds / 8))
        # What is there under its name is whole at any moment.
        assert all(expected[name] == data for name, data in painters.frames().items())
        if status == 0:
            break
        assert status == -signal.SIGKILL
    assert frames > 8
    assert painters.output.exists() or painters.run() == 0
    painters.close()
    assert painters.frames() == expected
    assert painters.output.read_bytes() == (tmp_path / "whole" / "out.mp4").read_bytes()
