"""What is carried from frame to frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vidstyle.render.recurrence import state
from vidstyle.render.recurrence.background import Background
from vidstyle.render.recurrence.state import ShotState
from vidstyle.style.memory import ShotMemory, StyleGain


def image(value: float) -> np.ndarray:
    return np.full((4, 5, 3), value, np.float32)


def test_a_state_keeps_as_many_results_as_later_frames_look_back_to() -> None:
    carried = state.before(range(10, 16))
    for value in range(6):
        carried = carried.after(10 + value, image(value), image(-value), ShotMemory(), reach=3)
    assert carried.frame == 15
    assert list(carried.results) == [13, 14, 15]
    assert carried.results[15][0, 0, 0] == 5
    assert {index: clip[0, 0, 0] for index, clip in carried.warped_sources.items()} == {13: -3, 14: -4, 15: -5}


@pytest.mark.parametrize(
    "memory",
    [
        ShotMemory(),
        ShotMemory(StyleGain(1 / 3, 0.1), np.ones((2, 3), np.float32) / 3, np.ones((3, 24), np.float32) / 7),
    ],
)
def test_a_state_is_read_back_bit_for_bit(tmp_path: Path, memory: ShotMemory) -> None:
    noise = np.random.default_rng(0).normal(size=(4, 5, 3)).astype(np.float32)
    background = Background(noise, image(0.3), noise[..., 0], noise[..., 1])
    written = ShotState(6, {5: image(0.1), 6: noise}, {5: noise, 6: image(0.2)}, memory, background)
    state.save(written, tmp_path, "d", tmp_path)
    loaded = state.latest(tmp_path, "d", range(10))
    assert loaded is not None and loaded.frame == 6 and loaded.background is not None
    for name, array in vars(background).items():
        assert getattr(loaded.background, name).tobytes() == array.tobytes()
    assert {index: result.tobytes() for index, result in loaded.results.items()} == {
        5: image(0.1).tobytes(),
        6: noise.tobytes(),
    }
    assert {index: clip.tobytes() for index, clip in loaded.warped_sources.items()} == {
        5: noise.tobytes(),
        6: image(0.2).tobytes(),
    }
    assert loaded.memory.style_gain == memory.style_gain
    for read, saved in (
        (loaded.memory.shot_colour, memory.shot_colour),
        (loaded.memory.curvature, memory.curvature),
    ):
        assert (read is None) == (saved is None)
        if read is not None and saved is not None:
            assert read.dtype == saved.dtype and read.tobytes() == saved.tobytes()


def test_older_states_are_deleted_once_a_newer_one_is_there(tmp_path: Path) -> None:
    for frame in (8, 9, 10, 11):
        state.save(ShotState(frame, {frame: image(0)}, {frame: image(0)}), tmp_path, "d", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["000012.npz"]
    state.clear(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("damage", ["zero", "cut", "bit", "text"])
def test_a_damaged_state_reads_as_none(tmp_path: Path, damage: str) -> None:
    state.save(ShotState(3, {3: image(0.3)}, {3: image(0.3)}), tmp_path, "d", tmp_path)
    path = tmp_path / "000004.npz"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= damage == "bit"
    path.write_bytes({"zero": b"", "cut": data[: len(data) // 2], "bit": data, "text": b"hello"}[damage])
    assert state.latest(tmp_path, "d", range(10)) is None


def test_a_state_without_sources_reads_as_none(tmp_path: Path) -> None:
    """As an earlier version wrote it."""
    state.save(ShotState(3, {3: image(0.3)}, {}), tmp_path, "d", tmp_path)
    assert state.latest(tmp_path, "d", range(10)) is None


def test_a_state_of_another_job_or_beyond_the_shot_is_not_used(tmp_path: Path) -> None:
    state.save(ShotState(3, {3: image(0.3)}, {3: image(0.3)}), tmp_path, "d", tmp_path)
    assert state.latest(tmp_path, "e", range(10)) is None
    assert state.latest(tmp_path, "d", range(4, 10)) is None
    assert state.latest(tmp_path, "d", range(10)) is not None
