"""Clips of every kind through the writer: each comes back as itself, but for what the table says."""

from __future__ import annotations

import dataclasses
import math
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.helpers.footage import MakeClip, picture, tone
from tests.helpers.outputs import write_video
from vidstyle.media.color.tags import Color
from vidstyle.media.encode.ffmpeg import find_ffmpeg
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Source

X264 = ["-c:v", "libx264", "-qp", "4"]
FRAMES = 12
SAMPLE = picture(frames=FRAMES)
PQ = [
    *SAMPLE,
    "-vf",
    "format=yuv420p10le,setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv",
]
MASTERED = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400"
MASTERED264 = MASTERED.replace("master-", "mastering-").replace("max-cll", "cll")
UNEVEN = "setpts='(N+N*N/20)/25/TB'"
FADED = "format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='255*gt(X,20+N)'"
PALETTED = "split[a][b];[a]palettegen=reserve_transparent=1:stats_mode=single[p];[b][p]paletteuse=new=1"
NO_CODEC = {"codec": None, "chroma": None, "bit_depth": None}
CODEC = {"codec": None, "chroma": None, "bit_depth": None}


def filtered(text: str, *codec: str) -> list[str]:
    return [*SAMPLE, "-vf", text, *(codec or X264)]


def rated(rate: str, *codec: str) -> list[str]:
    return [*picture(rate, FRAMES), *(codec or X264)]


@dataclasses.dataclass(frozen=True)
class Case:
    """A clip, the formats that it is written in, and what of it may change.

    Attributes
    ----------
    clip
        Its file name.
    made
        ffmpeg's arguments.
    outputs
        Suffixes of the results.
    but
        Properties of the result that are not the clip's, or None for those that may be anything.
    options
        Of `write_video`.
    """

    clip: str
    made: list[str]
    outputs: str
    but: dict[str, Any] = dataclasses.field(default_factory=dict)
    options: dict[str, Any] = dataclasses.field(default_factory=dict)


TAGGED = ["-metadata", "creation_time=2020-01-02T03:04:05Z", "-metadata", "make=Arri", "-metadata", "my_key=mine"]
SOUND16 = ["-f", "lavfi", "-i", "sine=440:duration=0.48,pan=16c|c0=c0|c5=c0|c15=c0"]
BOTH = [*SAMPLE, *tone("0.48", "stereo")]
FULL_SIZE = picture(frames=6, size="320x180")

CASES = [
    # Times.
    Case(
        "one-time-twice.mkv",
        rated("25", *X264, "-bf", "0", "-bsf:v", "setts=pts='if(eq(N,5),PREV_OUTPTS,PTS)'"),
        "mp4 mkv",
    ),
    Case("long-last.mkv", filtered("setpts='if(lt(N,11),N,N+20)/25/TB'", *X264, "-fps_mode", "passthrough"), "mp4 mov"),
    Case("uneven.mp4", filtered(UNEVEN, *X264, "-fps_mode", "passthrough"), "mp4 mov mkv"),
    Case("uneven.mp4", filtered(UNEVEN, *X264, "-fps_mode", "passthrough"), "gif webp", NO_CODEC),
    Case(
        "dropped.avi",
        filtered("select='not(eq(n,4))'", "-c:v", "mjpeg", "-q:v", "2", "-fps_mode", "passthrough"),
        "mp4 mkv",
        {"codec": None},
    ),
    Case("5994.mkv", rated("60000/1001"), "mp4 mkv mov"),
    Case("11988.mkv", rated("120000/1001"), "mp4 mkv"),
    Case("thousand.mkv", rated("1000", "-c:v", "ffv1"), "mp4 mov mkv", {"codec": None}),
    Case("fast.mp4", rated("2400"), "mp4 mov"),
    Case("slow.mp4", rated("2"), "mp4 gif webp", {"codec": None, "chroma": None}),
    # Shape and place.
    Case("sar.mp4", filtered("setsar=64/45"), "mp4 mov mkv"),
    Case(
        "odd.webm",
        [*picture(frames=6, size="65x49"), "-c:v", "libvpx-vp9", "-b:v", "1M"],
        "mp4 mkv webm",
        {"codec": None, "chroma": None},
    ),
    # Colours.
    *(
        Case(
            f"{curve}.mkv",
            filtered(f"setparams=color_primaries=bt470bg:color_trc={curve}:colorspace=bt470bg:range=tv"),
            "mp4 mkv",
        )
        for curve in ("bt470bg", "bt470m", "log100", "log316")
    ),
    Case("full.mp4", filtered("scale=out_range=pc,format=yuvj420p"), "mp4 mkv mov webm", {"codec": None}),
    Case(
        "pq.mp4",
        [*PQ, "-c:v", "libx265", "-x265-params", f"log-level=error:{MASTERED}", "-tag:v", "hvc1"],
        "mp4 mov mkv",
    ),
    Case("pq-h264.mkv", [*PQ, "-c:v", "libx264", "-x264-params", MASTERED264], "mp4 mkv"),
    *(
        Case("pq-h264.mkv", [*PQ, "-c:v", "libx264", "-x264-params", MASTERED264], suffix, CODEC, {"codec": codec})
        for codec, suffix in (("vp9", "webm"), ("av1", "mp4"), ("prores", "mov"), ("ffv1", "mkv"))
    ),
    Case("422.mov", filtered("format=yuv422p10le", "-c:v", "prores_ks"), "mov mkv", {"bit_depth": None}),
    Case("444.mov", filtered("format=yuv444p10le", "-c:v", "prores_ks"), "mov", {"bit_depth": None}),
    Case("422-8.mp4", filtered("format=yuv422p"), "mp4 mov mkv"),
    Case("444-8.mp4", filtered("format=yuv444p"), "mp4 mkv", options={"crf": 0}),
    Case("422-12.mp4", filtered("format=yuv422p12le", "-c:v", "libx265", "-x265-params", "log-level=error"), "mp4 mkv"),
    Case("dnxhr.mov", [*FULL_SIZE, "-vf", "format=yuv422p10le", "-c:v", "dnxhd", "-profile:v", "dnxhr_hqx"], "mov mkv"),
    Case("av1.mp4", [*picture(frames=6), "-c:v", "libsvtav1"], "mp4 mkv webm"),
    Case("vp9-422.webm", filtered("format=yuv422p", "-c:v", "libvpx-vp9"), "webm mkv"),
    *(
        Case(f"{pixels}.mkv", filtered(f"format={pixels}", "-c:v", "ffv1"), "mkv", {"exact": True})
        for pixels in (
            "yuv420p",
            "yuv422p10le",
            "yuv444p12le",
            "bgr0",
            "gbrp10le",
            "gbrp16le",
            "yuva444p",
            "bgra",
            "gbrap12le",
        )
    ),
    # Opacity.
    Case(
        "clear.mov",
        filtered("format=rgba,colorchannelmixer=aa=0.5,format=yuva444p10le", "-c:v", "prores_ks"),
        "mov webm",
        {"codec": None, "bit_depth": None, "chroma": None},
    ),
    Case("clear.gif", [*filtered(f"{FADED},{PALETTED}", "-c:v", "gif")], "gif webp mov webm", NO_CODEC),
    # Sound, words and tags.
    Case(
        "stereo.mp4",
        [*BOTH, *X264, "-c:a", "aac", "-metadata:s:a:0", "language=fre", "-metadata:s:v:0", "language=deu"],
        "mp4 mov mkv",
    ),
    Case("swiss.mkv", [*BOTH, *X264, "-c:a", "aac", "-metadata:s:a:0", "language=gsw"], "mov mp4"),
    Case("wave.mov", [*BOTH, *X264, "-c:a", "pcm_s24le"], "mov mkv mp4", {"sounds": {".mp4": ["alac"]}}),
    Case(
        "wave16.mov",
        [*SAMPLE, *SOUND16, *X264, "-c:a", "pcm_s24le"],
        "mov mkv mp4 webm",
        {"sounds": {".webm": ["opus"]}, "codec": None},
    ),
    Case("ac3.mkv", [*BOTH, *X264, "-c:a", "ac3"], "mp4 mov mkv"),
    Case("eac3.mkv", [*BOTH, *X264, "-c:a", "eac3"], "mp4 mov mkv"),
    Case("opus.mkv", [*BOTH, *X264, "-c:a", "libopus"], "mp4 mkv mov", {"sounds": {".mov": ["aac"]}}),
    Case("tags.mov", [*SAMPLE, *X264, *TAGGED, "-movflags", "use_metadata_tags"], "mov mp4 mkv"),
    Case(
        "phone.mp4",
        [*SAMPLE, *X264, *TAGGED, "-metadata", "title=A title", "-movflags", "use_metadata_tags"],
        "mov mp4 mkv webm",
        {"codec": None},
    ),
    Case("titled.mp4", [*SAMPLE, *X264, "-metadata", "title=A title", "-metadata", "artist=Me"], "mp4 mov mkv"),
    Case("timecode.mov", [*SAMPLE, *X264, "-timecode", "01:02:03:04"], "mov mp4 mkv"),
    Case("dropframe.mp4", [*picture("30000/1001", FRAMES), *X264, "-timecode", "00:59:59;20"], "mov mp4 mkv"),
    # Containers that are only read.
    Case("a.avi", [*BOTH, "-c:v", "mpeg4", "-q:v", "2", "-c:a", "mp3"], "mp4 mkv", {"codec": None}),
    Case(
        "a.mpg",
        [*BOTH, "-c:v", "mpeg2video", "-q:v", "2", "-c:a", "mp2"],
        "mkv mov",
        {"codec": None, "sounds": {".mov": ["aac"]}},
    ),
    Case("a.ts", [*BOTH, *X264, "-c:a", "aac"], "mp4 mkv mov"),
    Case("a.flv", [*BOTH, *X264, "-c:a", "aac"], "mp4 mkv"),
    Case(
        "a.wmv",
        [*BOTH, "-c:v", "wmv2", "-q:v", "2", "-c:a", "wmav2"],
        "mp4 mkv",
        {"codec": None, "sounds": {".mp4": ["aac"], ".mkv": ["flac"]}},
    ),
    Case(
        "a.ogv",
        [*BOTH, "-c:v", "libtheora", "-q:v", "9", "-c:a", "libvorbis"],
        "mp4 mkv",
        {"codec": None, "sounds": {".mp4": ["aac"]}},
    ),
    Case(
        "still.ogv",
        [
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=64x48:r=25:d=0.1,tpad=stop=9:stop_mode=clone",
            "-c:v",
            "libtheora",
            "-q:v",
            "9",
        ],
        "mp4",
        {"codec": None},
    ),
    Case(
        "a.mxf",
        [*FULL_SIZE, *SAMPLE[:0], "-c:v", "mpeg2video", "-q:v", "2", "-timecode", "10:00:00:00"],
        "mov mkv",
        {"codec": None},
    ),
    Case("a.gif", filtered("scale", "-c:v", "gif"), "mp4 gif webp", NO_CODEC),
    Case("a.webp", filtered("scale", "-c:v", "libwebp_anim", "-lossless", "1"), "webp mp4 gif", NO_CODEC),
    Case("clear.webp", filtered("format=rgba,colorchannelmixer=aa=0.5", "-c:v", "libwebp_anim"), "webp mov", NO_CODEC),
    Case("a.avif", [*picture(frames=6), "-c:v", "libsvtav1"], "mp4 webm", {"codec": None}),
    Case("a.3gp", [*picture(frames=6, size="176x144"), "-c:v", "h263", "-q:v", "2"], "mp4", {"codec": None}),
]


def written(source: Source, output: Path, **options: Any) -> Source:
    """The clip's own frames, written and probed again."""
    for _ in write_video(source, None, output, **({"crf": 1} | options)):
        pass
    return probe(output)


def seconds(source: Source) -> list[Fraction]:
    return [tick * source.time_base for tick in source.pts]


def quality(one: Source, two: Source) -> float:
    """Peak signal to noise of two clips' frames, in dB."""
    pairs = zip(read_frames(one), read_frames(two), strict=True)
    error = float(np.mean([np.mean((a.image - b.image) ** 2) for a, b in pairs]))
    return 10 * math.log10(1 / error) if error else math.inf


def stored(source: Source) -> list[str]:
    """A hash of each frame's own pixels."""
    command = [find_ffmpeg(), "-v", "error", "-i", f"file:{source.path}", "-map", "0:v", "-f", "framehash", "-"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return [line.split(",")[-1].strip() for line in done.stdout.splitlines() if not line.startswith("#")]


def usual(value: Any) -> Any:
    """Limited range is what no mark means, too."""
    return dataclasses.replace(value, range="tv") if isinstance(value, Color) and value.range is None else value


def packets(source: Source, kind: str) -> list[bytes]:
    with av.open(str(source.path)) as container:
        streams = [stream for stream in container.streams if stream.type == kind]
        return [bytes(packet) for packet in container.demux(streams) if packet.size] if streams else []


@pytest.mark.slow
@pytest.mark.parametrize("codec", ["h264", "h265", "av1", "vp9"])
def test_a_rate_factor_of_0_is_exact(make_clip: MakeClip, tmp_path: Path, codec: str) -> None:
    source = probe(make_clip("round-exact.mkv", *picture(frames=3), "-vf", "format=yuv420p10le", "-c:v", "ffv1"))
    result = written(source, tmp_path / "out.mkv", codec=codec, crf=0)
    assert result.bit_depth == 10
    assert stored(result) == stored(source)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".mkv", ".mp4", ".mov", ".webm"])
def test_all_that_matroska_holds_goes_where_there_is_a_place_for_it(film: Path, tmp_path: Path, suffix: str) -> None:
    source = probe(film)
    result = written(source, tmp_path / f"out{suffix}")
    kept = [(stream.kind, stream.language, stream.channels) for stream in source.streams]
    if suffix != ".mkv":
        kept = [stream for stream in kept if stream[0] != "attachment"]
    found = [(stream.kind, stream.language, stream.channels) for stream in result.streams if stream.kind != "data"]
    assert found == kept
    assert dict(result.tags)["language"] == "ita"
    with av.open(str(film)) as old, av.open(str(result.path)) as new:
        chapters = [
            [(round(float(c["start"] * c["time_base"]), 2), c["metadata"]["title"]) for c in container.chapters()]
            for container in (old, new)
        ]
        assert {key.lower(): text for key, text in new.metadata.items()}["title"] == "A 'film' #1"
    assert chapters[0] == chapters[1]


@pytest.mark.slow
def test_a_turned_clip_is_upright(make_clip: MakeClip, plain: Path, tmp_path: Path) -> None:
    source = probe(make_clip("round-turned.mp4", "-display_rotation", "90", "-i", f"file:{plain}", "-c", "copy"))
    result = written(source, tmp_path / "out.mkv")
    assert (result.width, result.height, result.rotation) == (48, 64, 0)
    assert quality(source, result) > 40  # by way of RGB, as painted frames are


@pytest.mark.slow
@pytest.mark.parametrize(
    ("case", "suffix"),
    [pytest.param(case, f".{name}", id=f"{case.clip}-{name}") for case in CASES for name in case.outputs.split()],
)
def test_a_clip_comes_back_as_itself(make_clip: MakeClip, tmp_path: Path, case: Case, suffix: str) -> None:
    source = probe(make_clip(f"round-{case.clip}", *case.made))
    result = written(source, tmp_path / f"out{suffix}", **case.options)

    tick = {".mkv": 1000, ".webm": 1000, ".webp": 1000, ".gif": 100}.get(suffix)
    rounding = Fraction(1, tick) if tick else max(source.time_base, Fraction(1, 1000))
    assert len(result.pts) == len(source.pts)
    starts = [time - seconds(source)[0] for time in seconds(source)]
    assert [time - seconds(result)[0] for time in seconds(result)] == pytest.approx(starts, abs=float(rounding))
    assert result.duration == pytest.approx(source.duration, abs=float(rounding))
    if not source.variable_rate and suffix not in (".gif", ".webp"):
        assert result.frame_rate == source.frame_rate
    assert (result.width, result.height, result.rotation) == (source.width, source.height, 0)
    assert result.sample_aspect_ratio == source.sample_aspect_ratio

    kept = ["bit_depth", "has_alpha", "color", "mastering", "timecode", "chapters", "codec", "chroma"]
    if suffix in (".gif", ".webp") or source.color.space == "gbr":
        kept.remove("color")
    for name in kept:
        if name not in case.but:
            assert usual(getattr(result, name)) == usual(getattr(source, name)), name

    sounds = [(sound.codec, sound.channels, sound.language) for sound in source.streams if sound.kind == "audio"]
    found = [(sound.codec, sound.channels, sound.language) for sound in result.streams if sound.kind == "audio"]
    codecs = case.but.get("sounds", {}).get(suffix)
    if codecs:
        sounds = [(codec, *others) for codec, (_, *others) in zip(codecs, sounds, strict=True)]
    elif case.clip.endswith(".ts"):  # there each packet has a header of its own
        assert len(packets(result, "audio")) == len(packets(source, "audio"))
    elif sounds:
        assert packets(result, "audio") == packets(source, "audio")
    assert found == sounds
    tags, old = ({key.lower(): text for key, text in clip.metadata} for clip in (result, source))
    for key in ("title", "artist", "make", "my_key", "creation_time"):
        assert tags.get(key, "")[:19] == old.get(key, "")[:19], key

    if source.has_alpha and result.has_alpha:
        for one, two in zip(read_frames(source), read_frames(result), strict=True):
            assert one.alpha is not None
            assert two.alpha is not None
            np.testing.assert_allclose(one.alpha, two.alpha, atol=0.05)
    if case.but.get("exact"):
        assert stored(result) == stored(source)
    elif suffix not in (".gif", ".webp") and not source.has_alpha and source.codec != "gif":  # 4:2:0 has no dither
        assert quality(source, result) > 45
