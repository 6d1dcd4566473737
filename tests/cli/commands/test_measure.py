from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import Result

from vidstyle.media.images.stills import write_image

Run = Callable[..., Result]
USUAL = ("--against", "clip.mp4", "--device", "cpu", "--threads", "1", "--cuts", "none")


@pytest.mark.slow
def test_a_clip_against_itself_in_words(run: Run, inputs: Path) -> None:
    result = run("measure", "clip.mp4", *USUAL, "--style", "noise.png", "--report", "report.html")
    assert result.exit_code == 0, result.stderr
    assert "steady" in result.stdout
    assert "1.00×" in result.stdout
    assert "Sliced Wasserstein" in result.stdout
    assert "frame 4" in result.stderr
    assert (inputs / "report.html").stat().st_size > 20_000


def test_data_is_a_json_object_a_line_and_nothing_else(run: Run, inputs: Path) -> None:
    result = run("measure", "clip.mp4", *USUAL, "--json", "--frames", "2-4", "--compare", "clip.mp4")
    assert result.exit_code == 0, result.stderr
    values = [json.loads(line) for line in result.stdout.splitlines()]
    assert [value["type"] for value in values] == (["frame"] * 3 + ["shot", "clip"]) * 2
    assert [value["frame"] for value in values[:3]] == [2, 3, 4]
    assert values[0]["warp"] == {}
    assert values[1]["warp"]["1"]["over_clip"] == 1
    whole = values[4]
    assert (whole["first"], whole["last"]) == (2, 4)
    assert whole["difference"] == 0
    assert whole["style"] is None
    assert {verdict["aspect"]: verdict["grade"] for verdict in whole["verdicts"]}["Steadiness"] == "good"


@pytest.mark.slow
def test_max_megapixels_limits_what_is_decoded(run: Run, inputs: Path) -> None:
    write_image(inputs / "large.png", np.full((1000, 1100, 3), 0.5, np.float32))
    words = ("measure", "clip.mp4", *USUAL, "--style", "large.png", "--report", "report.html", "--every", "4")
    refused = run(*words, "--max-megapixels", "1")
    assert refused.exit_code == 65 and "--max-megapixels 2" in refused.stderr
    measured = run(*words, "--max-megapixels", "2")
    assert measured.exit_code == 0, measured.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nowhere.mp4", "--against", "clip.mp4"), 65, "nowhere.mp4"),
        (("clip.mp4", "--against", "nowhere.mp4"), 65, "nowhere.mp4"),
        (("clip.mp4", "--against", "clip.mp4", "--style", "nowhere.png"), 65, "nowhere.png"),
        (("clip.mp4", "--against", "clip.mp4", "--first", "9"), 2, "--first 9"),
        (("clip.mp4", "--against", "clip.mp4", "--first", "0"), 2, "--first 0"),
        (("clip.mp4", "--against", "clip.mp4", "--every", "0"), 2, "--every 0"),
        (("clip.mp4", "--against", "clip.mp4", "--frames", "9-"), 2, "--frames 9-"),
        (("clip.mp4", "--against", "clip.mp4", "--flow", "guess"), 2, "guess"),
        (("clip.mp4", "--against", "clip.mp4", "--report", "noise.png"), 73, "-y"),
        (("clip.mp4", "--against", "clip.mp4", "--report", "clip.mp4", "-y"), 73, "one of the inputs"),
        (("clip.mp4", "--against", "clip.mp4", "--work-dir", "."), 65, "not a job folder"),
    ],
)
def test_bad_input_ends_in_a_sentence(run: Run, inputs: Path, words: tuple[str, ...], code: int, said: str) -> None:
    before = sorted(path.name for path in inputs.iterdir())
    result = run("measure", *words)
    assert result.exit_code == code
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert sorted(path.name for path in inputs.iterdir()) == before


def test_with_json_an_error_is_an_object_too(run: Run, inputs: Path) -> None:
    result = run("measure", "nowhere.mp4", "--against", "clip.mp4", "--json")
    assert json.loads(result.stdout)["exit_code"] == 65
