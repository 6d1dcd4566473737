"""Bars are found however they lie, with subtitles in them and under noise; dark scenes have none."""

import numpy as np
import pytest

from tests.helpers.synthetic import make_scene
from vidstyle.motion.bars import find_picture, may_have_bars

SIZE = (144, 256)


@pytest.fixture(scope="module")
def frames():
    """Luma of a scene in motion."""
    return [0.1 + 0.8 * image.mean(-1) for image in make_scene(5, SIZE, shift=(3, 1)).images]


def barred(frames, top=0, bottom=0, left=0, right=0, level=0.0):
    made = []
    for frame in frames:
        frame = frame.copy()
        frame[:top], frame[SIZE[0] - bottom :], frame[:, :left], frame[:, SIZE[1] - right :] = (level,) * 4
        made.append(frame)
    return made


def pixels(picture):
    return tuple(round(share * side, 6) for share, side in zip(picture, (SIZE[0],) * 2 + (SIZE[1],) * 2, strict=True))


@pytest.mark.parametrize(
    ("bars", "expected"),
    [
        ({"top": 18, "bottom": 18}, (18, 126, 0, 256)),
        ({"left": 32, "right": 32}, (0, 144, 32, 224)),
        ({"top": 10, "bottom": 12, "left": 20, "right": 21}, (10, 132, 20, 235)),
        ({"top": 18, "bottom": 18, "level": 16 / 255}, (18, 126, 0, 256)),
    ],
)
@pytest.mark.parametrize("noise", [0, 1.5])
def test_bars_are_found_to_the_line(frames, bars, expected, noise):
    rng = np.random.default_rng(1)
    made = [image + rng.normal(0, noise / 255, SIZE) for image in barred(frames, **bars)]
    assert all(map(may_have_bars, made))
    assert pixels(find_picture(made)) == expected


def test_subtitles_may_stand_in_them(frames):
    made = barred(frames, top=20, bottom=20)
    for image in made[1:4]:
        image[130:138, 90:150] = 0.9
    assert pixels(find_picture(made)) == (20, 124, 0, 256)


def test_a_film_without_bars_has_none(frames):
    assert not any(map(may_have_bars, frames)) and find_picture(frames) is None


def test_dark_scenes_have_none(frames):
    fall = np.clip(np.abs(np.arange(144) - 72) / 40, 0, 1)[:, None]
    assert find_picture([frame * (1 - fall) for frame in frames]) is None  # gets dark towards its edges
    assert find_picture([frame * 0.04 for frame in frames]) is None  # a night
    assert find_picture([np.zeros(SIZE)] * 3) is None
    titles = [np.zeros(SIZE) for _ in range(3)]
    for image in titles:
        image[60:80, 60:190:3] = 1
    assert find_picture(titles) is None


def test_what_is_black_on_one_side_alone_is_a_part_of_the_picture(frames):
    assert find_picture(barred(frames, top=30)) is None
