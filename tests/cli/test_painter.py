"""Several clips in one command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from vidstyle.cli.names import kept_apart
from vidstyle.errors import UsageError

Run = Callable[..., Result]
FAST = (
    *("--style", "noise.png", "--steps", "1", "--first-frame-steps", "1", "--threads", "1", "--limit", "2f"),
    *("--content-layers", "relu2_1", "--style-layers", "relu1_1"),
)


@pytest.fixture
def rushes(inputs: Path) -> Path:
    """Clips of one name in two folders, one that is no clip, and a photograph."""
    for place in ("one", "two"):
        (inputs / place).mkdir()
        (inputs / place / "clip.mp4").write_bytes((inputs / "clip.mp4").read_bytes())
    (inputs / "broken.mp4").write_text("no clip")
    return inputs


@pytest.mark.slow
def test_each_is_painted_and_those_that_are_there_are_left_alone(run: Run, rushes: Path) -> None:
    words = ("one/clip.mp4", "broken.mp4", "two/clip.mp4", "photo.jpg")
    first = run(*words, *FAST, "-o", "painted/")
    assert first.exit_code == 65
    made = sorted(path.relative_to(rushes / "painted").as_posix() for path in (rushes / "painted").rglob("*.*"))
    assert made == ["one/clip.noise.mp4", "photo.noise.jpg", "two/clip.noise.mp4"]
    assert "3 painted, 1 failed" in first.stderr
    assert "broken.mp4: " in first.stderr and "two/clip.mp4: [2/2] frame 2" in first.stderr  # whose frame it is
    again = run("one/clip.mp4", "two/clip.mp4", "photo.jpg", "clip.mp4", *FAST, "-o", "painted/", "--json")
    assert again.exit_code == 0, again.stderr
    assert "3 done before, 1 painted" in again.stderr
    values = [json.loads(line) for line in again.stdout.splitlines()]
    assert {value["clip"] for value in values} == {"here/clip.mp4"}


def test_a_dry_run_of_several_leaves_no_folder(run: Run, rushes: Path) -> None:
    before = set(rushes.rglob("*"))
    result = run("one/clip.mp4", "two/clip.mp4", *FAST, "-o", "painted/", "--dry-run")
    assert result.exit_code == 0, result.stderr
    assert "2 planned: all together they will take about" in result.stderr and "Nothing was written" in result.stderr
    assert set(rushes.rglob("*")) == before


def test_several_need_a_folder(run: Run, rushes: Path) -> None:
    result = run("one/clip.mp4", "clip.mp4", *FAST, "-o", "out.mp4")
    assert result.exit_code == 2
    assert "one file for 2 clips" in result.stderr


def test_frames_of_a_clip_are_not_painted_one_by_one(run: Run, rushes: Path) -> None:
    result = run("a.1001.exr", "a.1002.exr", "a.1003.exr", *FAST)
    assert result.exit_code == 2
    assert "goes in quotes, 'a.*.exr'" in result.stderr


def test_equal_names_keep_what_tells_them_apart() -> None:
    files = [Path(name) for name in ("/day1/cam/a.mp4", "/day2/cam/a.mp4", "/day2/cam/b.mp4")]
    names = [path.as_posix() for path in kept_apart(["a", "a", "b"], files)]
    assert names == ["day1/cam/a", "day2/cam/a", "b"]
    with pytest.raises(UsageError, match=r"two results would be named 'a', of '/x/a.avi' and '/x/a.mp4'"):
        kept_apart(["a", "a"], [Path("/x/a.avi"), Path("/x/a.mp4")])
