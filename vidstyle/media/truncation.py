"""Is all of a file there? What a container's own sizes promise, against the bytes present.

Demuxers stop without a word at the end of a file that was cut short, so only its structure tells.
"""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple

from vidstyle.media.chunks import mp4_boxes, riff_chunks

_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
_RIFF = (b"RIFF", b"RIFX")
# Some writers count the eight bytes of a RIFF header, or a padding byte, twice.
_RIFF_SLACK = 16
# Some writers of RealMedia count the bytes of a chunk's header, but for its length, twice.
_REAL_SLACK = 10
_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"styp")
_ASF_HEADER = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_PNG = b"\x89PNG\r\n\x1a\n"
_TS_SYNC = 0x47
# Packets of transport streams: plain, with a time before them (Blu-ray, AVCHD), with error correction after them.
_TS_PACKETS = ((188, 0), (192, 4), (204, 0))
_PS_PACK, _PS_END = 0xBA, 0xB9
# The largest share of a file that a trailer of no known kind may take at its end.
_TRAILER = 0.1
_GIF_PADDING = 1024
# Bytes of a long file's end that are looked at: more than the longest packet of these formats.
_TAIL = 1 << 18
# Disks and cards lose data in blocks of so many bytes.
_BLOCK = 4096


class MissingBytes(NamedTuple):
    """What is missing of a file.

    Attributes
    ----------
    amount
        Bytes that it promises beyond its own end, or that lie behind a place where nothing more can be read; 0 if it
        is whole, or of a kind that promises nothing.
    exact
        Whether that is all; else nobody knows: the file only ends in the middle of something.
    """

    amount: int
    exact: bool


def missing_bytes(path: Path) -> MissingBytes:
    """How much of a file isn't there.

    Sources: ISO/IEC 14496-12 section 4.2 (boxes), RFC 8794 section 4 (EBML), the RIFF, ASF, SWF, GIF89a and PNG
    specifications, ISO/IEC 13818-1 (transport and program streams), RFC 3533 section 6 (Ogg).
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(16)
        end, exact = next(
            ((end(file, size), tells) for is_it, end, tells in _KINDS if is_it(head)),
            (_transport_end(file, size), False),
        )
    return MissingBytes(max(0, end - size), exact)


def lacks_index(path: Path) -> bool:
    """Whether an MP4 or QuickTime file never got its index (the `moov` box), as when recording broke off."""
    size = path.stat().st_size
    with path.open("rb") as file:
        kinds = {box.kind for box in mp4_boxes(file, 0, size)}
    return b"mdat" in kinds and b"moov" not in kinds


def zeroed_bytes(path: Path, least: int) -> int:
    """How many bytes of a file lie in runs of zeros of `least` bytes or more, counted in whole blocks."""
    total = run = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if any(block):
                total += run if run >= least else 0
                run = 0
            else:
                run += len(block)
    return total + (run if run >= least else 0)


def _mp4_end(file: BinaryIO, size: int) -> int:
    end = max((box.end for box in mp4_boxes(file, 0, size)), default=0)
    return _with_trailing_garbage(end, size)


def _with_trailing_garbage(end: int, size: int) -> int:
    """An end beyond the file's by what can't be read of it, if that is more than a trailer of the camera's own."""
    rest = size - end
    return size + rest if rest > _TRAILER * size else end


def _riff_end(file: BinaryIO, size: int) -> int:
    """Where the last RIFF chunk ends: large AVI files are a chain of them (OpenDML)."""
    end = 0
    for chunk in riff_chunks(file, 0, size):
        if chunk.kind not in _RIFF or chunk.end - chunk.content in (0, 0x1_0000_0000):  # a length of 0 or of all ones
            break
        end = chunk.end
    return end - _RIFF_SLACK


def _matroska_end(file: BinaryIO, size: int) -> int:
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


def _asf_end(file: BinaryIO, size: int) -> int:
    """The size that the header states; 0 for a broadcast, which can't state any."""
    file.seek(24)
    count, start = int.from_bytes(file.read(4), "little"), 30
    for _ in range(min(count, 100)):
        file.seek(start)
        header = file.read(92)
        if header[:16] == _ASF_PROPERTIES and len(header) == 92:
            is_broadcast = header[88] & 1
            return 0 if is_broadcast else int.from_bytes(header[40:48], "little")
        start += max(24, int.from_bytes(header[16:24], "little"))
    return 0


def _real_end(file: BinaryIO, size: int) -> int:
    """Where the last chunk of a RealMedia file ends."""
    start = 0
    while start + 8 <= size:
        file.seek(start)
        header = file.read(8)
        length = int.from_bytes(header[4:8], "big")
        if length < 8 or not header[:4].strip(b".").isalnum():
            break
        start += length
    return start - _REAL_SLACK


def _flash_end(file: BinaryIO, size: int) -> int:
    file.seek(4)
    return int.from_bytes(file.read(4), "little")


def _gif_end(file: BinaryIO, size: int) -> int:
    file.seek(10)
    start = 13 + _palette(file.read(1))
    while start < size:
        file.seek(start)
        kind = file.read(10)
        if kind[:1] == b"\x3b":
            return 0
        if kind[:1] == b"\x21":  # an extension, in sub-blocks after its label
            start += 2
        elif kind[:1] == b"\x2c":  # an image: its palette, the width of its codes, sub-blocks
            start += 11 + _palette(kind[9:])
        else:  # one zero after another is padding
            return size + (size - start) if size - start > _GIF_PADDING else 0
        length = -1
        while length != 0 and start < size:
            file.seek(start)
            length = (file.read(1) or b"\0")[0]
            start += 1 + length
    return max(start, size + 1)


def _palette(flags: bytes) -> int:
    return 3 << ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0


def _png_end(file: BinaryIO, size: int) -> int:
    start = len(_PNG)
    while start < size:
        file.seek(start)
        header = file.read(8)
        start += 12 + int.from_bytes(header[:4], "big")
        if header[4:] == b"IEND":
            return start
        if len(header) == 8 and not header[4:].isalpha():
            return _with_trailing_garbage(start - 12 - int.from_bytes(header[:4], "big"), size)
    return max(start, size + 1)


def _ogg_end(file: BinaryIO, size: int) -> int:
    """Where the last page ends."""
    tail, begin = _tail(file, size)
    offset = tail.rfind(b"OggS")
    if offset < 0:
        return 0
    segments = tail[offset + 26 : offset + 27]
    if not segments:
        return size + 1
    lacing = tail[offset + 27 : offset + 27 + segments[0]]
    missing_lacing = segments[0] - len(lacing)
    return begin + offset + 27 + segments[0] + sum(lacing) + missing_lacing


def _transport_end(file: BinaryIO, size: int) -> int:
    """The end of the last packet of a transport stream; 0 if it is none."""
    for length, sync in _TS_PACKETS:
        whole = size // length
        packets = [*range(min(whole, 5)), whole - 1]
        if whole >= len(packets) and all(_byte(file, number * length + sync) == _TS_SYNC for number in packets):
            return -(-size // length) * length
    return 0


def _byte(file: BinaryIO, offset: int) -> int:
    file.seek(offset)
    return (file.read(1) or b"\0")[0]


def _program_end(file: BinaryIO, size: int) -> int:
    """The end of the last packet of an MPEG program stream."""
    tail, begin = _tail(file, size)
    offset = tail.find(bytes((0, 0, 1, _PS_PACK)))
    while 0 <= offset < len(tail):
        header = tail[offset : offset + 14]
        if not header.startswith(b"\0\0\1"[: len(header)]):
            return 0
        if len(header) < 6:
            is_end = header[3:4] == bytes([_PS_END])
            return 0 if is_end else size + 1
        if header[3] == _PS_END:
            offset += 4
        elif header[3] == _PS_PACK:
            is_mpeg2 = header[4] >> 6 == 1
            offset += (14 + (header[13] & 7) if len(header) == 14 else 14) if is_mpeg2 else 12
        else:
            offset += 6 + int.from_bytes(header[4:6], "big")
    return begin + offset if offset >= 0 else 0


def _tail(file: BinaryIO, size: int) -> tuple[bytes, int]:
    """The end of a file, and where it begins."""
    begin = max(0, size - _TAIL)
    file.seek(begin)
    return file.read(), begin


_KINDS: tuple[tuple[Callable[[bytes], bool], Callable[[BinaryIO, int], int], bool], ...] = (
    (lambda head: head[:4] == _EBML, _matroska_end, True),
    (lambda head: head[:4] in _RIFF, _riff_end, True),
    (lambda head: head[4:8] in _BOXES, _mp4_end, True),
    (lambda head: head == _ASF_HEADER, _asf_end, True),
    (lambda head: head[:4] == b".RMF", _real_end, True),
    (lambda head: head[:3] == b"FWS", _flash_end, True),
    (lambda head: head[:6] in (b"GIF87a", b"GIF89a"), _gif_end, False),
    (lambda head: head[:8] == _PNG, _png_end, False),
    (lambda head: head[:4] == b"OggS", _ogg_end, False),
    (lambda head: head[:4] == bytes((0, 0, 1, _PS_PACK)), _program_end, False),
)
"""How a kind of file is known by its first bytes, where it ends by its own account, and whether it tells its length."""
