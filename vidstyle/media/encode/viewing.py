"""How a picture is meant to be seen, by two eyes or from within, in the files that can say it.

Ffmpeg can't be told it of frames. It is told a name that is too long (of the picture's handler in MP4, of its track in
Matroska) and so leaves room in the header. Then the name is made shorter, and what stands behind it moves forward, so
that what is to be said comes in where it belongs, and nothing else in the file moves.
"""

import io
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from vidstyle.media.chunks import Chunk, matroska_elements, mp4_boxes
from vidstyle.media.source import Viewing

_MP4, _MATROSKA = (".mp4", ".mov"), (".mkv", ".webm")
# In the box "st3d" (Spherical Video V2): who sees what, the left eye first.
_EYES = {"top_bottom": 1, "left_right": 2}
_HANDLER, _FILLER = "VideoHandler", "."
# A sample entry for video has so many bytes before its boxes (ISO/IEC 14496-12 section 12.1.3).
_ENTRY = 86
# Matroska's elements (RFC 9559, section 5.1).
_SEGMENT, _TRACKS, _TRACK, _VIDEO = b"\x18\x53\x80\x67", b"\x16\x54\xae\x6b", b"\xae", b"\xe0"
_NAME, _VOID, _CHECKSUM = b"\x53\x6e", b"\xec", b"\xbf"
_PROJECTION, _KIND, _PRIVATE = b"\x76\x70", b"\x76\x71", b"\x76\x72"
_POSE = (b"\x76\x73", b"\x76\x74", b"\x76\x75")
# Bytes that are left over of a track's name, for an element that says nothing has two at least.
_SPARE = 16


def holds(suffix: str, viewing: Viewing) -> tuple[bool | None, bool | None]:
    """Whether a file can say how the picture is stereo, and how it is 360°; None where it is not."""
    known = viewing.stereo != "other"
    stereo = known and (viewing.stereo in _EYES if suffix in _MP4 else suffix in _MATROSKA)
    sphere = viewing.projection != "other" and suffix in (*_MP4, *_MATROSKA)
    return (stereo if viewing.stereo else None), (sphere if viewing.projection else None)


def viewing_tags(suffix: str, viewing: Viewing, tags: Mapping[str, str]) -> dict[str, str]:
    """The picture's tags, as ffmpeg is to write them before :func:`write_viewing`."""
    stereo, sphere = holds(suffix, viewing)
    told = dict(tags)
    if suffix in _MATROSKA and stereo:
        told["stereo_mode"] = viewing.stereo
    if suffix in _MATROSKA and sphere:
        told["title"] = tags.get("title", "") + _FILLER * (len(_projection(viewing, 1)) + _SPARE)
    if suffix in _MP4 and (stereo or sphere):
        told["handler_name"] = _HANDLER + _FILLER * len(_boxes(suffix, viewing, 1))
    return told


def write_viewing(path: Path, viewing: Viewing, tags: Mapping[str, str], width: int) -> None:
    """Write into a file that ffmpeg has made how its picture, of that width, is meant to be seen."""
    suffix = path.suffix.lower()
    stereo, sphere = holds(suffix, viewing)
    if not (sphere or (stereo and suffix in _MP4)):
        return
    # Pixels around the faces of a cube are scaled with the picture.
    padding = round(viewing.padding * width / max(viewing.width, 1))
    with path.open("r+b") as file:
        if suffix in _MP4:
            _write_boxes(file, path.stat().st_size, _boxes(suffix, viewing, padding))
        else:
            _write_projection(file, path.stat().st_size, _projection(viewing, padding), tags.get("title", ""))


def _boxes(suffix: str, viewing: Viewing, padding: int) -> bytes:
    """The boxes "st3d" and "sv3d" (Spherical Video V2), as far as there is something to be said."""
    stereo, sphere = holds(suffix, viewing)
    found = _box(b"st3d", bytes([0, 0, 0, 0, _EYES[viewing.stereo]])) if stereo else b""
    if sphere:
        pose = _box(b"prhd", struct.pack(">I3i", 0, *viewing.pose))
        kind = b"equi" if viewing.projection == "equirectangular" else b"cbmp"
        projection = _box(b"proj", pose + _box(kind, _lie(viewing, padding)))
        found += _box(b"sv3d", _box(b"svhd", bytes(5)) + projection)
    return found


def _lie(viewing: Viewing, padding: int) -> bytes:
    """How the picture lies on the sphere, as both MP4 and Matroska say it."""
    if viewing.projection == "cubemap":
        return struct.pack(">3I", 0, 0, padding)
    left, top, right, bottom = viewing.bounds
    return struct.pack(">5I", 0, top, bottom, left, right)


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def _write_boxes(file: BinaryIO, size: int, boxes: bytes) -> None:
    """Add boxes to the first track's sample entry, out of its handler's name."""
    media = _inside(file, Chunk(b"", 0, 0, size), b"moov", b"trak", b"mdia")
    handler, *inner = _inside(file, media[-1], b"hdlr") + _inside(file, media[-1], b"minf", b"stbl", b"stsd")
    entries = list(mp4_boxes(file, inner[-1].content + 8, inner[-1].end))
    beside = list(mp4_boxes(file, entries[0].start + _ENTRY, entries[0].end))
    end = beside[-1].end if beside else entries[0].start + _ENTRY
    # The name stands last in its box; in MP4, not in QuickTime, a 0 ends it.
    file.seek(handler.content)
    content = file.read(handler.end - handler.content)
    name = content.rindex(_HANDLER.encode())
    first = content[name - 1 : name]
    length, ending = name + len(_HANDLER), content[name:].strip((_HANDLER + _FILLER).encode())
    if first[0]:  # QuickTime counts its letters
        content = content[: name - 1] + bytes([len(_HANDLER)]) + content[name:]
    shorter = content[:length] + ending
    gap = len(content) - len(shorter)
    assert gap == len(boxes), "the room is as large as what is to come into it"
    file.seek(handler.end)
    between = file.read(end - handler.end)
    file.seek(handler.start)
    file.write(_box(b"hdlr", shorter) + between + boxes)
    for box in (*inner, entries[0]):
        file.seek(box.start - gap)
        file.write(struct.pack(">I", box.end - box.start + gap))


def _inside(file: BinaryIO, around: Chunk, *kinds: bytes) -> list[Chunk]:
    """The first box of each kind, each in the one before."""
    found: list[Chunk] = []
    for kind in kinds:
        around = next(box for box in mp4_boxes(file, around.content, around.end) if box.kind == kind)
        found.append(around)
    return found


def _projection(viewing: Viewing, padding: int) -> bytes:
    """Matroska's element for how a picture lies on a sphere (RFC 9559, section 5.1.4.1.28.41)."""
    kind = 1 if viewing.projection == "equirectangular" else 2
    pose = (struct.pack(">f", angle / 65536) for angle in viewing.pose)
    angles = b"".join(_element(name, angle) for name, angle in zip(_POSE, pose, strict=True))
    return _element(_PROJECTION, _element(_KIND, bytes([kind])) + _element(_PRIVATE, _lie(viewing, padding)) + angles)


def _element(kind: bytes, content: bytes) -> bytes:
    length = len(content)
    size = next(size for size in range(1, 9) if length < (1 << 7 * size) - 1)
    return kind + (length | 1 << 7 * size).to_bytes(size, "big") + content


def _write_projection(file: BinaryIO, size: int, projection: bytes, title: str) -> None:
    """Add a projection to the first track's picture, out of the track's name."""
    segment = next(part for part in matroska_elements(file, 0, size) if part.kind == _SEGMENT)
    tracks = next(part for part in matroska_elements(file, segment.content, segment.end) if part.kind == _TRACKS)
    track = next(part for part in matroska_elements(file, tracks.content, tracks.end) if part.kind == _TRACK)
    file.seek(track.content)
    content = file.read(track.end - track.content)
    parts = []
    for part in matroska_elements(io.BytesIO(content), 0, len(content)):
        if part.kind == _VIDEO:
            parts.append(_element(_VIDEO, content[part.content : part.end] + projection))
        elif part.kind != _NAME:
            parts.append(content[part.start : part.end])
        elif title:
            parts.append(_element(_NAME, title.encode()))
    said = b"".join(parts)
    file.seek(track.content)
    file.write(said + _element(_VOID, bytes(len(content) - len(said) - 2)))
    first = next(matroska_elements(file, tracks.content, tracks.end))
    if first.kind == _CHECKSUM:
        file.seek(first.end)
        checksum = zlib.crc32(file.read(tracks.end - first.end))
        file.seek(first.content)
        file.write(checksum.to_bytes(4, "little"))
