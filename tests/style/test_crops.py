import numpy as np
import pytest

from vidstyle.style.crops import crops


def _region(size, *holes):
    region = np.zeros(size, bool)
    for top, left, height, width in holes:
        region[top : top + height, left : left + width] = True
    return region


def _covered(size, found):
    covered = np.zeros(size, bool)
    for rows, columns in found:
        covered[rows, columns] = True
    return covered


@pytest.mark.parametrize("size", [(136, 320), (720, 1280), (40, 56), (1080, 1920)])
def test_each_hole_lies_within_a_crop_with_something_around_it(size):
    height, width = size
    hole = (height // 3, width // 3, height // 6, width // 9)
    region = _region(size, hole, (0, 0, height // 8, width // 8), (height - height // 7, width - width // 7, 99, 999))
    found = crops(region)
    assert (region <= _covered(size, found)).all()
    top, left, rows, columns = hole
    around = _region(size, (top - 4, left - 4, rows + 8, columns + 8))
    assert any((around <= _covered(size, [crop])).all() for crop in found)


def test_holes_that_lie_apart_have_crops_of_their_own():
    size = (360, 640)
    one, other = (40, 40, 20, 20), (250, 500, 20, 30)
    found = crops(_region(size, one, other))
    assert len(found) == 2
    assert _covered(size, found).mean() < 0.1


def test_sides_are_of_few_lengths_and_within_the_frame():
    size = (270, 500)
    shapes = set()
    for place in range(0, 200, 7):
        for rows, columns in crops(_region(size, (place, 2 * place, 10 + place // 3, 30 + place))):
            assert 0 <= rows.start < rows.stop <= size[0]
            assert 0 <= columns.start < columns.stop <= size[1]
            shapes.update([rows.stop - rows.start, columns.stop - columns.start])
    assert {side for side in shapes if side not in size} <= set(range(32, 500, 32))


def test_large_frames_have_no_more_shapes():
    (rows, columns), *more = crops(_region((2160, 3840), (700, 700, 100, 400)))
    assert not more
    assert (rows.stop - rows.start) % (32 * 6) == (columns.stop - columns.start) % (32 * 6) == 0


def test_rims_and_specks_are_left_out():
    size = (136, 320)
    assert not crops(np.zeros(size, bool))
    assert not crops(_region(size, (20, 0, 3, 320)))
    assert not crops(_region(size, (20, 20, 6, 6)))
    assert len(crops(_region(size, (20, 20, 6, 12)))) == 1


def test_all_of_a_frame_is_one_crop():
    assert crops(np.ones((30, 50), bool)) == [(slice(0, 30), slice(0, 50))]
