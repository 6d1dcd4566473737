"""What is known of a clip, written down and read back."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import json
import os
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.footage import MakeClip, picture
from vidstyle.errors import InputError
from vidstyle.media.images.stills import write_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.probe.source_json import from_dict, stamp, to_dict
from vidstyle.media.source import Source


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in (8, 9, 10):
        write_image(folder / f"f{number}.png", np.zeros((4, 6, 3), np.float32))
    return folder


@functools.cache
def probed(path: Path) -> Source:
    return probe(path)


def again(source: Source, path: Path) -> Source:
    return from_dict(json.loads(json.dumps(to_dict(source))), path)


@pytest.mark.parametrize("name", ["film", "uneven", "plain"])
def test_a_clip_read_back_is_the_one_written(request: pytest.FixtureRequest, name: str) -> None:
    source = probe(request.getfixturevalue(name))
    assert again(source, source.path) == source


@pytest.mark.slow
@given(
    st.lists(st.integers(1, 10**6), min_size=1, max_size=60),
    st.fractions(min_value=Fraction(1, 10**6), max_value=1000),
    st.text(),
)
def test_any_times_rates_and_tags_are_read_back(plain: Path, steps: list[int], rate: Fraction, text: str) -> None:
    times = tuple(itertools.accumulate(steps, initial=-5))
    source = dataclasses.replace(probed(plain), pts=times, frame_rate=rate, tags=(("title", text),), timecode=text)
    assert again(source, source.path) == source


def test_numbered_pictures_are_found_where_they_lie_now(pictures: Path, tmp_path: Path) -> None:
    source = probe(pictures)
    assert again(source, pictures) == source
    moved = shutil.copytree(pictures, tmp_path / "moved")
    assert [file.name for file in again(source, moved).files] == ["f8.png", "f9.png", "f10.png"]
    assert {file.parent for file in again(source, moved).files} == {moved}


def test_two_hours_of_even_times_are_a_line(make_clip: MakeClip) -> None:
    source = probe(make_clip("saved.mp4", *picture("25"), "-c:v", "libx264"))
    assert len(json.dumps(to_dict(source)["pts"])) < 60


@pytest.mark.parametrize(
    "damage", [{"pts": None}, {"color": {"space": 1}}, {"time_base": "1/0"}, {"streams": [1]}, {"width": 10**9}]
)
def test_a_damaged_record_is_an_input_error(plain: Path, damage: dict[str, object]) -> None:
    with pytest.raises(InputError, match="damaged"):
        from_dict(to_dict(probe(plain)) | damage, plain)
    with pytest.raises(InputError, match="damaged"):
        from_dict({}, plain)


def test_a_stamp_is_of_size_and_time_and_not_of_the_place(plain: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy2(plain, tmp_path / "copy.mp4"))
    assert stamp(copy) == stamp(plain)
    os.utime(copy, ns=(0, copy.stat().st_mtime_ns + 1))
    assert stamp(copy) != stamp(plain)
    with pytest.raises(InputError, match="nowhere"):
        stamp(tmp_path / "nowhere.mp4")


def test_a_stamp_of_pictures_changes_with_each_of_them(pictures: Path) -> None:
    before = stamp(pictures)
    (pictures / "f9.png").rename(pictures / "f7.png")
    renamed = stamp(pictures)
    os.utime(pictures / "f8.png", ns=(0, 1))
    assert len({json.dumps(found) for found in (before, renamed, stamp(pictures))}) == 3
