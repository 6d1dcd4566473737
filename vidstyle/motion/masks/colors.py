"""Which colours a thing has, and which its surroundings have, place by place.

As a whole a grey animal has many colours that the rocks around it have too; beside each of its limbs it has few. So
colours are counted in cells of the frame (as in bilateral grids: Märki et al. 2016, "Bilateral space video
segmentation"), from pixels of the drawn frame that go along with the motion, and from those of the frame before.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.motion.filters import disc
from vidstyle.motion.flow import Array

Codes = npt.NDArray[np.intp]

_CELL = 16
"""Pixels of a side of the cells that colours are counted in."""
_AROUND = 30
"""Pixels around a thing whose colours are those of its surroundings."""
_LIGHT_BITS, _HUE_BITS = 4, 3
"""Of the 8 bits of L*, those that are not told apart are 4; of those of a* and b*, 3."""
_ALIKE = 8.0
"""Standard deviation of how far colours may differ, in 8-bit L*a*b*, and be taken for one."""
_LIGHT_COUNTS = np.float32(0.4)
"""What a squared difference of lightness counts beside one of a* or b*: light and shade change, hues hardly do."""
_FEW = 40.0
"""Pixels that a thing has in a cell below which its colours are rather those of the whole thing."""
_RARE = 0.01
"""Share of a colour, of all that are around a place, below which nothing follows from it."""
_MOST = 3.0
"""The most that a colour can say, as a logarithm of odds."""


class Samples(NamedTuple):
    """Pixels whose side of the rim is known."""

    places: Array
    """(N, 2), x before y, in pixels."""
    codes: Codes
    """Their colours, (N,), as :func:`color_codes` has them."""
    inside: npt.NDArray[np.bool_]
    """Whether each is the thing's, (N,)."""


def color_codes(image: npt.NDArray[np.uint8]) -> Codes:
    """The colours of an image, (H, W, 3) RGB of 8 bits, as one number a pixel, (H, W); similar ones are the same."""
    lab = cv2.cvtColor(cv2.GaussianBlur(image, (0, 0), 0.6), cv2.COLOR_RGB2LAB).astype(np.intp)
    light, hues = lab[..., 0] >> _LIGHT_BITS, lab[..., 1:] >> _HUE_BITS
    return light << 10 | hues[..., 0] << 5 | hues[..., 1]


def samples(codes: Codes, mask: Array, apart: int = 1) -> Samples:
    """Of a mask, (H, W) in 0..1, what is inside and what is around it: each pixel, or one of `apart`."""
    inside = (mask > 0.5).astype(np.uint8)
    y, x = (axis[::apart] for axis in np.nonzero(cv2.dilate(inside, disc(_AROUND))))
    return Samples(np.stack([x, y], 1).astype(np.float32), codes[y, x], inside[y, x] > 0)


def followed(known: Samples, flow: Array) -> Samples:
    """Samples where the flow to the next frame, (H, W, 2), leads them; those that leave the frame are gone."""
    last = np.array(flow.shape[1::-1], np.float32) - 1
    x, y = np.rint(known.places).astype(np.intp).T
    places = known.places + flow[y, x]
    there = ((places >= 0) & (places <= last)).all(1)
    return Samples(places[there], known.codes[there], known.inside[there])


def color_evidence(codes: Codes, near: npt.NDArray[np.bool_], known: Sequence[tuple[Samples, float]]) -> Array:
    """What colours say, (H, W): the logarithm of the odds that a pixel is the thing's; 0 away from what is `near`.

    Parameters
    ----------
    codes
        The frame's colours, (H, W).
    near
        Pixels to be judged, (H, W).
    known
        Samples, and what each of them counts.
    """
    evidence = np.zeros(codes.shape, np.float32)
    places, counted, inside = (np.concatenate(parts) for parts in zip(*(each for each, _ in known), strict=True))
    if not len(counted):
        return evidence
    weights = np.concatenate([np.full(len(each.codes), weight) for each, weight in known])
    colors, which = np.unique(counted, return_inverse=True)
    cells = -(-codes.shape[0] // _CELL), -(-codes.shape[1] // _CELL)
    cell = (places[:, 1] / _CELL).astype(np.intp) * cells[1] + (places[:, 0] / _CELL).astype(np.intp)
    y, x = np.nonzero(near)
    met, kind = np.unique(codes[y, x], return_inverse=True)
    alike = np.exp(-_apart(colors, met) / (2 * _ALIKE**2)).astype(np.float32)
    shares = []
    for side in (False, True):
        of = inside == side
        count = np.bincount(cell[of] * len(colors) + which[of], weights[of], cells[0] * cells[1] * len(colors))
        count = count.reshape(*cells, len(colors)).astype(np.float32)
        whole = count.sum((0, 1)) / max(float(count.sum()), 1.0)
        count = np.einsum("yY,xX,YXk->yxk", _smooth(cells[0]), _smooth(cells[1]), count, optimize=True)
        share = (count + _FEW * whole) / (count.sum(-1, keepdims=True) + _FEW)
        shares.append(_between_cells(share @ alike, x, y, kind))
    outside, within = shares
    evidence[y, x] = np.log((within + _RARE) / (outside + _RARE)).clip(-_MOST, _MOST)
    return evidence


def _apart(colors: Codes, others: Codes) -> Array:
    """Squared distances of colours, (N, M)."""
    a, b = (
        np.stack([c >> 10 << _LIGHT_BITS, (c >> 5 & 31) << _HUE_BITS, (c & 31) << _HUE_BITS], -1)
        for c in (colors, others)
    )
    squares = np.square((a[:, None] - b).astype(np.float32))
    apart: Array = _LIGHT_COUNTS * squares[..., 0] + squares[..., 1] + squares[..., 2]
    return apart


def _smooth(count: int) -> Array:
    """A blur over as many cells in a row, as a matrix."""
    away = np.arange(count)[:, None] - np.arange(count)
    weights = np.exp(-(away**2) / 2)
    smooth: Array = (weights / weights.sum(1, keepdims=True)).astype(np.float32)
    return smooth


def _between_cells(values: Array, x: Codes, y: Codes, kind: Codes) -> Array:
    """Values of cells, (rows, columns, kinds), at pixels, by linear interpolation."""
    rows, columns = values.shape[:2]
    down, across = (((axis / _CELL) - 0.5).clip(0, count - 1) for axis, count in ((y, rows), (x, columns)))
    top, left = down.astype(np.intp), across.astype(np.intp)
    below, right = np.minimum(top + 1, rows - 1), np.minimum(left + 1, columns - 1)
    down, across = down - top, across - left
    upper = (1 - across) * values[top, left, kind] + across * values[top, right, kind]
    lower = (1 - across) * values[below, left, kind] + across * values[below, right, kind]
    between: Array = (1 - down) * upper + down * lower
    return between
