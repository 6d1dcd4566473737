"""Keyframes whose paintings are given: published as they are, and the shot follows them both ways."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.runs import QUICK, plan
from vidstyle.jobs.folder.frames import frame_path, read_record
from vidstyle.jobs.folder.job import Job
from vidstyle.media.images.stills import read_image, write_image
from vidstyle.media.probe.probe import probe
from vidstyle.render.redone import painted_frames
from vidstyle.render.task import render_shots
from vidstyle.settings import Settings


@pytest.fixture
def painted(tmp_path: Path) -> dict[int, Path]:
    """Paintings of the 5th and the 9th frame, by number."""
    rng = np.random.default_rng(3)
    paths = {number: tmp_path / f"{number}.png" for number in (5, 9)}
    for path in paths.values():
        write_image(path, rng.random((32, 48, 3), np.float32))
    return paths


def planned(clip: Path, folder: Path, painted: dict[int, Path], settings: Settings) -> Job:
    folder.mkdir(exist_ok=True)
    words = tuple(f"{number}={path}" for number, path in painted.items())
    return plan(clip, [], folder / "out.mp4", settings.replace(painted=words))


def files(job: Job) -> dict[tuple[int, int], bytes]:
    return {
        (shot.number, index): frame_path(job, shot, index).read_bytes() for shot in job.shots for index in shot.frames
    }


@pytest.mark.slow
@pytest.mark.parametrize("most", [0, 3])
def test_given_keyframes_are_published_bit_for_bit_and_end_intervals(
    tmp_path: Path, clip: Path, painted: dict[int, Path], most: int
) -> None:
    job = planned(clip, tmp_path / "job", painted, QUICK.replace(max_inbetweens=most))
    list(render_shots(job, job.shots))
    kinds: dict[int, set[str]] = {}
    for shot in job.shots:
        for index in shot.frames:
            record = read_record(job, shot, index)
            assert record is not None
            kinds.setdefault(index + 1, set()).add(record.kind)
            if record.kind == "given":
                shown = read_image(frame_path(job, shot, index))
                assert shown.tobytes() == read_image(painted[index + 1]).tobytes()
            elif record.kind == "in-between":
                left, right = sorted(record.made_from)
                assert left < index + 1 < right and not any(left < number < right for number in painted)
    assert {number for number, found in kinds.items() if "given" in found} == {5, 9}
    assert not any("first" in found for found in kinds.values())
    if not most:
        return
    # What is lost is made again, and a run that was stopped goes on, to the same bytes.
    whole = files(job)
    for shot in job.shots:
        (job.shot_folder(shot) / "done.json").unlink()
        for index in (*shot.order[1:3], shot.order[-2]):
            frame_path(job, shot, index).unlink()
    list(render_shots(job, job.shots))
    assert files(job) == whole
    other = planned(clip, tmp_path / "other", painted, QUICK.replace(max_inbetweens=most))
    for _ in range(12):
        run = render_shots(other, other.shots)
        if not list(itertools.islice((news for news in run if news.kind == "frame"), 4)):
            break
        run.close()
    assert files(other) == whole


@pytest.mark.slow
def test_a_given_keyframe_is_shown_as_it_is_in_a_loop_and_where_parts_meet(
    tmp_path: Path, clip: Path, painted: dict[int, Path]
) -> None:
    asked = QUICK.replace(max_inbetweens=3, max_shot_frames=5, loop="on")
    job = planned(clip, tmp_path / "job", painted, asked)
    assert job.closing and {(4, 9), (0, 5)} <= {(shot.start, shot.stop) for shot in job.shots}
    list(render_shots(job, job.shots))
    shown = list(painted_frames(job, probe(clip)))
    assert len(shown) == len(job.frames)
    for number, path in painted.items():
        image = shown[number - 1]
        assert image is not None and np.array_equal(image, read_image(path))
