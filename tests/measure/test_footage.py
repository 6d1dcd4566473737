import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.outputs import write_video
from vidstyle.errors import InputError, UsageError
from vidstyle.measure.footage import Footage, match
from vidstyle.media.images.stills import write_image
from vidstyle.media.part import part_of
from vidstyle.media.probe.probe import probe
from vidstyle.settings import MediaSettings


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Numbered pictures whose grey is their number: a clip of 10, and outputs of it."""
    folder = tmp_path_factory.mktemp("clips")
    write(folder / "clip", range(10), (24, 32))
    write(folder / "whole", range(10), (24, 32))
    write(folder / "large", range(10), (48, 64))
    write(folder / "wide", range(10), (24, 48))
    write(folder / "middle", range(3, 7), (24, 32))
    write(folder / "long", range(12), (24, 32))
    return folder


def write(folder: Path, greys: range, size: tuple[int, int], first: int = 1) -> None:
    folder.mkdir()
    images = [np.full((*size, 3), grey / 20, np.float32) for grey in greys]
    for number, image in enumerate(images, first):
        write_image(folder / f"{number:02d}.png", image, 16)


def ask(clips: Path, *names: str, first: int | None = None, frames: str | None = None) -> Footage:
    return match(
        [clips / name for name in names], clips / "clip", first=first, media=MediaSettings(frames=frames), work_dir=None
    )


def greys(footage: Footage) -> list[tuple[int, ...]]:
    return [tuple(round(float(image.mean()) * 20) for image in (clip, *outputs)) for _, clip, outputs in footage.read()]


def test_frames_are_brought_side_by_side(clips: Path) -> None:
    footage = ask(clips, "whole")
    assert not footage.warnings
    assert greys(footage) == [(i, i) for i in range(10)]


def test_an_output_that_begins_later_is_matched_from_there(clips: Path) -> None:
    footage = ask(clips, "middle", first=4)
    assert not footage.warnings
    assert footage.frames == range(3, 7)
    assert greys(footage) == [(i, i) for i in range(3, 7)]


def test_a_shorter_output_is_taken_from_the_start_with_a_warning(clips: Path) -> None:
    footage = ask(clips, "middle")
    assert footage.frames == range(4)
    assert len(footage.warnings) == 1
    assert "--first" in footage.warnings[0]


def test_a_longer_output_loses_its_end_with_a_warning(clips: Path) -> None:
    footage = ask(clips, "long")
    assert footage.frames == range(10)
    assert "the last 2 are left out" in footage.warnings[0]


def test_a_range_counts_the_clips_frames_from_one(clips: Path) -> None:
    assert greys(ask(clips, "whole", frames="3-4")) == [(2, 2), (3, 3)]
    assert greys(ask(clips, "middle", first=4, frames="2-5")) == [(3, 3), (4, 4)]


def test_sizes_become_the_outputs(clips: Path) -> None:
    footage = ask(clips, "large", "whole")
    assert footage.size == (64, 48)
    _, clip, outputs = next(footage.read())
    assert clip.shape == outputs[0].shape == outputs[1].shape == (48, 64, 3)
    assert len(footage.warnings) == 1
    assert "whole" in footage.warnings[0]


def test_another_shape_is_warned_of(clips: Path) -> None:
    assert "stretched" in ask(clips, "wide").warnings[0]


def test_labels_tell_files_apart(clips: Path, tmp_path: Path) -> None:
    assert ask(clips, "whole", "large").labels == ["clip", "whole", "large"]
    shutil.copytree(clips / "whole", tmp_path / "clip")
    same = match([tmp_path / "clip"], clips / "clip", first=None, media=MediaSettings(), work_dir=None)
    assert same.labels == [f"{clips.name}/clip", f"{tmp_path.name}/clip"]
    assert len(set(ask(clips, "clip").labels)) == 1


def test_what_makes_no_sense_is_said(clips: Path) -> None:
    with pytest.raises(UsageError, match="--first 11"):
        ask(clips, "whole", first=11)
    with pytest.raises(UsageError, match="--frames 8-9"):
        ask(clips, "middle", first=4, frames="8-9")
    with pytest.raises(InputError, match="nowhere"):
        ask(clips, "nowhere")


def test_pictures_can_be_measured_too(clips: Path) -> None:
    footage = match(
        [clips / "whole" / "03.png"], clips / "clip" / "03.png", first=None, media=MediaSettings(), work_dir=None
    )
    assert greys(footage) == [(2, 2)]


def test_pictures_are_compared_with_the_frames_of_their_numbers(clips: Path, tmp_path: Path) -> None:
    write(tmp_path / "whatever", range(3, 7), (24, 32), first=4)
    footage = match([tmp_path / "whatever"], clips / "clip", first=None, media=MediaSettings(), work_dir=None)
    assert not footage.warnings
    assert greys(footage) == [(i, i) for i in range(3, 7)]
    timed = MediaSettings(start="0.16s", limit="2f")  # the fifth frame, of 25 a second
    both = match([tmp_path / "whatever"], clips / "clip", first=None, media=timed, work_dir=None)
    assert greys(both) == [(4, 4), (5, 5)]


@pytest.mark.slow
def test_a_film_says_which_frames_of_the_clip_it_shows(clips: Path, tmp_path: Path) -> None:
    source = probe(clips / "clip")
    for suffix in (".mp4", ".mov", ".mkv", ".webm"):
        path = tmp_path / f"whatever{suffix}"
        list(write_video(source, None, path, start=3, stop=7))
        footage = match([path], clips / "clip", first=None, media=MediaSettings(), work_dir=None)
        assert footage.frames == range(3, 7), suffix
        assert part_of(dict(footage.outputs[0].source.metadata)) == (4, 7)
