"""Clips made by ffmpeg's own test sources, in a folder whose name is hard on careless quoting."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.helpers.footage import MakeClip, picture, tone
from vidstyle.media.encode.ffmpeg import find_ffmpeg


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips") / "100% d'été #1"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def make_clip(clip_folder: Path) -> MakeClip:
    """``make_clip("a.mp4", *arguments)`` runs ffmpeg with these arguments once a session and returns the file."""

    def make(name: str, *arguments: str | Path) -> Path:
        path = clip_folder / name
        if not path.exists():
            command = [find_ffmpeg(), "-v", "error", "-y", *map(str, arguments), f"file:{path}"]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        return path

    return make


@pytest.fixture(scope="session")
def plain(make_clip: MakeClip) -> Path:
    """20 frames at 25 a second with a mono sound; B-frames, so not stored in the order shown."""
    return make_clip("plain.mp4", *picture(), *tone(), "-c:v", "libx264", "-g", "8", "-c:a", "aac")


@pytest.fixture(scope="session")
def uneven(make_clip: MakeClip) -> Path:
    """12 frames: six of 40 ms, then six of 80 ms."""
    shown = "setpts='if(lt(N,6),N,2*N-6)/25/TB'"
    return make_clip("uneven.mp4", *picture(frames=12), "-vf", shown, "-fps_mode", "passthrough", "-c:v", "libx264")


@pytest.fixture(scope="session")
def film(make_clip: MakeClip, clip_folder: Path) -> Path:
    """All that Matroska can hold: two sounds (one of six channels), subtitles, chapters, tags, an attachment."""
    words = clip_folder / "words.srt"
    words.write_text("1\n00:00:00,100 --> 00:00:00,300\nfirst\n\n2\n00:00:00,400 --> 00:00:00,700\nsecond\n")
    tags = clip_folder / "tags.txt"
    tags.write_text(
        ";FFMETADATA1\ntitle=A 'film' \\#1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=320\ntitle=One\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=320\nEND=800\ntitle=Two\n"
    )
    font = clip_folder / "font.ttf"
    font.write_bytes(b"not really a font")
    return make_clip(
        "film.mkv",
        *picture(),
        *tone(layout="5.1"),
        *tone(),
        *["-i", words, "-f", "ffmetadata", "-i", tags],
        *["-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map_metadata", "4", "-map_chapters", "4"],
        *["-c:v", "libx264", "-c:a:0", "aac", "-c:a:1", "flac", "-c:s", "subrip"],
        *["-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=ger", "-metadata:s:s:0", "language=fra"],
        *["-metadata:s:v:0", "language=ita", "-metadata:s:v:0", "title=Picture"],
        *["-attach", font, "-metadata:s:t", "mimetype=application/x-truetype-font"],
    )
