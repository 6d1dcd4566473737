from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from vidstyle.media.encode.streams import plan_tracks
from vidstyle.media.probe.probe import probe
from vidstyle.media.source import Kind, Stream


@pytest.mark.parametrize(
    ("kind", "codec", "suffix", "encoder"),
    [
        ("audio", "aac", ".mp4", "copy"),
        ("audio", "opus", ".mp4", "copy"),
        ("audio", "opus", ".mov", "aac"),
        ("audio", "pcm_s16le", ".mov", "copy"),
        ("audio", "pcm_s16le", ".mp4", "alac"),
        ("audio", "wmalossless", ".mp4", "aac"),
        ("audio", "flac", ".mov", "pcm_s24le"),
        ("audio", "pcm_s16be", ".mkv", "pcm_s16le"),
        ("audio", "dts", ".mkv", "copy"),
        ("audio", "wmav2", ".mkv", "flac"),
        ("audio", "vorbis", ".webm", "copy"),
        ("audio", "", ".mkv", None),
        ("subtitle", "subrip", ".mkv", "copy"),
        ("subtitle", "subrip", ".mp4", "mov_text"),
        ("subtitle", "mov_text", ".mkv", "subrip"),
        ("subtitle", "ass", ".webm", "webvtt"),
        ("subtitle", "hdmv_pgs_subtitle", ".mkv", "copy"),
        ("subtitle", "hdmv_pgs_subtitle", ".mp4", None),
        ("attachment", "ttf", ".mkv", "copy"),
        ("attachment", "ttf", ".mp4", None),
        ("cover", "mjpeg", ".mp4", "copy"),
        ("cover", "mjpeg", ".mkv", "attach"),
        ("cover", "mjpeg", ".webm", None),
        ("data", "", ".mp4", "copy"),
        ("data", "", ".mkv", None),
    ],
)
def test_copied_converted_or_left_out(plain: Path, kind: Kind, codec: str, suffix: str, encoder: str | None) -> None:
    stream = Stream(1, kind, codec, "eng", 2)
    tracks, warnings = plan_tracks(dataclasses.replace(probe(plain), streams=(stream,)), suffix)
    assert [track.encoder for track in tracks] == ([encoder] if encoder else [])
    if encoder in ("copy", "attach"):
        assert warnings == ()
    else:
        [remark] = warnings
        assert ("converted" if encoder else "left out") in remark
        assert codec in remark


def test_the_data_stream_that_chapters_are_in_is_not_missed(plain: Path) -> None:
    source = dataclasses.replace(probe(plain), streams=(Stream(1, "data", "", "eng", 0),), chapters=3)
    assert plan_tracks(source, ".mp4") == ((), ())
