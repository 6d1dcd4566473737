"""Wall time, fairly compared."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

import torch

Work = Callable[[], object]


def seconds(work: Work, device: torch.device) -> float:
    """How long a call takes, what it leaves to a GPU included."""
    settle(device)
    start = time.perf_counter()
    work()
    settle(device)
    return time.perf_counter() - start


def settle(device: torch.device) -> None:
    """Wait until a GPU has done what it was told."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def in_turn(works: Mapping[str, Work], device: torch.device, rounds: int) -> dict[str, list[float]]:
    """Time several works in turn, A B C A B C …, after each ran once to warm up: whatever slows the machine for a
    while slows all of them.
    """
    for work in works.values():
        work()
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            times[name].append(seconds(work, device))
    return times


def ratio(times: list[float], others: list[float]) -> float:
    """The median of the ratios, round by round."""
    return statistics.median(a / b for a, b in zip(times, others, strict=True))
