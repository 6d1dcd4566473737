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
import os, sys
import vidstyle, vidstyle.render.shot, vidstyle.render.context
clip, style = sys.argv[1:]
settings = vidstyle.Settings().replace(
    steps=2,
    first_frame_steps=2,
    content_layers="relu2_1",
    style_layers="relu1_1,relu2_1",
    temporal_frames="1,2",
    threads=1,
    device="cpu",
    precision="float32",
)
print("ready", flush=True)
for line in sys.stdin:
    most, output = line.rstrip().split(maxsplit=1)
    child = os.fork()
    if not child:
        for _ in vidstyle.stylize_video(clip, [style], output, settings.replace(max_inbetweens=int(most)), keep=True):
            pass
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Painters:
    """Runs of jobs, one after the other, that can be killed."""

    def __init__(self, clip: Path, style: StyleImage) -> None:
        command = [sys.executable, "-c", _PAINTERS, clip, style.path]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._line() == "ready"

    def run(self, output: Path, max_inbetweens: int, frames: int | None = None, delay: float = 0.0) -> int:
        """Run until so many frames are there and a moment longer; the exit status, negative if killed."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{max_inbetweens} {output}\n")
        self._process.stdin.flush()
        child = int(self._line())
        if frames is not None:
            while len(frames_beside(output)) < frames:
                time.sleep(0.01)
            time.sleep(delay)
            with contextlib.suppress(ProcessLookupError):  # it was quicker
                os.kill(child, signal.SIGKILL)
        return int(self._line())

    def close(self) -> None:
        """End the process that forks."""
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def frames_beside(output: Path) -> dict[str, bytes]:
    """The frame files so far of the job of an output."""
    return {path.name: path.read_bytes() for path in output.parent.glob("*/shots/*/frames/*.png")}


@pytest.fixture(scope="module")
def painters(clip: Path, style: StyleImage) -> Iterator[Painters]:
    """Those of all tests here."""
    painters = Painters(clip, style)
    yield painters
    painters.close()


@pytest.mark.slow
@pytest.mark.parametrize("most", [0, 3], ids=["every frame solved", "in-betweens"])
def test_killed_at_eight_random_moments(tmp_path: Path, painters: Painters, most: int) -> None:
    whole, output = (tmp_path / name / "out.mp4" for name in ("whole", "killed"))
    for path in (whole, output):
        path.parent.mkdir()
    begin = time.monotonic()
    assert painters.run(whole, most) == 0
    seconds = time.monotonic() - begin
    expected = frames_beside(whole)
    assert len(expected) == 12
    chance = random.Random(0)
    for frames in sorted(chance.choices(range(12), k=8)):
        status = painters.run(output, most, frames, chance.uniform(0, seconds / 8))
        # What is there under its name is whole at any moment.
        assert all(expected[name] == data for name, data in frames_beside(output).items())
        if status == 0:
            break
        assert status == -signal.SIGKILL
    assert frames > 7
    assert output.exists() or painters.run(output, most) == 0
    assert frames_beside(output) == expected
    assert output.read_bytes() == whole.read_bytes()
