"""A drawn face as the subject of a style picture whose strokes are alike everywhere, and other strokes as a clip."""

import cv2
import numpy as np
import pytest

from vidstyle.measure.metrics.features import judge_device
from vidstyle.measure.metrics.style_distance import Style
from vidstyle.motion.flow import Array

SIZE = (192, 256)
FACE = 72
"""Pixels each way."""


def strokes(seed: int, stretch: tuple[float, float]) -> Array:
    noise = np.random.default_rng(seed).random((*SIZE, 3), np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), *stretch)
    spread: Array = ((smooth - smooth.mean()) / smooth.std() * 0.12 + 0.5).clip(0, 1)
    return spread


def face() -> Array:
    """Skin, hair, two eyes with pupils, a nose and a mouth."""
    image = np.full((FACE, FACE, 3), (0.9, 0.7, 0.6), np.float32)
    cv2.rectangle(image, (0, 0), (FACE, 16), (0.2, 0.1, 0.05), -1)
    for x in (22, 50):
        cv2.ellipse(image, (x, 30), (9, 5), 0, 0, 360, (1, 1, 1), -1, cv2.LINE_AA)
        cv2.circle(image, (x, 30), 4, (0.1, 0.2, 0.3), -1, cv2.LINE_AA)
    cv2.line(image, (36, 32), (33, 46), (0.6, 0.4, 0.3), 2, cv2.LINE_AA)
    cv2.ellipse(image, (36, 57), (13, 5), 0, 0, 360, (0.7, 0.1, 0.1), -1, cv2.LINE_AA)
    return image


def with_face(image: Array, top: int, left: int) -> Array:
    painted = image.copy()
    painted[top : top + FACE, left : left + FACE] = face()
    return painted


CLIP, PORTRAIT = strokes(1, (6, 2)), with_face(strokes(2, (2, 2)), 60, 90)


@pytest.fixture(scope="module")
def style() -> Style:
    return Style([(PORTRAIT, 1.0)], SIZE, 1.0, judge_device("cpu", 1))


@pytest.mark.slow
def test_the_clip_itself_borrows_nothing_and_the_style_picture_all(style: Style) -> None:
    clip = style.features(CLIP)
    assert style.borrowed(clip, clip).share == 0
    assert style.borrowed(clip, style.features(PORTRAIT)).share == pytest.approx(1, abs=1e-3)


@pytest.mark.slow
def test_what_is_pasted_is_found_and_shown_where_it_is(style: Style) -> None:
    found = style.borrowed(style.features(CLIP), style.features(with_face(CLIP, 16, 160)))
    assert found.share > 0.4
    y, x = np.unravel_index(found.in_frame.argmax(), found.in_frame.shape)
    assert 16 <= 16 * y + 8 <= 16 + FACE and 160 <= 16 * x + 8 <= 160 + FACE
    y, x = np.unravel_index(found.in_picture.argmax(), found.in_picture.shape)
    assert 60 <= 16 * y + 8 <= 60 + FACE and 90 <= 16 * x + 8 <= 90 + FACE


@pytest.mark.slow
def test_strokes_without_the_subject_are_not_borrowed(style: Style) -> None:
    assert style.borrowed(style.features(CLIP), style.features(strokes(3, (2, 2)))).share < 0.2


@pytest.mark.slow
def test_a_face_of_the_clip_is_not_borrowed(style: Style) -> None:
    clip, output = with_face(CLIP, 16, 160), with_face(strokes(3, (2, 2)), 16, 160)
    assert style.borrowed(style.features(clip), style.features(output)).share < 0.2


@pytest.mark.slow
def test_a_style_picture_that_is_alike_all_over_lends_nothing_but_strokes() -> None:
    style = Style([(strokes(2, (2, 2)), 1.0)], SIZE, 1.0, judge_device("cpu", 1))
    assert style.borrowed(style.features(CLIP), style.features(strokes(3, (2, 2)))).share < 0.3


@pytest.mark.slow
def test_of_several_pictures_the_one_counts_of_which_most_is_borrowed() -> None:
    blend = Style([(strokes(4, (3, 3)), 3.0), (PORTRAIT, 1.0)], SIZE, 1.0, judge_device("cpu", 1))
    alone = Style([(PORTRAIT, 1.0)], SIZE, 1.0, judge_device("cpu", 1))
    pasted = with_face(CLIP, 16, 160)
    shares = [one.borrowed(one.features(CLIP), one.features(pasted)).share for one in (blend, alone)]
    assert shares[0] >= shares[1] - 1e-6
