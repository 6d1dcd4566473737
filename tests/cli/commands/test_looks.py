"""``vidstyle looks``: its combinations, and what it refuses."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from vidstyle.cli.commands.looks import _axes, _grid
from vidstyle.cli.config import Layer
from vidstyle.errors import UsageError
from vidstyle.jobs.progress import Progress
from vidstyle.looks import looks

Run = Callable[..., Result]


def test_every_combination_has_the_command_that_paints_it(inputs: Path) -> None:
    flags = Layer("the command line", {"style_subject": "0.5", "size": "200", "content_weight": "-0"}, "draft")
    axes = _axes(["style-weight=5,20", "preset=standard,final"])
    grid = _grid(Path("a clip.mp4"), ["noise.png", "photo.jpg"], axes, flags, None)
    assert len({look.words for look in grid}) == len(grid) == 8
    assert grid[0].words == ("noise.png", "style weight 5", "preset standard")
    words = shlex.split(grid[-1].command)
    assert words[:3] == ["vidstyle", "a clip.mp4", "--style"]
    assert {"--preset", "final", "--style-weight", "20", "--style-subject", "0.5", "photo.jpg"} < set(words)
    assert "--size" not in words
    assert "--content-weight=-0" in words
    assert grid[-1].settings.solve.first_frame_steps == 78
    assert grid[0].settings.media.size == 200


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        ("style_weight", "write style_weight=5,20,60"),
        ("style_weight=", "write style_weight=5,20,60"),
        ("flow=dis,raft", "does not show in a single frame"),
        ("style_wait=1,2", "did you mean 'style_weight'"),
    ],
)
def test_what_can_not_be_varied_is_said(vary: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        _axes([vary])


def test_a_value_that_makes_no_sense_is_said_before_anything_is_painted(inputs: Path, run: Run) -> None:
    result = run("looks", "clip.mp4", "--style", "noise.png", "--vary", "style_weight=5,much")
    assert result.exit_code == 2
    assert "--style-weight = 'much'" in result.stderr
    result = run("looks", "clip.mp4", "--style", "noise.png@photo.jpg")
    assert result.exit_code == 2
    assert "without its mask" in result.stderr
    assert run("looks", "clip.mp4").exit_code == 2


@pytest.mark.slow
def test_a_sheet_and_a_page_of_a_clip(inputs: Path, run: Run) -> None:
    words = ("--style", "noise.png", "--vary", "style_weight=5,60", "--at", "1", "--at", "0.3s", "--size", "48")
    result = run("looks", "clip.mp4", *words, "--preset", "draft", "--first-frame-steps", "4", "--report", "l.html")
    assert result.exit_code == 0, result.stderr
    assert "clip.looks.png and l.html: 2 looks" in result.stderr
    assert {path.name for path in inputs.iterdir()} == {
        *("clip.mp4", "noise.png", "photo.jpg", "clip.looks.png", "l.html")
    }


@pytest.mark.parametrize("seen", [False, True])
def test_a_stopped_run_says_where_the_sheet_is(
    inputs: Path, run: Run, monkeypatch: pytest.MonkeyPatch, seen: bool
) -> None:
    def stopped(*_: object, **__: object) -> Iterator[Progress]:
        if seen:
            yield Progress("look", "the first look is there")
        signal.raise_signal(signal.SIGINT)
        yield Progress("evaluation")

    monkeypatch.setattr(looks, "paint_looks", stopped)
    words = ("--style", "noise.png", "--vary", "style_weight=5,60", "--report", "l.html", "-o", "l.png")
    result = run("looks", "clip.mp4", *words)
    assert result.exit_code == 130
    assert ("l.png and l.html as far as 2 looks had come, and whole" in result.stderr) == seen
    assert ("before there was a look" in result.stderr) != seen
    assert "To go on" not in result.stderr
