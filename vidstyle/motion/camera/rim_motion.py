"""How flat surfaces move: with what is around them, since they show nothing that could tell.

A search for flow fills them with what it happens to find: a codec's blocks, which it leaves where they are while the
camera moves, or a light's gradient. What is painted there would creep. So the motion of the whole rim is fitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from vidstyle.motion.filters import rise

Mask = npt.NDArray[np.bool_]
Parts = npt.NDArray[np.int32]
Values = npt.NDArray[np.float64]

NEIGHBOURS = (np.s_[1:-1, :-2], np.s_[1:-1, 2:], np.s_[:-2, 1:-1], np.s_[2:, 1:-1])
"""Of a plane that is padded by one on all sides: what is left of each of its inner places, right, above and below."""
# Pixels by which a rim's block may be off the fit before it counts for less, step by step: at first all have a say, at
# last those that most agree with.
_OFF = (4.0, 2.0, 1.0, 0.5, 0.5)
# What an even motion is preferred by: variances of a block's motion over those of the slope, a block.
_EVEN = 1000.0
# The camera's motion is the simplest: any other needs so many times its votes to count, and to count fully.
_OVER_CAMERA = (1.2, 1.6)
# What a block says of the motion along its edges, as a share of what it says across them.
_ALONG = 0.02


def rim_motion(
    motion: Values, gradients: Sequence[Values], known: Mask, flat: Mask, parts: Parts
) -> npt.NDArray[np.float32]:
    """The motion of each flat part's rim, beside the camera's, over the part: (rows, columns, 2), pixels.

    Where most of a rim goes one way, the rest has no say: an affine motion is fitted with Geman and McClure's
    estimator, whose width shrinks (Black and Anandan 1996, "The robust estimation of multiple motions", section 3.3).
    An edge tells motion across it alone. The frame's border goes with the camera.

    Parameters
    ----------
    motion
        Blocks' motion beside the camera's, (rows, columns, 2).
    gradients
        ∇I∇Iᵀ of the blocks: xx, xy and yy, (rows, columns) each.
    known, flat
        The blocks whose motion is known, and those of flat parts.
    parts
        The number of each block's part, (rows, columns).
    """
    count = int(parts.max()) + 1
    moved = np.pad(motion, [(1, 1), (1, 1), (0, 0)])
    tensors = _tensors(gradients)
    known = np.pad(known, 1, constant_values=True)
    places: Values = np.stack([*np.indices(parts.shape, np.float64)[::-1]], -1)
    blocks = np.maximum(np.bincount(parts.ravel()), 1)
    centres = np.stack([np.bincount(parts.ravel(), places[..., axis].ravel()) / blocks for axis in (0, 1)], -1)
    places -= centres[parts]
    rims = [flat & known[beside] for beside in NEIGHBOURS]
    steps = [(-1, 0), (1, 0), (0, -1), (0, 1)]
    fit = _fit(
        np.concatenate([parts[rim] for rim in rims]),
        _affine(np.concatenate([places[rim] + step for rim, step in zip(rims, steps, strict=True)])),
        np.concatenate([moved[beside][rim] for beside, rim in zip(NEIGHBOURS, rims, strict=True)]),
        np.concatenate([tensors[beside][rim] for beside, rim in zip(NEIGHBOURS, rims, strict=True)]),
        count,
    )
    return np.einsum("rci,rcia->rca", _affine(places), fit[parts]).astype(np.float32)


def _tensors(gradients: Sequence[Values]) -> Values:
    """What each block can tell of the two axes, (rows + 2, columns + 2, 2, 2); the frame's border tells both."""
    xx, xy, yy = gradients
    trace = np.maximum(xx + yy, 1e-12)
    xx, xy, yy = (np.pad(plane / trace, 1, constant_values=border) for plane, border in ((xx, 0.5), (xy, 0), (yy, 0.5)))
    return np.stack([xx, xy, xy, yy], -1).reshape(*xx.shape, 2, 2) + _ALONG * np.eye(2)


def _affine(places: Values) -> Values:
    """1, x and y of places, (…, 2)."""
    return np.concatenate([np.ones_like(places[..., :1]), places], -1)


def _fit(of: Parts, where: Values, moves: Values, tells: Values, count: int) -> Values:
    """An affine motion for each part, (parts, 3, 2), from blocks of rims: whose, 1, x, y, motion, tensor."""
    normal = np.einsum("ni,nj,nab->iajbn", where, where, tells).reshape(36, -1)
    right = np.einsum("ni,nab,nb->ian", where, tells, moves).reshape(6, -1)
    even = np.kron(np.diag([1e-3, _EVEN, _EVEN]), np.eye(2))
    order = np.argsort(of, kind="stable")
    of, where, moves, tells = of[order], where[order], moves[order], tells[order]
    normal, right = normal[:, order], right[:, order]
    having, begins = np.unique(of, return_index=True)
    fit = np.zeros((count, 3, 2))
    if not len(of):
        return fit
    weight: npt.NDArray[Any] = np.ones(len(of))
    for width in _OFF:
        left = np.add.reduceat(weight * normal, begins, 1).T.reshape(-1, 6, 6) + even
        best = np.linalg.solve(left, np.add.reduceat(weight * right, begins, 1).T[..., None])
        fit[having] = best.reshape(-1, 3, 2)
        off = moves - np.einsum("ni,nia->na", where, fit[of])
        weight = _votes(off, tells, width)
    across = tells - _ALONG * np.eye(2)
    votes, for_camera = (np.add.reduceat(_votes(missed, across, _OFF[-1]), begins) for missed in (off, moves))
    low, high = _OVER_CAMERA
    fit[having] *= rise(votes / for_camera, low, high)[:, None, None]
    return fit


def _votes(missed: Values, tells: Values, width: float) -> Values:
    """How far blocks are for a motion that misses theirs by so much, (n,), 0 to 1."""
    votes: Values = 1 / np.square(1 + np.einsum("na,nab,nb->n", missed, tells, missed) / width**2)
    return votes
