"""Tags and timecode in the result."""

from __future__ import annotations

import json
import os
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.footage import MakeClip, picture
from tests.helpers.outputs import write_video
from vidstyle.media.probe.probe import probe
from vidstyle.media.timecode import timecode_after

NTSC, PAL = Fraction(30000, 1001), Fraction(25)


@pytest.mark.parametrize(
    ("timecode", "frames", "rate", "later"),
    [
        ("01:00:00:00", 0, Fraction(25), "01:00:00:00"),
        ("01:00:00:00", 26, Fraction(25), "01:00:01:01"),
        ("23:59:59:23", 1, Fraction(24000, 1001), "00:00:00:00"),
        ("00:00:59;29", 1, NTSC, "00:01:00;02"),
        ("00:09:59;29", 1, NTSC, "00:10:00;00"),
        ("00:00:00;00", 17982, NTSC, "00:10:00;00"),
        ("00:00:00;00", 107892, NTSC, "01:00:00;00"),
        ("00:00:59;59", 1, 2 * NTSC, "00:01:00;04"),
        ("nonsense", 5, Fraction(25), "nonsense"),
    ],
)
def test_a_later_frame_s_timecode(timecode: str, frames: int, rate: Fraction, later: str) -> None:
    assert timecode_after(timecode, frames, rate) == later


@pytest.mark.slow
@given(st.integers(0, 20_000), st.integers(0, 20_000), st.sampled_from([("00:58:59;28", NTSC), ("23:59:00:12", PAL)]))
def test_timecodes_add_up(some: int, more: int, start: tuple[str, Fraction]) -> None:
    timecode, rate = start
    assert timecode_after(timecode_after(timecode, some, rate), more, rate) == timecode_after(
        timecode, some + more, rate
    )


def test_each_frame_s_timecode_follows_the_one_before() -> None:
    seen = [timecode_after("00:58:59;28", frame, NTSC) for frame in range(4000)]
    assert len(set(seen)) == len(seen)
    for place, timecode in enumerate(seen[:-1]):
        assert timecode_after(timecode, 1, NTSC) == seen[place + 1]


@pytest.mark.parametrize("suffix", [".mov", ".mp4", ".mkv"])
def test_a_part_begins_with_the_timecode_of_its_first_frame(make_clip: MakeClip, tmp_path: Path, suffix: str) -> None:
    reel = ["-metadata:s:v:0", "reel_name=A001C002"]
    source = probe(make_clip("coded.mov", *picture(), "-c:v", "libx264", "-timecode", "01:00:59:20", *reel))
    list(write_video(source, None, tmp_path / f"a{suffix}", start=7, stop=15))
    result = probe(tmp_path / f"a{suffix}")
    assert result.timecode == "01:01:00:02"
    if suffix == ".mov":
        assert dict(result.tags)["reel_name"] == "A001C002"


def test_a_tag_that_is_no_utf8_can_be_saved(make_clip: MakeClip) -> None:
    latin = os.fsdecode("title=Café".encode("latin-1"))
    source = probe(make_clip("latin.avi", *picture(), "-c:v", "mpeg4", "-metadata", latin))
    assert dict(source.metadata)["title"] == "Caf\ufffd"
    json.dumps(source.metadata, ensure_ascii=False).encode("utf-8")
