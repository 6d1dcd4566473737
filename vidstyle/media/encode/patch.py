"""What ffmpeg can't be told is written into the file that it made."""

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from vidstyle.media.chunks import mp4_boxes, riff_chunks
from vidstyle.media.encode.command import OutputPlan
from vidstyle.media.encode.viewing import write_viewing

# Boxes of a QuickTime file that hold its tracks' headers.
_HOLDERS = (b"moov", b"trak", b"mdia")
# Where the language stands in a box "mdhd", by the box's version: after times of 32 or of 64 bits.
_LANGUAGE = {0: 20, 1: 32}
# A WebP animation's frame: its position and size are in front of its duration, of three bytes (RFC 9649, 2.7.1.1).
_FRAME, _DURATION = b"ANMF", 12


def patch_output(part: Path, plan: OutputPlan) -> None:
    """Write a QuickTime file's languages, a WebP animation's last duration, and how a picture is to be seen."""
    suffix = part.suffix.lower()
    write_viewing(part, plan.source.viewing, dict(plan.source.tags), plan.size[0])
    if suffix == ".mov":
        _write_languages(part, plan.languages())
    elif suffix == ".webp":
        _write_last_duration(part, plan.times.end - plan.times.pts[0])


def _write_languages(path: Path, languages: Sequence[str | None]) -> None:
    """Give a file's tracks, in their order, their languages (ISO 639-2); None and what is no such code is left alone.

    Ffmpeg writes only those that the Macintosh had numbers for. QuickTime reads packed codes wherever they stand
    (QuickTime File Format, "Language Code Values").
    """
    with path.open("r+b") as file:
        headers = list(_media_headers(file, 0, path.stat().st_size))
        for header, language in zip(headers, languages, strict=False):
            if language and len(language) == 3 and language.isascii() and language.islower():
                file.seek(header)
                version = file.read(1)[0]
                file.seek(header + _LANGUAGE[version])
                packed = [ord(letter) - 0x60 for letter in language]
                file.write(struct.pack(">H", packed[0] << 10 | packed[1] << 5 | packed[2]))


def _media_headers(file: BinaryIO, start: int, stop: int) -> Iterator[int]:
    """Where each track's media header has its content."""
    for box in mp4_boxes(file, start, stop):
        if box.kind in _HOLDERS:
            yield from _media_headers(file, box.content, box.end)
        elif box.kind == b"mdhd":
            yield box.content


def _write_last_duration(path: Path, length: int) -> None:
    """Let an animation last so many milliseconds: its encoder gives the last frame an average time."""
    with path.open("r+b") as file:
        chunks = list(riff_chunks(file, 12, path.stat().st_size))
        frames = [chunk.content + _DURATION for chunk in chunks if chunk.kind == _FRAME]
        for frame in frames[:-1]:
            file.seek(frame)
            length -= int.from_bytes(file.read(3), "little")
        if frames:
            file.seek(frames[-1])
            file.write(max(length, 1).to_bytes(3, "little"))
