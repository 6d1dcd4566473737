import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vidstyle.measure.metrics.boil import Boil, Rest
from vidstyle.measure.metrics.borrowed import Borrowed
from vidstyle.measure.metrics.drift import Look
from vidstyle.measure.metrics.warp_error import ClipMotion
from vidstyle.measure.observe import Moment, PreviousFrame, Views
from vidstyle.measure.page import album as albums
from vidstyle.measure.page.album import Album
from vidstyle.measure.results import FrameMeasures, WarpErrors

LOOK = Look(50.0, 0.0, 0.0, 1.0)
REST = Rest(np.eye(2, 3, dtype=np.float32), np.ones((24, 32), bool))


def moment(
    index: int,
    error: float | None,
    size: tuple[int, int] = (24, 32),
    kept: float = 0.9,
    borrowed: Borrowed | None = None,
    boil: float | None = None,
) -> Moment:
    """Noise, the hardest to keep small; the row in the middle of the output holds the frame's number."""
    rng = np.random.default_rng(index)
    image = rng.random((*size, 3), np.float32)
    image[size[0] // 2] = index / 255
    views = Views(image, (image,), (image,))
    flow = np.zeros((*size, 2), np.float32)
    previous = None if error is None else PreviousFrame(views, ClipMotion(flow, flow, np.ones(size, bool)), (REST,))
    warp = {} if error is None else {1: WarpErrors(error, error, error, kept)}
    boils = {} if boil is None else {1: Boil(boil, 0.9)}
    measures = FrameMeasures(
        index, warp, None, boils, None, 1.0, None, None, None, None, LOOK, LOOK, None, None, None, None
    )
    return Moment(index, views, previous, (measures,), (borrowed,))


def decode(data: bytes) -> NDArray[np.uint8]:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return pixels[..., ::-1]


def test_the_worst_pairs_are_kept_with_some_frames_between() -> None:
    errors = {30: 0.5, 31: 0.9, 32: 0.4, 60: 0.3, 80: 0.2, 99: 0.7}
    album = Album(range(100), (32, 24), 1)
    for index in range(100):
        album.add(moment(index, None if index == 0 else errors.get(index, 0.01)))
    assert [pair.index for pair in album.worst[0]] == [31, 99, 60]
    assert set(album.worst[0][0].pictures) == {"before", "after", "error", "motion", "kept"}


def test_a_pair_of_which_nothing_is_kept_is_not_the_worst() -> None:
    album = Album(range(2), (32, 24), 1)
    album.add(moment(0, None))
    album.add(moment(1, 0.9, kept=0.01))
    assert not album.worst[0]


def test_the_frame_that_boils_most_is_shown_with_where_it_does() -> None:
    album = Album(range(5), (32, 24), 1)
    for index, level in enumerate((None, 2.0, 9.0, 4.0, 0.1)):
        album.add(moment(index, None if index == 0 else 0.1, boil=level))
    most = album.boiling[0]
    assert most is not None and (most.index, most.figures["level"]) == (2, 9.0)
    assert set(most.pictures) == {"before", "after", "boil"}


def test_the_frame_that_borrows_most_is_shown_with_where_it_does() -> None:
    album = Album(range(4), (32, 24), 1)
    places = np.zeros((2, 2), np.float32)
    places[0, 1] = 1
    picture = np.full((24, 32, 3), 0.8, np.float32)
    for index, share in enumerate((0.1, 0.4, None, 0.2)):
        found = None if share is None else Borrowed(share, places, places, picture)
        album.add(moment(index, None, borrowed=found))
    most = album.borrowed[0]
    assert most is not None and (most.index, most.figures["share"]) == (1, 0.4)
    there = decode(most.pictures["inPicture"]).mean(-1)
    assert there[:4, -4:].mean() > 190 and there[-4:].mean() < 60


def test_a_slice_has_time_to_the_right() -> None:
    album = Album(range(40, 100), (32, 24), 1)
    for index in range(40, 100):
        album.add(moment(index, None))
    middle = decode(album.slices()[1][1])
    assert middle.shape == (32, 60, 3)
    np.testing.assert_allclose(middle[16, :, 0], np.arange(40, 100), atol=1)


@pytest.mark.slow
def test_a_long_clip_takes_no_more_than_a_short_one() -> None:
    albums_of = {}
    for frames in (albums.FILM_FRAMES, 3 * albums.FILM_FRAMES):
        album = albums_of[frames] = Album(range(frames), (32, 24), 1)
        for index in range(frames):
            album.add(moment(index, None))
        assert len(album.film[0]) == len(album.film[1]) == albums.FILM_FRAMES
    assert albums_of[3 * albums.FILM_FRAMES].film_step == 3


@pytest.mark.slow
def test_the_film_keeps_to_its_bytes_whatever_is_on_it() -> None:
    album = Album(range(8), (1920, 1080), 1)
    share = albums.FILM_BYTES / 16
    for index in range(8):
        album.add(moment(index, None, (1080, 1920)))
    assert sum(map(len, album.film[0] + album.film[1])) < 1.2 * albums.FILM_BYTES
    assert max(decode(album.film[0][0]).shape) == albums.LONGEST
    assert len(album.film[0][0]) < 2 * share
