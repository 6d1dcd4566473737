"""A tiny clip and a tiny style, as fixtures for the rooms that plan and paint jobs."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from vidstyle.media.images.stills import write_image
from vidstyle.settings import StyleImage


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve frames of 48×32 with a sound, cut after the seventh."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    encode(path, "testsrc2=s=48x32:r=12,trim=end_frame=7", "mandelbrot=s=48x32:r=12,trim=end_frame=5", sound=True)
    return path


@pytest.fixture(scope="session")
def style(tmp_path_factory: pytest.TempPathFactory) -> StyleImage:
    """Coloured noise."""
    path = tmp_path_factory.mktemp("style") / "noise.png"
    write_image(path, np.random.default_rng(0).random((32, 40, 3), np.float32))
    return StyleImage(path)


@pytest.fixture
def make_clip() -> Callable[..., None]:
    """Encodes lavfi sources, one after the other: ``make_clip(path, "testsrc=…", …, options=(…))``."""
    return encode


def encode(path: Path, *sources: str, sound: bool = False, options: tuple[str, ...] = ()) -> None:
    """Encode lavfi sources, one after the other."""
    inputs = [word for source in sources for word in ("-f", "lavfi", "-i", source)]
    joined = "".join(f"[{i}:v]" for i in range(len(sources))) + f"concat=n={len(sources)},format=yuv420p[v]"
    audio = ("-f", "lavfi", "-i", "sine=d=1") if sound else ()
    mapped = ("-map", f"{len(sources)}:a", "-c:a", "aac") if sound else ()
    subprocess.run(
        [
            imageio_ffmpeg.get_ffmpeg_exe(),
            *("-v", "error", "-y"),
            *inputs,
            *audio,
            *("-filter_complex", joined, "-map", "[v]"),
            *mapped,
            *("-c:v", "libx264", "-crf", "4"),
            *options,
            str(path),
        ],
        check=True,
    )
