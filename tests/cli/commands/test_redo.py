"""``vidstyle redo``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import Result

from tests.helpers.runs import put
from vidstyle.jobs.folder import job as jobs
from vidstyle.jobs.folder.redos import redos
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames

Run = Callable[..., Result]


@pytest.fixture
def kept(run: Run, inputs: Path) -> Path:
    """A job of four grey frames, whose output is there."""
    planned = ("plan", "clip.mp4", "--style", "noise.png", "-o", "out.mkv", "--light", "painting", "--codec", "ffv1")
    assert run(*planned).exit_code == 0
    put(jobs.load(inputs / "out.mkv.vidstyle"), lambda index: 0.25)
    assert run("assemble", "out.mkv.vidstyle").exit_code == 0
    return inputs / "out.mkv.vidstyle"


def levels(path: Path) -> list[float]:
    return [round(float(frame.image.mean()), 2) for frame in read_frames(probe(path))]


def test_a_range_is_planned_for_a_farm_assembled_and_taken_back(run: Run, kept: Path) -> None:
    planned = run("redo", "out.mkv", "--frames", "2", "--style-weight", "40", "--plan")
    assert planned.exit_code == 0 and "frames 2-2 of clip.mp4, painted anew: vidstyle submit" in planned.stderr
    (redo,) = redos(jobs.load(kept))
    assert redo.settings.objective.style_weight == 40
    missing = run("assemble", "out.mkv.vidstyle")
    assert missing.exit_code == 65 and "2 (shot 1, painted anew)" in missing.stderr
    put(redo, lambda index: 0.75)
    # The job's own output is replaced, and nobody else's.
    assert run("assemble", "out.mkv.vidstyle").exit_code == 0
    np.testing.assert_allclose(levels(kept.with_suffix("")), [0.25, 0.75, 0.25, 0.25], atol=0.01)
    assert "it is there already" in run("assemble", "out.mkv.vidstyle").stderr
    assert run("redo", "out.mkv", "--undo").exit_code == 0
    np.testing.assert_allclose(levels(kept.with_suffix("")), 0.25, atol=0.01)
    assert "nothing was painted anew" in run("redo", "out.mkv", "--undo").stderr


def test_what_makes_no_sense_is_told(run: Run, kept: Path) -> None:
    for words, code, said in (
        (("clip.mp4", "--frames", "2"), 65, "unless the clip is painted with --keep"),
        (("out.mkv",), 2, "name the frames to paint anew"),
        (("out.mkv", "--frames", "7"), 2, "has only 4 frames"),
        (("out.mkv", "--frames", "2", "--size", "20"), 2, "No such option"),
        (("out.mkv", "--frames", "2", "--style", "gone.png"), 65, "gone.png"),
    ):
        told = run("redo", *words)
        assert (told.exit_code, said in told.stderr) == (code, True), told.stderr
