"""Tiny jobs, ways to run the program, and a Slurm of two nodes where the machine has one."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import psutil
import pytest
from typer.testing import CliRunner, Result

from tests.helpers import slurm_cluster as cluster
from tests.helpers.runs import plan
from tests.helpers.slurm_cluster import Cluster, until
from tests.helpers.weights import weights_once
from vidstyle.cli.app import app
from vidstyle.jobs.folder.job import Job
from vidstyle.jobs.folder.lease import read_holder
from vidstyle.media.images.stills import write_image
from vidstyle.settings import Mask, Settings, StyleImage

__all__ = ["weights_once"]

PROGRAM = (sys.executable, "-m", "vidstyle")
"""The words that start the program."""

Frames = dict[str, bytes]
Run = Callable[..., Result]
MakeJob = Callable[..., Job]


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a style, a mask and clips of 48×32: two shots of 6 frames with a sound, and 400 frames."""
    folder = tmp_path_factory.mktemp("media")
    two = "[0:v]trim=end_frame=6[a];[1:v]trim=end_frame=6[b];[a][b]concat=n=2,format=yuv420p[v]"
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error"]
    lavfi = [word for source in ("testsrc2", "mandelbrot") for word in ("-f", "lavfi", "-i", f"{source}=s=48x32:r=12")]
    sound = ["-f", "lavfi", "-i", "sine=d=1"]
    mapped = ["-filter_complex", two, "-map", "[v]", "-map", "2:a", "-crf", "4"]
    subprocess.run([*ffmpeg, *lavfi, *sound, *mapped, str(folder / "two.mp4")], check=True)
    long = ["-f", "lavfi", "-i", "testsrc2=s=48x32:r=25,trim=end_frame=400", "-pix_fmt", "yuv420p", "-crf", "4"]
    subprocess.run([*ffmpeg, *long, str(folder / "long.mp4")], check=True)
    write_image(folder / "noise.png", np.random.default_rng(0).random((32, 40, 3), np.float32))
    drawn = np.zeros((32, 48, 3), np.float32)
    drawn[8:28, 10:34] = 1
    write_image(folder / "mask.png", drawn)
    return folder


@pytest.fixture
def make_job(tmp_path: Path, media: Path) -> MakeJob:
    """Plans a job in a folder of the test's own; keywords are those of :func:`planned`."""
    return lambda into=tmp_path, **changes: planned(into, media, **changes)


def planned(
    folder: Path,
    media: Path,
    *,
    clip: str = "two.mp4",
    first_frames: tuple[int, ...] = (7,),
    mask: Mask | None = None,
    **changes: object,
) -> Job:
    """A job in a folder: of a clip, its shots' first frames but for the first, where it is painted, and settings."""
    cuts = folder / "cuts.txt"
    cuts.write_text("".join(f"{frame}\n" for frame in first_frames))
    settings = Settings().replace(**(quick() | {"cuts": str(cuts)} | changes))
    style = StyleImage(media / "noise.png", 1.0, mask)
    return plan(media / clip, [style], folder / "out.mp4", settings, work_dir=folder / "job")


def quick() -> dict[str, object]:
    """Settings that paint a frame in a blink."""
    layers = {"content_layers": ("relu2_1",), "style_layers": ("relu1_1", "relu2_1")}
    return {
        "steps": 2,
        "first_frame_steps": 2,
        "max_inbetweens": 0,
        "threads": 1,
        "device": "cpu",
        "precision": "float32",
        **layers,
    }


SLOW = {"steps": 60, "first_frame_steps": 60, "tolerance": 0}
"""Settings that leave time to do something to a shot while it is painted."""

UNHURRIED = {"steps": 80, "first_frame_steps": 80, "tolerance": 0}
"""Settings that leave time to halt what paints a shot."""


def begun(job: Job, shot: int, frames: int = 1) -> int:
    """Wait until some frames of a shot are painted; the process that paints it."""
    until(lambda: painted(job, shot) >= frames)
    holder = read_holder(job.shot_folder(job.shots[shot - 1]))
    assert holder is not None and not holder.ended
    return holder.process.pid


@contextlib.contextmanager
def halted(pid: int) -> Iterator[None]:
    """A process that is held up, as on a machine that is busy with something else."""
    os.kill(pid, signal.SIGSTOP)
    try:
        until(lambda: psutil.Process(pid).status() in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE))  # not at once
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def frames_in(job: Job) -> Frames:
    """A job's frame files by their place."""
    return {str(path.relative_to(job.folder)): path.read_bytes() for path in sorted(job.folder.rglob("frames/*.png"))}


def painted(job: Job, shot: int) -> int:
    """How many frames of a shot are done."""
    return len(list((job.shot_folder(job.shots[shot - 1]) / "frames").glob("*.json")))


@pytest.fixture
def run() -> Run:
    """Runs the program in this process, whose torch is there already."""

    def run(*words: object, code: int = 0, **environment: str) -> Result:
        done = CliRunner().invoke(app, [str(word) for word in words], env=environment, prog_name="vidstyle")
        assert done.exit_code == code, done.output
        return done

    return run


@pytest.fixture(scope="session")
def slurm_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    if reason := cluster.why_not():
        pytest.skip(reason)
    slurm = Cluster(tmp_path_factory.mktemp("slurm"))
    try:
        slurm.start()
        yield slurm
    finally:
        slurm.stop()


@pytest.fixture
def slurm(slurm_cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """A Slurm of two idle nodes, in whose queue nothing is left behind."""
    for name, value in slurm_cluster.environment.items():
        monkeypatch.setenv(name, value)
    # A warning of a program that looks at its own jobs' variables must not come from the machine that runs the tests.
    for name in [name for name in os.environ if name.startswith("SLURM_") and name != "SLURM_CONF"]:
        monkeypatch.delenv(name)
    yield slurm_cluster
    slurm_cluster.call("scancel", "--user=root")
    slurm_cluster.wait_idle()


@pytest.fixture(scope="session")
def openjd() -> str:
    """The program of openjd-cli."""
    found = os.environ.get("VIDSTYLE_TEST_OPENJD") or shutil.which("openjd")
    if not found or not Path(found).exists():
        pytest.skip("openjd is neither in PATH nor named by VIDSTYLE_TEST_OPENJD")
    return found
