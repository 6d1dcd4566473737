"""``vidstyle plan``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import Result

from vidstyle.media.images.stills import write_image


@pytest.mark.slow
def test_shots_of_numbered_pictures_are_told_by_their_numbers(run: Callable[..., Result], inputs: Path) -> None:
    (inputs / "in").mkdir()
    for number in range(1001, 1006):
        write_image(inputs / "in" / f"{number}.png", np.full((32, 48, 3), 0.5, np.float32))
    (inputs / "cuts.txt").write_text("1004\n")
    result = run("plan", "in", "--style", "noise.png", "-o", "out.mp4", "--cuts", "cuts.txt", "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout.splitlines()[-1])["shots"] == [[1001, 1003], [1004, 1005]]


@pytest.mark.slow
def test_a_plan_says_how_long_it_will_take_here(run: Callable[..., Result], inputs: Path) -> None:
    words = ("plan", "clip.mp4", "--style", "noise.png", "--json", "--threads", "1")
    here = run(*words, "-o", "a.mp4")
    assert here.exit_code == 0, here.stderr
    assert "On this machine, one process will take about" in here.stderr
    assert json.loads(here.stdout.splitlines()[-1])["seconds_left"] > 0
    elsewhere = run(*words, "-o", "b.mp4", "--device", "cuda:99")  # a farm's front end has no such device
    assert elsewhere.exit_code == 0, elsewhere.stderr
    assert "will take" not in elsewhere.stderr
