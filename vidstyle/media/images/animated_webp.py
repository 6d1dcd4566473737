"""Animated WebP, which the FFmpeg in PyAV writes and doesn't read: read by Pillow, as a film in memory."""

import io
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageSequence

from vidstyle.errors import InputError
from vidstyle.media.chunks import riff_chunks
from vidstyle.media.images.pictures import has_transparency

# A minute at 1280×720; a longer film would not fit into memory.
_MOST_PIXELS = 1_500_000_000
_TICK = Fraction(1, 1000)
# What an animation has beside frames (RFC 9649, section 2.7).
_BESIDE = (b"VP8X", b"ICCP", b"ANIM", b"EXIF", b"XMP ")
# Where the header says what is in the file, and that it is more than one picture (RFC 9649, section 2.7).
_FLAGS, _ANIMATION = 20, 0x02


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

    Raises
    ------
    InputError
        The animation is damaged, or too large.
    OSError
        The file can't be read.
    """
    status = path.stat()
    return io.BytesIO(_film(path, status.st_size, status.st_mtime_ns))


@lru_cache(maxsize=1)  # opened several times in a row
def _film(path: Path, size: int, changed: int) -> bytes:
    film = io.BytesIO()
    try:
        with Image.open(path) as picture, av.open(film, "w", format="mov") as container:
            if picture.width * picture.height * getattr(picture, "n_frames", 1) > _MOST_PIXELS:
                raise InputError(f"'{path}' is too long an animation: turn it into a video, such as .webm, first.")
            stream = container.add_stream("png", rate=25)
            stream.width, stream.height = picture.size
            mode = "RGBA" if has_transparency(picture) else "RGB"
            stream.pix_fmt = "rgba" if mode == "RGBA" else "rgb24"
            stream.time_base = stream.codec_context.time_base = _TICK
            if (frames := getattr(picture, "n_frames", 1)) != (stored := _stored_frames(path, size)):
                raise InputError(
                    f"'{path}' is damaged: of its {stored} frames {frames} can be read. Copy or download it again."
                )
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
    except (OSError, SyntaxError, EOFError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise InputError(f"'{path}' is an animation that can't be decoded: copy or download it again.") from error
    return film.getvalue()


def _stored_frames(path: Path, size: int) -> int:
    """How many frames a file has, those counted whose kind is not that of any chunk."""
    with path.open("rb") as file:
        return sum(chunk.kind not in _BESIDE for chunk in riff_chunks(file, 12, size))
