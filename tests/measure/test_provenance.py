import dataclasses
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from tests.helpers.runs import drained, plan
from vidstyle.errors import InputError
from vidstyle.measure.footage import match
from vidstyle.measure.measure import find_shots, measure
from vidstyle.measure.provenance import job_of, machines, seconds_a_frame
from vidstyle.media.images.stills import write_image
from vidstyle.render.video import stylize_video
from vidstyle.settings import MediaSettings, Settings, StyleImage


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a clip, and three frames of it painted with the job folder kept."""
    folder = tmp_path_factory.mktemp("painted")
    make = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=48x32:r=12:d=0.75"]
    subprocess.run([*make, str(folder / "clip.mp4")], check=True)
    write_image(folder / "noise.png", np.random.default_rng(0).random((32, 40, 3), np.float32))
    settings = Settings().replace(
        frames="4-6",
        steps=1,
        first_frame_steps=1,
        threads=1,
        device="cpu",
        precision="float32",
        cuts="none",
        style_scale=0.5,
    )
    style = [StyleImage(folder / "noise.png", 2.0)]
    for _ in stylize_video(folder / "clip.mp4", style, folder / "out.mp4", settings, keep=True):
        pass
    return folder


@pytest.mark.slow
def test_a_job_folder_says_what_it_knows(painted: Path) -> None:
    job = job_of(painted / "out.mp4")
    assert job is not None
    (machine,) = machines(job)
    assert {"processor", "torch", "solver"} <= set(machine)
    seconds = seconds_a_frame(job)
    assert seconds is not None and seconds > 0


def test_an_output_is_measured_as_its_job_made_it(painted: Path) -> None:
    run = measure(painted / "out.mp4", painted / "clip.mp4", settings=Settings().replace(threads=1, device="cpu"))
    news, study = drained(run)
    assert not [progress.message for progress in news if progress.kind == "warning"]
    assert study.footage.frames == range(3, 6)
    assert study.shots == (range(3, 6),)
    assert [style.weight for style in study.styles] == [2.0]
    assert study.settings.objective.style_scale == 0.5
    assert study.outputs[0].whole.style is not None


def test_shots_end_at_cuts_and_not_where_pieces_are_joined(painted: Path, tmp_path: Path) -> None:
    (tmp_path / "cuts.txt").write_text("5\n")
    settings = Settings().replace(cuts=str(tmp_path / "cuts.txt"), max_shot_frames=3)
    job = plan(painted / "clip.mp4", [StyleImage(painted / "noise.png")], tmp_path / "out.mp4", settings)
    assert len(job.shots) > 3
    footage = match([painted / "clip.mp4"], painted / "clip.mp4", first=None, media=MediaSettings(), work_dir=None)
    footage = dataclasses.replace(footage, outputs=(dataclasses.replace(footage.outputs[0], job=job),))
    assert find_shots(footage, Settings()) == (range(4), range(4, 9))


def test_without_a_job_folder_nothing_is_claimed(painted: Path, tmp_path: Path) -> None:
    assert job_of(painted / "clip.mp4") is None
    (tmp_path / "out.mp4.vidstyle").mkdir()
    (tmp_path / "out.mp4.vidstyle" / "job.json").write_text("{")
    assert job_of(tmp_path / "out.mp4") is None
    with pytest.raises(InputError, match="not a job folder"):
        job_of(painted / "clip.mp4", tmp_path)
