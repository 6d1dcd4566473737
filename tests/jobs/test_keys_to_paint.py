"""Frames handed out to be painted on, and which are worth it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.runs import QUICK, plan
from tests.helpers.tiny_job import clip, make_clip
from vidstyle.errors import OutputError, UsageError
from vidstyle.jobs.keys_to_paint import hand_out, suggest_keys
from vidstyle.media.color.display import DisplayTransform
from vidstyle.media.images.stills import read_image, write_image
from vidstyle.media.probe.probe import probe
from vidstyle.media.reader import read_frames
from vidstyle.settings import Settings

__all__ = ["clip", "make_clip"]


@pytest.mark.slow
def test_a_frame_that_is_handed_out_comes_back_as_it_was(tmp_path: Path, clip: Path) -> None:
    """At the size that is painted, bit for bit."""
    settings = QUICK.replace(size=24)
    (written,) = hand_out(clip, ["4"], tmp_path / "a.png", settings)
    job = plan(clip, [], tmp_path / "out.mp4", settings.replace(painted=(f"4={written}",)))
    frame = next(read_frames(probe(clip), 3, 4, (24, 16))).image
    assert read_image(job.given_path(3)).tobytes() == read_image(written).tobytes()
    assert np.abs(read_image(written) - frame).max() <= 0.51 / 255
    assert not any("given for" in note for note in job.notes)


@pytest.mark.slow
def test_several_go_into_a_folder_or_a_pattern_which_come_back_whole(tmp_path: Path, clip: Path) -> None:
    assert [path.name for path in hand_out(clip, ["2", "5-6"], tmp_path / "keys", Settings())] == [
        *("frame2.png", "frame5.png", "frame6.png")
    ]
    list(hand_out(clip, ["2"], tmp_path / "k.%04d.png", Settings()))
    assert (tmp_path / "k.0002.png").exists()
    job = plan(clip, [], tmp_path / "out.mp4", QUICK.replace(painted=(str(tmp_path / "keys"),)))
    assert [key.index for key in job.given] == [1, 4, 5]


def test_what_may_be_painted_on_is_not_replaced(tmp_path: Path, clip: Path) -> None:
    list(hand_out(clip, ["2"], tmp_path / "a.png", Settings()))
    with pytest.raises(OutputError, match="may be painted on"):
        list(hand_out(clip, ["3"], tmp_path / "a.png", Settings()))
    list(hand_out(clip, ["3"], tmp_path / "a.png", Settings(), overwrite=True))
    with pytest.raises(UsageError, match="only 12 frames"):
        list(hand_out(clip, ["13"], tmp_path / "b.png", Settings()))
    write_image(tmp_path / "still.png", np.zeros((32, 48, 3), np.float32))
    with pytest.raises(UsageError, match="a picture, not a clip"):
        list(hand_out(tmp_path / "still.png", ["1"], None, Settings()))


@pytest.mark.parametrize("transfer", ["srgb", "linear", "pq", "hlg"])
def test_colours_that_are_handed_out_come_back(transfer: str) -> None:
    display = DisplayTransform(transfer, floating=transfer == "linear")
    light = np.linspace(0.01, 0.9, 30, dtype=np.float32).reshape(10, 1, 3)
    shown = display.to_display(display.from_light(light)) if transfer != "srgb" else light
    assert np.abs(display.from_srgb(display.to_srgb(shown)) - shown).max() < 2e-3


@pytest.mark.slow
def test_each_shot_has_its_suggestion(tmp_path: Path, clip: Path) -> None:
    (tmp_path / "cuts.txt").write_text("8\n")
    found = list(suggest_keys(clip, Settings().replace(cuts=str(tmp_path / "cuts.txt")), 2, 0.95))
    assert [(each.shot, each.first, each.last) for each in found] == [(1, 1, 7), (2, 8, 12)]
    for each in found:
        assert 1 <= len(each.keys) <= 2 and all(each.first <= number <= each.last for number, _ in each.keys)
