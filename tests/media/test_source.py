from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.helpers.footage import MakeClip, picture, tone
from vidstyle.errors import InputError, UsageError
from vidstyle.media.encode.streams import sounds_of
from vidstyle.media.images.stills import write_image
from vidstyle.media.probe.probe import fingerprint, probe
from vidstyle.media.source import scaled_size
from vidstyle.settings import MediaSettings


def said(source_warnings: tuple[str, ...], *words: str) -> bool:
    return any(all(word in sentence for word in words) for sentence in source_warnings)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["mp4", "mkv", "mov", "avi", "webm", "ts"])
@pytest.mark.parametrize("rate", ["25", "30000/1001", "24000/1001"])
def test_constant_rates_are_exact(make_clip: MakeClip, suffix: str, rate: str) -> None:
    codec = ["-c:v", "libvpx", "-deadline", "realtime"] if suffix == "webm" else ["-c:v", "libx264"]
    source = probe(make_clip(f"rate-{rate.replace('/', '-')}.{suffix}", *picture(rate), *codec))
    assert source.kind == "video"
    assert len(source.pts) == 20
    assert list(source.pts) == sorted(set(source.pts))
    assert source.frame_rate == Fraction(rate)
    assert not source.variable_rate
    assert source.duration == 20 / Fraction(rate)
    assert source.size == (64, 48)
    assert source.warnings == ()


def test_a_variable_rate_keeps_every_time(uneven: Path) -> None:
    source = probe(uneven)
    times = [(tick - source.pts[0]) * source.time_base for tick in source.pts]
    assert times == [Fraction(index if index < 6 else 2 * index - 6, 25) for index in range(12)]
    assert source.variable_rate
    assert source.duration == Fraction(18, 25)
    assert source.frame_rate == Fraction(12 * 25, 18)
    assert said(source.warnings, "rate varies")


def test_a_bare_stream_without_times_is_counted(make_clip: MakeClip) -> None:
    source = probe(make_clip("bare.h264", *picture(), "-c:v", "libx264"))
    assert len(source.pts) == 20
    assert source.frame_rate == 25
    assert not source.seekable


@pytest.mark.parametrize(
    ("options", "rotation", "mirrored"),
    [
        (["-display_rotation", "-90"], 90, False),
        (["-display_rotation", "180"], 180, False),
        (["-display_rotation", "90"], 270, False),
        (["-display_hflip"], 0, True),
    ],
)
def test_rotation_is_reported_and_applied_to_the_size(
    make_clip: MakeClip, plain: Path, options: list[str], rotation: int, mirrored: bool
) -> None:
    source = probe(make_clip(f"turned{rotation}{mirrored}.mp4", *options, "-i", f"file:{plain}", "-c", "copy"))
    assert (source.rotation, source.mirrored) == (rotation, mirrored)
    assert source.size == ((48, 64) if rotation in (90, 270) else (64, 48))
    assert said(source.warnings, "stored")


def test_properties_of_the_pixels(make_clip: MakeClip) -> None:
    shaped = probe(make_clip("sar.mp4", *picture(), "-vf", "setsar=128/117:max=1000", "-c:v", "libx264"))
    assert shaped.sample_aspect_ratio == Fraction(128, 117)
    assert said(shaped.warnings, "128:117")
    tags = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv"
    hdr = probe(make_clip("hdr.mkv", *picture(frames=5), "-vf", f"format=yuv420p10le,{tags}", "-c:v", "libx264"))
    assert hdr.bit_depth == 10
    assert (hdr.color.primaries, hdr.color.transfer, hdr.color.space, hdr.color.range) == (
        "bt2020",
        "smpte2084",
        "bt2020nc",
        "tv",
    )
    assert said(hdr.warnings, "HDR")
    fields = probe(make_clip("fields.mp4", *picture(), "-c:v", "libx264", "-flags", "+ildct+ilme"))
    assert fields.interlaced
    assert said(fields.warnings, "interlaced")


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("alpha.mov", ["-c:v", "prores_ks", "-pix_fmt", "yuva444p10le"]),
        ("alpha.webm", ["-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p"]),
    ],
)
def test_opacity_is_found(make_clip: MakeClip, name: str, codec: list[str]) -> None:
    assert probe(make_clip(name, *picture(frames=5), "-vf", "format=rgba,colorchannelmixer=aa=0.5", *codec)).has_alpha


def test_streams_chapters_and_tags(film: Path) -> None:
    source = probe(film)
    assert [(stream.kind, stream.codec, stream.language, stream.channels) for stream in source.streams] == [
        ("audio", "aac", "eng", 6),
        ("audio", "flac", "ger", 1),
        ("subtitle", "subrip", "fra", 0),
        ("attachment", source.streams[3].codec, None, 0),
    ]
    assert source.chapters == 2
    assert dict(source.tags) == {"language": "ita", "title": "Picture"}


def test_a_cover_picture_is_not_the_clip(make_clip: MakeClip, plain: Path) -> None:
    cover = ["-f", "lavfi", "-i", "color=red:s=300x300:d=0.04"]
    covered = make_clip(
        "covered.mp4",
        *["-i", f"file:{plain}", *cover, "-map", "1", "-map", "0", "-c", "copy", "-c:v:0", "png"],
        *["-disposition:v:0", "attached_pic"],
    )
    source = probe(covered)
    assert (source.width, source.height, len(source.pts)) == (64, 48, 20)
    assert "cover" in {stream.kind for stream in source.streams}
    song = make_clip(
        "song.m4a",
        *[*tone(), *cover, "-map", "0", "-map", "1", "-c:a", "aac", "-c:v", "png"],
        *["-disposition:v:0", "attached_pic"],
    )
    with pytest.raises(InputError, match="no picture"):
        probe(song)


def test_a_copy_cut_by_its_edit_list_counts_what_is_shown(make_clip: MakeClip, plain: Path) -> None:
    cut = make_clip("edited.mp4", "-ss", "0.4", "-i", f"file:{plain}", "-c", "copy")
    assert len(probe(cut).pts) == 10


def test_pictures_make_a_clip_in_natural_order(tmp_path: Path) -> None:
    for number in (1, 2, 9, 10, 11):
        write_image(tmp_path / f"f{number}.png", np.full((8, 10, 3), number / 20, np.float32))
    (tmp_path / ".f3.png").write_bytes(b"")
    for path in (tmp_path, tmp_path / "f%d.png"):
        with pytest.raises(InputError, match=r"without 6 of its pictures \(3-8\)"):
            probe(path)
        source = probe(path, MediaSettings(on_damage="paint"))
        assert source.kind == "sequence"
        assert [file.stem for file in source.files] == ["f1", "f2", "f9", "f10", "f11"]
        assert (source.frame_rate, source.duration) == (25, Fraction(1, 5))
        assert said(source.warnings, "25 a second")
        assert said(source.warnings, "without 6")


def test_a_picture_is_a_clip_of_one_frame(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", np.zeros((8, 10, 3), np.float32), bit_depth=16)
    source = probe(tmp_path / "a.png")
    assert (source.kind, source.width, source.height, source.bit_depth, len(source.pts)) == ("still", 10, 8, 16, 1)
    (tmp_path / "a.png").rename(tmp_path / "named.mp4")
    assert probe(tmp_path / "named.mp4").kind == "still"


def test_what_is_no_clip_is_refused_with_a_sentence(tmp_path: Path, make_clip: MakeClip) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("this is only text\n" * 50)
    (tmp_path / "text.txt").write_text("this is only text\n" * 50)
    (tmp_path / "list.mp4").write_text("ffconcat version 1.0\nfile /etc/hostname\n")
    piece = make_clip("piece.ts", *picture("25"), *tone())
    (tmp_path / "own.mp4").write_text("ffconcat version 1.0\nfile piece.ts\n")
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:1,\n{piece}\n"  # without an end: it would be waited for
    (tmp_path / "list.m3u8").write_text(playlist)
    (tmp_path / "list.wav").write_text("ffconcat version 1.0\nfile piece.ts\n")
    (tmp_path / "text.png").write_text("this is only text\n" * 50)
    (tmp_path / "folder").mkdir()
    song = make_clip("song2.m4a", *tone(), "-c:a", "aac")
    for path, words in {
        tmp_path / "missing.mp4": "no file",
        tmp_path / "empty.mp4": "empty",
        tmp_path / "text.mp4": "no video",
        tmp_path / "text.txt": "no video",
        tmp_path / "list.mp4": "no video",
        tmp_path / "own.mp4": "a list of files",
        tmp_path / "list.m3u8": "a playlist",
        tmp_path / "text.png": "no picture",
        tmp_path / "folder": "folder without pictures",
        tmp_path / "f%04d.png": "no file is named",
        song: "no picture",
    }.items():
        with pytest.raises(InputError, match=words) as caught:
            probe(path)
        assert path.name in str(caught.value)
        assert caught.value.exit_code == 65
    with pytest.raises(InputError, match="a list of files"):
        sounds_of(tmp_path / "list.wav")


@pytest.mark.parametrize("name", ["whole.mp4", "fast.mp4", "whole.mov", "whole.mkv", "whole.webm", "whole.avi"])
@pytest.mark.parametrize("part", [1 / 3, 2 / 3])
def test_a_clip_cut_short_is_refused(make_clip: MakeClip, tmp_path: Path, name: str, part: float) -> None:
    codec = ["-c:v", "libvpx-vp9", "-deadline", "realtime"] if name.endswith("webm") else ["-c:v", "libx264"]
    start = ["-movflags", "+faststart"] if name == "fast.mp4" else []
    whole = make_clip(name, *picture(), *codec, *start)
    assert len(probe(whole).pts) == 20
    data = whole.read_bytes()
    cut = tmp_path / name
    cut.write_bytes(data[: int(len(data) * part)])
    with pytest.raises(InputError, match="cut short"):
        probe(cut)


def test_the_fingerprint_follows_the_content(tmp_path: Path) -> None:
    one, two = tmp_path / "one.png", tmp_path / "two.png"
    for shade, path in enumerate((one, two)):
        write_image(path, np.full((4, 4, 3), shade, np.float32))
    folder, first = fingerprint(tmp_path), fingerprint(one)
    assert first != fingerprint(two)
    swapped = one.read_bytes(), two.read_bytes()
    two.write_bytes(swapped[0])
    one.write_bytes(swapped[1])
    assert fingerprint(two) == first
    assert fingerprint(tmp_path) != folder


def test_scaled_size(plain: Path) -> None:
    source = probe(plain)
    assert scaled_size(source, None) == (64, 48)
    assert scaled_size(source, 33) == (33, 25)
    assert scaled_size(source, 640) == (640, 480)
    assert scaled_size(source, 1) == (1, 1)
    with pytest.raises(UsageError):
        scaled_size(source, 0)


def test_a_picture_by_the_name_of_an_exr_file_is_none(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "a.gif")
    (tmp_path / "a.gif").rename(tmp_path / "x.exr")
    with pytest.raises(InputError, match="no EXR file"):
        probe(tmp_path / "x.exr")
