"""No flow: what is left when nothing is known of the motion."""

import numpy as np

from vidstyle.motion.flow import Array, Flow


def create(device: str) -> Flow:
    """The method that finds no motion anywhere; the `device` is of no matter."""
    del device
    return zero_flow


def zero_flow(a: Array, b: Array, start: Array | None = None) -> Array:
    """Zero flow, for ``--flow none``.

    A frame then starts from the earlier result as it is, and is held to it where the photometric test of
    :func:`vidstyle.motion.reliability.reliability` finds that nothing changed; elsewhere it is free. The
    reference's rule alone can't tell, and trusts zero flow everywhere.
    """
    del b, start
    return np.zeros((*a.shape[:2], 2), np.float32)
