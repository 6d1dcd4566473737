"""3×3 convolutions with a quarter of the multiplications (Lavin and Gray 2016), for CPUs that work in float32.

A tile of 4×4 results takes 36 products for each pair of channels instead of 144. The 6×6 values that it sees are added
up to 36 sums; those of all tiles are multiplied by the weights, one matrix product for each of the 36; and results are
sums of the products. The gradient goes the same way back. Rounding is some 1e-5 of the largest result, a hundredth of
what bfloat16 loses. torch's library for CPUs has this too, but torch doesn't ask it for it.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

# Results in a row of a tile, and the values that it sees.
_TILE, _SEEN = 4, 6
# With fewer channels, there and back, the sums take longer than what they save; with fewer tiles the weights, which are
# four times as many as before, are read for too little.
_FEWEST_CHANNELS, _FEWEST_TILES = 192, 20
# Tiles are worked on in strips: with so many sums and products they stay in a CPU's cache from step to step, with so
# many tiles the weights are read for enough.
_STRIP_SUMS, _STRIP_TILES = 2**20, 64

# Sums of a row of values, of weights and of products: F(4×4, 3×3) of Lavin and Gray.
_VALUES = torch.tensor(
    [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ],
    dtype=torch.float32,
)
_WEIGHTS = torch.tensor(
    [[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]], dtype=torch.float64
).div(24)
_PRODUCTS = torch.tensor(
    [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]], dtype=torch.float32
)
# The product, second in each row and second row, that all results have once.
_IN_ALL = _SEEN + 1


def transformed(weight: Tensor) -> Tensor | None:
    """A convolution's weights, (O, I, 3, 3), as those of its 36 matrix products, (36, I, O).

    None where it is better made without: on a card, in another precision than float32, of few channels.
    """
    if weight.device.type != "cpu" or weight.dtype != torch.float32 or sum(weight.shape[:2]) < _FEWEST_CHANNELS:
        return None
    return _summed(_WEIGHTS, weight.double().permute(2, 3, 1, 0)).float()


def pays(height: int, width: int) -> bool:
    """Whether features of that size have enough tiles."""
    return _tiles(height) * _tiles(width) >= _FEWEST_TILES


def rectified(values: Tensor, weights: Tensor, bias: Tensor, *, replicated: bool) -> Tensor:
    """A convolution and its ReLU.

    Parameters
    ----------
    values
        (1, I, H, W)
    weights
        (36, I, O), from :func:`transformed`.
    bias
        (O,)
    replicated
        Whether the values' edges are repeated around them; else there are zeros.

    Returns
    -------
    Tensor
        (1, O, H, W), channels last.
    """
    _, channels, height, width = values.shape
    outputs, down, across = weights.shape[2], _tiles(height), _tiles(width)
    padded = _padded(values, replicated)
    found = values.new_empty((down * _TILE, across * _TILE, outputs))
    for first, rows in _strips(down, across, channels + outputs):
        sums = _summed(_VALUES, _seen(padded, first, rows, across, range(_SEEN), range(_SEEN)))
        products = torch.bmm(sums, weights)
        products[_IN_ALL] += bias
        results = _summed(_PRODUCTS, products.view(_SEEN, _SEEN, rows, across, outputs))
        shape = (_TILE, _TILE, rows, across, outputs)
        torch.clamp_min(results.view(shape), 0, out=_seen(found, first, rows, across, range(_TILE), range(_TILE)))
    return found[None, :height, :width].permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)


def gradient(slope: Tensor, weights: Tensor) -> Tensor:
    """The gradient at a convolution's padded values, (1, I, H+2, W+2), from that at its results, (1, O, H, W)."""
    _, outputs, height, width = slope.shape
    channels, down, across = weights.shape[1], _tiles(height), _tiles(width)
    results = slope[0].permute(1, 2, 0)
    if (down * _TILE, across * _TILE) != (height, width):
        results = slope.new_zeros((down * _TILE, across * _TILE, outputs))
        results[:height, :width] = slope[0].permute(1, 2, 0)
    found = slope.new_zeros((down * _TILE + 2, across * _TILE + 2, channels))
    for first, rows in _strips(down, across, channels + outputs):
        products = _summed(_PRODUCTS.T, _seen(results, first, rows, across, range(_TILE), range(_TILE)))
        sums = torch.bmm(products, weights.transpose(1, 2))
        values = _summed(_VALUES.T, sums.view(_SEEN, _SEEN, rows, across, channels))
        values = values.view(_SEEN, _SEEN, rows, across, channels)
        # What tiles see overlaps: parts that don't are added one after the other.
        for y in (range(_TILE), range(_TILE, _SEEN)):
            for x in (range(_TILE), range(_TILE, _SEEN)):
                part = _seen(found, first, rows, across, y, x)
                part += values[y.start : y.stop, x.start : x.stop]
    return found[None, : height + 2, : width + 2].permute(0, 3, 1, 2)


def _tiles(side: int) -> int:
    return -(-side // _TILE)


def _strips(down: int, across: int, channels: int) -> Iterator[tuple[int, int]]:
    """Rows of tiles that are worked on at once: the first one, and how many."""
    tiles = max(_STRIP_SUMS // (_SEEN**2 * channels), _STRIP_TILES)
    count = -(-down // max(1, tiles // across))
    for strip in range(count):
        first = strip * down // count
        yield first, (strip + 1) * down // count - first


def _seen(image: Tensor, first: int, rows: int, across: int, y: range, x: range) -> Tensor:
    """What each tile of a strip sees of an image (H, W, C), or the rows `y` and columns `x` of it.

    A view, (len(y), len(x), rows, across, C).
    """
    row, column, channel = image.stride()
    start = image.storage_offset() + (first * _TILE + y.start) * row + x.start * column
    strides = (row, column, row * _TILE, column * _TILE, channel)
    return image.as_strided((len(y), len(x), rows, across, image.shape[2]), strides, start)


def _summed(sums: Tensor, squares: Tensor) -> Tensor:
    """`sums`, (N, n), of the rows and of the columns of squares, (n, n, …, C): (N², …, C), all others in one axis."""
    side = squares.shape[0]
    rows = sums @ squares.reshape(side, -1)
    return torch.matmul(sums, rows.view(len(sums), side, -1)).view(len(sums) ** 2, -1, squares.shape[-1])


def _padded(values: Tensor, replicated: bool) -> Tensor:
    """(1, C, H, W) with a border of one pixel, and zeros as far as the last tiles see, (H', W', C)."""
    _, channels, height, width = values.shape
    padded = values.new_zeros((_tiles(height) * _TILE + 2, _tiles(width) * _TILE + 2, channels))
    padded[1 : height + 1, 1 : width + 1] = values[0].permute(1, 2, 0)
    if replicated:
        padded[:, 0], padded[:, width + 1] = padded[:, 1], padded[:, width]
        padded[0], padded[height + 1] = padded[1], padded[height]
    return padded
