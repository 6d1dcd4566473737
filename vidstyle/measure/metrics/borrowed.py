"""Borrowed subject: is what the style picture shows, its face or its cup, pasted into the frame?

A deep channel whose energy lies in one place of the style picture means a thing there, and one whose energy lies
everywhere means how it is painted (:mod:`vidstyle.style.objective.targets`). Seen through the former only, the style
picture's strongest positions are its subject. It is borrowed as far as the frame holds positions that are more like
these than anything in the clip was: a face painted as a face is not borrowed, a face in the waves is.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from vidstyle.motion.flow import Array
from vidstyle.style.objective.targets import block_energies, spread

LAYER = "relu5_1"
"""Deep enough for things, and 16 pixels a position."""

_UNEVEN, _EVEN = 0.2, 0.5
"""Spread up to which a channel is the subject's, and from which on it is not. They are narrower than the bounds by
which painting leaves channels out, so that figures stay comparable when those are changed."""

_STRONGEST = 0.1
"""The share of the style picture's positions that are its subject."""

_FAINT = 0.5
"""Features shorter than this share of the subject's count as unlike, whichever way they point."""

_ROWS = 256
"""Positions of the subject that are compared at a time, so that memory stays flat at 4K."""


@dataclass(frozen=True)
class Borrowed:
    """What a frame shows of a style picture's subject and its clip does not.

    Attributes
    ----------
    share
        From 0, nothing of it, to 1, all of it.
    in_frame, in_picture
        Where in the frame the subject is, and which part of the style picture it is, (h, w) in 0..1, a sixteenth of
        their sizes.
    picture
        The style picture as it was compared, (H, W, 3) in 0..1.
    """

    share: float
    in_frame: Array
    in_picture: Array
    picture: Array


class Subject:
    """What a style picture, (H, W, 3) in 0..1, shows: told from its features at :data:`LAYER`, (1, C, h, w)."""

    def __init__(self, features: Tensor, picture: Array) -> None:
        self._picture = picture
        self._shape = features.shape[2:]
        size = features.square().mean((2, 3))[0].sqrt().clamp_min(1e-6)
        self._weights = ((_EVEN - spread(block_energies(features))) / (_EVEN - _UNEVEN)).clamp(0, 1) / size
        seen = self._seen(features)
        energy = seen.square().sum(1)
        self._subject = energy.topk(max(1, round(_STRONGEST * len(energy)))).indices
        self._energy = energy[self._subject]
        self._positions = seen[self._subject]

    def borrowed(self, clip: Tensor, output: Tensor) -> Borrowed:
        """How much of the subject an output has and its clip has not; their features at :data:`LAYER`, (1, C, h, w)."""
        before, after = self._seen(clip), self._seen(output)
        gained = torch.zeros_like(self._energy)
        lacked = torch.zeros_like(self._energy)
        in_frame = after.new_zeros(len(after))
        for rows in torch.split(torch.arange(len(gained), device=gained.device), _ROWS):
            already = self._likeness(rows, before).amax(1)
            beyond = (self._likeness(rows, after) - already[:, None]).clamp_min(0)
            gained[rows], lacked[rows] = beyond.amax(1), 1 - already
            in_frame = torch.maximum(in_frame, beyond.amax(0))
        in_picture = torch.zeros(self._shape.numel(), device=gained.device)
        in_picture[self._subject] = gained
        # A style picture that is alike all over shows nothing, and its energy is 0.
        share = (self._energy * gained).sum() / (self._energy * lacked).sum().clamp_min(1e-6)
        return Borrowed(
            share=float(share.clamp(0, 1)),
            in_frame=in_frame.reshape(output.shape[2:]).cpu().numpy(),
            in_picture=in_picture.reshape(self._shape).cpu().numpy(),
            picture=self._picture,
        )

    def _seen(self, features: Tensor) -> Tensor:
        """Features by position, (h·w, C), weighted by how much each channel means a thing."""
        return (features[0].flatten(1) * self._weights[:, None]).T

    def _likeness(self, rows: Tensor, frame: Tensor) -> Tensor:
        """How like each of these positions of the subject each position of a frame is, (rows, h·w), at most 1."""
        subject = self._positions[rows]
        length = subject.norm(dim=1)[:, None].clamp_min(1e-6)
        return subject @ frame.T / (length * torch.maximum(frame.norm(dim=1)[None], _FAINT * length))
