"""Damaged files out of a seeded generator: the same number gives the same file."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import imageio_ffmpeg

FRAMES = 24
SIZE = (96, 64)
_H264 = ("-c:v", "libx264", "-g", "8", "-c:a", "aac")
_MPEG2 = ("-c:v", "mpeg2video", "-g", "8", "-q:v", "5", "-c:a", "mp2")
VALID_FILES: Mapping[str, tuple[str, ...]] = {
    "index-last.mp4": _H264,
    "index-first.mov": (*_H264, "-movflags", "+faststart"),
    "fragments.mp4": (*_H264, "-movflags", "frag_keyframe+empty_moov"),
    "h264.mkv": _H264,
    "vp9.webm": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "8", "-c:a", "libopus"),
    "ffv1.mkv": ("-c:v", "ffv1", "-c:a", "flac"),
    "mpeg4.avi": ("-c:v", "mpeg4", "-g", "8", "-q:v", "5", "-c:a", "libmp3lame"),
    "h264.flv": _H264,
    "wmv2.wmv": ("-c:v", "wmv2", "-g", "8", "-q:v", "5", "-c:a", "wmav2"),
    "rv20.rm": ("-s", "128x96", "-c:v", "rv20", "-g", "8", "-q:v", "5", "-c:a", "ac3"),
    "flv1.swf": ("-c:v", "flv1", "-g", "8", "-q:v", "5", "-c:a", "libmp3lame", "-ar", "44100"),
    "mpeg2.mpg": _MPEG2,
    "mpeg2.ts": _MPEG2,
    "h264.m2ts": (*_H264[:-1], "ac3"),
    "theora.ogv": ("-c:v", "libtheora", "-g", "8", "-q:v", "6", "-c:a", "libvorbis"),
    "prores.mov": ("-c:v", "prores_ks", "-c:a", "pcm_s16le"),
    "mpeg2.mxf": (*_MPEG2[:-1], "pcm_s16le", "-ar", "48000"),
    "palette.gif": ("-an",),
    "raw.y4m": ("-an",),
}
"""Sound clips, one for each way of keeping a film that differs, with ffmpeg's arguments."""
ORDERS: tuple[Literal["little", "big"], ...] = ("little", "big")
WAYS = ("truncated", "flipped", "zeroed", "lying", "spliced", "renamed")


@dataclass(frozen=True)
class Spoilt:
    """A damaged file.

    Attributes
    ----------
    number, way, origin
        Which one it is, what was done, and to which of the :data:`VALID_FILES`.
    path
        Where it lies.
    """

    number: int
    way: str
    origin: str
    path: Path


def make_valid(folder: Path) -> dict[str, bytes]:
    """The undamaged files' content, by name."""
    film = f"testsrc2=s={SIZE[0]}x{SIZE[1]}:r=24,noise=alls=15:allf=t,trim=end_frame={FRAMES},format=yuv420p"
    inputs = ["-f", "lavfi", "-i", film, "-f", "lavfi", "-i", f"sine=440:d={FRAMES / 24}"]
    for name, options in VALID_FILES.items():
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *inputs, *options, "-b:a", "48k", str(folder / name)]
        subprocess.run(command, check=True)
    return {name: (folder / name).read_bytes() for name in VALID_FILES}


def spoil(number: int, seed: int, valid: Mapping[str, bytes], folder: Path) -> Spoilt:
    """Write damaged file `number` of those that a seed stands for."""
    chance = random.Random(f"{seed}/{number}")
    way, origin = WAYS[number % len(WAYS)], chance.choice(list(valid))
    data, suffix = bytearray(valid[origin]), Path(origin).suffix
    if way == "truncated":
        del data[chance.randrange(1, len(data)) :]
    elif way == "flipped":
        for _ in range(chance.choice((1, 4, 30, 300))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif way == "zeroed":
        begin = chance.randrange(len(data))
        length = min(chance.randrange(1, len(data) // 2), len(data) - begin)
        data[begin : begin + length] = bytes(length)
    elif way == "lying":
        _lie(data, chance)
    elif way == "spliced":
        other = valid[chance.choice(list(valid))]
        begin, first = chance.randrange(len(data)), chance.randrange(len(other))
        length = chance.randrange(1, len(other) // 2)
        if chance.random() < 0.5:
            data[begin:begin] = other[first : first + length]
        else:
            data[begin : begin + length] = other[first : first + length]
    else:
        suffix = chance.choice([Path(name).suffix for name in valid if Path(name).suffix != suffix] + [".jpg", ".txt"])
    path = folder / f"{number:04d}{suffix}"
    path.write_bytes(data)
    return Spoilt(number, way, origin, path)


def _lie(data: bytearray, chance: random.Random) -> None:
    """Numbers in the header that are not so: any of them, or the size of the picture."""
    sizes = [
        (place, width, order)
        for width in (2, 4)
        for order in ORDERS
        for side in SIZE
        for place in range(min(len(data) - width, 4096))
        if int.from_bytes(data[place : place + width], order) == side
    ]
    if sizes and chance.random() < 0.5:
        for place, width, order in chance.sample(sizes, min(len(sizes), chance.choice((1, 2, 4)))):
            claim = chance.choice((60_000, 16_384, 0, 1))
            data[place : place + width] = claim.to_bytes(width, order)
        return
    for _ in range(chance.choice((1, 2, 5))):
        place, width = chance.randrange(min(len(data), 1024) - 8), chance.choice((1, 2, 4, 8))
        claim = chance.choice((0, 1, (1 << 8 * width) - 1, (1 << (8 * width - 1)) - 1, chance.getrandbits(8 * width)))
        data[place : place + width] = claim.to_bytes(width, "big")
