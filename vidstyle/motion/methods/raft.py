"""RAFT: the more exact flow, by a network, at the price of a download and of time without a GPU."""

import hashlib
import math
import threading
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torchvision.models.optical_flow import Raft_Large_Weights, raft_large

from vidstyle.errors import DependencyError, InputError
from vidstyle.motion.flow import Array, Flow

MULTIPLE = 8
SMALLEST = 128
"""Sides the network takes, in pixels: it works at 1/8, with three halvings more for its correlations."""

MOST_PIXELS = 2048 * 1088
"""Above this the flow is found on a smaller image: the correlations take (pixels / 64)² floats, 5 GB here."""

_ONE_AT_A_TIME = threading.Lock()
# Several threads look for flow at once. One pair's correlations fill a card, and a card works on one after another.

WEIGHTS = Raft_Large_Weights.C_T_SKHT_V2


def create(device: str) -> Flow:
    """RAFT (Teed and Deng 2020): torchvision's large network, tuned on Sintel, on a torch device.

    Raises
    ------
    DependencyError
        The weights are not on this machine and can't be downloaded.
    InputError
        The file of the weights is damaged.
    """
    network = raft_large(weights=None)
    network.load_state_dict(_load_weights())
    return flow_of(network, device)


def flow_of(network: nn.Module, device: str) -> Flow:
    """The flow method of a RAFT `network`, which is moved to the `device`."""
    network = network.to(device).eval()

    def flow(a: Array, b: Array, start: Array | None = None) -> Array:
        del start  # it finds large motion by itself
        height, width = a.shape[:2]
        scale = min(1.0, math.sqrt(MOST_PIXELS / (height * width)))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        prepared = _prepare(a, size), _prepare(b, size)
        with _ONE_AT_A_TIME, torch.inference_mode():
            found: Tensor = network(*(image.to(device) for image in prepared))[-1]
            # (1, 2, H', W') → (H', W', 2), without the padding
            small = found[0].permute(1, 2, 0)[: size[1], : size[0]].float().cpu().numpy()
        if size == (width, height):
            return np.ascontiguousarray(small)
        large: Array = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
        return large * np.array([width / size[0], height / size[1]], np.float32)

    return flow


def _prepare(image: Array, size: tuple[int, int]) -> Tensor:
    """The (H, W, 3) image in 0..1 as (1, 3, H', W') in -1..1, padded to what the network takes."""
    if size != (image.shape[1], image.shape[0]):
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    below, right = (max(SMALLEST - side, -side % MULTIPLE) for side in image.shape[:2])
    padded = np.pad(image, ((0, below), (0, right), (0, 0)), mode="edge")
    return torch.from_numpy(padded * 2 - 1).permute(2, 0, 1)[None].contiguous()


def weights_file() -> Path:
    """Where the weights are, or will be once they are downloaded."""
    name: str = WEIGHTS.url.rsplit("/", 1)[1]
    return Path(torch.hub.get_dir()) / "checkpoints" / name


def _load_weights() -> dict[str, Tensor]:
    file = weights_file()
    expected_hash = file.stem.rsplit("-", 1)[1]
    if not file.is_file():
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            torch.hub.download_url_to_file(WEIGHTS.url, str(file), hash_prefix=expected_hash, progress=False)
        except Exception as error:  # urllib raises a family of its own; torch a RuntimeError on a wrong hash
            raise DependencyError(
                f"RAFT's weights are not on this machine and could not be downloaded ({error}). Fetch "
                f"{WEIGHTS.url} where there is a network and put it at {file}; or take --flow dis, which "
                "needs no download."
            ) from error
    with file.open("rb") as opened:
        if not hashlib.file_digest(opened, "sha256").hexdigest().startswith(expected_hash):
            raise InputError(f"{file} is damaged (its hash is wrong): delete it and it is fetched again.")
    return torch.load(file, map_location="cpu", weights_only=True)
