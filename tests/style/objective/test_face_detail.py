"""What a face is known by counts, and what is around it does not."""

import pytest
import torch

from vidstyle.style.faces import Face
from vidstyle.style.objective.detail import strong_detail
from vidstyle.style.objective.face_detail import face_detail, face_mask

SIZE = (180, 320)
FACE = Face(100, 40, 40, 60, 1.0)


def test_a_face_counts_from_brows_to_chin_and_its_surroundings_do_not():
    mask = face_mask([FACE], SIZE)[0, 0]
    for y, x in ((42, 120), (97, 120), (70, 102), (70, 137), (50, 110)):
        assert mask[y, x] > 0.9
    assert mask[:28].max() == 0 and mask[112:].max() == 0 and mask[:, :92].max() == 0 and mask[:, 148:].max() == 0
    assert (mask[1:] - mask[:-1]).abs().max() < 0.2 and (mask[:, 1:] - mask[:, :-1]).abs().max() < 0.2


@pytest.mark.parametrize("face", [Face(-30, -10, 40, 60, 1.0), Face(310, 150, 40, 60, 1.0), Face(400, 10, 9, 9, 1.0)])
def test_a_face_may_lie_across_the_edge(face):
    wide = face_mask([face._replace(x=face.x + 100, y=face.y + 100)], (480, 620))
    assert torch.equal(face_mask([face], SIZE), wide[..., 100:280, 100:420])


def test_faces_count_by_their_weights_and_the_most_where_they_overlap():
    faint = FACE._replace(x=110, weight=0.5)
    both, one = face_mask([FACE, faint], SIZE), face_mask([FACE], SIZE)
    torch.testing.assert_close(both, torch.maximum(one, 0.5 * face_mask([FACE._replace(x=110)], SIZE)))


@pytest.mark.parametrize("scale", [1, 3])
def test_weak_shapes_count_in_a_face_alone(scale):
    image = torch.full((1, 3, 180 * scale, 320 * scale), 0.5)
    for x in (112, 212):  # a brow in the face, and the same beside it
        image[..., 50 * scale : 53 * scale, x * scale : (x + 16) * scale] = 0.35
    face = Face(*(scale * value for value in FACE[:4]), 1.0)
    shapes = face_detail(image, [face])[0, 0, ::scale, ::scale]
    assert shapes[50:53, 112:128].mean() > 0.9
    assert shapes[:, 150:].max() == 0 and shapes[70:90].max() == 0
    assert strong_detail(image)[0, 0, ::scale, ::scale][50:53, 112:128].mean() < 0.3


def test_an_eye_counts_in_haze_and_a_cheek_does_not():
    image = torch.full((1, 3, 180, 320), 0.5)
    image[..., 58:61, 108:114] = image[..., 78:81, 108:114] = 0.48  # an eye, and a shade on the cheek
    shapes = face_detail(image, [FACE._replace(features=((111, 60), (129, 60), (120, 98)))])[0, 0]
    eye, cheek = shapes[58:61, 108:114].mean(), shapes[78:81, 108:114].mean()
    assert eye > 0.5 > 5 * cheek
