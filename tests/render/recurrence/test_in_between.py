"""Keys and in-betweens in a whole job: what is solved, what is carried, and that it always comes to the same bytes."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from vidstyle.jobs.folder import job as jobs
from vidstyle.jobs.folder.schedule import KeyInterval
from vidstyle.media.reader import Frame
from vidstyle.motion.correspondence import ChainedFlow, Correspondence, IntervalFlow
from vidstyle.render.recurrence import context, state
from vidstyle.render.recurrence.in_between import in_betweens
from vidstyle.render.recurrence.prepare import IntervalMotion
from vidstyle.render.video import stylize_video
from vidstyle.settings import Settings, StyleImage

Files = dict[str, bytes]
Image = npt.NDArray[np.float32]
QUICK = Settings().replace(
    steps=2,
    first_frame_steps=2,
    max_inbetweens=3,
    content_layers="relu2_1",
    style_layers="relu1_1,relu2_1",
    cuts="none",
    threads=1,
    device="cpu",
    precision="float32",
)


def painted(folder: Path) -> Files:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*/shots/*/frames/*.png"))}


def records(folder: Path) -> list[dict[str, object]]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*/shots/*/frames/*.json"))]


def run(folder: Path, clip: Path, style: StyleImage, settings: Settings = QUICK) -> list:
    return list(stylize_video(clip, [style], folder / "out.mp4", settings, keep=True))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, clip: Path, style: StyleImage) -> Path:
    """The folder of an uninterrupted run."""
    folder = tmp_path_factory.mktemp("whole")
    run(folder, clip, style)
    return folder


def test_each_record_names_the_frames_that_its_frame_was_made_from(whole: Path) -> None:
    made = records(whole)
    kinds = [record["kind"] for record in made]
    assert kinds[0] == "first" and kinds[-1] == "solved" and "in-between" in kinds and len(kinds) == 12
    keys = [number for number, kind in enumerate(kinds, 1) if kind != "in-between"]
    assert all(later - earlier <= 4 for earlier, later in itertools.pairwise(keys))
    for number, record in enumerate(made, 1):
        before, after = [key for key in keys if key < number], [key for key in keys if key > number]
        expected = {"first": [], "solved": before[:-3:-1], "in-between": [*before[-1:], *after[:1]]}
        assert record["from"] == expected[str(record["kind"])]
    assert all(record["evaluations"] >= 2 for record in made if record["kind"] != "in-between")
    assert sum(record["evaluations"] for record in made) < 12 * 2


def test_a_shot_has_one_style_gain_for_keyframes_and_in_betweens(whole: Path) -> None:
    solved = [record for record in records(whole) if record["kind"] != "in-between"]
    assert len(solved) > 2
    assert len({record["style_gain"]["gram"] for record in solved}) == 1


@pytest.mark.slow
def test_each_frame_is_reported_once_and_counted(tmp_path: Path, clip: Path, style: StyleImage, whole: Path) -> None:
    told = [progress for progress in run(tmp_path, clip, style) if progress.kind == "frame"]
    assert sorted(progress.frame for progress in told) == list(range(1, 13))
    assert [progress.frames_done for progress in told] == list(range(1, 13))
    assert told[-1].seconds_left is not None
    assert painted(tmp_path) == painted(whole)


@pytest.mark.slow
def test_short_of_memory_the_bytes_are_the_same(
    tmp_path: Path, clip: Path, style: StyleImage, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is matched ahead then, and in-betweens are made and mended before the next key is solved."""
    monkeypatch.setattr(context, "_LARGE", 0)
    run(tmp_path, clip, style)
    assert painted(tmp_path) == painted(whole)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 1e9], ids=["one state", "all states"])
def test_stopped_anywhere_it_goes_on_to_the_same_bytes(
    tmp_path: Path, clip: Path, style: StyleImage, whole: Path, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "SHARE", share)
    for stop in (3, 5, 7, 8, 9):
        steps = stylize_video(clip, [style], tmp_path / "out.mp4", QUICK, keep=True)
        for _ in range(stop):
            next(steps)
        with pytest.raises(KeyboardInterrupt):
            steps.throw(KeyboardInterrupt)  # nothing is saved on the way out
    run(tmp_path, clip, style)
    assert painted(tmp_path) == painted(whole)


@pytest.mark.slow
def test_lost_in_betweens_are_made_again_without_solving_keyframes(
    tmp_path: Path, clip: Path, style: StyleImage, whole: Path
) -> None:
    steps = stylize_video(clip, [style], tmp_path / "out.mp4", QUICK, keep=True)
    while next(steps).frames_done < 12:
        pass
    steps.close()
    frames = tmp_path / "out.mp4.vidstyle" / "shots" / "0001" / "frames"
    lost = [number for number, record in enumerate(records(tmp_path), 1) if record["kind"] == "in-between"][:2]
    for number in lost:
        (frames / f"{number:06d}.png").unlink()
    (frames.parent / "done.json").unlink(missing_ok=True)
    told = run(tmp_path, clip, style)
    assert [progress.frame for progress in told if progress.kind == "frame"] == lost
    assert not any(progress.kind == "evaluation" for progress in told)
    assert painted(tmp_path) == painted(whole)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["first", "solved", "in-between"])
def test_a_frame_damaged_after_the_shot_was_done_is_painted_anew(
    tmp_path: Path, clip: Path, style: StyleImage, whole: Path, kind: str
) -> None:
    run(tmp_path, clip, style)
    (tmp_path / "out.mp4").unlink()
    folder = tmp_path / "out.mp4.vidstyle"
    (folder / "assembled.json").unlink(missing_ok=True)
    number = next(number for number, record in enumerate(records(tmp_path), 1) if record["kind"] == kind)
    frame = folder / "shots" / "0001" / "frames" / f"{number:06d}.png"
    frame.write_bytes(frame.read_bytes()[:-20] + bytes(20))
    run(tmp_path, clip, style)
    assert painted(tmp_path) == painted(whole)
    assert jobs.load(folder).settings.motion.max_inbetweens == 3


@pytest.mark.slow
def test_keyframes_are_solved_from_several_earlier_ones(tmp_path: Path, clip: Path, style: StyleImage) -> None:
    settings = QUICK.replace(temporal_frames="1,2", max_inbetweens=1)
    run(tmp_path, clip, style, settings)
    expected = painted(tmp_path)
    keys = [record["from"] for record in records(tmp_path) if record["kind"] == "solved"]
    assert len(keys[0]) == 1 and all(len(sources) == 2 for sources in keys[1:])
    (tmp_path / "again").mkdir()
    for stop in (6, 9):
        steps = stylize_video(clip, [style], tmp_path / "again" / "out.mp4", settings, keep=True)
        for _ in range(stop):
            next(steps)
        steps.close()
    run(tmp_path / "again", clip, style, settings)
    assert painted(tmp_path / "again") == expected


def test_no_dots_appear_where_pixels_are_visible_in_one_keyframe_or_the_other() -> None:
    """Two keys of different colours, each seen at every second pixel."""
    still = np.zeros((40, 60, 2), np.float32)
    seen = (np.indices((40, 60)).sum(0) % 2).astype(np.float32)
    black, white = np.zeros((40, 60, 3), np.float32), np.ones((40, 60, 3), np.float32)
    step = ChainedFlow(still, seen, seen)
    tracks = IntervalFlow(
        step, [Correspondence(still, seen)], [Correspondence(still, 1 - seen)], [step], [step], np.eye(2, 3)
    )
    frame = Frame(1, 1, black, None)
    (make,) = in_betweens(IntervalMotion(KeyInterval(0, 2), (frame,), tracks), black, white)
    between = make()
    assert np.abs(np.diff(between.carried.image, axis=1)).max() < 0.05
    assert between.carried.image.mean() == pytest.approx(0.5, abs=0.02)


def square(level: float) -> Image:
    """Everywhere 1, and of that level in a square."""
    plane = np.ones((40, 60), np.float32)
    plane[10:30, 20:40] = level
    return plane


def at_rest(in_left: list[Image], in_right: list[Image]) -> IntervalMotion:
    """A grey clip in which nothing moves, and how far each frame between is visible in the keyframes."""
    still, seen = np.zeros((40, 60, 2), np.float32), square(1)
    count, step = len(in_left), ChainedFlow(still, seen, seen)
    backward, forward = ([Correspondence(still, visible) for visible in each] for each in (in_left, in_right))
    tracks = IntervalFlow(step, backward, forward, [step] * count, [step] * count, np.eye(2, 3))
    frames = tuple(Frame(index + 1, index + 1, np.full((40, 60, 3), 0.5, np.float32), None) for index in range(count))
    return IntervalMotion(KeyInterval(0, count + 1), frames, tracks)


def test_what_neither_keyframe_shows_is_painted_once_and_carried_on() -> None:
    """A square that is there from the first in-between on, and gone in the keyframe after them."""
    key, painting = np.zeros((40, 60, 3), np.float32), np.ones((40, 60, 3), np.float32)
    first, second = (make() for make in in_betweens(at_rest([square(0)] * 2, [square(0)] * 2), key, key))
    assert not first.is_whole and first.continuing(painting) is first
    carried = second.continuing(painting)
    assert carried.is_whole and not second.is_whole
    assert carried.carried.image[12:28, 22:38].min() > 0.99 and carried.carried.image[:8].max() < 0.01


def test_a_keyframe_gives_way_before_it_ceases_to_show_a_place() -> None:
    """A square that the left key shows up to the third in-between, and the right key all the time."""
    motion = at_rest([square(1)] * 3 + [square(0)] * 3, [square(1)] * 6)
    black, white = np.zeros((40, 60, 3), np.float32), np.ones((40, 60, 3), np.float32)
    made = [make() for make in in_betweens(motion, black, white)]
    levels = [0.0, *(float(between.carried.image[15:25, 25:35].mean()) for between in made), 1.0]
    assert max(np.diff(levels)) < 0.4
    assert levels[4] == pytest.approx(1, abs=0.01)


def test_what_was_painted_between_keyframes_gives_way_by_and_by_to_one_that_shows_it() -> None:
    """A square that the right key shows from the second in-between on, and nothing shows in the first."""
    motion = at_rest([square(0)] * 5, [square(0)] + [square(1)] * 4)
    key, painting = np.zeros((40, 60, 3), np.float32), np.ones((40, 60, 3), np.float32)
    made = [make() for make in in_betweens(motion, key, key)]
    assert not made[0].is_whole and all(between.is_whole for between in made[1:])
    levels = [1.0]
    for between in made[1:]:
        painting = between.continuing(painting).carried.image
        levels.append(float(painting[15:25, 25:35].mean()))
    assert levels[1] > 0.6 and levels == sorted(levels, reverse=True) and levels[-1] < 0.05
    assert np.diff(levels).min() > -0.5
