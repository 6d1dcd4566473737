"""A painting in the clip's own colours: its brightness alone is shown, over the colours that the clip has there.

Gatys et al. 2016 ("Preserving Color in Neural Artistic Style Transfer") have two ways. The other, a style picture
recoloured to the clip's mean and covariance, has but one colour map for a whole shot: grass and sky swap what they
have, and it drifts as the shot does. Brightness alone is right in every pixel and across every cut, and as steady as
the clip; and nothing need be painted anew to change one's mind.
"""

import numpy as np

# ITU-R BT.709.
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def with_clip_colors(painted: np.ndarray, clip: np.ndarray) -> np.ndarray:
    """The brightness of a painting with the colours of the clip's frame, both (H, W, 3) in 0..1.

    Colours are differences from grey. Where a brightness can't have them in full, within 0..1, they are paler, so that
    the brightness is always the painting's.
    """
    luma = (painted.clip(0, 1) @ _LUMA)[..., None]
    color = clip - (clip @ _LUMA)[..., None]
    room = np.where(color > 0, 1 - luma, luma) / np.maximum(np.abs(color), np.float32(1e-6))
    shown: np.ndarray = luma + np.minimum(room.min(-1, keepdims=True), 1).astype(np.float32) * color
    return shown
