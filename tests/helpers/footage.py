"""ffmpeg's arguments for moving pictures and sounds that test clips are made of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

MakeClip = Callable[..., Path]


def picture(rate: str = "25", frames: int = 20, size: str = "64x48") -> list[str]:
    """Arguments for ffmpeg: a moving picture as an input, of waves so long that 4:2:0 holds them well."""
    waves = "geq=r='128+90*sin(X/9+N/5)':g='128+90*sin(Y/7-N/4)':b='128+90*sin((X+Y)/11+N/3)'"
    still = f"nullsrc=s={size}:r={rate},trim=end_frame={frames},format=rgb24"
    return ["-f", "lavfi", "-i", f"{still},{waves},format=yuv420p"]


def tone(seconds: str = "0.8", layout: str = "mono") -> list[str]:
    """Arguments for ffmpeg: a sound as an input."""
    return ["-f", "lavfi", "-i", f"sine=440:duration={seconds},aformat=channel_layouts={layout}"]
