from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vidstyle.errors import InputError
from vidstyle.media.images.pattern import is_pattern, numbered
from vidstyle.media.images.sequence import (
    find_pictures,
    list_pictures,
    missing_ranges,
    names_many_files,
    numbers_of,
    strays,
)
from vidstyle.media.images.stills import write_image
from vidstyle.media.probe.probe import probe


def draw(*paths: Path) -> None:
    for path in paths:
        write_image(path, np.zeros((4, 5, 3), np.float32))


def test_what_a_pattern_is(tmp_path: Path) -> None:
    assert is_pattern(tmp_path / "f%04d.png")
    assert is_pattern(tmp_path / "%d.png")
    assert not is_pattern(tmp_path / "100%.png")
    (tmp_path / "a%03d.mp4").touch()
    assert not is_pattern(tmp_path / "a%03d.mp4")


def test_a_pattern_finds_what_it_names(tmp_path: Path) -> None:
    names = ["f0001.png", "f0010.png", "f0002.png", "f12345.png"]
    draw(*(tmp_path / name for name in [*names, "f1.png", "g0001.png", "f0001.png.png"]))
    assert [file.name for file in find_pictures(tmp_path / "f%04d.png").files] == sorted(
        names, key=lambda name: int(name[1:-4])
    )
    assert numbered(tmp_path / "f%04d.png", 7).name == "f0007.png"
    assert numbered(tmp_path / "f%d.png", 7).name == "f7.png"


def test_a_folder_holds_pictures_in_natural_order(tmp_path: Path) -> None:
    draw(*(tmp_path / f"shot 1 frame {number}.png" for number in (1, 2, 10, 11)))
    (tmp_path / "notes.txt").touch()
    files = find_pictures(tmp_path).files
    assert [file.stem.rsplit(" ")[-1] for file in files] == ["1", "2", "10", "11"]
    assert missing_ranges(numbers_of(files)) == ((3, 9),)
    assert missing_ranges(numbers_of(files[:2])) == ()
    assert missing_ranges(range(1001, 1100, 10)) == ()


def test_a_picture_of_another_size_is_named(tmp_path: Path) -> None:
    draw(tmp_path / "1.png", tmp_path / "2.png")
    write_image(tmp_path / "3.png", np.zeros((4, 6, 3), np.float32))
    with pytest.raises(InputError, match=r"3\.png.*6×4"):
        find_pictures(tmp_path)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("a.####.exr", "a.1001.exr"),
        ("a.@@@@@@.exr", "a.001001.exr"),
        ("a_$F4.exr", "a_1001.exr"),
        ("a.$F.exr", "a.1001.exr"),
        ("a.#.exr", "a.1001.exr"),
        ("####.exr", "1001.exr"),
    ],
)
def test_studios_patterns(tmp_path: Path, pattern: str, name: str) -> None:
    assert is_pattern(tmp_path / pattern)
    assert numbered(tmp_path / pattern, 1001).name == name


@pytest.mark.parametrize("name", ["clip #1.mp4", "clip ##1.mp4", "me@home.png", "100%.exr", "a$Final.exr", "#1.png"])
def test_names_that_only_look_like_patterns(tmp_path: Path, name: str) -> None:
    assert not is_pattern(tmp_path / name)


@pytest.mark.parametrize("name", ["take%04d.png", "take####.png", "take.$F4.png", "take_[##].png"])
def test_a_file_that_is_there_is_no_pattern(tmp_path: Path, name: str) -> None:
    draw(tmp_path / name, tmp_path / "take0001.png")
    assert not is_pattern(tmp_path / name) and probe(tmp_path / name).kind == "still"


def test_strays_are_left_alone(tmp_path: Path) -> None:
    draw(*(tmp_path / f"sh010_v2.{number}.png" for number in (998, 999, 1000)), tmp_path / "cover.png")
    draw(tmp_path / "thumb_2.jpg")
    for path in (tmp_path, tmp_path / "*.*"):
        files = find_pictures(path).files
        assert numbers_of(files) == (998, 999, 1000)
        assert [stray.name for stray in strays(path, files)] == ["cover.png", "thumb_2.jpg"]
    assert names_many_files(tmp_path / "sh*.png")
    with pytest.raises(InputError, match="no picture is named"):
        find_pictures(tmp_path / "sh*.exr")


def test_of_several_clips_one_must_be_named(tmp_path: Path) -> None:
    draw(*(tmp_path / f"{shot}.{number}.png" for shot in ("sh010", "sh020") for number in range(3)))
    with pytest.raises(InputError, match=r"sh010\.%d\.png.* or .*sh020\.%d\.png"):
        find_pictures(tmp_path)
    assert len(find_pictures(tmp_path / "sh010.%d.png").files) == 3


def test_pictures_without_numbers_are_taken_as_they_are(tmp_path: Path) -> None:
    draw(*(tmp_path / f"{name}.png" for name in "bca"))
    files = find_pictures(tmp_path).files
    assert [file.stem for file in files] == ["a", "b", "c"]
    assert numbers_of(files) == ()


def test_pictures_of_one_number_and_of_numbers_below_0_are_told(tmp_path: Path) -> None:
    pattern = tmp_path / "p.####.png"
    draw(*(tmp_path / f"p.{number}.png" for number in ("-001", "0000", "0001")))
    assert [file.name for file in list_pictures(pattern)] == ["p.0000.png", "p.0001.png"]
    assert [file.name for file in strays(pattern, list_pictures(pattern))] == ["p.-001.png"]
    (tmp_path / "two").mkdir()
    draw(*(tmp_path / "two" / f"x.{number}.png" for number in ("8", "08", "9")))
    for path in (tmp_path / "two", tmp_path / "two" / "x.%d.png"):
        with pytest.raises(InputError, match=r"x\.0?8\.png' have one number"):
            list_pictures(path)


def test_the_pattern_of_after_effects_is_one(tmp_path: Path) -> None:
    draw(*(tmp_path / f"comp_{number:05d}.png" for number in (8, 9, 10)))
    assert len(list_pictures(tmp_path / "comp_[#####].png")) == 3
    assert numbered(tmp_path / "comp_[#####].png", 12).name == "comp_00012.png"
