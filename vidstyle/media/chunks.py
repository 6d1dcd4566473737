"""What MP4, RIFF, Matroska and picture files are made of: parts, each with its kind and its length in front."""

import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple


class Chunk(NamedTuple):
    """Where a part of a file is: its kind, its first byte, that of its content, and its end, maybe past the file's."""

    kind: bytes
    start: int
    content: int
    end: int


def mp4_boxes(file: BinaryIO, start: int, stop: int) -> Iterator[Chunk]:
    """The boxes between two places of an MP4 or QuickTime file (ISO/IEC 14496-12 section 4.2)."""
    while start + 8 <= stop:
        file.seek(start)
        header = file.read(16)
        length, kind, content = int.from_bytes(header[:4], "big"), header[4:8], start + 8
        if length == 1:
            length, content = int.from_bytes(header[8:16], "big"), start + 16
        elif length == 0:  # up to the end, wherever that is
            length = stop - start
        if length < 8 or not kind.isalnum():
            return
        yield Chunk(kind, start, content, start + length)
        start += length


def riff_chunks(file: BinaryIO, start: int, stop: int) -> Iterator[Chunk]:
    """The chunks between two places of an AVI or WebP file; each begins at an even place."""
    while start + 8 <= stop:
        file.seek(start)
        header = file.read(8)
        length = int.from_bytes(header[4:], "little")
        end = start + 8 + length + length % 2
        yield Chunk(header[:4], start, start + 8, end)
        start = end


def matroska_elements(file: BinaryIO, start: int, stop: int) -> Iterator[Chunk]:
    """The elements between two places of a Matroska file (RFC 8794, sections 4 to 6)."""
    while start < stop:
        file.seek(start)
        head = file.read(12)
        kind = 9 - head[0].bit_length() if head else 9
        if kind > 4 or len(head) <= kind or not head[kind]:
            return
        size = 9 - head[kind].bit_length()
        length = int.from_bytes(head[kind : kind + size], "big") & (1 << 7 * size) - 1
        content = start + kind + size
        unknown = length == (1 << 7 * size) - 1
        end = stop if unknown else content + length
        yield Chunk(head[:kind], start, content, end)
        start = end


def png_size(data: bytes) -> tuple[int, int] | None:
    """Width and height that the header of a PNG tells, before it is decoded; None where there is no such header."""
    if len(data) < 24 or data[:16] != b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR":
        return None
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def is_whole_png(data: bytes) -> bool:
    """Whether a PNG is there to its end, and each of its parts as its checksum says."""
    place, kind = 8, b""
    while png_size(data) and place + 12 <= len(data) and kind != b"IEND":
        end = place + 8 + int.from_bytes(data[place : place + 4], "big")
        kind = data[place + 4 : place + 8]
        if zlib.crc32(data[place + 4 : end]) != int.from_bytes(data[end : end + 4], "big"):
            return False
        place = end + 4
    return kind == b"IEND"


def with_comment(data: bytes, comment: str) -> bytes:
    """A PNG or a JPEG with a comment; what is neither stays as it is."""
    if png_size(data):  # behind the header: signature, length, kind, 13 bytes, checksum
        chunk = b"iTXtComment\0\0\0\0\0" + comment.encode()
        length, check = (len(chunk) - 4).to_bytes(4, "big"), zlib.crc32(chunk).to_bytes(4, "big")
        return data[:33] + length + chunk + check + data[33:]
    if data[:2] == b"\xff\xd8":  # behind the mark that the picture begins
        text = comment.encode()[:65_000]
        return data[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + data[2:]
    return data
