"""Painted frames: which they are, that they fit, and how a job keeps them."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.runs import QUICK, plan
from tests.helpers.tiny_job import clip, make_clip, style
from vidstyle.errors import InputError, UsageError
from vidstyle.jobs.folder import job as jobs
from vidstyle.jobs.painted import PaintedFrame, make_given, painted_frames, unlike_frames
from vidstyle.jobs.plan import plan_job
from vidstyle.jobs.shots import parts
from vidstyle.media.images.stills import read_image, write_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.motion.shots.shot_light import ShotLight
from vidstyle.render.direction.canvas import in_film_light
from vidstyle.settings import Settings, StyleImage

__all__ = ["clip", "make_clip", "style"]


def noise(path: Path, size: tuple[int, int] = (48, 32), seed: int = 1) -> Path:
    write_image(path, np.random.default_rng(seed).random((size[1], size[0], 3), np.float32))
    return path


def refused(clip: Path, folder: Path, *words: str) -> str:
    with pytest.raises((UsageError, InputError)) as caught:
        plan_job(clip, [], folder / "out.mp4", QUICK.replace(painted=words))
    assert not (folder / "out.mp4.vidstyle").exists()
    return str(caught.value)


def test_bad_painted_frames_are_met_with_a_sentence_before_any_painting(tmp_path: Path, clip: Path) -> None:
    good, other = noise(tmp_path / "a4.png"), noise(tmp_path / "wide.png", (64, 32))
    (tmp_path / "text.png").write_text("no picture")
    assert "the frames to be painted are 1 to 12" in refused(clip, tmp_path, f"13={good}")
    assert "64×32 pixels, and the clip 48×32" in refused(clip, tmp_path, f"4={other}")
    assert "painted twice" in refused(clip, tmp_path, f"4={good}", f"4={other}")
    assert "text.png" in refused(clip, tmp_path, f"4={tmp_path / 'text.png'}")
    assert "gone.png" in refused(clip, tmp_path, f"4={tmp_path / 'gone.png'}")
    assert "41=frame41.png" in refused(clip, tmp_path, str(good))
    (tmp_path / "none").mkdir()
    assert "without pictures" in refused(clip, tmp_path, str(tmp_path / "none"))


def test_a_folder_of_numbered_pictures_names_its_frames(tmp_path: Path, clip: Path) -> None:
    (tmp_path / "keys").mkdir()
    for number in (1, 6, 11, 16):
        noise(tmp_path / "keys" / f"key.{number:04d}.png")
    source = probe(clip)
    assert [each.index for each in painted_frames((str(tmp_path / "keys"),), source, range(12))] == [0, 5, 10]
    assert [each.index for each in painted_frames((str(tmp_path / "keys/key.####.png"),), source, range(4, 9))] == [5]
    assert "1 to 16; to be painted are 3 to 4" in refused_range(source, str(tmp_path / "keys"))


def refused_range(source: object, word: str) -> str:
    with pytest.raises(UsageError) as caught:
        painted_frames((word,), source, range(2, 4))  # type: ignore[arg-type]
    return str(caught.value)


@pytest.mark.slow
def test_a_job_keeps_a_painted_frame_as_it_was_given(tmp_path: Path, clip: Path) -> None:
    given = noise(tmp_path / "a4.png")
    job = plan(clip, [], tmp_path / "out.mp4", QUICK.replace(painted=(f"4={given}",)))
    assert jobs.load(job.folder) == job and [key.index for key in job.given] == [3] and not job.styles
    assert read_image(job.given_path(3)).tobytes() == read_image(given).tobytes()
    assert [(shot.start, shot.stop, shot.backwards) for shot in job.shots] == [(0, 4, True), (3, 12, False)]
    noise(given, seed=2)
    with pytest.raises(UsageError, match="painted: 4="):
        plan_job(clip, [], tmp_path / "out.mp4", QUICK.replace(painted=(f"4={given}",)))


@pytest.mark.slow
def test_one_of_another_size_is_scaled(tmp_path: Path, clip: Path) -> None:
    given = noise(tmp_path / "a4.png", (96, 64))
    job = plan(clip, [], tmp_path / "out.mp4", QUICK.replace(painted=(f"4={given}",)))
    halved = read_image(given).reshape(32, 2, 48, 2, 3).mean((1, 3))
    assert np.abs(read_image(job.given_path(3)) - halved).max() <= 0.51 / 255


@pytest.mark.slow
def test_one_that_is_not_of_its_frame_is_told(tmp_path: Path, make_clip) -> None:
    path = tmp_path / "clip.mp4"
    make_clip(path, "testsrc2=s=160x96:r=12,trim=end_frame=3", "mandelbrot=s=160x96:r=12,trim=end_frame=3")
    source = probe(path)
    for index, name in ((1, "2.png"), (4, "5.png")):
        frame = next(read_frames(source, index, index + 1)).image
        write_image(tmp_path / name, 1 - frame[..., ::-1] * np.float32([0.6, 0.8, 0.5]))

    def told(*words: str) -> list[str]:
        return list(unlike_frames(painted_frames(words, source, range(6)), source, range(6)))

    assert told(f"2={tmp_path / '2.png'}", f"5={tmp_path / '5.png'}") == []
    swapped = told(f"2={tmp_path / '5.png'}", f"5={tmp_path / '2.png'}")
    assert len(swapped) == 2 and "rather than those of frame 2" in swapped[0]
    assert "hardly any" in told(f"2={noise(tmp_path / 'noise.png', (160, 96))}")[0]


@pytest.mark.parametrize("longest", [2, 3, 7, 30, 100])
@pytest.mark.parametrize("given", [[], [0], [29], [10], [0, 29], [3, 4, 5], [0, 10, 20], [7, 22]])
def test_the_parts_of_a_shot_cover_it_and_begin_at_given_frames(given: list[int], longest: int) -> None:
    found = parts(0, 30, longest, given)
    assert {index for first, stop, _ in found for index in range(first, stop)} == set(range(30))
    for first, stop, backwards in found:
        assert backwards == (stop - 1 in given and first not in given)
        assert backwards is False or not set(given) & set(range(first, stop - 1))
    firsts = [first for first, _, _ in found]
    assert firsts == sorted(set(firsts)) and all(a[1] < b[1] for a, b in itertools.pairwise(found))
    assert all(third[0] >= first[1] for first, third in zip(found, found[2:], strict=False))


@pytest.mark.slow
def test_styles_are_still_needed_where_nothing_is_painted(tmp_path: Path, clip: Path, style: StyleImage) -> None:
    with pytest.raises(UsageError, match="no style"):
        plan_job(clip, [], tmp_path / "out.mp4", Settings())
    noise(tmp_path / "a4.png")
    both = plan(clip, [style], tmp_path / "both.mp4", QUICK.replace(painted=(f"4={tmp_path / 'a4.png'}",)))
    assert len(both.styles) == len(both.given) == 1


@pytest.mark.slow
def test_one_in_a_fade_is_kept_in_normal_light_and_shown_as_it_was_given(tmp_path: Path, clip: Path) -> None:
    given = tmp_path / "a4.png"
    write_image(given, np.random.default_rng(5).uniform(0.15, 0.55, (32, 48, 3)).astype(np.float32))
    job = plan(clip, [], tmp_path / "out.mp4", QUICK.replace(painted=(f"4={given}",)))
    shot = job.shots[0]
    light = ShotLight((0.5,) * len(shot.frames), (0.1,) * len(shot.frames))
    faded = dataclasses.replace(job, shots=(dataclasses.replace(shot, light=light), *job.shots[1:]))
    job.given_path(3).unlink()
    make_given(faded, (PaintedFrame(3, given),), probe(clip))
    kept = read_image(job.given_path(3))
    assert np.abs(kept - (read_image(given) - 0.1) / 0.5).max() <= 0.51 / 255
    assert np.abs(in_film_light(kept, faded.shots[0], 3) - read_image(given)).max() <= 0.51 / 255
