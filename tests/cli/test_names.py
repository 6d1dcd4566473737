import os
from pathlib import Path

import pytest

from vidstyle.cli.names import output_path, parse_mask, parse_style
from vidstyle.errors import UsageError
from vidstyle.settings import Mask, StyleImage

WAVE, NIGHT = StyleImage(Path("styles/wave.jpg")), StyleImage(Path("night.sky.png"))


@pytest.mark.parametrize(
    ("text", "path", "weight"),
    [
        ("wave.jpg", "wave.jpg", 1.0),
        ("wave.jpg:0.5", "wave.jpg", 0.5),
        ("wave.jpg:2", "wave.jpg", 2.0),
        ("wave.jpg:1e-1", "wave.jpg", 0.1),
        (r"C:\art\wave.jpg", r"C:\art\wave.jpg", 1.0),
        (r"C:\art\wave.jpg:3", r"C:\art\wave.jpg", 3.0),
        ("a:b.jpg", "a:b.jpg", 1.0),
        ("a:b.jpg:0.25", "a:b.jpg", 0.25),
    ],
)
def test_style_and_weight(folder: Path, text: str, path: str, weight: float) -> None:
    assert parse_style(text) == StyleImage(Path(path), weight)


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        ("sky.png", Mask(Path("sky.png"))),
        ("roto.%04d.png", Mask(Path("roto.%04d.png"))),
        ("alpha", Mask()),
        ("41=a.png", Mask(drawn=((41, Path("a.png")),))),
        ("90=b.png, 41=a.png", Mask(drawn=((41, Path("a.png")), (90, Path("b.png"))))),
    ],
)
def test_a_mask_stands_after_an_at_sign(folder: Path, text: str, mask: Mask) -> None:
    (folder / "wave.jpg").touch()
    assert parse_style(f"wave.jpg@{text}") == StyleImage(Path("wave.jpg"), 1.0, mask)
    assert parse_style(f"wave.jpg:2@{text}") == StyleImage(Path("wave.jpg"), 2.0, mask)
    (folder / "a@b.jpg").touch()
    assert parse_style("a@b.jpg") == StyleImage(Path("a@b.jpg"))


@pytest.mark.parametrize(
    ("text", "words"), [("", "empty"), ("41=", "41=a.png"), ("1=a.png,b.png", "'b.png'"), ("1=a,1=b", "two masks")]
)
def test_a_mask_that_makes_no_sense_is_told(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_mask(text)


def test_a_file_whose_name_ends_like_a_weight_is_a_file(folder: Path) -> None:
    (folder / "wave:2").touch()
    assert parse_style("wave:2") == StyleImage(Path("wave:2"))
    assert parse_style("wave:2:3") == StyleImage(Path("wave:2"), 3.0)


@pytest.mark.parametrize("weight", ["0", "-1", "nan", "inf", "much"])
def test_a_weight_must_be_above_0(folder: Path, weight: str) -> None:
    (folder / "wave.jpg").touch()
    with pytest.raises(UsageError, match=weight):
        parse_style(f"wave.jpg:{weight}")


def test_an_empty_style_is_refused() -> None:
    with pytest.raises(UsageError, match="--style is empty"):
        parse_style(" ")


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert parse_style("~/wave.jpg:2") == StyleImage(tmp_path / "wave.jpg", 2.0)


@pytest.mark.parametrize(
    ("clip", "styles", "still", "name"),
    [
        ("films/clip.mp4", [WAVE], False, "clip.wave.mp4"),
        ("clip.MKV", [WAVE], False, "clip.wave.mkv"),
        ("clip.avi", [WAVE], False, "clip.wave.mp4"),
        ("clip.final.webm", [WAVE, NIGHT], False, "clip.final.wave+night.sky.webm"),
        ("clip.gif", [WAVE], False, "clip.wave.gif"),
        ("photo.jpeg", [WAVE], True, "photo.wave.jpeg"),
        ("photo.bmp", [WAVE], True, "photo.wave.png"),
        ("take%04d.mp4", [WAVE], False, "take_.wave.mp4"),
        ("take####.png", [StyleImage(Path("w$F4##.jpg"))], True, "take####.w__.png"),
        ("photo.png", [StyleImage(Path("w##.jpg"))], True, "photo.w_.png"),
    ],
)
def test_output_is_named_after_clip_and_styles(
    folder: Path, clip: str, styles: list[StyleImage], still: bool, name: str
) -> None:
    (folder / "films").mkdir()
    (folder / clip).touch()
    assert output_path(None, Path(clip), styles, still=still) == Path(name)


def test_numbered_pictures_are_named_after_their_folder(folder: Path) -> None:
    (folder / "take.7").mkdir()
    for clip in ("take.7", "take.7/", "take.7/%04d.png"):
        assert output_path(None, Path(clip), [WAVE], still=False) == Path("take.7.wave.mp4")


@pytest.mark.parametrize("clip", ["sh010.####.exr", "sh010.%04d.exr", "sh010.*.exr", "sh010.$F4.exr"])
def test_exr_files_become_exr_files(folder: Path, clip: str) -> None:
    assert output_path(None, folder / clip, [WAVE], still=False) == Path("sh010.wave.%04d.exr")


def test_output_may_name_a_file_or_a_folder(folder: Path) -> None:
    (folder / "clip.mp4").touch()
    (folder / "there").mkdir()
    clip = Path("clip.mp4")
    assert output_path("painted.mkv", clip, [WAVE], still=False) == Path("painted.mkv")
    assert output_path("there", clip, [WAVE], still=False) == Path("there/clip.wave.mp4")
    assert output_path(f"new{os.sep}", clip, [WAVE], still=False) == Path("new/clip.wave.mp4")
    with pytest.raises(UsageError, match="--output is empty"):
        output_path("", clip, [WAVE], still=False)
