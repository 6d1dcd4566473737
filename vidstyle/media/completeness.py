"""Is all of a file there? What a container's own sizes promise, against the bytes present.

Demuxers stop without a word at the end of a file that was cut short, so only its structure tells.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
_RIFF = (b"RIFF", b"RIFX")
# Some writers count the eight bytes of a RIFF header, or a padding byte, twice.
_RIFF_SLACK = 16


def missing_bytes(path: Path) -> int:
    """How many bytes a Matroska, MP4, QuickTime or AVI file promises beyond its own end; 0 for other kinds.

    Sources: ISO/IEC 14496-12 section 4.2 (boxes), RFC 8794 section 4 (EBML), the RIFF specification.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] == _EBML:
            end = _matroska_end(file)
        elif head[:4] in _RIFF:
            end = _riff_end(file, size) - _RIFF_SLACK
        elif head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"styp"):
            end = max((start + length for _, start, length in _boxes(file, size)), default=0)
        else:
            end = 0
    return max(0, end - size)


def lacks_index(path: Path) -> bool:
    """Whether an MP4 or QuickTime file never got its index (the `moov` box), as when recording broke off."""
    size = path.stat().st_size
    with path.open("rb") as file:
        kinds = {kind for kind, _, _ in _boxes(file, size)}
    return b"mdat" in kinds and b"moov" not in kinds


def _boxes(file: BinaryIO, size: int) -> list[tuple[bytes, int, int]]:
    """Kind, start and length of the outermost boxes; the last may reach past the end."""
    boxes, start = [], 0
    while start + 8 <= size:
        file.seek(start)
        header = file.read(16)
        length, kind = int.from_bytes(header[:4], "big"), header[4:8]
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        elif length == 0:  # up to the end, wherever that is
            length = size - start
        if length < 8 or not kind.isalnum():
            break
        boxes.append((kind, start, length))
        start += length
    return boxes


def _riff_end(file: BinaryIO, size: int) -> int:
    """Where the last RIFF chunk ends: large AVI files are a chain of them (OpenDML)."""
    start = 0
    while start + 12 <= size:
        file.seek(start)
        header = file.read(8)
        length = int.from_bytes(header[4:8], "little")
        if header[:4] not in _RIFF or length in (0, 0xFFFFFFFF):
            break
        start += 8 + length + length % 2
    return start


def _matroska_end(file: BinaryIO) -> int:
    """Where the segment ends, or 0 if it was written without its size (a live stream)."""
    file.seek(4)
    header = _vint(file)
    if header is None:
        return 0
    file.seek(header, 1)
    if file.read(4) != _SEGMENT:
        return 0
    length = _vint(file)
    return 0 if length is None else file.tell() + length


def _vint(file: BinaryIO) -> int | None:
    """An EBML variable-size integer, None for "unknown"."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    width = 9 - first[0].bit_length()
    value = int.from_bytes(bytes([first[0] & (0xFF >> width)]) + file.read(width - 1), "big")
    return None if value == (1 << 7 * width) - 1 else value
