"""What painting takes, said before it begins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.runs import QUICK
from vidstyle.errors import DependencyError
from vidstyle.jobs.plan import PlannedJob, plan_job
from vidstyle.jobs.time_estimate import Expected
from vidstyle.motion.methods import flow_method
from vidstyle.render import forecast
from vidstyle.render.still import plan_image, seconds_for_image
from vidstyle.render.video import stylize_video
from vidstyle.settings import StyleImage
from vidstyle.style.network.device import select_device
from vidstyle.style.solver import feature_network

STILL = "testsrc2=s=64x48:r=12,trim=end_frame=1,loop=23:1"
MOVING = "testsrc2=s=64x48:r=12,trim=end_frame=24"


@pytest.fixture
def planned(tmp_path: Path, style: StyleImage, make_clip: Callable[..., None]) -> Callable[..., PlannedJob]:
    def plan(clip: str, **changes: object) -> PlannedJob:
        make_clip(tmp_path / "clip.mkv", clip)
        return plan_job(tmp_path / "clip.mkv", [style], tmp_path / "out.mkv", QUICK.replace(**changes))

    return plan


def expected(planned: PlannedJob) -> Expected:
    device = select_device(planned.job.settings.run)
    network = feature_network(planned.job.settings, device)
    return forecast.forecast(planned.job, planned.source, network, device, flow_method("dis"))


@pytest.mark.slow
def test_what_rests_takes_few_keyframes_and_no_mending(planned: Callable[..., PlannedJob]) -> None:
    still, moving = expected(planned(STILL)), expected(planned(MOVING, max_inbetweens=5))
    assert (still.interval, sum(still.mending)) == (10, 0)
    assert 1 <= moving.interval <= 6
    assert still.evaluation and still.evaluation > 0 and still.motion > 0


@pytest.mark.slow
def test_it_is_looked_how_films_move_whose_every_frame_is_solved(planned: Callable[..., PlannedJob]) -> None:
    every_frame = expected(planned(MOVING, max_inbetweens=0))
    assert every_frame.interval == 1 and every_frame.key is not None
    assert every_frame.motion_alone is not None and every_frame.motion_alone > 0


@pytest.mark.slow
def test_the_time_grows_with_what_is_to_be_done(
    planned: Callable[..., PlannedJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecast, "forecast", lambda *_: Expected(0.5, 4, 0.5, 0.1))
    few, many = planned(MOVING, limit="6f"), planned(MOVING)
    said = [forecast.seconds_ahead(one.job, one.source, done) for one, done in ((few, 0), (many, 0), (many, 20))]
    assert said[2] < said[0] < said[1]
    bare = planned(MOVING, strength=0)
    assert forecast.seconds_ahead(bare.job, bare.source, 0) < 3
    with pytest.raises(DependencyError):
        other = planned(MOVING, device="cuda:99")
        forecast.seconds_ahead(other.job, other.source, 0)


@pytest.mark.slow
def test_a_run_says_first_how_long_it_will_take(
    tmp_path: Path, clip: Path, style: StyleImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecast, "_LONG", 0)
    told = list(stylize_video(clip, [style], tmp_path / "out.mp4", QUICK))
    kinds = [progress.kind for progress in told if progress.kind not in ("plan", "warning")]
    assert kinds[0] == "estimate" and kinds.count("estimate") == 1
    assert all(progress.seconds_left is not None for progress in told if progress.kind in ("evaluation", "assemble"))
    last = [progress.seconds_left or 0 for progress in told if progress.kind == "assemble"][-1]
    assert 0 < last < 3


def test_a_picture_takes_time_too(tmp_path: Path, style: StyleImage) -> None:
    few, many = (
        seconds_for_image(plan_image(style.path, [style], tmp_path / "out.png", QUICK.replace(first_frame_steps=steps)))
        for steps in (2, 2000)
    )
    assert 0 < few < many
    assert seconds_for_image(plan_image(style.path, [style], tmp_path / "out.png", QUICK.replace(strength=0))) == 0


@pytest.mark.slow
def test_a_clip_is_told_as_its_plan_is(planned: Callable[..., PlannedJob], monkeypatch: pytest.MonkeyPatch) -> None:
    """Save for what it takes to begin."""
    monkeypatch.setattr(forecast, "_forecast", lambda *_: Expected(0.5, motion_alone=0.2))
    job = planned(MOVING, max_inbetweens=5)
    told = forecast.seconds_of_clip(job.source, job.job.settings)
    assert told == pytest.approx(forecast.seconds_ahead(job.job, job.source, 0) - 3)
