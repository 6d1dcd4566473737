"""Animated WebP, read as a film."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.helpers.footage import MakeClip, picture
from vidstyle.errors import InputError
from vidstyle.media.probe.probe import kind_of, probe
from vidstyle.media.reader import read_frames


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


def test_a_damaged_animation_is_an_input_error(make_clip: MakeClip, tmp_path: Path) -> None:
    data = make_clip("whole.webp", *picture(), "-c:v", "libwebp_anim").read_bytes()
    (tmp_path / "a.webp").write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError) as caught:
        probe(tmp_path / "a.webp")
    assert "a.webp" in str(caught.value)
    assert caught.value.exit_code == 65
