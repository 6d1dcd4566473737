"""ffmpeg's arguments for moving pictures and sounds that test clips are made of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

MakeClip = Callable[..., Path]


def picture(rate: str = "25", frames: int = 20, size: str = "64x48") -> list[str]:
    """Arguments for ffmpeg: a moving test picture as an input: smooth, so that 4:2:0 can hold it."""
    return [
        "-f",
        "lavfi",
        "-i",
        f"gradients=s={size}:r={rate}:n=4:seed=7:speed=0.1,trim=end_frame={frames},format=yuv420p",
    ]


def tone(seconds: str = "0.8", layout: str = "mono") -> list[str]:
    """Arguments for ffmpeg: a sound as an input."""
    return ["-f", "lavfi", "-i", f"sine=440:duration={seconds},aformat=channel_layouts={layout}"]
