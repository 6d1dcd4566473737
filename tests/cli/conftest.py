"""A tiny clip, a tiny style, and ways to run the program."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from tests.helpers.weights import weights_once
from vidstyle.cli.app import app
from vidstyle.media.images.stills import write_image

__all__ = ["weights_once"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, without settings from anywhere else."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in [name for name in os.environ if name.startswith("VIDSTYLE_")]:
        monkeypatch.delenv(name)
    return here


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a clip of 4 frames of 48×32 with a sound, and a style picture."""
    folder = tmp_path_factory.mktemp("media")
    subprocess.run(
        [
            imageio_ffmpeg.get_ffmpeg_exe(),
            *("-v", "error", "-f", "lavfi", "-i", "testsrc2=s=48x32:r=8:d=0.5"),
            *("-f", "lavfi", "-i", "sine=d=0.5", "-shortest", str(folder / "clip.mp4")),
        ],
        check=True,
    )
    write_image(folder / "noise.png", np.random.default_rng(0).random((32, 40, 3), np.float32))
    write_image(folder / "photo.jpg", np.random.default_rng(1).random((32, 48, 3), np.float32))
    return folder


@pytest.fixture
def inputs(folder: Path, media: Path) -> Path:
    """The current folder, with the clip, the photo and the style in it."""
    for file in media.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


@pytest.fixture
def run(folder: Path) -> Callable[..., Result]:
    """Run the program in this process."""
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words], prog_name="vidstyle")


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the program as a process of its own, which ends with the test."""
    with contextlib.ExitStack() as processes:

        def start(*words: str) -> subprocess.Popen[str]:
            command = [sys.executable, "-m", "vidstyle", *words]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            processes.enter_context(process)
            processes.callback(process.kill)
            return process

        yield start
