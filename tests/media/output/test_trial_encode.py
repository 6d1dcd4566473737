"""What can't be written is found before anything is painted, and told with what can be."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import av
import numpy as np
import pytest

from tests.helpers.footage import MakeClip, picture, tone
from tests.helpers.outputs import check_output, write_video
from vidstyle.errors import DependencyError, InputError, OutputError, StorageError, UsageError
from vidstyle.media.encode.ffmpeg import find_ffmpeg
from vidstyle.media.encode.streams import keepers
from vidstyle.media.files import scratch_folder
from vidstyle.media.output.verify import Mismatch
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Source

LONG = picture(frames=60)


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where scratch files go; nothing of them may be left."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def written(source: Source, output: Path, **options: object) -> Source:
    for _ in write_video(source, None, output, **options):  # type: ignore[arg-type]
        pass
    return probe(output)


@pytest.fixture
def broadcast(make_clip: MakeClip, tmp_path: Path) -> Path:
    """A transport stream of 2.4 s with a packet of sound in its middle that has no sense."""
    clip = make_clip("broadcast.ts", *LONG, *tone("2.4"), "-c:v", "libx264", "-c:a", "aac")
    with av.open(str(clip)) as read, av.open(str(tmp_path / "damaged.ts"), "w", format="mpegts") as write:
        streams = {stream.index: write.add_stream_from_template(stream) for stream in read.streams}
        sounds = 0
        for packet in read.demux():
            if not packet.size:
                continue
            stream = streams[packet.stream_index]
            sounds += packet.stream.type == "audio"
            if packet.stream.type == "audio" and sounds == 80:
                broken = bytearray(bytes(packet))
                broken[4] = (broken[4] + 40) & 255  # its length
                other = av.Packet(bytes(broken))
                other.pts, other.dts, other.time_base = packet.pts, packet.dts, packet.time_base
                packet = other
            packet.stream = stream
            write.mux(packet)
    return tmp_path / "damaged.ts"


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_sound_that_can_t_be_copied_to_its_end_is_converted(broadcast: Path, tmp_path: Path, suffix: str) -> None:
    source = probe(broadcast)
    [said] = check_output(source, tmp_path / f"a{suffix}", False)
    assert "won't take the aac audio stream as it is: it is converted" in said
    result = written(source, tmp_path / f"a{suffix}")
    with av.open(str(result.path)) as container:
        ends = [frame.time + frame.samples / frame.sample_rate for frame in container.decode(audio=0)]
    assert ends[-1] == pytest.approx(2.4, abs=0.1)


def test_sound_that_is_to_be_copied_is_not_converted(broadcast: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"--audio copy: .mp4 won't take the aac audio .*--audio convert"):
        check_output(probe(broadcast), tmp_path / "a.mp4", False, audio="copy")


@pytest.mark.slow
def test_a_sound_that_the_container_has_no_place_for(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = probe(make_clip("aac.mkv", *picture(), *tone(), "-c:v", "libx264", "-c:a", "aac"))
    with pytest.raises(OutputError, match=r"--audio copy: .webm won't take the aac .*--audio convert, or .mkv"):
        check_output(clip, tmp_path / "a.webm", False, audio="copy")
    assert written(clip, tmp_path / "a.mkv", audio="copy").streams[0].codec == "aac"


def test_an_encoder_that_fails_is_told_with_a_container_that_works(plain: Path, tmp_path: Path) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *trial.mp4*) echo "[mp4 @ 0x1] no room" >&2; exit 1;; '
        f'*) exec "{find_ffmpeg()}" "$@";; esac\n'
    )
    program.chmod(0o755)
    with pytest.raises(OutputError, match=r"'.*a.mp4' can't be written with libx264: no room. .mkv can be") as caught:
        check_output(probe(plain), tmp_path / "a.mp4", False, ffmpeg=str(program))
    assert caught.value.exit_code == 73


def test_a_full_disk_for_scratch_files_says_nothing_of_the_output(plain: Path, tmp_path: Path) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *trial.mp4*) echo "No space left on device" >&2; exit 228;; '
        f'*) exec "{find_ffmpeg()}" "$@";; esac\n'
    )
    program.chmod(0o755)
    assert check_output(probe(plain), tmp_path / "a.mp4", False, ffmpeg=str(program)) == ()
    assert len(written(probe(plain), tmp_path / "a.mp4", ffmpeg=str(program)).pts) == 20


@pytest.mark.slow
def test_an_encoder_of_a_missing_chip_is_an_output_error(plain: Path, tmp_path: Path) -> None:
    if "h264_nvenc" not in subprocess.run([find_ffmpeg(), "-encoders"], capture_output=True, text=True).stdout:
        pytest.skip("this ffmpeg knows of no such chip")
    try:
        check_output(probe(plain), tmp_path / "a.mp4", False, codec="h264_nvenc", size=(320, 240))
    except OutputError as error:
        assert "can't be written with h264_nvenc" in str(error)
        assert "Take another --codec" in str(error)


def test_a_trial_is_run_once_and_leaves_no_files(plain: Path, tmp_path: Path, scratch: Path) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text(f'#!/bin/sh\necho "$*" >> "{tmp_path}/log"\nexec "{find_ffmpeg()}" "$@"\n')
    program.chmod(0o755)
    source = probe(plain)
    check_output(source, tmp_path / "a.mp4", False, ffmpeg=str(program))
    written(source, tmp_path / "a.mp4", ffmpeg=str(program))
    assert (tmp_path / "log").read_text().count("trial.mp4") == 1
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.mp4", "ffmpeg", "log", "scratch"]
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "asked", "words"),
    [
        ("a.mp4", {"codec": "prores"}, r"--codec prores: .mp4 can't hold it, but .mkv or .mov can"),
        ("a.webm", {"codec": "h264"}, r".webm can't hold it"),
        (
            "a.mp4",
            {"codec": "av1", "pixel_format": "422"},
            r"--pixel-format 422: av1 holds none such, but 4:2:0, .*h264, h265 or vp9",
        ),
        ("a.mov", {"codec": "dnxhr"}, r"smallest frame is 256×120, and the result has 64×48"),
        ("a.mp4", {"codec": "h264", "pixel_format": "420-12"}, r"--codec h265 or vp9"),
        ("a.gif", {"audio": "copy"}, r".gif has no sound"),
        ("a.mp4", {"codec": "h264", "pixel_format": "420", "size": (33, 24)}, r"of this odd size"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    plain: Path, tmp_path: Path, name: str, asked: dict, words: str
) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        check_output(probe(plain), tmp_path / name, False, **asked)
    assert caught.value.exit_code == 2
    assert not list(tmp_path.glob("a.*"))


def test_video_options_for_pictures_are_a_warning(plain: Path, tmp_path: Path) -> None:
    asked = {"codec": "h265", "audio": "none"}
    [said] = check_output(probe(plain), tmp_path / "a%d.png", False, **asked)  # type: ignore[arg-type]
    assert said == "--codec, --audio: no part of writing pictures."


def test_a_rate_too_fast_for_gif_is_refused(make_clip: MakeClip, tmp_path: Path) -> None:
    fast = probe(make_clip("fast-gif.mp4", *picture("60", frames=4), "-c:v", "libx264"))
    with pytest.raises(UsageError, match=r".gif shows at most 50 frames a second, and these are 60"):
        check_output(fast, tmp_path / "a.gif", False)
    check_output(fast, tmp_path / "a.webp", False)


def test_hdr_is_no_part_of_a_gif(make_clip: MakeClip, tmp_path: Path) -> None:
    marks = "format=yuv420p10le,setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv"
    clip = make_clip("pq-for-gif.mkv", *picture(frames=4), "-vf", marks, "-c:v", "libx264")
    assert any("SDR" in said for said in check_output(probe(clip), tmp_path / "a.gif", False))
    with pytest.raises(UsageError, match="has no tag for it"):
        check_output(probe(clip), tmp_path / "a.gif", False, hdr="pq")


@pytest.mark.parametrize(
    ("name", "kept"), [("a.mp4", "; --pixel-format 422 keeps it"), ("a.webm", "; --pixel-format 422 keeps it")]
)
def test_a_warning_names_the_option_that_keeps_the_colours(
    make_clip: MakeClip, tmp_path: Path, name: str, kept: str
) -> None:
    source = probe(make_clip("huff.avi", *picture(frames=4), "-vf", "format=yuv422p", "-c:v", "huffyuv"))
    [said] = check_output(source, tmp_path / name, False)
    assert f"stored as 4:2:2, the result's as 4:2:0{kept}" in said
    assert check_output(source, tmp_path / name, False, pixel_format="422") == ()


CODECS = [
    ("h264", ".mp4", "420-8", ("h264", "420", 8)),
    ("h264", ".mkv", "444-10", ("h264", "444", 10)),
    ("h265", ".mov", "422-12", ("hevc", "422", 12)),
    ("av1", ".webm", "420-10", ("av1", "420", 10)),
    ("vp9", ".webm", "444-12", ("vp9", "444", 12)),
    ("vp9", ".mp4", "422", ("vp9", "422", 8)),
    ("prores", ".mov", "auto", ("prores", "422", 10)),
    ("prores", ".mkv", "444", ("prores", "444", None)),
    ("dnxhr", ".mov", "auto", ("dnxhd", "422", 8)),
    ("dnxhr", ".mkv", "444", ("dnxhd", "444", 10)),
    ("ffv1", ".mkv", "rgb-16", ("ffv1", "rgb", 16)),
    ("ffv1", ".mov", "420-12", ("ffv1", "420", 12)),
    ("auto", ".mp4", "422-10", ("hevc", "422", 10)),
]


@pytest.mark.slow
@pytest.mark.parametrize(("codec", "suffix", "pixels", "meant"), CODECS)
def test_painted_frames_in_every_codec(
    make_clip: MakeClip, tmp_path: Path, codec: str, suffix: str, pixels: str, meant: tuple[str, str, int | None]
) -> None:
    """From RGB, as painted frames are, and not from the clip's own pixels."""
    source = probe(make_clip("large.mp4", *picture(frames=3, size="256x120"), "-c:v", "libx264", "-qp", "0"))
    frames = [frame.image for frame in read_frames(source)]
    list(write_video(source, frames, tmp_path / f"a{suffix}", codec=codec, pixel_format=pixels, crf=4))
    result = probe(tmp_path / f"a{suffix}")
    assert (result.codec, result.chroma) == meant[:2]
    assert meant[2] in (None, result.bit_depth)
    for image, frame in zip(frames, read_frames(result), strict=True):
        assert np.abs(image - frame.image).mean() < 2.5 / 255


@pytest.mark.slow
@pytest.mark.parametrize(
    ("codec", "suffix"), [("dnxhr", ".mov"), ("ffv1", ".mov"), ("prores", ".mkv"), ("h265", ".mp4")]
)
@pytest.mark.parametrize(
    ("name", "scale", "tags"),
    [
        ("full", "bt709:out_range=pc", "bt709:color_trc=bt709:colorspace=bt709:range=pc"),
        ("wide", "bt2020", "bt2020:color_trc=bt2020-10:colorspace=bt2020nc:range=tv"),
        ("small", "bt470bg", "bt470bg:color_trc=smpte170m:colorspace=bt470bg:range=tv"),
    ],
)
def test_colours_survive_codecs_that_cannot_tag_them(
    make_clip: MakeClip, tmp_path: Path, codec: str, suffix: str, name: str, scale: str, tags: str
) -> None:
    graph = f"scale=out_color_matrix={scale},format=yuv444p10le,setparams=color_primaries={tags}"
    clip = make_clip(
        f"tagged-{name}.mkv", *picture(frames=2, size="256x120"), "-vf", graph, "-c:v", "libx264", "-qp", "0"
    )
    source = probe(clip)
    frames = [frame.image for frame in read_frames(source)]
    for place, own in enumerate((frames, None)):
        list(write_video(source, own, tmp_path / f"{place}{suffix}", codec=codec, pixel_format="444", crf=2))
        for image, frame in zip(frames, read_frames(probe(tmp_path / f"{place}{suffix}")), strict=True):
            assert np.abs(image - frame.image).mean() < 0.006  # a wrong matrix or range costs 0.01 and more


@pytest.mark.slow
def test_the_sound_can_be_left_out_encoded_anew_or_another(make_clip: MakeClip, tmp_path: Path) -> None:
    source = probe(make_clip("with-sound.mp4", *LONG, *tone("2.4"), "-c:v", "libx264", "-c:a", "aac"))
    music = make_clip("music.wav", *tone("9", "stereo"))
    assert written(source, tmp_path / "none.mp4", audio="none").streams == ()
    assert [stream.codec for stream in written(source, tmp_path / "again.mkv", audio="convert").streams] == ["flac"]
    for name, part in (("music.mov", {}), ("part.mov", {"start": 20, "stop": 50})):
        result = written(source, tmp_path / name, audio=str(music), **part)
        [sound] = result.streams
        assert (sound.codec, sound.channels) == ("pcm_s16le", 2)
        with av.open(str(result.path)) as container:
            assert float(container.duration / av.time_base) == pytest.approx(1.2 if part else 2.4, abs=0.05)
    for words, name in (("no such file", "absent.wav"), ("holds no sound", "silent.mp4")):
        make_clip("silent.mp4", *picture(), "-c:v", "libx264")
        with pytest.raises(InputError, match=words):
            check_output(source, tmp_path / "b.mp4", False, audio=str(music.with_name(name)))
    with pytest.raises(OutputError, match="one of the inputs"):
        check_output(source, music.with_suffix(".mkv"), True, audio=str(music.with_suffix(".mkv")))


@pytest.mark.slow
def test_a_cover_is_kept(make_clip: MakeClip, tmp_path: Path) -> None:
    cover = make_clip("cover.jpg", "-f", "lavfi", "-i", "testsrc=s=32x32", "-frames:v", "1", "-update", "1")
    attached = ["-attach", cover, "-metadata:s:t", "mimetype=image/jpeg", "-metadata:s:t", "filename=cover.jpg"]
    source = probe(make_clip("covered.mkv", *picture(), "-c:v", "libx264", *attached))
    assert [stream.kind for stream in source.streams] == ["cover"]
    result = source
    for suffix in (".mkv", ".mp4", ".mkv"):
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        result = written(result, folder / f"a{suffix}")
        assert [(stream.kind, stream.codec) for stream in result.streams] == [("cover", "mjpeg")]
        with av.open(str(result.path)) as container:
            packet = next(
                packet for packet in container.demux(container.streams[result.streams[0].index]) if packet.size
            )
            assert bytes(packet) == cover.read_bytes()
    [said] = check_output(source, tmp_path / "a.mov", False)
    assert ".mp4 and .mkv keep it" in said


def test_no_such_encoder(plain: Path, tmp_path: Path) -> None:
    with pytest.raises((DependencyError, OutputError), match="h264_videotoolbox"):
        check_output(probe(plain), tmp_path / "a.mov", False, codec="h264_videotoolbox", size=(320, 240))


def test_what_a_killed_trial_left_is_removed_by_a_later_one(scratch: Path) -> None:
    (scratch / "elsewhere").mkdir()
    (scratch / "vidstyle-trial-link").symlink_to(scratch / "elsewhere")
    for name, age in {"vidstyle-trial-old": 2 * 86_400, "vidstyle-trial-new": 60, "vidstyle-notes": 2 * 86_400}.items():
        (scratch / name).mkdir()
        (scratch / name / "trial.mp4").touch()
        os.utime(scratch / name, (time.time() - age,) * 2)
    with scratch_folder() as folder:
        assert folder.is_dir()
    assert {path.name for path in scratch.iterdir()} == {
        *("elsewhere", "vidstyle-trial-link", "vidstyle-trial-new", "vidstyle-notes")
    }


def test_a_temporary_folder_without_room_says_nothing_of_the_output(
    make_clip: MakeClip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_short(part: Path, *_: object) -> None:
        raise Mismatch(part, "it has 0 frames, not 2")

    source = probe(make_clip("room.mp4", *picture(frames=3), "-c:v", "libx264"))
    monkeypatch.setattr("vidstyle.media.output.trial_encode.verify", cut_short)
    with pytest.raises(OutputError, match="it has 0 frames"):
        check_output(source, tmp_path / "a.mkv")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=5_000))
    with pytest.raises(StorageError, match="nearly full"):
        check_output(source, tmp_path / "b.mkv", codec="ffv1")


def test_what_keeps_a_stream_is_another_container() -> None:
    assert keepers("subtitle", ".mp4") == "; .mkv may keep it"
    assert keepers("subtitle", ".mkv") == keepers("data", ".mp4") == ""


def test_an_odd_size_is_told_as_it_is_stored(make_clip: MakeClip, tmp_path: Path) -> None:
    source = probe(make_clip("odd.mkv", *picture(size="64x27", frames=3), "-c:v", "ffv1", "-pix_fmt", "yuv444p"))
    for changes, words in (({}, "4:2:2"), ({"pixel_format": "444"}, "4:4:4")):
        warnings = check_output(source, tmp_path / "a.mp4", **changes)
        assert any("64×27 is odd: kept by storing colours as " + words in warning for warning in warnings), warnings
