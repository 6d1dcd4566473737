"""Networks and pictures that the style tests share."""

import os

import numpy as np
import pytest
import torch

from tests.helpers.weights import weights_once
from vidstyle.settings import RunSettings
from vidstyle.style.network.device import Device, select_device
from vidstyle.style.network.weights import Weights, load_weights

__all__ = ["weights_once"]

# Only with this does cuBLAS promise the same bytes, and torch let it run where they are asked for.
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")


@pytest.fixture(scope="session")
def cpu() -> Device:
    return select_device(RunSettings(device="cpu", precision="float32"))


@pytest.fixture(scope="session")
def builtin() -> Weights:
    return load_weights("builtin", "vgg19")


@pytest.fixture
def noise() -> torch.Tensor:
    """A picture with structure at several scales, (1, 3, 40, 56)."""
    generator = torch.Generator().manual_seed(3)
    coarse = torch.rand(1, 3, 5, 7, generator=generator)
    image = torch.nn.functional.interpolate(coarse, (40, 56), mode="bicubic", align_corners=False)
    return (0.8 * image + 0.2 * torch.rand(1, 3, 40, 56, generator=generator)).clamp(0, 1)


@pytest.fixture
def stripes() -> np.ndarray:
    """A style with strong texture, (64, 64, 3): slanted orange bands on blue."""
    y, x = np.mgrid[:64, :64]
    band = (0.5 + 0.5 * np.sin((x + 2 * y) * 0.6))[..., None]
    return (band * np.array([0.9, 0.6, 0.1]) + (1 - band) * np.array([0.1, 0.2, 0.6])).astype(np.float32)
