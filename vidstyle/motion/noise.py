"""How noisy a picture is: what grain alone makes two frames differ by is no reason to let paint go."""

import cv2
import numpy as np

from vidstyle.motion.flow import Array

USUAL = 6 / 255
"""Standard deviation of noise that the fixed limits for how alike frames must look allow for already."""
ALIKE = 1.3
"""The mean absolute difference, over a few pixels, of two images alike but for noise, in its standard deviations: 2/√π,
and what that varies by."""
# The side of a block, and the share of blocks that have the least: the others have texture.
_BLOCK, _QUIETEST = 16, 0.1
# The difference of two Laplacians: planes, edges and gradients leave nothing in it.
_KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)


def noise_level(image: Array) -> float:
    """The standard deviation of the noise of an image, (H, W, 3) in 0..1, a channel.

    Immerkaer 1996, "Fast noise variance estimation": σ is √(π/2)/6 of the mean magnitude that the kernel leaves. Here
    it is of the blocks that have the least.
    """
    height, width = image.shape[:2]
    left = np.abs(cv2.filter2D(image, -1, _KERNEL))
    blocks = max(1, width // _BLOCK), max(1, height // _BLOCK)
    reduced = cv2.resize(left, blocks, interpolation=cv2.INTER_AREA).reshape(*blocks[::-1], -1)
    quietest = np.quantile(reduced.mean(-1), _QUIETEST)
    return float(np.sqrt(np.pi / 2) / 6 * quietest)


def unusual_noise(*images: Array) -> float:
    """By how much the noise of images, that of the least noisy, is above the usual, 0..1."""
    least = np.inf
    for image in images:
        least = min(least, noise_level(image))
        if least <= USUAL:
            return 0.0  # the others need not be looked at
    return float(least - USUAL)
