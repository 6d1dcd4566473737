"""Stereo and 360° video are marked as such in the result, as ffmpeg reads it, or told to be lost."""

from __future__ import annotations

import dataclasses
import struct
import subprocess
from pathlib import Path

import av
import pytest

from tests.helpers.footage import MakeClip, picture, tone
from tests.helpers.outputs import check_output, write_video
from vidstyle.media.encode.ffmpeg import find_ffmpeg
from vidstyle.media.probe.probe import probe
from vidstyle.media.source import Source, Viewing

BALL = Viewing("left_right", "equirectangular", (90 << 16, -(10 << 16), 5 << 16), (1 << 20, 0, 1 << 30, 7), 0, 64)
CUBE = Viewing("", "cubemap", (0, 0, 0), (0, 0, 0, 0), 6, 64)


def rewritten(source: Source, output: Path, size: tuple[int, int] | None = None) -> Source:
    for _ in write_video(source, None, output, size=size):
        pass
    return probe(output)


def marked(clip: Path, viewing: Viewing, target: Path) -> Path:
    """An MP4 file whose index is last, with boxes of Google's Spherical Video V2 set in by hand."""

    def box(kind: bytes, *parts: bytes) -> bytes:
        return struct.pack(">I", 8 + sum(map(len, parts))) + kind + b"".join(parts)

    data = bytearray(clip.read_bytes())
    left, top, right, bottom = viewing.bounds
    ball = box(b"equi", struct.pack(">5I", 0, top, bottom, left, right))
    lie = ball if viewing.projection == "equirectangular" else box(b"cbmp", struct.pack(">3I", 0, 0, viewing.padding))
    added = box(b"st3d", bytes([0, 0, 0, 0, 2])) if viewing.stereo else b""
    projection = box(b"proj", box(b"prhd", struct.pack(">I3i", 0, *viewing.pose)), lie)
    added += box(b"sv3d", box(b"svhd", bytes(4), b"somebody\0"), projection)
    places = [data.index(b"moov") - 4]
    for kind in (b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"avc1"):
        places.append(data.index(kind, places[-1]) - 4)
    end = places[-1] + int.from_bytes(data[places[-1] : places[-1] + 4], "big")
    for place in places:
        data[place : place + 4] = struct.pack(">I", int.from_bytes(data[place : place + 4], "big") + len(added))
    target.write_bytes(data[:end] + added + data[end:])
    return target


@pytest.fixture(scope="module")
def flat(make_clip: MakeClip) -> Path:
    words = ["-c:v", "libx264", "-metadata:s:v:0", "title=The picture"]
    return make_clip("flat.mp4", *picture(frames=3), *tone("0.12"), *words)


@pytest.mark.parametrize("viewing", [BALL, CUBE], ids=["ball", "cube"])
def test_what_spherical_boxes_and_elements_say_is_read(flat: Path, tmp_path: Path, viewing: Viewing) -> None:
    clip = marked(flat, viewing, tmp_path / "marked.mp4")
    assert probe(clip).viewing == viewing
    # Another writer of the same.
    command = [find_ffmpeg(), "-v", "error", "-i", clip, "-c", "copy", tmp_path / "copied.mkv"]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    assert probe(tmp_path / "copied.mkv").viewing == viewing
    assert probe(flat).viewing == Viewing()


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm"])
@pytest.mark.parametrize("viewing", [BALL, CUBE], ids=["ball", "cube"])
def test_360_degrees_are_kept_and_nothing_else_changes(
    flat: Path, tmp_path: Path, suffix: str, viewing: Viewing
) -> None:
    source = probe(marked(flat, viewing, tmp_path / "marked.mp4"))
    source = dataclasses.replace(source, tags=(*source.tags, ("title", "The picture")))
    assert not [warning for warning in check_output(source, tmp_path / f"a{suffix}") if "360" in warning]
    result = rewritten(source, tmp_path / f"a{suffix}")
    assert result.viewing == viewing
    plain = rewritten(dataclasses.replace(source, viewing=Viewing()), tmp_path / f"b{suffix}")
    assert dataclasses.replace(result, viewing=Viewing(), path=plain.path) == plain
    held = []
    for path in (result.path, plain.path):
        with av.open(str(path)) as container:
            tags = [sorted(stream.metadata.items()) for stream in container.streams]
            packets = [(packet.stream_index, packet.pts, bytes(packet)) for packet in container.demux()]
        held.append((tags, packets))
    (tags, packets), (plain_tags, plain_packets) = held
    assert packets == plain_packets
    assert [tag for tag in tags[0] if tag[0] != "stereo_mode"] == plain_tags[0] and tags[1:] == plain_tags[1:]
    data = result.path.read_bytes()
    assert b"...." not in data and (suffix not in (".mp4", ".mov") or data.index(b"moov") < data.index(b"mdat"))


def test_the_faces_of_a_cube_are_scaled_with_the_picture(flat: Path, tmp_path: Path) -> None:
    source = probe(marked(flat, CUBE, tmp_path / "marked.mp4"))
    result = rewritten(source, tmp_path / "a.mp4", size=(32, 24))
    assert (result.viewing.padding, result.viewing.width) == (3, 32)


def test_360_degrees_are_told_where_they_are_lost(flat: Path, tmp_path: Path) -> None:
    source = probe(marked(flat, BALL, tmp_path / "marked.mp4"))
    assert [warning for warning in check_output(source, tmp_path / "a.gif") if "360° video: players" in warning]
    fish = dataclasses.replace(source, viewing=Viewing("other", "other"))
    told = check_output(fish, tmp_path / "a.mp4")
    assert [warning for warning in told if "360° video in a way" in warning]
    assert [warning for warning in told if "stereo in a way" in warning]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".mkv", ".webm", ".mp4", ".mov", ".gif"])
@pytest.mark.parametrize("mode", ["top_bottom", "right_left", "checkerboard_lr"])
def test_stereo_is_kept_where_the_container_says_it_and_else_told(
    make_clip: MakeClip, tmp_path: Path, suffix: str, mode: str
) -> None:
    words = ["-c:v", "libx264", "-metadata:s:v:0", f"stereo_mode={mode}"]
    source = probe(make_clip(f"{mode}.mkv", *picture(frames=3), *words))
    assert source.viewing == Viewing(mode)
    told = [warning for warning in check_output(source, tmp_path / f"a{suffix}") if "is stereo" in warning]
    kept = suffix in (".mkv", ".webm") or (suffix != ".gif" and mode == "top_bottom")
    assert rewritten(source, tmp_path / f"a{suffix}").viewing.stereo == (mode if kept else "")
    assert len(told) == (not kept)
