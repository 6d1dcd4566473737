"""The clip as it is painted, and the painting as it is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.runs import plan
from vidstyle.jobs.folder.job import Job
from vidstyle.jobs.folder.source_cache import source_of
from vidstyle.media.images.stills import write_image
from vidstyle.render.direction.canvas import frames_to_paint, in_film_light
from vidstyle.settings import Settings, StyleImage

# Rising from black, then four frames of normal light, a flash of white, and black.
GAINS = [0.0, 0.0, 0.3, 0.6, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.0, 0.0]


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    y, x = np.mgrid[:48, :64]
    waves = np.stack([np.sin(x / 5), np.sin(y / 4), np.sin((x + y) / 7)], -1)
    return (0.4 + 0.25 * waves).astype(np.float32)


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory, style: StyleImage, picture: np.ndarray) -> Job:
    folder = tmp_path_factory.mktemp("fades")
    for number, gain in enumerate(GAINS):
        write_image(folder / f"{number:02d}.png", picture * np.float32(gain))
    return plan(folder, [style], folder.parent / "out.mkv", Settings().replace(threads=1, max_shot_frames=8))


def test_a_fade_is_painted_in_normal_light_and_shown_in_its_own(job: Job, picture: np.ndarray) -> None:
    source = source_of(job)
    for shot in job.shots:
        frames = list(frames_to_paint(job, source, shot, shot.start, shot.stop))
        assert [frame.index for frame in frames] == list(shot.frames)
        for frame in frames:
            np.testing.assert_allclose(frame.image, picture, atol=6 / 255)
            shown = in_film_light(picture, shot, frame.index)
            np.testing.assert_allclose(shown, picture * np.float32(GAINS[frame.index]), atol=4 / 255)


def test_any_part_of_a_shot_is_painted_from_the_same_frames(job: Job) -> None:
    source = source_of(job)
    for shot in job.shots:
        whole = {frame.index: frame.image for frame in frames_to_paint(job, source, shot, shot.start, shot.stop)}
        for start, stop in ((shot.start, shot.start + 1), (shot.start + 2, shot.stop), (shot.stop - 1, shot.stop)):
            for frame in frames_to_paint(job, source, shot, start, stop):
                np.testing.assert_array_equal(frame.image, whole[frame.index])


def test_a_steady_clip_is_painted_as_it_is(clip: Path, style: StyleImage, tmp_path: Path) -> None:
    job = plan(clip, [style], tmp_path / "out.mkv", Settings().replace(threads=1))
    assert [shot.light for shot in job.shots] == [None] * len(job.shots)


@pytest.mark.slow
def test_black_is_shown_black_and_as_painted_if_asked(
    make_clip: Callable[..., None], style: StyleImage, tmp_path: Path
) -> None:
    from vidstyle.media.probe.probe import probe
    from vidstyle.media.reader import read_frames
    from vidstyle.render.video import stylize_video

    make_clip(tmp_path / "in.mkv", "testsrc2=s=48x32:r=12,trim=end_frame=6,fade=t=out:s=1:n=4")
    quick = Settings().replace(steps=1, first_frame_steps=1, style_layers=("relu1_1",), content_layers=("relu2_1",))
    quick = quick.replace(threads=1, device="cpu", codec="ffv1", pixel_format="rgb")
    means = {}
    for light in ("film", "painting"):
        settings = quick.replace(light=light)
        list(stylize_video(tmp_path / "in.mkv", [style], tmp_path / "out.mkv", settings, keep=True, overwrite=True))
        means[light] = [float(frame.image.mean()) for frame in read_frames(probe(tmp_path / "out.mkv"))]
    assert means["film"][-1] < 1 / 255
    assert 0.3 < means["film"][3] / means["film"][0] < 0.7
    assert min(means["painting"]) > 0.8 * max(means["painting"])
