"""Languages in a QuickTime file, of which ffmpeg writes only those that the Macintosh had numbers for."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

_HOLDERS = (b"moov", b"trak", b"mdia")
# Where the language stands in a box "mdhd", by the box's version: after times of 32 or of 64 bits.
_PLACE = {0: 20, 1: 32}


def write_languages(path: Path, languages: Sequence[str | None]) -> None:
    """Give a file's tracks, in their order, their languages (ISO 639-2); None and what is no such code is left alone.

    QuickTime reads packed codes wherever they stand (QuickTime File Format, "Language Code Values").
    """
    with path.open("r+b") as file:
        places = list(_media_headers(file, 0, path.stat().st_size))
        for place, language in zip(places, languages, strict=False):
            if language and len(language) == 3 and language.isascii() and language.islower():
                file.seek(place)
                version = file.read(1)[0]
                file.seek(place + _PLACE[version])
                packed = [ord(letter) - 0x60 for letter in language]
                file.write(struct.pack(">H", packed[0] << 10 | packed[1] << 5 | packed[2]))


def _media_headers(file: BinaryIO, begin: int, end: int) -> Iterator[int]:
    """Where each track's media header has its content."""
    while begin + 8 <= end:
        file.seek(begin)
        size, name = struct.unpack(">I4s", file.read(8))
        content = begin + 8
        if size == 1:
            size, content = struct.unpack(">Q", file.read(8))[0], begin + 16
        stop = begin + size if size else end
        if name in _HOLDERS:
            yield from _media_headers(file, content, stop)
        elif name == b"mdhd":
            yield content
        begin = max(stop, content)
