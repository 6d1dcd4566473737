"""Clips of which something is gone: found out, told, and painted only if the user says so."""

from __future__ import annotations

import re
import subprocess
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests.helpers.footage import MakeClip, picture, tone
from tests.helpers.outputs import write_video
from vidstyle.errors import InputError
from vidstyle.media.encode.ffmpeg import find_ffmpeg
from vidstyle.media.probe.damage import FEW, Loss, accept_losses, missing_after
from vidstyle.media.probe.inspection import Inspection
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.settings import MediaSettings

FRAMES = 60
MPEG2 = ("-c:v", "mpeg2video", "-g", "12", "-q:v", "6", "-c:a", "mp2")
H264 = ("-c:v", "libx264", "-g", "12", "-bf", "0", "-c:a", "aac")
KINDS = {
    "a.mp4": (*H264, "-movflags", "+faststart"),
    "a.mkv": H264,
    "a.avi": ("-c:v", "mpeg4", "-g", "12", "-q:v", "6", "-c:a", "mp2"),
    "a.flv": H264,
    "a.wmv": ("-c:v", "wmv2", "-g", "12", "-q:v", "6", "-c:a", "wmav2"),
    "a.rm": ("-c:v", "rv20", "-s", "128x96", "-g", "12", "-q:v", "6", "-c:a", "ac3"),
    "a.gif": ("-an",),
    "a.mpg": MPEG2,
    "a.ts": MPEG2,
    "a.m2ts": (*H264[:-1], "ac3"),
    "a.ogv": ("-c:v", "libtheora", "-g", "12", "-c:a", "libvorbis"),
    "a.swf": ("-c:v", "flv1", "-g", "12", "-q:v", "6", "-c:a", "libmp3lame", "-ar", "44100"),
    "a.mxf": ("-c:v", "mpeg2video", "-g", "12", "-q:v", "6", "-c:a", "pcm_s16le", "-ar", "48000"),
    "a.y4m": ("-an",),
}
"""Containers, and how they are filled."""


MOVING = ("-f", "lavfi", "-i", f"testsrc2=s=128x96:r=25,noise=alls=20:allf=t,trim=end_frame={FRAMES},format=yuv420p")


@pytest.fixture
def whole(make_clip: MakeClip) -> Callable[[str], Path]:
    return lambda name: make_clip(f"whole {name}", *MOVING, *tone("2.4"), *KINDS[name], "-b:a", "48k")


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_a_valid_file_is_not_complained_of(whole: Callable[[str], Path], name: str) -> None:
    source = probe(whole(name))
    inspection = Inspection(source)
    assert sum(1 for _ in inspection.watched(read_frames(source))) == FRAMES
    assert not source.damaged
    assert not inspection.losses
    assert not any("damaged" in sentence or "cut" in sentence or "sound" in sentence for sentence in source.warnings)


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_a_file_that_is_cut_short_is_refused_or_painted_as_far_as_it_goes(
    whole: Callable[[str], Path], tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    data = whole(name).read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10 + 1])
    with pytest.raises(InputError, match=r"after frame|in the middle of frame") as caught:
        probe(path)
    assert name in str(caught.value)
    assert "--on-damage paint" in str(caught.value)
    source = probe(path, MediaSettings(on_damage="paint"))
    frames = list(read_frames(source))
    assert [frame.index for frame in frames] == list(range(len(source.pts)))
    assert 1 <= len(frames) < FRAMES - FEW
    assert source.damaged
    assert source.warnings[0].startswith("the clip is ")


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_zeros_in_the_middle_are_found(whole: Callable[[str], Path], tmp_path: Path, name: str) -> None:
    """A third of the bytes are zeros, as after a card's failure."""
    path = tmp_path / name
    data = bytearray(whole(name).read_bytes())
    begin, end = len(data) * 4 // 10, len(data) * 7 // 10
    data[begin:end] = bytes(end - begin)
    path.write_bytes(data)
    with pytest.raises(InputError, match="--on-damage paint"):
        source = probe(path)
        inspection = Inspection(source)
        for _ in inspection.watched(read_frames(source, size=(16, 12))):
            pass
        accept_losses(path, inspection.losses, "stop")
    source = probe(path, MediaSettings(on_damage="paint"))
    assert len(list(read_frames(source, size=(16, 12)))) == len(source.pts)


BARE = {
    "a.h264": ("-c:v", "libx264"),
    "a.hevc": ("-c:v", "libx265", "-x265-params", "log-level=none"),
    "a.m2v": ("-c:v", "mpeg2video", "-g", "12", "-q:v", "6"),
}
"""Streams without a container, of which every frame counts for itself."""


@pytest.mark.slow
@pytest.mark.parametrize("name", BARE)
def test_zeros_in_the_middle_of_a_bare_stream_are_found(make_clip: MakeClip, tmp_path: Path, name: str) -> None:
    whole, path = make_clip(f"whole {name}", *MOVING, "-an", *BARE[name]), tmp_path / name
    source = probe(whole)
    assert len(source.pts) == FRAMES and not source.damaged
    data = bytearray(whole.read_bytes())
    begin, end = len(data) * 4 // 10, len(data) * 7 // 10
    data[begin:end] = bytes(end - begin)
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"are zeros, and \d+ frames or more are gone.*--on-damage paint"):
        probe(path)
    source = probe(path, MediaSettings(on_damage="paint"))
    assert source.damaged and len(list(read_frames(source, size=(16, 12)))) == len(source.pts)


def test_zeros_that_fill_up_a_constant_rate_are_no_damage(make_clip: MakeClip) -> None:
    """Black, at a rate that a hundredth would do for: most of each frame is zeros."""
    black = ("-f", "lavfi", "-i", "color=black:s=128x96:r=25,trim=end_frame=40,format=yuv420p")
    rate = ("-c:v", "mpeg2video", "-b:v", "9M", "-minrate", "9M", "-maxrate", "9M", "-bufsize", "800k")
    path = make_clip("black.m2v", *black, "-an", *rate)
    assert bytes(2 * 4096) in path.read_bytes()
    assert not probe(path).damaged


def test_few_frames_are_a_warning_and_more_an_error() -> None:
    path = Path("clip.ts")
    assert accept_losses(path, [], "stop") == ()
    assert len(accept_losses(path, [Loss("damaged", FEW)], "stop")) == 1
    for losses in ([Loss("damaged", FEW + 1)], [Loss("damaged", 2), Loss("torn", 2)], [Loss("cut short", None)]):
        with pytest.raises(InputError, match=r"'clip.ts' is .*--on-damage paint"):
            accept_losses(path, losses, "stop")
        assert len(accept_losses(path, losses, "paint")) == len(losses)


def test_missing_frames_are_counted_only_where_there_is_reason_to() -> None:
    steady = [*range(0, 400, 40), *range(600, 1000, 40), *range(1200, 1600, 40)]
    assert missing_after(steady, None) == {9: 5, 19: 5}
    assert missing_after(steady, [10]) == {9: 5}
    assert missing_after(steady, [9]) == {9: 5}
    assert missing_after(steady, [3]) == {}
    assert missing_after([0, 40, 120, 200, 480, 500], None) == {}, "nothing can be said of a rate that varies"


def test_an_empty_packet_is_the_same_picture_again(tmp_path: Path, make_clip: MakeClip) -> None:
    """As Theora writes a frame in which nothing has changed."""
    whole = make_clip("plain.ogv", *picture(), "-c:v", "libtheora")
    path = tmp_path / "still.ogv"
    empty = (5, 6, 19)
    with av.open(f"file:{whole}") as container, av.open(str(path), "w") as result:
        given = container.streams.video[0]
        taken = result.add_stream_from_template(given, opaque=True)
        for index, packet in enumerate(packet for packet in container.demux(given) if packet.size):
            if index in empty:
                replaced = av.Packet(0)
                replaced.pts, replaced.dts, replaced.time_base = packet.pts, packet.dts, packet.time_base
                packet = replaced
            packet.stream = taken
            result.mux(packet)
    source = probe(path)
    frames = list(read_frames(source))
    assert len(frames) == 20
    assert source.frame_rate == Fraction(25)
    assert {frame.status for frame in frames} == {"ok"}
    for index in empty:
        assert (frames[index].image == frames[index - 1].image).all()


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_one_bad_packet_of_sound_loses_no_other(plain: Path, tmp_path: Path, suffix: str) -> None:
    data = bytearray(plain.read_bytes())
    with av.open(f"file:{plain}") as container:
        packets = [bytes(packet) for packet in container.demux(audio=0) if packet.size]
    place = data.index(packets[12])
    data[place : place + len(packets[12])] = bytes(len(packets[12]))
    path = tmp_path / "bad.mp4"
    path.write_bytes(data)
    for _ in write_video(probe(path), None, tmp_path / f"out{suffix}"):
        pass
    with av.open(str(tmp_path / f"out{suffix}")) as container:
        seconds = sum(packet.duration * packet.time_base for packet in container.demux(audio=0) if packet.size)
    assert float(seconds) == pytest.approx(0.8, abs=0.06)


def test_a_moving_avif_is_a_film(make_clip: MakeClip) -> None:
    path = make_clip("moving.avif", *picture(frames=10), "-c:v", "libaom-av1", "-cpu-used", "8", "-f", "avif")
    source = probe(path)
    assert (source.kind, len(source.pts), source.frame_rate) == ("video", 10, 25)
    assert len(list(read_frames(source))) == 10


def test_pictures_one_after_another_are_a_film(tmp_path: Path) -> None:
    path = tmp_path / "film.mjpeg"
    command = [find_ffmpeg(), "-v", "error", *picture(frames=5), "-c:v", "mjpeg", str(path)]
    subprocess.run(command, check=True)
    assert len(list(read_frames(probe(path)))) == 5


def _png_film(path: Path) -> None:
    """A PNG in QuickTime, whose header promises 60000 × 60000 pixels."""
    command = [find_ffmpeg(), "-v", "error", *picture(frames=2), "-c:v", "png", str(path)]
    subprocess.run(command, check=True)
    data = bytearray(path.read_bytes())
    for place in (found.start() for found in re.finditer(b"IHDR", bytes(data))):
        data[place + 4 : place + 12] = (60_000).to_bytes(4, "big") * 2
        data[place + 17 : place + 21] = zlib.crc32(data[place : place + 17]).to_bytes(4, "big")
    path.write_bytes(data)


def _raw_film(path: Path) -> None:
    path.write_bytes(b"YUV4MPEG2 W15000 H15000 F25:1 Ip A1:1 C420jpeg\nFRAME\n" + bytes(100_000))


def _gif_film(path: Path) -> None:
    command = [find_ffmpeg(), "-v", "error", *picture(frames=3), str(path)]
    subprocess.run(command, check=True)
    data = bytearray(path.read_bytes())
    data[6:10] = (60_000).to_bytes(2, "little") * 2
    path.write_bytes(data)


@pytest.mark.parametrize(("name", "make"), [("a.mov", _png_film), ("a.y4m", _raw_film), ("a.gif", _gif_film)])
def test_a_film_that_would_fill_the_memory_is_refused(tmp_path: Path, name: str, make: Callable[[Path], None]) -> None:
    make(tmp_path / name)
    with pytest.raises(InputError) as caught:
        probe(tmp_path / name)
    assert re.search(r"200 million .*--max-megapixels \d+\.", str(caught.value))


def test_a_sound_far_longer_than_the_picture_is_a_warning(make_clip: MakeClip) -> None:
    source = probe(make_clip("long sound.mkv", *picture(), *tone("3"), "-c:v", "libx264", "-c:a", "aac"))
    assert any("its sound goes on for 2." in sentence for sentence in source.warnings)
    assert not source.damaged
    assert source.streams[0].end == pytest.approx(3, abs=0.1)
