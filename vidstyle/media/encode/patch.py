"""What ffmpeg can't be told is written into the file that it made."""

from __future__ import annotations

import struct
from pathlib import Path

from vidstyle.media.encode.plan import OutputPlan
from vidstyle.media.encode.quicktime import write_languages

# A WebP animation's frame: place, size and duration, each in three bytes (RFC 9649, section 2.7.1.1).
_FRAME, _DURATION = b"ANMF", 12


def patch_output(part: Path, plan: OutputPlan) -> None:
    """Write the languages of a QuickTime file, and how long a WebP animation's last frame is shown."""
    suffix = part.suffix.lower()
    if suffix == ".mov":
        write_languages(part, plan.languages())
    elif suffix == ".webp":
        _write_last_duration(part, plan.times.end - plan.times.pts[0])


def _write_last_duration(part: Path, length: int) -> None:
    """Let an animation last so many milliseconds: its encoder gives the last frame an average time."""
    with part.open("r+b") as file:
        size = file.seek(0, 2)
        place, frames = 12, []
        while place + 8 <= size:
            file.seek(place)
            name, count = struct.unpack("<4sI", file.read(8))
            if name == _FRAME:
                file.seek(place + 8 + _DURATION)
                frames.append((place + 8 + _DURATION, int.from_bytes(file.read(3), "little")))
            place += 8 + count + count % 2
        if frames:
            file.seek(frames[-1][0])
            file.write(max(length - sum(duration for _, duration in frames[:-1]), 1).to_bytes(3, "little"))
