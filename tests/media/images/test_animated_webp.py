"""Animated WebP, read as a film."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.helpers.footage import MakeClip, picture
from vidstyle.errors import InputError
from vidstyle.media.probe.probe import kind_of, probe
from vidstyle.media.reader import read_frames
from vidstyle.media.source import Source
from vidstyle.settings import MediaSettings


def test_an_animations_frames_are_shown_at_their_times(tmp_path: Path) -> None:
    pictures = [Image.fromarray(np.full((20, 30, 3), 40 * number, np.uint8)) for number in range(4)]
    durations = [40, 100, 60, 500]
    pictures[0].save(tmp_path / "a.webp", save_all=True, append_images=pictures[1:], duration=durations, lossless=True)
    source = probe(tmp_path / "a.webp")
    assert (source.kind, source.width, source.height, source.has_alpha) == ("video", 30, 20, False)
    assert [tick * source.time_base for tick in source.pts] == pytest.approx([0, 0.04, 0.14, 0.2])
    assert float(source.duration) == pytest.approx(0.7)
    for number, frame in enumerate(read_frames(source)):
        np.testing.assert_allclose(frame.image, 40 * number / 255, atol=1e-3)
    assert [frame.index for frame in read_frames(source, 2, 4)] == [2, 3]


def test_a_webp_that_is_not_animated_is_a_picture(tmp_path: Path) -> None:
    Image.new("RGB", (20, 20)).save(tmp_path / "a.webp")
    assert kind_of(tmp_path / "a.webp") == "still"


@pytest.fixture
def numbered(tmp_path: Path) -> bytes:
    """Ten grey frames, each twenty levels brighter and ten milliseconds longer than the one before, and noise."""
    noise = np.random.default_rng(1).integers(0, 20, (10, 32, 48, 3))
    pictures = [Image.fromarray((20 * number + noise[number]).astype(np.uint8)) for number in range(10)]
    durations = [40 + 10 * number for number in range(10)]
    pictures[0].save(tmp_path / "a.webp", save_all=True, append_images=pictures[1:], duration=durations, lossless=True)
    return (tmp_path / "a.webp").read_bytes()


def shown(source: Source) -> list[int]:
    """The numbers of the frames that are shown."""
    return [int(frame.image.mean() * 255 / 20) for frame in read_frames(source)]


@pytest.mark.parametrize("frame", [0, 4, 9])
@pytest.mark.parametrize("way", ["name", "length", "inner name", "content"])
def test_the_frames_that_can_be_read_of_a_damaged_animation_are_painted(
    numbered: bytes, tmp_path: Path, frame: int, way: str
) -> None:
    starts = [match.start() for match in re.finditer(b"ANMF", numbered)]
    start, end = starts[frame], [*starts, len(numbered)][frame + 1]
    # The chunk's name, its length, the name within, the picture.
    place, size = {"name": (0, 4), "length": (4, 4), "inner name": (24, 4), "content": (33, end - start - 40)}[way]
    data = bytearray(numbered)
    data[start + place : start + place + size] = bytes(value ^ 0x55 for value in data[start + place :][:size])
    path = tmp_path / "b.webp"
    path.write_bytes(data)
    source = probe(path)  # one frame of ten is few
    [told] = [warning for warning in source.warnings if "damaged" in warning]
    assert f"1 of 10 frames ({frame + 1}) can't be read" in told
    assert shown(source) == [number for number in range(10) if number != frame]
    times = [sum(40 + 10 * before for before in range(number)) for number in range(10)]
    left = [0, *times[2:]] if frame == 0 else [*times[:frame], *times[frame + 1 :]]
    assert [tick * source.time_base * 1000 for tick in source.pts] == left
    assert source.duration * 1000 == sum(40 + 10 * number for number in range(10))


def test_an_animation_of_which_much_is_gone_is_painted_where_that_is_asked_for(numbered: bytes, tmp_path: Path) -> None:
    path, starts = tmp_path / "b.webp", [match.start() for match in re.finditer(b"ANMF", numbered)]
    for data, meant in (
        (numbered[: starts[5] + 60], [0, 1, 2, 3, 4]),
        (numbered.replace(b"VP8L", b"VP9L", 4), [4, 5, 6, 7, 8, 9]),
    ):
        path.write_bytes(data)
        with pytest.raises(InputError, match="--on-damage paint"):
            probe(path)
        source = probe(path, MediaSettings(on_damage="paint"))
        assert shown(source) == meant
        assert any("the clip is damaged" in text or "the clip is cut short" in text for text in source.warnings)
    path.write_bytes(numbered.replace(b"VP8L", b"VP9L"))
    with pytest.raises(InputError, match="can't be decoded"):
        probe(path, MediaSettings(on_damage="paint"))


def test_a_damaged_animation_is_an_input_error(make_clip: MakeClip, tmp_path: Path) -> None:
    data = make_clip("whole.webp", *picture(), "-c:v", "libwebp_anim").read_bytes()
    (tmp_path / "a.webp").write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError) as caught:
        probe(tmp_path / "a.webp")
    assert "a.webp" in str(caught.value)
    assert caught.value.exit_code == 65
