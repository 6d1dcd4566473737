"""Animated WebP, which the FFmpeg in PyAV writes and doesn't read: read by Pillow, as a film in memory."""

import io
import struct
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from PIL import Image, ImageSequence

from vidstyle.errors import InputError
from vidstyle.media.chunks import riff_chunks
from vidstyle.media.images.pictures import has_transparency

# A minute at 1280×720; a longer film would not fit into memory.
_MOST_PIXELS = 1_500_000_000
_TICK = Fraction(1, 1000)
# A frame, what it consists of, and what an animation has beside frames (RFC 9649, section 2.7).
_FRAME, _WITHIN, _BESIDE = b"ANMF", (b"ALPH", b"VP8 ", b"VP8L"), (b"VP8X", b"ICCP", b"ANIM", b"EXIF", b"XMP ")
# Where the first chunk is, and the bytes of a chunk's header and of a frame's own.
_FIRST, _LEAST, _HEADER = 12, 8, 16
# Where a frame's duration stands in its chunk: three bytes, little-endian.
_DURATION = slice(20, 23)
# Where the header says what is in the file, and that it is more than one picture.
_FLAGS, _ANIMATION = 20, 0x02


class _Film(NamedTuple):
    """A film in memory, how many frames the animation has, and which of them, from 0, can't be read."""

    data: bytes
    frames: int
    lost: tuple[int, ...]


def is_animated_webp(path: Path) -> bool:
    """Whether a file is an animated WebP, by its first bytes.

    Raises
    ------
    OSError
        The file can't be read.
    """
    with path.open("rb") as file:
        head = file.read(_FLAGS + 1)
    return len(head) > _FLAGS and (head[:4], head[8:16]) == (b"RIFF", b"WEBPVP8X") and bool(head[_FLAGS] & _ANIMATION)


def as_film(path: Path) -> io.BytesIO:
    """The animation as a QuickTime film of PNG frames, in memory: the same pixels at the same times.

    Where a frame can't be read, the one before lasts longer.

    Raises
    ------
    InputError
        None of it can be read, or it is too large.
    OSError
        The file can't be read.
    """
    return io.BytesIO(_film_of(path).data)


def lost_frames(path: Path) -> tuple[int, tuple[int, ...]]:
    """How many frames an animation has, and which of them, from 0, can't be read. Errors are those of `as_film`."""
    film = _film_of(path)
    return film.frames, film.lost


def _film_of(path: Path) -> _Film:
    status = path.stat()
    return _film(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=1)  # opened several times in a row
def _film(path: Path, size: int, changed: int) -> _Film:
    parts = list(_parts(path.read_bytes()))
    for decode in (False, True):  # some frame may be there, and yet not be decoded
        data, count, lost = _without_damaged(parts, decode)
        try:
            return _Film(_filmed(path, data, count), count + len(lost), lost)
        except (OSError, SyntaxError, EOFError, ValueError) as error:
            trouble = error
    raise InputError(f"'{path}' is an animation that can't be decoded: copy or download it again.") from trouble


def _filmed(path: Path, data: bytes, count: int) -> bytes:
    film = io.BytesIO()
    with Image.open(io.BytesIO(data)) as picture, av.open(film, "w", format="mov") as container:
        if getattr(picture, "n_frames", 1) != count:
            raise ValueError("some frame is none")
        if picture.width * picture.height * count > _MOST_PIXELS:
            raise InputError(f"'{path}' is too long an animation: turn it into a video, such as .webm, first.")
        stream = container.add_stream("png", rate=25)
        stream.width, stream.height = picture.size
        mode = "RGBA" if has_transparency(picture) else "RGB"
        stream.pix_fmt = "rgba" if mode == "RGBA" else "rgb24"
        stream.time_base = stream.codec_context.time_base = _TICK
        time = 0
        for picture_frame in ImageSequence.Iterator(picture):
            image = np.asarray(picture_frame.convert(mode))
            frame = av.VideoFrame.from_ndarray(image, format=stream.pix_fmt)
            frame.pts, frame.time_base = time, _TICK
            duration = max(round(picture_frame.info.get("duration", 0)), 1)
            for packet in stream.encode(frame):
                packet.duration = duration
                container.mux(packet)
            time += duration
    return film.getvalue()


def _parts(data: bytes) -> Iterator[bytes]:
    """The chunks of an animation; what is none reaches up to the next frame, and stands for one."""
    start = _FIRST
    while len(data) - start >= _LEAST:
        chunk = next(riff_chunks(io.BytesIO(data), start, len(data)), None)
        end = chunk.end if chunk and chunk.kind in (_FRAME, *_BESIDE) and chunk.end <= len(data) + 1 else 0
        if not end or (data[start : start + 4] == _FRAME and not _is_whole(data[start:end])):
            end = data.find(_FRAME, start + 4)
            end = len(data) if end < 0 else end
        yield data[start:end]
        start = end


def _is_whole(part: bytes) -> bool:
    """Whether a part is a frame, and made of what frames are made of, up to its end."""
    within = list(riff_chunks(io.BytesIO(part), _LEAST + _HEADER, len(part)))
    ends = bool(within) and 0 <= within[-1].end - len(part) <= 1  # an odd one is filled up
    return part[:4] == _FRAME and ends and all(chunk.kind in _WITHIN for chunk in within)


def _without_damaged(parts: Sequence[bytes], decode: bool) -> tuple[bytes, int, tuple[int, ...]]:
    """An animation of the parts that can be read, how many they are, and which frames, from 0, are not among them."""
    beside = b"".join(part for part in parts if part[:4] in _BESIDE)
    kept: list[bytes] = []
    durations = [0]  # with what was to be shown before the first
    lost: list[int] = []
    for number, part in enumerate(part for part in parts if part[:4] not in _BESIDE):
        if not _is_whole(part) or (decode and not _is_decoded(beside + part)):
            lost.append(number)
        else:
            kept.append(part)
            durations += [0] * (len(kept) > 1)
        durations[-1] += int.from_bytes(part[_DURATION], "little")
    frames = (
        part[: _DURATION.start] + min(duration, 2**24 - 1).to_bytes(3, "little") + part[_DURATION.stop :]
        for part, duration in zip(kept, durations, strict=False)
    )
    return _file(beside + b"".join(frames)), len(kept), tuple(lost)


def _is_decoded(chunks: bytes) -> bool:
    try:
        with Image.open(io.BytesIO(_file(chunks))) as picture:
            picture.load()
            return True
    except (OSError, SyntaxError, EOFError, ValueError):
        return False


def _file(chunks: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks
