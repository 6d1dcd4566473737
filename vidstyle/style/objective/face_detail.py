"""What a face is known by, which is weaker in contrast than lettering is: brows, lids, the corners of a mouth."""

from collections.abc import Sequence

import torch
from torch import Tensor

from vidstyle.style.faces import Face
from vidstyle.style.objective.detail import fine_shapes

# Root mean square contrast, 0..1, from which on a face's detail counts, and at which it counts in full: from a soft
# light on a cheek up to an eye.
_CONTRAST = (0.012, 0.05)
# A face fills an ellipse about its box's centre. It counts in full within so much of the box's sides, from the brows to
# the chin, and beyond the second not at all.
_INNER, _OUTER = 1.0, 1.4


def face_detail(content: Tensor, faces: Sequence[Face]) -> Tensor:
    """How far each pixel of a whole frame, (1, 3, H, W) in 0..1, belongs to a shape that a face is known by.

    It is (1, 1, H, W), 0 to 1.
    """
    mask = face_mask(faces, (content.shape[2], content.shape[3])).to(content.device)
    return mask * fine_shapes(content, *_CONTRAST)


def face_mask(faces: Sequence[Face], size: tuple[int, int]) -> Tensor:
    """How far each pixel of a frame of a size (H, W) belongs to a face, (1, 1, H, W), 0 to 1."""
    mask = torch.zeros(1, 1, *size)
    for face in faces:
        down, across = (
            (torch.arange(side) + 0.5 - first - length / 2) / (length / 2)
            for side, first, length in ((size[0], face.y, face.height), (size[1], face.x, face.width))
        )
        rows, columns = (_span(distance) for distance in (down, across))
        radius = (down[rows, None].square() + across[columns].square()).sqrt()
        inside = face.weight * ((_OUTER - radius) / (_OUTER - _INNER)).clamp(0, 1)
        mask[..., rows, columns] = torch.maximum(mask[..., rows, columns], inside)
    return mask


def _span(distance: Tensor) -> slice:
    """The positions at which an ellipse reaches, from their distances to its centre, (n,), which rise."""
    inside = (distance.abs() < _OUTER).nonzero()
    return slice(int(inside[0]), int(inside[-1]) + 1) if len(inside) else slice(0, 0)
