"""The image that a later frame's solve starts from."""

from __future__ import annotations

import torch
from torch import Tensor

from vidstyle.style.request import FrameRequest


def initial_image(request: FrameRequest) -> Tensor:
    """The priors where they are reliable, elsewhere the frame's own colours, brought to the painting's, (1, 3, H, W).

    The colours are mapped by the affine map that fits painting to frame best, by least squares over what is reliable.
    """
    frame, reliability = request.content, request.reliability
    carried = torch.stack([image * weight for image, weight in request.priors]).sum(0) / reliability.clamp_min(1e-6)
    reliability = reliability.clamp(0, 1)
    pixels = torch.cat([frame, torch.ones_like(frame[:, :1])], 1).flatten(2)[0]  # (4, H*W)
    weights = reliability.flatten()
    weighted = pixels * weights
    # Ridge towards the frame's own colours: where little is reliable, nothing is made up.
    ridge = 1e-3 * frame.shape[2] * frame.shape[3] * torch.eye(4, device=frame.device)
    identity = torch.eye(4, device=frame.device)[:3]
    left = weighted @ pixels.T + ridge
    right = (carried.flatten(2)[0] * weights) @ pixels.T + identity @ ridge  # (3, n) @ (n, 4)
    # On the CPU, as MPS has no solve in the oldest torch that will do; sixteen numbers are soon there.
    colour_map = torch.linalg.solve(left.cpu(), right.T.cpu()).T.to(frame.device)  # (3, 4)
    recoloured = (colour_map @ pixels).view_as(frame)  # (3, 4) @ (4, H*W)
    image: Tensor = reliability * carried + (1 - reliability) * recoloured
    return image
