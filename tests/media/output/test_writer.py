from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import subprocess
import time
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.helpers.footage import MakeClip, picture, tone
from tests.helpers.outputs import check_output, write_video
from vidstyle.errors import OutputError, StorageError
from vidstyle.media.encode.ffmpeg import find_ffmpeg
from vidstyle.media.files import hidden_part
from vidstyle.media.images.stills import over_white, read_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Source


def repainted(source: Source, output: Path, start: int = 0, stop: int | None = None, **options: Any) -> Source:
    """The clip's own frames, written and probed again."""
    frames = (frame.image for frame in read_frames(source, start, stop, options.get("size")))
    count = len(source.pts[start:stop])
    steps = list(write_video(source, frames, output, start=start, stop=stop, **options))
    assert steps == list(range(1, count + 1))
    assert [file.name for file in output.parent.iterdir() if file.name.startswith(".")] == []
    return probe(output)


def seconds(source: Source) -> list[Fraction]:
    return [tick * source.time_base for tick in source.pts]


def packets(path: Path, kind: str, place: int = 0) -> list[tuple[float, bytes]]:
    """Time and content of each packet of a stream."""
    with av.open(f"file:{path}") as container:
        stream = [stream for stream in container.streams if stream.type == kind][place]
        return [
            (float(packet.pts * stream.time_base), hashlib.sha256(bytes(packet)).digest())
            for packet in container.demux(stream)
            if packet.size
        ]


def likeness(one: Source, two: Source) -> float:
    """The mean difference of two clips' frames, of 255."""
    pairs = zip(read_frames(one), read_frames(two), strict=True)
    return float(np.mean([np.abs(a.image - b.image).mean() for a, b in pairs])) * 255


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov", ".webm"])
@pytest.mark.parametrize("rate", ["25", "30000/1001", "24000/1001"])
def test_rate_times_and_duration_are_the_clip_s(make_clip: MakeClip, tmp_path: Path, suffix: str, rate: str) -> None:
    clip = make_clip(f"rated-{rate.replace('/', '-')}.mp4", *picture(rate), "-c:v", "libx264")
    source = probe(clip)
    result = repainted(source, tmp_path / f"a # 'b{suffix}")
    rounding = Fraction(1, 2000) if suffix in (".mkv", ".webm") else 0  # these count in milliseconds
    assert len(result.pts) == 20
    assert max(abs(a - b) for a, b in zip(seconds(result), seconds(source), strict=True)) <= rounding
    assert result.frame_rate == source.frame_rate
    assert result.duration == source.duration
    assert likeness(source, result) < 4
    with av.open(f"file:{result.path}") as container:
        assert container.streams.video[0].average_rate == source.frame_rate
        assert abs(Fraction(container.duration, av.time_base) - source.duration) <= Fraction(1, 1000)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov", ".webm"])
def test_a_variable_rate_is_kept(uneven: Path, tmp_path: Path, suffix: str) -> None:
    source = probe(uneven)
    result = repainted(source, tmp_path / f"a{suffix}")
    assert seconds(result) == seconds(source)
    assert result.duration == source.duration
    assert result.variable_rate
    with av.open(f"file:{result.path}") as container:
        assert abs(Fraction(container.duration, av.time_base) - source.duration) <= Fraction(1, 1000)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_part_of_a_variable_rate_is_kept(uneven: Path, tmp_path: Path, suffix: str) -> None:
    source = probe(uneven)
    result = repainted(source, tmp_path / f"a{suffix}", 4, 9)
    assert [time * 25 for time in seconds(result)] == [0, 1, 2, 4, 6]
    assert result.duration == Fraction(8, 25)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_the_first_frames_keep_the_packets_from_which_a_sound_begins(
    make_clip: MakeClip, tmp_path: Path, suffix: str
) -> None:
    """AAC's first packet is played before 0: without it, the next one is not decoded to what it was."""
    clip = make_clip("primed.mp4", *picture(), *tone(), "-c:v", "libx264", "-c:a", "aac")
    result = repainted(probe(clip), tmp_path / f"a{suffix}", 0, 10)

    def packets(path: Path) -> list[bytes]:
        with av.open(str(path)) as container:
            return [bytes(packet) for packet in container.demux(container.streams.audio[0]) if packet.size]

    meant, found = packets(clip), packets(result.path)
    assert found == meant[: len(found)]
    assert abs(len(found) * 1024 / 44_100 - 0.4 - 1024 / 44_100) < 0.03
    assert seconds(result) == seconds(probe(clip))[:10]


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_what_a_camera_measured_is_kept_where_the_container_takes_it(
    make_clip: MakeClip, tmp_path: Path, suffix: str
) -> None:
    """GoPro's GPMF; no ffmpeg writes such a track anew, so that one is made of subtitles."""
    (tmp_path / "words.srt").write_text(
        "1\n00:00:00,000 --> 00:00:00,400\nabc\n\n2\n00:00:00,400 --> 00:00:00,800\ndef\n"
    )
    words = ["-i", str(tmp_path / "words.srt"), "-c:v", "libx264", "-c:s", "mov_text"]
    data = make_clip("words.mp4", *picture(), *words).read_bytes()
    clip = tmp_path / "gopro.mp4"
    clip.write_bytes(data.replace(b"tx3g", b"gpmd").replace(b"sbtl", b"meta"))
    source = probe(clip)
    assert [stream.kind for stream in source.streams] == ["data"]
    told = [warning for warning in check_output(source, tmp_path / f"a{suffix}") if "data stream" in warning]
    result = repainted(source, tmp_path / f"a{suffix}")
    kept = [stream.kind for stream in result.streams]
    assert (kept, len(told)) == (([], 1) if suffix == ".mkv" else (["data"], 0))
    assert suffix == ".mkv" or b"gpmd" in result.path.read_bytes()


def test_times_rounded_by_matroska_become_exact_again(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = make_clip("rounded.mkv", *picture("30000/1001"), "-c:v", "libx264")
    result = repainted(probe(clip), tmp_path / "a.mp4")
    assert seconds(result) == [index * Fraction(1001, 30000) for index in range(20)]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_picture_that_begins_after_the_sound_stays_in_step(make_clip: MakeClip, tmp_path: Path, suffix: str) -> None:
    late = make_clip(
        "late-picture.mp4",
        *["-itsoffset", "0.5", *picture(), *tone("1.3"), "-copyts", "-c:v", "libx264", "-c:a", "aac"],
    )
    source = probe(late)
    assert seconds(source)[0] > 0.4
    result = repainted(source, tmp_path / f"a{suffix}")
    assert seconds(result) == pytest.approx(seconds(source), abs=0.001)
    heard, wanted = packets(result.path, "audio"), packets(late, "audio")
    assert [content for _, content in heard] == [content for _, content in wanted]
    assert [time for time, _ in heard] == pytest.approx([time for time, _ in wanted], abs=0.001)


@pytest.mark.slow
def test_a_transport_stream_s_clock_is_set_to_0(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = make_clip("clock.ts", *picture(), *tone(), "-c:v", "libx264", "-c:a", "mp2", "-output_ts_offset", "1000")
    source = probe(clip)
    result = repainted(source, tmp_path / "a.mp4")
    ahead = packets(clip, "audio")[0][0] - float(seconds(source)[0])
    assert seconds(result)[0] < 0.2
    assert packets(result.path, "audio")[0][0] - float(seconds(result)[0]) == pytest.approx(ahead, abs=0.001)


@pytest.mark.slow
def test_a_sound_that_begins_before_0_stays_in_step(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = make_clip("early.ogv", *picture(), *tone("2"), "-c:v", "libtheora", "-c:a", "libvorbis")
    sound = packets(clip, "audio")
    assert sound[0][0] < 0
    result = repainted(probe(clip), tmp_path / "a.mkv")
    step = [time - sound[0][0] for time, _ in sound]
    assert [time - packets(result.path, "audio")[0][0] for time, _ in packets(result.path, "audio")] == pytest.approx(
        step, abs=0.0015
    )
    assert float(seconds(result)[0]) - packets(result.path, "audio")[0][0] == pytest.approx(-sound[0][0], abs=0.0015)


@pytest.mark.slow
def test_all_that_matroska_holds_is_kept(film: Path, tmp_path: Path) -> None:
    source = probe(film)
    result = repainted(source, tmp_path / "a.mkv")
    assert result.streams == source.streams
    assert result.tags == source.tags
    for place in (0, 1):
        assert packets(result.path, "audio", place) == packets(film, "audio", place)
    assert packets(result.path, "subtitle") == packets(film, "subtitle")
    with av.open(f"file:{film}") as one, av.open(f"file:{result.path}") as two:
        assert two.metadata["title"] == one.metadata["title"] == "A 'film' #1"
        chapters = [
            [(chapter["start"] * chapter["time_base"], chapter["metadata"]["title"]) for chapter in file.chapters()]
            for file in (one, two)
        ]
        assert chapters[0] == chapters[1]
        assert [stream.name for stream in one.streams if stream.type == "attachment"] == [
            stream.name for stream in two.streams if stream.type == "attachment"
        ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("suffix", "codecs"),
    [
        (".mp4", ["aac", "alac", "mov_text"]),
        (".mov", ["aac", "pcm_s24le", "mov_text"]),
        (".webm", ["opus", "opus", "webvtt"]),
    ],
)
def test_what_a_container_can_t_hold_is_converted(film: Path, tmp_path: Path, suffix: str, codecs: list[str]) -> None:
    result = repainted(probe(film), tmp_path / f"a{suffix}")
    kept = [stream for stream in result.streams if stream.kind in ("audio", "subtitle")]
    assert [stream.codec for stream in kept] == codecs
    assert [stream.channels for stream in kept] == [6, 1, 0]
    assert [stream.language for stream in kept][:2] == ["eng", "ger"]
    assert result.chapters == 2
    if suffix != ".webm":  # what it can hold is copied
        assert [content for _, content in packets(result.path, "audio")] == [
            content for _, content in packets(film, "audio")
        ]


@pytest.mark.slow
def test_a_sound_layout_that_an_encoder_does_not_know_is_mapped(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = make_clip("side.mkv", *picture(), *tone(layout="5.1(side)"), "-c:v", "libx264", "-c:a", "ac3")
    [sound] = repainted(probe(clip), tmp_path / "a.webm").streams
    assert (sound.codec, sound.channels) == ("opus", 6)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm"])
def test_a_part_has_the_sound_and_words_of_its_time(film: Path, tmp_path: Path, suffix: str) -> None:
    source = probe(film)
    result = repainted(source, tmp_path / f"a{suffix}", 5, 15)
    assert seconds(result) == [Fraction(index, 25) for index in range(10)]
    packet = 1152 / 44100  # what sound can be cut to
    sound = packets(result.path, "audio")
    assert -packet < sound[0][0] < packet
    assert 0.4 - 2 * packet < sound[-1][0] < 0.4
    with av.open(f"file:{result.path}") as container:
        words = [
            (float(packet.pts * packet.time_base), float((packet.pts + packet.duration) * packet.time_base))
            for packet in container.demux(container.streams.subtitles[0])
            if packet.size > 2  # MP4 fills gaps with empty words
        ]
        chapters = [(chapter["start"], chapter["end"]) for chapter in container.chapters()]
        ticks = container.chapters()[0]["time_base"]
    assert words == [pytest.approx((0, 0.1), abs=0.002), pytest.approx((0.2, 0.4), abs=0.002)]
    assert [(float(start * ticks), float(end * ticks)) for start, end in chapters] == [
        pytest.approx((0, 0.12), abs=0.002),
        pytest.approx((0.12, 0.4), abs=0.002),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm"])
def test_streams_that_are_silent_in_a_part_are_left_out(
    make_clip: MakeClip, clip_folder: Path, tmp_path: Path, suffix: str
) -> None:
    words = clip_folder / "late.srt"
    words.write_text("1\n00:00:00,500 --> 00:00:00,700\nlate\n")
    sound = ["-itsoffset", "0.45", *tone("0.3")]
    source = probe(make_clip("late-sound.mkv", *picture(), *sound, "-i", words, "-c:v", "libx264", "-c:a", "aac"))
    assert repainted(source, tmp_path / f"a{suffix}", 0, 8).streams == ()
    kinds = {stream.kind for stream in repainted(source, tmp_path / f"b{suffix}", 5, 20).streams}
    assert kinds == {"audio", "subtitle"}


def test_the_sound_of_a_part_is_in_step(make_clip: MakeClip, tmp_path: Path) -> None:
    """A click at 0.48 s of the clip is at 0.28 s of a part that begins at 0.2 s."""
    click = ["-f", "lavfi", "-i", "aevalsrc='between(t,0.48,0.49)*sin(6000*t)':s=48000:d=0.8"]
    source = probe(make_clip("click.mkv", *picture(), *click, "-c:v", "libx264", "-c:a", "pcm_s16le"))
    result = repainted(source, tmp_path / "a.mkv", 5, 20)
    with av.open(f"file:{result.path}") as container:
        loud = [
            float(frame.pts * frame.time_base) + np.flatnonzero(np.abs(frame.to_ndarray()[0]) > 3000)[0] / 48000
            for frame in container.decode(audio=0)
            if np.abs(frame.to_ndarray()).max() > 3000
        ]
    assert loud[0] == pytest.approx(0.28, abs=0.003)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov", ".webm"])
@pytest.mark.parametrize("size", [(65, 49), (64, 49), (33, 24)])
def test_odd_sizes_are_kept(plain: Path, tmp_path: Path, suffix: str, size: tuple[int, int]) -> None:
    result = repainted(probe(plain), tmp_path / f"a{suffix}", 0, 5, size=size)
    assert (result.width, result.height) == size


@pytest.mark.slow
def test_rotation_is_in_the_pixels_and_no_longer_a_mark(make_clip: MakeClip, plain: Path, tmp_path: Path) -> None:
    turned = make_clip("to-turn.mp4", "-display_rotation", "90", "-i", f"file:{plain}", "-c", "copy")
    source = probe(turned)
    result = repainted(source, tmp_path / "a.mp4")
    assert (result.width, result.height, result.rotation) == (48, 64, 0)
    assert likeness(source, result) < 4


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_the_shape_of_pixels_is_kept(make_clip: MakeClip, tmp_path: Path, suffix: str) -> None:
    source = probe(make_clip("shape.mp4", *picture(), "-vf", "setsar=128/117:max=1000", "-c:v", "libx264"))
    assert repainted(source, tmp_path / f"a{suffix}", 0, 5).sample_aspect_ratio == Fraction(128, 117)
    assert repainted(source, tmp_path / f"b{suffix}", 0, 5, size=(31, 23)).sample_aspect_ratio == Fraction(128, 117)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov", ".webm"])
@pytest.mark.parametrize(
    ("pixel_format", "tags"),
    [
        ("yuv420p", ("bt709", "bt709", "bt709", "tv")),
        ("yuv420p", ("bt709", "bt709", "bt709", "pc")),
        ("yuv420p", ("smpte170m", "smpte170m", "smpte170m", "tv")),
        ("yuv420p", ("bt470bg", "bt470bg", "bt470bg", "tv")),
        ("yuv420p", ("bt470m", "bt470m", "smpte170m", "tv")),
        ("yuv420p", ("bt709", "log100", "bt709", "tv")),
        ("yuv420p", ("bt709", "log316", "bt709", "tv")),
        ("yuv420p10le", ("bt2020", "smpte2084", "bt2020nc", "tv")),
        ("yuv420p10le", ("bt2020", "arib-std-b67", "bt2020nc", "tv")),
    ],
)
def test_colours_and_their_tags_come_back(
    make_clip: MakeClip, tmp_path: Path, suffix: str, pixel_format: str, tags: tuple[str, str, str, str]
) -> None:
    marks = "setparams=color_primaries={}:color_trc={}:colorspace={}:range={}".format(*tags)
    name = f"tagged-{'-'.join(tags)}.mkv"
    scale = f"scale=out_range={tags[3]},format={pixel_format},{marks}"
    source = probe(make_clip(name, *picture(frames=4), "-vf", scale, "-c:v", "libx264", "-qp", "0"))
    assert (source.color.primaries, source.color.transfer, source.color.space, source.color.range) == tags
    result = repainted(source, tmp_path / f"a{suffix}", crf=0)
    assert result.color == source.color
    assert result.bit_depth == source.bit_depth
    # A wrong matrix costs 2.6 and more, a wrong range 7; full range goes through limited range in ffmpeg.
    assert likeness(source, result) < (1 if tags[3] == "pc" else 0.3)


@pytest.mark.slow
def test_untagged_colours_stay_untagged(plain: Path, tmp_path: Path) -> None:
    source = probe(plain)
    result = repainted(source, tmp_path / "a.mp4", crf=0)
    assert result.color == source.color
    assert result.color.space is None
    assert likeness(source, result) < 0.5


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".mov", ".webm"])
@pytest.mark.parametrize("name", ["fade.mov", "fade.webm"])
def test_opacity_is_kept(make_clip: MakeClip, tmp_path: Path, suffix: str, name: str) -> None:
    codec = {
        "fade.mov": ["-c:v", "prores_ks", "-pix_fmt", "yuva444p10le"],
        "fade.webm": ["-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p"],
    }[name]
    fade = "format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='255*X/W'"
    source = probe(make_clip(name, *picture(frames=4), "-vf", fade, *codec))
    result = repainted(source, tmp_path / f"a{suffix}")
    assert result.has_alpha
    for one, two in zip(read_frames(source), read_frames(result), strict=True):
        assert one.alpha is not None
        assert two.alpha is not None
        assert one.alpha.max() - one.alpha.min() > 0.9
        np.testing.assert_allclose(one.alpha, two.alpha, atol=0.04)


def test_opacity_is_shown_over_white_where_there_is_no_place_for_it(make_clip: MakeClip, tmp_path: Path) -> None:
    clear = ["-vf", "format=rgba,colorchannelmixer=aa=0.5", "-c:v", "prores_ks", "-pix_fmt", "yuva444p10le"]
    source = probe(make_clip("clear.mov", *picture(frames=4), *clear))
    result = repainted(source, tmp_path / "a.mp4")
    assert not result.has_alpha
    assert result.bit_depth == 10
    for one, two in zip(read_frames(source), read_frames(result), strict=True):
        assert one.alpha is not None
        assert np.abs(over_white(one.image, one.alpha) - two.image).mean() < 4 / 255


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_players_can_start_before_they_have_the_whole_file(plain: Path, tmp_path: Path, suffix: str) -> None:
    data = repainted(probe(plain), tmp_path / f"a{suffix.upper()}").path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_numbered_pictures_in_and_out(plain: Path, tmp_path: Path) -> None:
    source = probe(plain)
    pattern = tmp_path / "f%03d.png"
    result = repainted(source, pattern, 3, 6)
    assert [file.name for file in result.files] == ["f004.png", "f005.png", "f006.png"]
    np.testing.assert_allclose(read_image(result.files[0]), next(read_frames(source, 3)).image, atol=0.5 / 255 + 1e-6)
    film = repainted(result, tmp_path / "film.mp4", crf=0)
    assert len(film.pts) == 3
    assert film.frame_rate == 25
    assert film.color.space == "bt709"
    assert likeness(result, film) < 1
    with pytest.raises(OutputError, match="exists"):
        next(write_video(source, [], pattern))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.mov", "a.webm", "a%d.png"])
def test_the_same_frames_make_the_same_file(film: Path, tmp_path: Path, name: str) -> None:
    source = probe(film)
    made = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        frames = (frame.image for frame in read_frames(source))
        for _ in write_video(source, frames, tmp_path / folder / name):
            pass
        made.append({file.name: file.read_bytes() for file in (tmp_path / folder).iterdir()})
        time.sleep(1)  # a time stamp would differ by now
    assert made[0] == made[1]


@pytest.mark.slow
def test_when_a_clip_was_made_is_kept(make_clip: MakeClip, tmp_path: Path) -> None:
    dated = make_clip("dated.mp4", *picture("25"), "-c:v", "libx264", "-metadata", "creation_time=2020-01-02T03:04:05Z")
    for suffix in (".mp4", ".mkv", ".mov"):
        repainted(probe(dated), tmp_path / f"a{suffix}")
        with av.open(str(tmp_path / f"a{suffix}")) as container:
            assert container.metadata["creation_time"].startswith("2020-01-02T03:04:05")


def test_an_existing_file_stays_until_the_new_one_is_whole(plain: Path, tmp_path: Path) -> None:
    source, output = probe(plain), tmp_path / "a.mp4"
    output.write_bytes(b"old")
    with pytest.raises(OutputError, match="-y"):
        list(write_video(source, [], output))
    steps = write_video(source, (frame.image for frame in read_frames(source)), output, overwrite=True)
    next(steps)
    assert output.read_bytes() == b"old"
    assert [*steps][-1] == 20
    assert len(probe(output).pts) == 20


def test_files_of_a_killed_run_are_replaced(plain: Path, tmp_path: Path) -> None:
    source = probe(plain)
    left = hidden_part(tmp_path / "a.mp4")
    left.write_bytes(b"half a film")
    with left.open("ab") as orphan:  # its ffmpeg may even be writing still
        result = repainted(source, tmp_path / "a.mp4")
        orphan.write(b"more")
    assert len(result.pts) == 20
    assert [file.name for file in tmp_path.iterdir()] == ["a.mp4"]


def broken(source: Source, error: BaseException | None) -> Iterator[np.ndarray]:
    for frame in read_frames(source, 0, 7):
        yield frame.image
    if error is not None:
        raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), StorageError("a frame is gone")])
def test_a_writer_that_is_interrupted_leaves_nothing(plain: Path, tmp_path: Path, error: BaseException) -> None:
    source = probe(plain)
    with pytest.raises(type(error)):
        list(write_video(source, broken(source, error), tmp_path / "a.mp4"))
    assert list(tmp_path.iterdir()) == []
    steps = write_video(source, broken(source, None), tmp_path / "a.mp4")
    next(steps)
    steps.close()
    assert list(tmp_path.iterdir()) == []


def test_an_ffmpeg_that_dies_is_an_error_with_its_last_words(plain: Path, tmp_path: Path) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *-encoders* | *trial*) exec "{find_ffmpeg()}" "$@";; '
        '*) echo "out of luck" >&2; exit 3;; esac\n'
    )
    program.chmod(0o755)
    source = probe(plain)
    frames = (frame.image for frame in read_frames(source))
    with pytest.raises(StorageError, match="out of luck") as caught:
        list(write_video(source, frames, tmp_path / "a.mp4", ffmpeg=str(program)))
    assert "ended with 3" in str(caught.value)
    assert str(program) in str(caught.value)
    assert [file.name for file in tmp_path.iterdir()] == ["ffmpeg"]


@pytest.mark.slow
def test_a_short_result_is_not_passed_off_as_whole(plain: Path, tmp_path: Path) -> None:
    """An ffmpeg that is stopped early leaves a file that plays, and may even say that all is well."""
    program = tmp_path / "ffmpeg"
    # The same command with "-frames:v 9" before its last argument; what is left of the input is swallowed.
    program.write_text(
        f'#!/bin/bash\ncase "$*" in *-encoders* | *trial*) exec "{find_ffmpeg()}" "$@";; esac\n'
        f'"{find_ffmpeg()}" "${{@:1:$#-1}}" -frames:v 9 "${{@: -1}}"; cat >/dev/null; exit 0\n'
    )
    program.chmod(0o755)
    source = probe(plain)
    frames = (frame.image for frame in read_frames(source))
    with pytest.raises(StorageError, match="9 frames, not 20"):
        list(write_video(source, frames, tmp_path / "a.mp4", ffmpeg=str(program)))
    assert not (tmp_path / "a.mp4").exists()


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterable[Path]:
    """A file system of 64 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs the right to mount a small file system")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)  # Else whoever looks at the folder just now stops it.


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "f%02d.png", "f%02d.exr", "f%02d.dpx"])
def test_a_full_disk_is_an_error_and_leaves_nothing(plain: Path, full_disk: Path, name: str) -> None:
    source = probe(plain)
    noise = (np.random.default_rng(index).random((240, 320, 3), np.float32) for index in range(20))
    with pytest.raises(StorageError, match="disk is full"):
        list(write_video(source, noise, full_disk / name, size=(320, 240)))
    assert list(full_disk.iterdir()) == []


@pytest.mark.parametrize("name", ["a.mp4", "f%02d.png"])
def test_a_disk_that_is_full_already_is_noticed_before_any_work(plain: Path, full_disk: Path, name: str) -> None:
    with contextlib.suppress(OSError), (full_disk / "others").open("wb") as file:
        file.write(bytes(1 << 20))
    with pytest.raises(StorageError, match="disk is full"):
        check_output(probe(plain), full_disk / name, False)
    assert [path.name for path in full_disk.iterdir()] == ["others"]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
@pytest.mark.parametrize(
    ("name", "sound"),
    [
        ("seekless.swf", ("-c:v", "flv1", "-c:a", "libmp3lame", "-ar", "44100")),
        ("seeking.rm", ("-s", "128x96", "-c:v", "rv20", "-c:a", "ac3")),
        ("samples.mxf", ("-c:v", "mpeg2video", "-c:a", "pcm_s16le", "-ar", "48000")),
    ],
)
def test_a_part_has_all_of_its_sound(
    make_clip: MakeClip, tmp_path: Path, name: str, sound: tuple[str, ...], suffix: str
) -> None:
    source = probe(make_clip(name, *picture(frames=50), *tone("2"), *sound))
    output = tmp_path / f"part{suffix}"
    for _ in write_video(source, None, output, start=20, stop=40):
        pass
    with av.open(str(output)) as container:
        stream = container.streams.audio[0]
        seconds = sum(frame.samples for frame in container.decode(stream)) / stream.rate
    assert seconds == pytest.approx(0.8, abs=0.05)


def test_a_sound_that_got_lost_is_noticed(plain: Path, tmp_path: Path) -> None:
    source = probe(plain)
    sound = dataclasses.replace(source.streams[0], end=3.0, begin=-1.0)
    claimed = dataclasses.replace(source, streams=(sound,), pts=tuple(4 * tick for tick in source.pts))
    claimed = dataclasses.replace(claimed, frame_rate=source.frame_rate / 4, duration=4 * source.duration)
    with pytest.raises(StorageError, match=r"its sound .* is heard from"):
        for _ in write_video(claimed, (frame.image for frame in read_frames(source)), tmp_path / "a.mkv"):
            pass
    assert list(tmp_path.iterdir()) == []
