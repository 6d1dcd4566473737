"""(a) One evaluation of the default objective against a bare forward and backward of the same network."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor

from bench.clock import in_turn, ratio
from bench.material import Material, link
from bench.painter import Painter
from bench.table import Column, Table
from vidstyle.settings import Settings
from vidstyle.style.network.device import Device, has_fast_bfloat16, select_device, to_tensor
from vidstyle.style.network.vgg import FeatureNetwork

COLUMNS = (
    Column("device", "device"),
    Column("size", "size"),
    Column("precision", "precision"),
    Column("layout", "layout"),
    Column("network_ms", "network", ".1f", " ms"),
    Column("first_ms", "a first frame's", ".1f", " ms"),
    Column("first_ratio", "ratio", ".2f"),
    Column("later_ms", "a later frame's", ".1f", " ms"),
    Column("later_ratio", "ratio", ".2f"),
)

SHORT, FULL = (320, 180), (640, 360)
ROUNDS = 3


def run(material: Material) -> Table:
    """A row for each precision and layout that is of use on the device."""
    width, height = FULL if material.full else SHORT
    settings = Settings().replace(device=material.device)
    earlier, image = material.images((width, height), 2)
    prior = link(image, earlier).carry(earlier)
    rows = []
    for device in variants(select_device(settings.run).device):
        painter = Painter(material.pictures, (height, width), settings, device)
        # Away from the frame itself, where the content loss has no slope.
        here = to_tensor(image, device).lerp(to_tensor(image, device).flip(3), 0.3)
        features = painter.network(here)[painter.network.layers[-1]]
        times = in_turn(
            {
                "network": partial(forward_backward, painter.network, here, torch.ones_like(features)),
                "first": partial(painter.objective(painter.request(image)), here),
                "later": partial(painter.objective(painter.request(image, [prior])), here),
            },
            device.device,
            2 * ROUNDS + 1 if material.full else ROUNDS,
        )
        rows.append(
            {
                "device": device.device.type,
                "size": f"{width}×{height}",
                "precision": str(device.dtype).removeprefix("torch."),
                "layout": "channels last" if device.channels_last else "channels first",
                **{f"{name}_ms": 1e3 * statistics.median(took) for name, took in times.items()},
                "first_ratio": ratio(times["first"], times["network"]),
                "later_ratio": ratio(times["later"], times["network"]),
            }
        )
    uncovered = float(1 - prior.reliability.mean())
    notes = (f"Taken in turn; medians. In the later frame {uncovered:.0%} are newly uncovered.",)
    return Table("one evaluation of the default objective, over the bare network there and back", COLUMNS, rows, notes)


def variants(device: torch.device) -> Iterator[Device]:
    """Each precision and layout that is of use."""
    for dtype in (torch.float32, torch.bfloat16) if has_fast_bfloat16(device) else (torch.float32,):
        for channels_last in (False, True):
            yield Device(device, dtype, channels_last)


def forward_backward(network: FeatureNetwork, image: Tensor, slope: Tensor) -> None:
    """The features of the deepest layer, and the gradient at the image that belongs to theirs, `slope`."""
    image = image.detach().requires_grad_()
    features = network(image)[network.layers[-1]]
    torch.autograd.grad(features, image, slope)
