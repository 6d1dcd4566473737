from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vidstyle.errors import InputError
from vidstyle.media.pattern import is_pattern, numbered
from vidstyle.media.sequence import find_pictures, gaps
from vidstyle.media.stills import write_image


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
    assert [file.name for file in find_pictures(tmp_path / "f%04d.png")] == sorted(
        names, key=lambda name: int(name[1:-4])
    )
    assert numbered(tmp_path / "f%04d.png", 7).name == "f0007.png"
    assert numbered(tmp_path / "f%d.png", 7).name == "f7.png"


def test_a_folder_holds_pictures_in_natural_order(tmp_path: Path) -> None:
    draw(*(tmp_path / f"shot 1 frame {number}.png" for number in (1, 2, 10, 11)))
    (tmp_path / "notes.txt").touch()
    files = find_pictures(tmp_path)
    assert [file.stem.rsplit(" ")[-1] for file in files] == ["1", "2", "10", "11"]
    assert gaps(files) == 7
    assert gaps(files[:2]) == 0


def test_one_of_another_size_is_named(tmp_path: Path) -> None:
    draw(tmp_path / "1.png", tmp_path / "2.png")
    write_image(tmp_path / "3.png", np.zeros((4, 6, 3), np.float32))
    with pytest.raises(InputError, match=r"3\.png.*6×4"):
        find_pictures(tmp_path)
