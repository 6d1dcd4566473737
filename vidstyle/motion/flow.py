"""Optical flow, how each pixel moved between two frames: what a method of finding it is, and both directions of it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

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


@runtime_checkable
class PairFlow(Flow, Protocol):
    """A flow method that goes by the camera's motion, which is the same for both directions of a pair."""

    def of_pair(self, image: Array, earlier: Array, motion: Array | None) -> Flow:
        """The method for these two frames alone, which may be asked for either direction.

        The camera's `motion` is as :func:`vidstyle.motion.camera.camera_motion.camera_motion` tells it; None: it is
        looked for.
        """


def both_ways(
    flow: Flow,
    image: Array,
    earlier: Array,
    starts: tuple[Array | None, Array | None] = (None, None),
    motion: Array | None = None,
) -> tuple[Array, Array]:
    """The flow from `image` back to an `earlier` one and the one from there, found side by side unless they are large.

    What is known of either already may be given as `starts`, and the camera's `motion`, (2, 3), where that is known.

    Returns
    -------
    backward, forward
        (H, W, 2) each: ``image(p)`` looks like ``earlier(p + backward(p))``, and
        ``earlier(p)`` like ``image(p + forward(p))``.
    """
    if isinstance(flow, PairFlow):
        flow = flow.of_pair(image, earlier, motion)
    with ThreadPoolExecutor(1 if image.size > _LARGE else 2, thread_name_prefix="flow") as pool:
        backward, forward = pool.map(flow, (image, earlier), (earlier, image), starts)
    return backward, forward
