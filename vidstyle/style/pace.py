"""How fast the network is on a machine, timed on a small picture."""

import time

import torch

from vidstyle.style.network.device import Device
from vidstyle.style.network.vgg import FeatureNetwork
from vidstyle.style.pyramid import Size

_SMALLEST_SIDE = 96
"""Pixels of the long side that is timed first; a machine that is quick at it is given twice that."""
_QUICK = 0.08
"""Seconds."""
_BESIDE = 0.9
"""What an evaluation takes, over two passes of which each layer is looked at."""


def evaluation_seconds(network: FeatureNetwork, device: Device, size: Size) -> float:
    """About how long an evaluation of a frame of that (H, W) takes, in seconds."""
    scale = _SMALLEST_SIDE / max(size)
    while True:
        timed = max(16, round(size[0] * min(scale, 1))), max(16, round(size[1] * min(scale, 1)))
        _, *seconds = [_pass_seconds(network, device, timed) for _ in range(4)]  # at a new size one sets things up
        passed = sum(seconds) / len(seconds)
        if passed > _QUICK or scale >= 1:
            return _BESIDE * passed * size[0] * size[1] / (timed[0] * timed[1])
        scale *= 2


def _pass_seconds(network: FeatureNetwork, device: Device, size: Size) -> float:
    begin = time.perf_counter()
    image = torch.full((1, 3, *size), 0.5, device=device.device, requires_grad=True)
    features = network(image).values()
    torch.autograd.backward([feature.float().mean() for feature in features])
    assert image.grad is not None
    image.grad.sum().item()  # what a GPU was told is done by then
    return time.perf_counter() - begin
