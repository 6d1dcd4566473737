"""What an attempt shows of itself."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from vidstyle.jobs.folder import glances as files
from vidstyle.jobs.progress import Progress
from vidstyle.media.reader import Frame
from vidstyle.render.recurrence import glances as module
from vidstyle.render.recurrence.glances import Glances
from vidstyle.style.evaluations import SolveProgress


def step(loss: float) -> SolveProgress:
    return SolveProgress(1.0, 4.0, 1, 4, loss, {"style": loss}, (9, 16), lambda: np.full((9, 16, 3), 0.75, np.float32))


def test_the_frame_at_work_can_be_seen_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_OFTEN", 1e6)
    scratch = tmp_path.resolve()
    glances = Glances(scratch, 0)
    frame = Frame(4, 0, np.full((36, 64, 3), 0.25, np.float32), None)
    for loss in (9.0, 8.0):
        glances.at_work(frame, step(loss), Progress("evaluation", frame=5, seconds_left=7.0))
    seen = files.read_at_work(scratch)
    assert seen is not None
    assert (seen.frame, seen.size, seen.history, seen.seconds_left) == (5, (16, 9), (9.0,), 7.0)
    assert {path.name for path in scratch.iterdir()} == {"at-work.json"}


def test_a_finished_frame_stands_beside_the_clips(tmp_path: Path) -> None:
    scratch = tmp_path.resolve()
    wide = np.zeros((36, 72, 3), np.float32)
    wide[:, 4:-4] = 0.5  # what wraps has a margin that nobody sees
    Glances(scratch, 4).finished(11, wide, wide * 2)
    assert files.finished(scratch) == [11]
    picture = files.read_finished(scratch, 11)
    assert picture is not None
    pixels = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    assert pixels.shape == (36, 128, 3)
    assert (pixels[:, :60].mean().round(), pixels[:, 68:].mean().round()) == (128, 255)


def test_the_oldest_of_many_are_forgotten_and_what_is_no_picture_is_not_believed(tmp_path: Path) -> None:
    scratch = tmp_path.resolve()
    for index in range(files.KEPT + 3):
        files.write_finished(scratch, index, b"x")
    assert files.finished(scratch) == list(range(3, files.KEPT + 3))
    (scratch / "at-work.json").write_text('{"painting": "<img>"}')
    assert files.read_at_work(scratch) is None
    files.write_finished(scratch / "gone", 1, b"x")  # whoever can't write them paints on
