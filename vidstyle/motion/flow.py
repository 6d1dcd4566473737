"""Optical flow: how each pixel moved between two frames, by the method that is asked for."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.errors import UsageError

Array = npt.NDArray[np.float32]

# Values of an image of 4 megapixels. The search takes 200 MB a megapixel, which two at a time would need twice.
_LARGE = 3 * 2**22


class Flow(Protocol):
    """A flow method: stateless to its caller, so that several threads may call one at once."""

    def __call__(self, a: Array, b: Array, start: Array | None = None) -> Array:
        """Where each pixel of `a` is found in `b`.

        Parameters
        ----------
        a, b
            (H, W, 3) RGB, 0..1, of one size; any size from 1×1.
        start
            What is known of the flow already, for those that can make use of it.

        Returns
        -------
        flow
            (H, W, 2), x and y in pixels: ``a(p)`` looks like ``b(p + flow(p))``.
            With `a` a frame and `b` an earlier one, this is the frame's *backward* flow.
        """


FLOWS: Mapping[str, str] = MappingProxyType(
    {
        "dis": "vidstyle.motion.methods.dis:create",
        "raft": "vidstyle.motion.methods.raft:create",
        "none": "vidstyle.motion.methods.none:create",
    }
)
"""Name → what makes the method, given a device; named, not imported, as RAFT brings torch with it."""


def flow_method(name: str, device: str = "cpu", threads: int = 0) -> Flow:
    """The flow method of that name.

    Parameters
    ----------
    name
        "dis", "raft" or "none" (nothing is known of the motion: zero everywhere).
    device
        A torch device, for the methods that run on one.
    threads
        CPU threads that OpenCV may use in this process, as torch has been told elsewhere; 0: one a core. Several
        processes on one machine would each take all of it.

    Raises
    ------
    UsageError
        There is no such method.
    DependencyError
        The method's weights are neither on this machine nor to be had from the network.
    """
    if name not in FLOWS:
        raise UsageError(f"there is no flow method named '{name}': take {', '.join(FLOWS)}.")
    if threads:
        cv2.setNumThreads(min(threads, cv2.getNumberOfCPUs()))
    flow: Flow = pkgutil.resolve_name(FLOWS[name])(device)
    return flow


def both_ways(flow: Flow, image: Array, earlier: Array) -> tuple[Array, Array]:
    """The flow from `image` back to an `earlier` one, and forth again, worked out side by side unless they are large.

    Returns
    -------
    backward, forward
        (H, W, 2) each: ``image(p)`` looks like ``earlier(p + backward(p))``, and
        ``earlier(p)`` like ``image(p + forward(p))``.
    """
    with ThreadPoolExecutor(1 if image.size > _LARGE else 2, thread_name_prefix="flow") as pool:
        backward, forward = pool.map(flow, (image, earlier), (earlier, image))
    return backward, forward
