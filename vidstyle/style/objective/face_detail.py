"""What a face is known by, which is weaker in contrast than lettering is: brows, lids, the corners of a mouth."""

from collections.abc import Sequence

import torch
from torch import Tensor

from vidstyle.style.faces import Face
from vidstyle.style.objective.detail import fine_shapes

# Root mean square contrast, 0..1, from which on a face's detail counts, and at which it counts in full: from a soft
# light on a cheek up to an eye. In haze an eye has a fifth of that, so that in a circle about an eye or the mouth, its
# radius so much of the face's width, less is enough.
_CONTRAST, _OF_FEATURES = (0.012, 0.05), (0.0024, 0.01)
_RADIUS = 0.3
# A face fills an ellipse about its box's centre. It counts in full within so much of the box's sides, from the brows to
# the chin, and beyond the second not at all.
_INNER, _OUTER = 1.0, 1.4


def face_detail(content: Tensor, faces: Sequence[Face]) -> Tensor:
    """How far each pixel of a whole frame, (1, 3, H, W) in 0..1, belongs to a shape that a face is known by.

    It is (1, 1, H, W), 0 to 1.
    """
    size = (content.shape[2], content.shape[3])
    face, features = (mask.to(content.device) for mask in (face_mask(faces, size), _features_mask(faces, size)))
    of_face, of_features = fine_shapes(content, _CONTRAST, _OF_FEATURES)
    return torch.maximum(face * of_face, features * of_features)


def face_mask(faces: Sequence[Face], size: tuple[int, int]) -> Tensor:
    """How far each pixel of a frame of a size (H, W) belongs to a face, (1, 1, H, W), 0 to 1."""
    mask = torch.zeros(1, 1, *size)
    for face in faces:
        centre = face.x + face.width / 2, face.y + face.height / 2
        _add_ellipse(mask, centre, (face.width / 2, face.height / 2), face.weight)
    return mask


def _features_mask(faces: Sequence[Face], size: tuple[int, int]) -> Tensor:
    """The same of eyes and mouths."""
    mask = torch.zeros(1, 1, *size)
    for face in faces:
        for feature in face.features:
            _add_ellipse(mask, feature, (_RADIUS * face.width,) * 2, face.weight)
    return mask


def _add_ellipse(mask: Tensor, centre: tuple[float, float], radii: tuple[float, float], weight: float) -> None:
    """Put an ellipse into a mask, (1, 1, H, W): its centre and radii are x and y."""
    across, down = (
        (torch.arange(side) + 0.5 - middle) / radius
        for side, middle, radius in zip((mask.shape[3], mask.shape[2]), centre, radii, strict=True)
    )
    rows, columns = _span(down), _span(across)
    radius = (down[rows, None].square() + across[columns].square()).sqrt()
    inside = weight * ((_OUTER - radius) / (_OUTER - _INNER)).clamp(0, 1)
    mask[..., rows, columns] = torch.maximum(mask[..., rows, columns], inside)


def _span(distance: Tensor) -> slice:
    """The positions at which an ellipse reaches, from their distances to its centre, (n,), which rise."""
    inside = (distance.abs() < _OUTER).nonzero()
    return slice(int(inside[0]), int(inside[-1]) + 1) if len(inside) else slice(0, 0)
