"""What a shell makes of a command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from vidstyle.cli.arguments import mended
from vidstyle.errors import UsageError

SWITCHES = {"--yes", "-y"}


@pytest.fixture(autouse=True)
def files(folder: Path) -> None:
    for name in ("a.mp4", "b.mp4", "a.jpg", "b.jpg", "photo.jpg", "my clip.mp4", "my wave.jpg"):
        (folder / name).touch()
    (folder / "out").mkdir()


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("a.mp4 --style a.jpg b.jpg", "a.mp4 --style a.jpg --style b.jpg"),
        ("--style a.jpg b.jpg -y a.mp4 b.mp4", "--style a.jpg --style b.jpg -y a.mp4 b.mp4"),
        ("-y a.mp4 -s a.jpg b.jpg --size 9", "-y a.mp4 -s a.jpg --style b.jpg --size 9"),
        ("--style a.jpg photo.jpg b.jpg -o out", "--style a.jpg photo.jpg b.jpg -o out"),  # two photographs
        ("a.mp4 --style a.jpg b.mp4", "a.mp4 --style a.jpg b.mp4"),
        ("a.mp4 --style=a.jpg -o new.mp4", "a.mp4 --style=a.jpg -o new.mp4"),
        ("a.mp4 --style=a.jpg b.jpg -o new.mp4", "a.mp4 --style=a.jpg --style b.jpg -o new.mp4"),
        ("a.mp4 --style a.jpg:2 b.jpg:1", "a.mp4 --style a.jpg:2 --style b.jpg:1"),
        ("a.mp4 --style a.jpg@m.png b.jpg:2@41=m.png", "a.mp4 --style a.jpg@m.png --style b.jpg:2@41=m.png"),
        ("-o out/ sh010.####.exr --style a.jpg", "-o out/ sh010.####.exr --style a.jpg"),
    ],
)
def test_pictures_after_a_style_are_styles(words: str, meant: str) -> None:
    assert mended(words.split(), SWITCHES) == meant.split()


def test_a_picture_that_may_be_either_is_asked_about() -> None:
    with pytest.raises(UsageError, match=r"is 'b.jpg' a style too, or a picture to be painted"):
        mended(["photo.jpg", "--style", "a.jpg", "b.jpg"], SWITCHES)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("my clip.mp4 --style a.jpg", "in quotes: 'my clip.mp4'"),
        ("a.mp4 --style my wave.jpg", "in quotes: 'my wave.jpg'"),
        ("a.mp4 --style=my wave.jpg --size=9", "in quotes: 'my wave.jpg'"),
        ("a.mp4 --style a.jpg -o my painting.mp4", "If 'my painting.mp4' is one name, it goes in quotes"),
    ],
)
def test_a_name_with_a_blank_goes_in_quotes(words: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        mended(words.split(), SWITCHES)
