"""How fast the network is on a machine, timed on small pictures."""

import math
import statistics
import time
from collections.abc import Collection
from typing import NamedTuple

import torch

from vidstyle.style.network.device import Device
from vidstyle.style.network.layers import finer_layers
from vidstyle.style.network.vgg import FeatureNetwork
from vidstyle.style.pyramid import Size

_SMALLEST_SIDE = 96
"""Pixels of the long side that is timed first; twice that comes next, at least."""
_QUICK = 0.08
"""Seconds: a machine that is quicker is timed on larger pictures yet."""
_BESIDE, _BESIDE_FINER = 1.05, 0.95
"""What an evaluation takes, over passes of which each layer is looked at: of all layers, and of finer ones alone."""


class Pace(NamedTuple):
    """Seconds that an evaluation of a frame takes for its pixels, and the share of them that it takes at any size."""

    evaluation: float
    overhead: float


def pace(network: FeatureNetwork, device: Device, size: Size, preview: Size | None = None) -> Pace:
    """About how long evaluations of a frame of that (H, W) take, with a preview of another beside it.

    A frame with a preview is seen in its finer layers alone, whose share of a pass is another on each machine.
    """
    finer: Collection[str] = ()
    promised = preview or size
    if promised != size:
        finer = finer_layers(network.layers, network.architecture, max(size) / max(promised))
    seconds, always = _timed(network, device, promised)
    seconds *= _BESIDE
    if finer:
        own, own_always = _timed(network, device, size, finer)
        seconds, always = seconds + _BESIDE_FINER * own, always + own_always
    return Pace(seconds, always / seconds)


def _timed(
    network: FeatureNetwork, device: Device, size: Size, layers: Collection[str] | None = None
) -> tuple[float, float]:
    """Seconds that a pass there and back takes for the pixels of that (H, W), and what it takes at any size besides.

    What is found at two sizes tells what a pixel takes, and what is taken at any size: where threads are hindered by
    other work, a small picture takes far longer than its pixels do.
    """
    scale = _SMALLEST_SIDE / max(size)
    timed: list[tuple[int, float]] = []
    while True:
        shape = max(16, round(size[0] * min(scale, 1))), max(16, round(size[1] * min(scale, 1)))
        # At a new size one sets things up.
        _, *seconds = [_pass_seconds(network, device, shape, layers) for _ in range(4)]
        timed.append((shape[0] * shape[1], statistics.median(seconds)))
        if scale >= 1 or (len(timed) > 1 and timed[-1][1] > _QUICK):
            break
        scale *= 2
    (pixels, seconds_each), (fewer, quicker) = timed[-1], timed[-2] if len(timed) > 1 else (0, 0.0)
    whole = seconds_each / pixels
    # Noise must make no picture free of charge.
    each = min(max((seconds_each - quicker) / (pixels - fewer), whole / 2), whole)
    return each * math.prod(size), seconds_each - each * pixels


def _pass_seconds(network: FeatureNetwork, device: Device, size: Size, layers: Collection[str] | None) -> float:
    begin = time.perf_counter()
    image = torch.full((1, 3, *size), 0.5, device=device.device, requires_grad=True)
    features = network(image, layers).values()
    torch.autograd.backward([feature.mean() for feature in features])
    assert image.grad is not None
    image.grad.sum().item()  # what a GPU was told is done by then
    return time.perf_counter() - begin
