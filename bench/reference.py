"""The method of Ruder, Dosovitskiy and Brox 2016 as its users have it, small and plain, to be measured against.

VGG19 with zero padding and max pooling, float32; L-BFGS over a history of 100 without a line search; a first frame
from noise, a later one from the previous result carried along the flow. Images are (1, 3, H, W), BGR in 0..255 less
ImageNet's mean pixel, as the network and the losses take them.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.motion.flow import Array
from vidstyle.style.network.layers import layer_names
from vidstyle.style.network.weights import load_weights

CONTENT_LAYER = "relu4_2"
STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
CONTENT, STYLE, TEMPORAL, VARIATION = 5.0, 100.0, 1000.0, 1e-3
"""The weights of the losses."""

FIRST_ITERATIONS, LATER_ITERATIONS = 2000, 1000
"""At most so many, for a first frame and for later ones."""

TOLERANCE, INTERVAL = 1e-4, 50
"""It stops when the loss changed by less than this, relative, over so many iterations."""

HISTORY = 100
NOISE = 1e-3
"""The amplitude of what a first frame starts from, beside the mean pixel."""

_MEAN = torch.tensor([103.939, 116.779, 123.68]).view(1, 3, 1, 1)


class Losses:
    """The objective for one frame.

    Parameters
    ----------
    content
        The frame.
    style
        The style picture, at the size at which its strokes are wanted.
    earlier
        Earlier results carried to this frame, each with how far to trust it, (1, 1, H, W) in 0..1.
    """

    def __init__(self, content: Tensor, style: Tensor, earlier: Sequence[tuple[Tensor, Tensor]] = ()) -> None:
        weights = load_weights("builtin", "vgg19").convolutions
        names = layer_names("vgg19")
        self._layers = {
            name: tuple(part.to(content.device, content.dtype) for part in weights[name])
            for name in names[: names.index("relu5_1") + 1]
        }
        self._earlier = earlier
        with torch.no_grad():
            self._content = self._features(content)[CONTENT_LAYER]
            features = self._features(style)
            self._grams = {layer: _gram(features[layer]) for layer in STYLE_LAYERS}

    def __call__(self, image: Tensor) -> Tensor:
        """The weighted sum of all losses, a scalar."""
        features = self._features(image)
        loss = CONTENT * F.mse_loss(features[CONTENT_LAYER], self._content)
        for layer in STYLE_LAYERS:
            loss = loss + STYLE * F.mse_loss(_gram(features[layer]), self._grams[layer])
        for target, trust in self._earlier:
            loss = loss + TEMPORAL * (trust * (image - target).square()).mean()
        across, down = image[..., 1:] - image[..., :-1], image[..., 1:, :] - image[..., :-1, :]
        return loss + VARIATION * 0.5 * (across.square().sum() + down.square().sum())

    def _features(self, image: Tensor) -> dict[str, Tensor]:
        features = {}
        for name, (weight, bias) in self._layers.items():
            if name.endswith("_1") and name != "relu1_1":
                image = F.max_pool2d(image, 2)
            image = F.relu(F.conv2d(image, weight, bias, padding=1))
            features[name] = image
        return features


@dataclass(frozen=True)
class Solved:
    """A frame as it came out, and the loss and the seconds since the start at each evaluation."""

    image: Tensor
    losses: tuple[float, ...]
    seconds: tuple[float, ...]


class _Settled(Exception):
    pass


def solve(losses: Losses, start: Tensor, iterations: int) -> Solved:
    """Minimise, from `start`, by L-BFGS; its first step is min(1, 1/‖g‖₁) times the gradient, all others 1."""
    image = start.clone().requires_grad_()
    optimiser = torch.optim.LBFGS(
        [image],
        lr=1,
        max_iter=iterations,
        max_eval=iterations,
        history_size=HISTORY,
        tolerance_grad=0,
        tolerance_change=0,
    )
    values: list[float] = []
    seconds: list[float] = []
    begin = time.perf_counter()

    def evaluate() -> Tensor:
        loss = losses(image)
        (image.grad,) = torch.autograd.grad(loss, image)
        values.append(float(loss.detach()))
        seconds.append(time.perf_counter() - begin)
        done = len(values) - 1
        if done and done % INTERVAL == 0 and abs(values[-1 - INTERVAL] - values[-1]) < TOLERANCE * values[-1]:
            raise _Settled
        return loss

    with contextlib.suppress(_Settled):
        optimiser.step(evaluate)  # type: ignore[no-untyped-call]
    return Solved(image.detach(), tuple(values), tuple(seconds))


def noise(like: Tensor) -> Tensor:
    """What a first frame starts from."""
    drawn = torch.randn(like.shape, generator=torch.Generator().manual_seed(0))
    return NOISE * drawn.to(like.device)


def from_rgb(image: Tensor) -> Tensor:
    """RGB in 0..1 as the network takes it."""
    return 255 * image.flip(1) - _MEAN.to(image.device, image.dtype)


def to_rgb(image: Tensor) -> Array:
    """A result as it is looked at, (H, W, 3) in 0..1."""
    rgb = ((image + _MEAN.to(image.device)) / 255).flip(1).clamp(0, 1)
    return np.ascontiguousarray(rgb[0].permute(1, 2, 0).cpu().numpy(), np.float32)


def _gram(features: Tensor) -> Tensor:
    flat = features.flatten(2)[0]
    return flat @ flat.T / flat.numel()
