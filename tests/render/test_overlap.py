"""Where two pieces of a long shot meet."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.helpers.runs import QUICK, plan, put
from tests.helpers.synthetic import Disc, make_scene
from vidstyle.errors import UsageError
from vidstyle.jobs.folder.frames import read_frame
from vidstyle.jobs.folder.job import Job
from vidstyle.jobs.folder.source_cache import source_of
from vidstyle.measure.metrics.warp_error import find_motion, warp_error
from vidstyle.media.color.display import PLAIN
from vidstyle.media.images.stills import write_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.motion.flow import Flow
from vidstyle.motion.methods import flow_method
from vidstyle.render import overlap
from vidstyle.render.redone import painted_frames
from vidstyle.render.task import render_shots
from vidstyle.render.video import stylize_video
from vidstyle.settings import Settings, StyleImage
from vidstyle.style.network.device import select_device


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory, style: StyleImage) -> Job:
    """A scene in steady motion, painted in two pieces that meet in the middle."""
    folder = tmp_path_factory.mktemp("joint")
    (folder / "scene").mkdir()
    scene = make_scene(32, (48, 64), shift=(1.3, 0.4), zoom=1.004, disc=Disc((20, 20), 9, (0.7, -0.3)))
    for number, image in enumerate(scene.images, 1):
        write_image(folder / "scene" / f"{number:03d}.png", image)
    settings = Settings().replace(
        steps=8,
        first_frame_steps=16,
        max_shot_frames=16,
        content_layers="relu2_1",
        style_layers="relu1_1,relu2_1,relu3_1",
        cuts="none",
        threads=1,
        device="cpu",
        precision="float32",
    )
    job = plan(folder / "scene", [style], folder / "out.mp4", settings)
    list(render_shots(job, job.shots))
    return job


@pytest.mark.slow
def test_the_warp_error_over_shared_frames_is_that_of_others(job: Job) -> None:
    first, second = job.shots
    assert first.stop - second.start == 16
    flow = flow_method("dis")
    clip = [frame.image for frame in read_frames(probe(job.source_path))]
    painted = list(painted_frames(job, source_of(job)))
    assert len(painted) == len(clip) == 32
    errors = [
        warp_error(find_motion(flow, after, before), new, old) or 0.0
        for (before, after), (old, new) in zip(itertools.pairwise(clip), itertools.pairwise(painted), strict=True)
    ]
    # Entry i is of the frames i and i + 1. The first frames of a shot are left out: the painting settles.
    across = errors[second.start - 1 : first.stop]
    inside = errors[4 : second.start - 1] + errors[first.stop :]
    assert np.mean(across) <= 1.5 * np.mean(inside)
    assert max(across) <= 1.5 * max(inside)


@pytest.mark.slow
def test_frames_that_no_pieces_share_are_as_they_were_painted(job: Job) -> None:
    painted = list(painted_frames(job, source_of(job)))
    first, second = job.shots
    for shot, index in ((first, 0), (first, second.start - 1), (second, first.stop), (second, 31)):
        assert np.array_equal(painted[index], read_frame(job, shot, index, PLAIN))


def test_too_short_pieces_are_refused() -> None:
    with pytest.raises(UsageError, match="max_shot_frames"):
        Settings().replace(max_shot_frames=2)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA card here")
def test_a_job_painted_on_a_gpu_is_assembled_without_one(tmp_path: Path, clip: Path, style: StyleImage) -> None:
    settings = Settings().replace(device="cuda", cuts="none", max_shot_frames=4)
    assert overlap._device(plan(clip, [style], tmp_path / "out.mp4", settings)) == "cpu"


@pytest.mark.slow
def test_a_clip_in_pieces_has_all_its_frames(
    tmp_path: Path, clip: Path, style: StyleImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[str, int]] = []

    def noted(name: str, device: str, threads: int) -> Flow:
        made.append((device, threads))
        return flow_method(name, device, threads)

    monkeypatch.setattr(overlap, "flow_method", noted)
    settings = Settings().replace(
        steps=2,
        first_frame_steps=2,
        cuts="none",
        max_shot_frames=4,
        content_layers="relu2_1",
        style_layers="relu1_1",
        threads=1,
    )
    told = list(stylize_video(clip, [style], tmp_path / "out.mp4", settings, keep=True))
    assert told[-1].kind == "done" and told[-1].frames_total == 12
    assert sum(progress.kind == "frame" for progress in told) == 12 + 2 * 4
    assert len(probe(tmp_path / "out.mp4").pts) == 12
    assert made == [(str(select_device(settings.run).device), 1)]  # once for both joints


@pytest.fixture
def cycle(tmp_path: Path) -> Path:
    """Sixteen frames of a disc that goes round once before a still picture."""
    (tmp_path / "cycle").mkdir()
    for number in range(16):
        angle = 2 * np.pi * number / 16
        disc = Disc((32 + 18 * np.cos(angle), 24 + 10 * np.sin(angle)), 8, (0, 0))
        write_image(tmp_path / "cycle" / f"{number:02d}.png", make_scene(1, (48, 64), disc=disc).images[0])
    return tmp_path / "cycle"


def test_the_end_of_a_loop_turns_evenly_into_its_beginning(cycle: Path, style: StyleImage) -> None:
    job = plan(cycle, [style], cycle.parent / "out.gif", QUICK.replace(loop="on"))
    assert (job.closing, len(job.frames), len(job.shots[0].frames)) == (8, 16, 24)
    put(job, lambda index: 0.75 if index >= 16 else 0.25)
    levels = np.array([image.mean() for image in painted_frames(job, source_of(job)) if image is not None])
    assert len(levels) == 16
    np.testing.assert_allclose(levels[8:], 0.25, atol=1e-3)
    assert levels[0] >= 0.25 + 0.5 * 8 / 9 - 0.02
    assert (np.diff(levels[:9]) < 0).all()


@pytest.mark.slow
def test_the_ends_of_a_painted_loop_meet(cycle: Path, style: StyleImage) -> None:
    seams = {}
    for loop in ("off", "on"):
        output = cycle.parent / f"{loop}.mkv"
        list(stylize_video(cycle, [style], output, QUICK.replace(loop=loop, codec="ffv1", first_frame_steps=8)))
        images = [frame.image for frame in read_frames(probe(output))]
        steps = [np.abs(later - earlier).mean() for earlier, later in itertools.pairwise([*images, images[0]])]
        seams[loop] = steps[-1] / np.mean(steps[:-1])
    assert seams["on"] <= 1.5 < seams["off"]
