"""What is asked of a frame, in one value that is resized and cropped in one place."""

from __future__ import annotations

import math
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
from vidstyle.style.pyramid import crop_size, preview_size, resampled, resize

Image = NDArray[np.float32]

# A style that is asked for less than this in every pixel is asked for nowhere.
_LEAST = 0.01
# The clip's own detail is left to a large frame from this share on: below it cannot be told from the brush's.
_LEAST_OWN = 0.1


@dataclass(frozen=True)
class Prior:
    """An earlier result warped into this frame, (H, W, 3), and its reliability, (H, W) in 0..1."""

    image: Image
    reliability: NDArray[np.float32]

    def tensors(self, device: Device) -> tuple[Tensor, Tensor]:
        """Both on a device, (1, 3, H, W) and (1, 1, H, W)."""
        return to_tensor(self.image, device), to_tensor(self.reliability, device)


@dataclass(frozen=True)
class Asked:
    """What is asked of a frame beside its content and its priors.

    Attributes
    ----------
    weights
        What the losses weigh in it.
    shares
        Of each style; those without a mask are blended by them, as are those whose masks overlap.
    masks
        Where each style is asked for, (H, W) in 0..1; None: it takes what the others leave.
    area
        Where anything is painted at all, (H, W) in 0..1; None: everywhere.
    trial
        The weights with which the style gain of a shot that begins here is measured; None: those of the frame.
    steady
        Whether the same is asked of the frames before, whose colours it is then to keep.
    begins
        Whether a shot begins here: what no earlier paint shows of it is no small part that has to stay calm.
    """

    weights: FrameWeights
    shares: tuple[float, ...]
    masks: tuple[NDArray[np.float32] | None, ...] = ()
    area: NDArray[np.float32] | None = None
    trial: FrameWeights | None = None
    steady: bool = True
    begins: bool = False

    def parts(self) -> list[tuple[dict[int, float], NDArray[np.float32] | None]]:
        """The parts of the frame: which styles are blended there, with their shares, and the part's mask; None: all.

        Where masks overlap each counts by its style's share. A style that is asked for nowhere has no part.
        """
        masked = {style: mask for style, mask in enumerate(self.masks) if mask is not None}
        rest = {style: share for style, share in enumerate(self.shares) if style not in masked and share > 0}
        if not masked:
            return [(rest, self.area)]
        covered = np.minimum(np.sum(list(masked.values()), axis=0), np.float32(1))
        weighted = {style: np.float32(self.shares[style]) * mask for style, mask in masked.items()}
        total = np.maximum(np.sum(list(weighted.values()), axis=0), np.float32(1e-6))
        parts: list[tuple[dict[int, float], NDArray[np.float32] | None]] = [
            ({style: 1.0}, mask / total * covered) for style, mask in weighted.items()
        ]
        parts += [(rest, 1 - covered)] if rest else []
        area = np.float32(1) if self.area is None else self.area
        parts = [(styles, area * mask) for styles, mask in parts if mask is not None]
        return [(styles, mask) for styles, mask in parts if mask is not None and mask.max() > _LEAST]


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
    details
        (1, 1, H, W) in 0..1: where fine shapes are to be read, as lettering and faces are; None: they are as the style
        has them.
    crop_of
        The (H, W) of the whole frame at this scale where this is a crop of it: strokes are as large as that frame's.
    has_preview
        Whether a large frame is asked for what its preview is asked for.
    begins
        Whether a shot begins with the frame, with an earlier one's paint.
    """

    content: Tensor
    weights: FrameWeights
    regions: tuple[StyleRegion, ...]
    priors: tuple[tuple[Tensor, Tensor], ...] = ()
    disoccluded: Tensor | None = None
    shot_colour: ShotColour | None = None
    details: Tensor | None = None
    crop_of: tuple[int, int] | None = None
    has_preview: bool = True
    begins: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """The (H, W) of what is asked for."""
        return self.content.shape[2], self.content.shape[3]

    @property
    def frame_size(self) -> tuple[int, int]:
        """The (H, W) of the whole frame."""
        return self.crop_of or self.size

    @property
    def painted(self) -> Tensor | None:
        """How far each pixel is to be painted at all, (1, 1, H, W) in 0..1; None: all of them fully."""
        if any(region.mask is None for region in self.regions):
            return None
        if not self.regions:
            return torch.zeros_like(self.content[:, :1])
        return torch.stack([region.mask for region in self.regions if region.mask is not None]).sum(0).clamp(0, 1)

    def shown(self, image: Tensor) -> Tensor:
        """A painting, (1, 3, H, W), as it is shown: where nothing is to be painted, the clip's own frame."""
        painted = self.painted
        return image if painted is None else self.content + painted * (image - self.content)

    @property
    def preview_size(self) -> tuple[int, int]:
        """The (H, W) of the preview that says what is asked for; that of the request itself where there is none."""
        return crop_size(self.size, self.frame_size, preview_size(self.frame_size)) if self.has_preview else self.size

    @property
    def own_detail(self) -> Tensor | None:
        """How far what a large frame has and its preview has not stays the clip's, (1, 1, H, W) in 0..1; None: nowhere.

        It is the brush's, but for what is to be read or not to be painted, and for a style that weighs as little as the
        content.
        """
        weights = self.weights
        share = 1.0 if weights.style <= weights.content else weights.content / weights.style
        kept = [self.details, None if self.painted is None else 1 - self.painted]
        if share >= _LEAST_OWN:
            kept.append(torch.full_like(self.content[:, :1], share))
        known = [mask for mask in kept if mask is not None]
        return torch.stack(known).amax(0) if known else None

    @property
    def brushed_content(self) -> Tensor:
        """The clip's frame with no finer detail than its preview has, but for its :attr:`own_detail`."""
        if self.preview_size == self.size:
            return self.content
        return self._brushed(resize(resampled(self.content, self.preview_size), self.size))

    def detail_beyond(self, coarse: tuple[int, int]) -> Tensor:
        """What a frame lacks of its fine detail at a coarse (H, W), (1, 3, H, W), as far as that is not the brush's."""
        soft = resize(resize(self.content, coarse), self.size)
        if self.preview_size == self.size:
            return self.content - soft
        finer = math.prod(coarse) < math.prod(self.preview_size)
        return (self.brushed_content if finer else self._brushed(soft)) - soft

    def _brushed(self, soft: Tensor) -> Tensor:
        """A frame that lacks its fine detail, with what stays the clip's of that."""
        own = self.own_detail
        return soft if own is None else soft + own * (self.content - soft)

    @property
    def reliability(self) -> Tensor:
        """The sum of the priors' reliabilities, (1, 1, H, W)."""
        return torch.stack([reliability for _, reliability in self.priors]).sum(0)

    @property
    def disocclusion(self) -> Tensor:
        """How far each pixel is to be painted and shown reliably by no prior, (1, 1, H, W) in 0..1."""
        new = (1 - self.reliability).clamp(0, 1)
        return new if self.painted is None else new * self.painted

    def resized(self, frame_size: tuple[int, int]) -> FrameRequest:
        """The same request where the whole frame has that size."""
        size = crop_size(self.size, self.frame_size, frame_size)
        return self._mapped(lambda image: resize(image, size), self.crop_of and frame_size)

    def shrunk(self) -> FrameRequest:
        """The same request for the frame's preview; itself where there is none."""
        size = self.preview_size
        if size == self.size:
            return self
        return self._mapped(
            lambda image: resampled(image, size).clamp(0, 1), self.crop_of and preview_size(self.crop_of)
        )

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
            details=None if self.details is None else change(self.details),
            crop_of=crop_of,
        )


def initial_image(request: FrameRequest) -> Tensor:
    """The priors where they are reliable, elsewhere the frame's own colours, brought to the painting's, (1, 3, H, W).

    What is not to be painted is the frame itself. What is painted in one style has nothing to do with the colours of
    what is painted in another one, or not at all: so each region's are brought to its own.
    """
    frame, reliability = request.brushed_content, request.reliability
    carried = torch.stack([image * weight for image, weight in request.priors]).sum(0) / reliability.clamp_min(1e-6)
    reliability = reliability.clamp(0, 1)
    masks = [region.mask for region in request.regions] or [None]
    recoloured, total = torch.zeros_like(frame), torch.zeros_like(reliability)
    for mask in masks:
        part = _recoloured(frame, carried, reliability, mask)
        recoloured, total = (recoloured + part, total + 1) if mask is None else (recoloured + mask * part, total + mask)
    recoloured = recoloured / total.clamp_min(1e-6)
    image: Tensor = reliability * carried + (1 - reliability) * recoloured
    return image if request.painted is None else frame + request.painted * (image - frame)


def _recoloured(frame: Tensor, carried: Tensor, reliability: Tensor, mask: Tensor | None) -> Tensor:
    """A frame in the colours that a painting has in a mask; all (1, C, H, W), and None is everywhere.

    They are mapped by the affine map that fits the painting to the frame best, by least squares over what is reliable.
    """
    pixels = torch.cat([frame, torch.ones_like(frame[:, :1])], 1).flatten(2)[0]  # (4, H*W)
    weights = (reliability if mask is None else reliability * mask).flatten()
    weighted = pixels * weights
    # Ridge towards the frame's own colours: where little is reliable, nothing is made up.
    area = frame.shape[2] * frame.shape[3] if mask is None else max(float(mask.sum()), 1.0)
    ridge = 1e-3 * area * torch.eye(4, device=frame.device)
    identity = torch.eye(4, device=frame.device)[:3]
    left = weighted @ pixels.T + ridge
    right = (carried.flatten(2)[0] * weights) @ pixels.T + identity @ ridge  # (3, n) @ (n, 4)
    # On the CPU, as MPS has no solve in the oldest torch that will do; sixteen numbers are soon there.
    colour_map = torch.linalg.solve(left.cpu(), right.T.cpu()).T.to(frame.device)  # (3, 4)
    return (colour_map @ pixels).view_as(frame)  # (3, 4) @ (4, H*W)
