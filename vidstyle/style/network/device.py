"""Where the network runs: device, precision and memory layout, and NumPy images in and out of it."""

import platform
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vidstyle.errors import DependencyError, UsageError
from vidstyle.settings import RunSettings


@dataclass(frozen=True)
class Device:
    """A device with the precision and layout at which the network runs on it."""

    device: torch.device
    dtype: torch.dtype
    channels_last: bool

    def to_device(self, tensor: Tensor) -> Tensor:
        """A 4-D tensor at this device's precision and memory layout."""
        layout = torch.channels_last if self.channels_last else torch.contiguous_format
        return tensor.to(self.device, self.dtype, memory_format=layout)

    @property
    def description(self) -> str:
        """In words: "cpu (AMD EPYC, 2 threads), bfloat16"."""
        kind, precision = self.device.type, str(self.dtype).removeprefix("torch.")
        if kind == "cuda":
            return f"{self.device} ({torch.cuda.get_device_name(self.device)}), {precision}"
        if kind == "cpu":
            threads = torch.get_num_threads()
            return f"cpu ({_cpu_name()}, {threads} thread{'s' if threads > 1 else ''}), {precision}"
        return f"{kind}, {precision}"


def select_device(run: RunSettings, *, tf32: bool = True) -> Device:
    """The device that the settings ask for, or the best there is.

    Sets torch's thread count and, on CUDA, whether float32 may be TF32: convolutions keep 10 bits of mantissa then,
    more than bfloat16's 7, which was measured to lose nothing of a painting. What is to be exact says False.

    Raises
    ------
    DependencyError
        The machine has no such device.
    UsageError
        The name means nothing to torch.
    """
    if run.threads:
        torch.set_num_threads(run.threads)
    name = run.device
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError:
        raise UsageError(f"--device {name} is not known: take auto, cpu, cuda, cuda:1 or mps.") from None
    if device.type == "cuda":
        if not torch.cuda.is_available():
            raise DependencyError(
                "--device cuda: torch sees no CUDA device here; check nvidia-smi, or use --device cpu."
            )
        if (device.index or 0) >= torch.cuda.device_count():
            raise DependencyError(f"--device {name}: this machine has {torch.cuda.device_count()} CUDA device(s).")
        torch.backends.cuda.matmul.allow_tf32 = tf32
        torch.backends.cudnn.allow_tf32 = tf32
        # The same command gives the same bytes: no convolution that sums in an order of its own.
        torch.backends.cudnn.deterministic = True
    elif device.type == "mps":
        if not torch.backends.mps.is_available():
            raise DependencyError("--device mps: this torch has no Apple GPU support here; use --device cpu.")
    elif device.type != "cpu":
        raise UsageError(f"--device {name} is not supported: take auto, cpu, cuda, cuda:1 or mps.")
    if run.precision == "auto":
        fast = has_fast_bfloat16(device)
    else:
        fast = run.precision == "bfloat16"
    # Channels-last is where the fast convolution kernels of CPUs and tensor cores are; MPS has none for it.
    return Device(device, torch.bfloat16 if fast else torch.float32, device.type != "mps")


def has_fast_bfloat16(device: torch.device) -> bool:
    """Whether convolutions in bfloat16 beat float32: AVX512-BF16 or AMX, or CUDA from Ampere on."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu":
        if hasattr(torch.cpu, "get_capabilities"):
            capabilities = torch.cpu.get_capabilities()
            return any(capabilities.get(flag, False) for flag in ("avx512_bf16", "amx_bf16", "amx_tile"))
        return bool(torch.cpu._is_avx512_bf16_supported())
    return False


def to_tensor(image: NDArray[np.float32], device: Device) -> Tensor:
    """(H, W) or (H, W, C) in NumPy to (1, C, H, W) in torch, float32."""
    array = np.ascontiguousarray(image, np.float32)
    tensor = torch.from_numpy(array if array.ndim == 3 else array[..., None])
    if device.device.type == "cuda":
        # From pinned memory the copy runs beside what the card still does; torch keeps the memory until it is over.
        tensor = tensor.pin_memory().to(device.device, non_blocking=True)
    return tensor.permute(2, 0, 1).unsqueeze(0).to(device.device).contiguous()  # (H, W, C) -> (1, C, H, W)


def to_image(tensor: Tensor) -> NDArray[np.float32]:
    """(1, C, H, W) in torch to (H, W, C) in NumPy, float32."""
    return tensor[0].permute(1, 2, 0).detach().float().cpu().contiguous().numpy()


def _cpu_name() -> str:
    capabilities = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return str(capabilities.get("cpu_name") or platform.processor() or platform.machine())
