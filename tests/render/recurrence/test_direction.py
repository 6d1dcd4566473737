"""What is asked of each frame, where and when; and what is left alone."""

from pathlib import Path

import numpy as np
import pytest
from helpers.runs import plan

from tests.helpers import runs
from vidstyle.errors import InputError, UsageError
from vidstyle.jobs.folder import job as jobs
from vidstyle.jobs.masks import read_mask
from vidstyle.media.images.stills import write_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.render.recurrence.direction import Direction
from vidstyle.render.still import stylize_image
from vidstyle.render.video import stylize_video
from vidstyle.settings import Keys, Mask, StyleImage

QUICK = runs.QUICK.replace(limit="4f")


def images(path: Path, count: int) -> list[np.ndarray]:
    return [frame.image for frame in read_frames(probe(path), 0, count)]


def write_mask(path: Path, columns: slice, size: tuple[int, int] = (32, 48)) -> Path:
    mask = np.zeros((*size, 3), np.float32)
    mask[:, columns] = 1
    write_image(path, mask)
    return path


@pytest.fixture
def left_half(tmp_path: Path) -> Path:
    return write_mask(tmp_path / "left.png", slice(0, 24))


def test_what_nobody_paints_keeps_the_clips_own_pixels(
    clip: Path, style: StyleImage, left_half: Path, tmp_path: Path
) -> None:
    masked = StyleImage(style.path, 1, Mask(left_half))
    list(stylize_video(clip, [masked], tmp_path / "out%d.png", QUICK))
    list(stylize_video(clip, [style], tmp_path / "own%d.png", QUICK.replace(strength=0)))
    for shown, own in zip(images(tmp_path / "out%d.png", 4), images(tmp_path / "own%d.png", 4), strict=True):
        np.testing.assert_array_equal(shown[:, 24:], own[:, 24:])
        assert np.abs(shown[:, :24] - own[:, :24]).mean() > 0.01
    assert not any("vidstyle" in path.name for path in tmp_path.iterdir())


def test_a_style_without_a_mask_takes_what_the_others_leave(
    clip: Path, style: StyleImage, left_half: Path, tmp_path: Path
) -> None:
    job = plan(clip, [StyleImage(style.path, 1, Mask(left_half)), style], tmp_path / "out.mp4", QUICK)
    (first, left), (second, right) = Direction(job).asked(0).parts()
    assert (first, second) == ({0: 1.0}, {1: 1.0})
    np.testing.assert_allclose(left + right, 1)
    assert left[:, :23].min() == 1 and left[:, 25:].max() == 0
    assert jobs.load(job.folder).styles == job.styles


def test_where_masks_overlap_each_counts_by_its_share(clip: Path, style: StyleImage, tmp_path: Path) -> None:
    masks = [write_mask(tmp_path / f"{n}.png", columns) for n, columns in enumerate((slice(0, 32), slice(16, 48)))]
    styles = [StyleImage(style.path, weight, Mask(mask)) for weight, mask in zip((3, 1), masks, strict=True)]
    job = plan(clip, styles, tmp_path / "out.mp4", QUICK)
    (_, left), (_, right) = Direction(job).asked(0).parts()
    np.testing.assert_allclose(left[:, [4, 24, 44]], np.tile([1, 0.75, 0], (32, 1)))
    np.testing.assert_allclose(right[:, [4, 24, 44]], np.tile([0, 0.25, 1], (32, 1)))


def test_earlier_paint_is_trusted_where_the_same_was_asked_for(
    make_clip, clip: Path, style: StyleImage, tmp_path: Path
) -> None:
    """Of a mask whose edge moves, what it reaches anew was bare."""
    for number in range(1, 5):
        write_mask(tmp_path / f"m{number}.png", slice(0, 8 * number))
    masked = StyleImage(style.path, 1, Mask(tmp_path / "m%d.png"))
    direction = Direction(plan(clip, [masked], tmp_path / "out.mp4", QUICK))
    alike = direction._alike(3, 0, np.zeros((32, 48, 2), np.float32))
    np.testing.assert_array_equal(alike[:, [2, 20, 40]], np.tile([1, 0, 1], (32, 1)).astype(np.float32))


def test_shares_that_change_are_asked_for_frame_by_frame(clip: Path, style: StyleImage, tmp_path: Path) -> None:
    other = tmp_path / "other.png"
    write_image(other, np.random.default_rng(3).random((32, 40, 3), np.float32))
    styles = [StyleImage(style.path, Keys({1: 1, 3: 0})), StyleImage(other, Keys({1: 0, 3: 1}))]
    job = plan(clip, styles, tmp_path / "out.mp4", QUICK)
    direction = Direction(jobs.load(job.folder))
    assert [direction.asked(index, 0).shares for index in range(4)] == [(1, 0), (0.5, 0.5), (0, 1), (0, 1)]
    assert [direction.asked(index + 1, index).steady for index in range(3)] == [False, False, True]
    assert direction._alike(2, 0, np.zeros((32, 48, 2), np.float32)).max() == 0


def test_a_weight_that_rises_from_nothing_is_calibrated_with_all_of_it(
    clip: Path, style: StyleImage, tmp_path: Path
) -> None:
    settings = QUICK.replace(style_weight="0@1,20@4")
    direction = Direction(plan(clip, [style], tmp_path / "out.mp4", settings))
    first, last = direction.asked(0), direction.asked(3)
    assert first.trial is not None and (first.weights.style, first.trial.style) == (0, 20)
    assert last.trial is None and last.weights.style == 20


def test_a_mask_of_each_frame_comes_from_a_film_of_the_clips_length(
    clip: Path, style: StyleImage, tmp_path: Path
) -> None:
    for number in range(1, 13):
        write_mask(tmp_path / f"m{number}.png", slice(0, 4 * number), (64, 96))  # twice the clip's size
    job = plan(clip, [StyleImage(style.path, 1, Mask(tmp_path / "m%d.png"))], tmp_path / "o.mp4", QUICK)
    folder = job.styles[0].mask.path
    assert [round(float(read_mask(folder, index, job.size).mean()) * 24) for index in range(4)] == [1, 2, 3, 4]
    (folder / "000002.png").unlink()
    with pytest.raises(InputError, match="run the command again"):
        read_mask(folder, 1, job.size)


@pytest.mark.parametrize(
    ("mask", "error", "words"),
    [
        ("tall", InputError, "draw it at the clip's aspect"),
        ("short%d", InputError, "has 3 frames and the clip 12"),
        ("black", InputError, "black throughout: white is painted"),
        ("gone", InputError, "gone.png"),
        ("drawn", UsageError, "drawn on frame 7, and the frames to be painted are 1 to 4"),
        ("alpha", UsageError, "has no opacity"),
    ],
)
def test_a_mask_that_cannot_be_is_told_before_anything_is_written(
    clip: Path, style: StyleImage, tmp_path: Path, mask: str, error: type[Exception], words: str
) -> None:
    write_mask(tmp_path / "tall.png", slice(0, 8), (48, 32))
    write_mask(tmp_path / "black.png", slice(0, 0))
    for number in (1, 2, 3):
        write_mask(tmp_path / f"short{number}.png", slice(0, 8))
    chosen = Mask(tmp_path / f"{mask}.png")
    if mask == "drawn":
        chosen = Mask(drawn=((7, tmp_path / "short1.png"),))
    elif mask == "alpha":
        chosen = Mask()
    with pytest.raises(error, match=words):
        plan(clip, [StyleImage(style.path, 1, chosen)], tmp_path / "out.mp4", QUICK)
    assert not (tmp_path / "out.mp4.vidstyle").exists()


def test_a_picture_is_painted_in_its_opacity_alone(style: StyleImage, tmp_path: Path) -> None:
    picture = np.random.default_rng(1).random((24, 32, 4), np.float32)
    picture[..., 3] = np.arange(32) < 16
    write_image(tmp_path / "in.png", picture)
    list(stylize_image(tmp_path / "in.png", [StyleImage(style.path, 1, Mask())], tmp_path / "out.png", QUICK))
    shown, own = (images(tmp_path / name, 1)[0] for name in ("out.png", "in.png"))
    np.testing.assert_array_equal(shown[:, 16:], own[:, 16:])
    assert np.abs(shown - own)[:, :16].mean() > 0.01


def test_a_drawn_mask_is_made_when_the_job_is_planned_and_made_again_where_it_is_lost(
    clip: Path, style: StyleImage, tmp_path: Path
) -> None:
    """A run that was killed before the masks were whole is planned again; the clip is cut after its seventh frame."""
    drawn = Mask(drawn=((3, write_mask(tmp_path / "m.png", slice(10, 30))),))
    settings = QUICK.replace(cuts="auto", limit=None)
    job = plan(clip, [StyleImage(style.path, 1, drawn)], tmp_path / "out.mp4", settings)
    assert any("frames 8 to 12: noise.png is not painted" in note for note in job.notes)
    assert job.identity != plan(clip, [style], tmp_path / "other.mp4", settings).identity
    folder = job.styles[0].mask.path
    made = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert len(made) == 12 and read_mask(folder, 9, job.size).max() == 0
    (folder / "000005.png").unlink()
    plan(clip, [StyleImage(style.path, 1, drawn)], tmp_path / "out.mp4", settings)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == made
