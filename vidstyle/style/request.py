"""What is asked of a frame, in one value that is resized and cropped in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vidstyle.settings import FrameWeights
from vidstyle.style.crops import Crop
from vidstyle.style.network.device import Device, to_tensor
from vidstyle.style.objective.shot_colour import ShotColour
from vidstyle.style.objective.targets import StyleTargets
from vidstyle.style.pyramid import crop_size, resize

Image = NDArray[np.float32]


@dataclass(frozen=True)
class Prior:
    """An earlier result warped into this frame, (H, W, 3), and its reliability, (H, W) in 0..1."""

    image: Image
    reliability: NDArray[np.float32]

    def tensors(self, device: Device) -> tuple[Tensor, Tensor]:
        """Both on a device, (1, 3, H, W) and (1, 1, H, W)."""
        return to_tensor(self.image, device), to_tensor(self.reliability, device)


@dataclass(frozen=True)
class StyleRegion:
    """Where a style is asked for: in the `mask`, (1, 1, H, W) in 0..1, or everywhere where that is None."""

    style: StyleTargets
    mask: Tensor | None = None


@dataclass(frozen=True)
class FrameRequest:
    """What is asked of a frame, or of a crop of one, at one size.

    Attributes
    ----------
    content
        The clip's frame, (1, 3, H, W), RGB, 0..1.
    weights
        What the terms weigh in this frame.
    regions
        Which style is asked for where.
    priors
        Earlier results warped into the frame, nearest first, (1, 3, H, W), with their reliabilities, (1, 1, H, W).
    disoccluded
        (1, 1, H, W) in 0..1: how far each pixel is newly uncovered, and to be painted anew; None: nothing is.
    shot_colour
        The colour that the shot began with; None: it is not to be kept.
    crop_of
        The (H, W) of the whole frame at this scale where this is a crop of it: strokes are as large as that frame's.
    """

    content: Tensor
    weights: FrameWeights
    regions: tuple[StyleRegion, ...]
    priors: tuple[tuple[Tensor, Tensor], ...] = ()
    disoccluded: Tensor | None = None
    shot_colour: ShotColour | None = None
    crop_of: tuple[int, int] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """The (H, W) of what is asked for."""
        return self.content.shape[2], self.content.shape[3]

    @property
    def frame_size(self) -> tuple[int, int]:
        """The (H, W) of the whole frame."""
        return self.crop_of or self.size

    @property
    def reliability(self) -> Tensor:
        """The sum of the priors' reliabilities, (1, 1, H, W)."""
        return torch.stack([reliability for _, reliability in self.priors]).sum(0)

    @property
    def disocclusion(self) -> Tensor:
        """How far each pixel is newly uncovered: shown reliably by no prior, (1, 1, H, W) in 0..1."""
        return (1 - self.reliability).clamp(0, 1)

    def resized(self, frame_size: tuple[int, int]) -> FrameRequest:
        """The same request where the whole frame has that size."""
        size = crop_size(self.size, self.frame_size, frame_size)
        return self._mapped(lambda image: resize(image, size), self.crop_of and frame_size)

    def cropped(self, crop: Crop) -> FrameRequest:
        """The same request for a part of the frame."""
        return self._mapped(lambda image: image[..., *crop], self.frame_size)

    def _mapped(self, change: Callable[[Tensor], Tensor], crop_of: tuple[int, int] | None) -> FrameRequest:
        """The same request with each of its images changed."""
        masks = [None if region.mask is None else change(region.mask) for region in self.regions]
        return replace(
            self,
            content=change(self.content),
            regions=tuple(replace(region, mask=mask) for region, mask in zip(self.regions, masks, strict=True)),
            priors=tuple((change(image), change(reliability)) for image, reliability in self.priors),
            disoccluded=None if self.disoccluded is None else change(self.disoccluded),
            crop_of=crop_of,
        )
