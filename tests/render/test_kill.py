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

import numpy as np
import pytest

from vidstyle.media.images.stills import write_image
from vidstyle.settings import StyleImage

# Brings everything in, then paints in a fork for each line it reads: starting Python and torch takes seconds.
_PAINTERS = """
import os, sys
from pathlib import Path
import vidstyle, vidstyle.render.recurrence.shot, vidstyle.render.recurrence.context
from vidstyle import Keys, Mask, StyleImage
clip, style, mask = sys.argv[1:]
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
between = settings.replace(max_inbetweens=3)
directed = between.replace(style_weight=Keys({1: 5, 12: 40}), strength=Keys({1: 0.2, 12: 1}), colors="clip")
masked = StyleImage(Path(style), 1.0, Mask(drawn=((5, Path(mask)),)))
asked = {
    "solved": (settings.replace(max_inbetweens=0), [style]),
    "between": (between, [style]),
    "directed": (directed, [masked]),
}
print("ready", flush=True)
for line in sys.stdin:
    kind, output = line.rstrip().split(maxsplit=1)
    child = os.fork()
    if not child:
        settings, styles = asked[kind]
        for _ in vidstyle.stylize_video(clip, styles, output, settings, keep=True):
            pass
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Painters:
    """Runs of jobs, one after the other, that can be killed."""

    def __init__(self, clip: Path, style: StyleImage, mask: Path) -> None:
        command = [sys.executable, "-c", _PAINTERS, clip, style.path, mask]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._line() == "ready"

    def run(self, output: Path, kind: str, frames: int | None = None, delay: float = 0.0) -> int:
        """Run until so many frames are there and a moment longer; the exit status, negative if killed."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{kind} {output}\n")
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
def painters(clip: Path, style: StyleImage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Painters]:
    """Those of all tests here."""
    drawn = np.zeros((32, 48, 3), np.float32)
    drawn[8:28, 10:34] = 1
    write_image(mask := tmp_path_factory.mktemp("drawn") / "mask.png", drawn)
    painters = Painters(clip, style, mask)
    yield painters
    painters.close()


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "kills"), [("solved", 8), ("between", 8), ("directed", 4)])
def test_killed_at_random_moments(tmp_path: Path, painters: Painters, kind: str, kills: int) -> None:
    """Directed is what has a mask that is carried, weights and a strength that change, and the clip's colours."""
    whole, output = (tmp_path / name / "out.mp4" for name in ("whole", "killed"))
    for path in (whole, output):
        path.parent.mkdir()
    begin = time.monotonic()
    assert painters.run(whole, kind) == 0
    seconds = time.monotonic() - begin
    expected = frames_beside(whole)
    assert len(expected) == 12
    chance = random.Random(0)
    for frames in sorted(chance.choices(range(12), k=kills)):
        status = painters.run(output, kind, frames, chance.uniform(0, seconds / kills))
        # What is there under its name is whole at any moment.
        assert all(expected[name] == data for name, data in frames_beside(output).items())
        if status == 0:
            break
        assert status == -signal.SIGKILL
    assert frames > 7
    assert output.exists() or painters.run(output, kind) == 0
    assert frames_beside(output) == expected
    assert output.read_bytes() == whole.read_bytes()
