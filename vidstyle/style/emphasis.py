"""How strongly the style must be asked for, so that all paintings come as near to their styles.

What a weight comes to depends on the pair: a blurred clip is soon painted over, and a style whose parts differ is
slow to take. So a first frame is looked at when it is begun, and once more on the way. The look is at what the
objective doesn't hold: the sliced Wasserstein distance over the clip's own, by which people compare the tools.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor

from vidstyle.style.sliced_wasserstein import blended, project, quantiles, wasserstein

LAYERS = ("relu3_1", "relu4_1")
"""Where strokes are seen, of VGG16 as of VGG19."""

# The distance over the clip's own that a frame is to have by then where the style weighs 20 times the content, and how
# that falls as it weighs more: by the power of -1/5, on twelve pairs. Left alone they come to 0.3 on average; a little
# nearer, each style has its strokes, and faces and lettering can still be read.
_AIM, _USUAL_BALANCE, _FALL = 0.26, 20.0, 0.2
# Most of what a pair lacks is made up for: for all of it, the most stubborn ones would lose their content. Of what one
# has beyond that less than half is taken back: busy strokes are what such a style is chosen for.
_MADE_UP, _TAKEN_BACK = 0.8 / _FALL, 0.5 / _FALL
_WEAKEST, _STRONGEST = 0.125, 5.0
# A clip that is nearer than this to its style is as good as painted, and keeps its content.
_NEAR = 0.35
# The long side at which larger frames are looked at: their features would take gigabytes.
_LARGEST = 1280


def seen_size(size: tuple[int, int]) -> tuple[int, int]:
    """The size (H, W) at which frames of `size` are looked at."""
    scale = min(1.0, _LARGEST / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def seen(pictures: Sequence[tuple[Mapping[str, Tensor], float]]) -> dict[str, Tensor]:
    """What the pictures of a blend look like, each with its share: quantiles by layer."""
    return {layer: blended([(project(features[layer]), share) for features, share in pictures]) for layer in LAYERS}


def distance(features: Mapping[str, Tensor], style: Mapping[str, Tensor]) -> float:
    """How far a frame with these `features`, (1, C, H, W), is from a `style`, of :func:`seen`."""
    distances = [wasserstein(quantiles(project(features[layer])), style[layer]) for layer in LAYERS]
    return sum(distances) / len(distances)


def correction(clip: float, painted: float, balance: float, earlier: float | None = None) -> float:
    """By how much the style's weight is to be multiplied, 1/8 to 5.

    Parameters
    ----------
    clip, painted
        The :func:`distance` of a frame and of its painting.
    balance
        The style's weight that settings ask for, over the content's.
    earlier
        What an earlier look at the same frame said. It is only raised: what a look takes back twice is missed.
    """
    reached = painted / max(clip, _NEAR)
    aim = _AIM * (balance / _USUAL_BALANCE) ** -_FALL
    needed: float = (reached / aim) ** (_MADE_UP if reached > aim else _TAKEN_BACK)
    if earlier is not None:
        needed = earlier * max(needed, 1.0)
    return min(max(needed, _WEAKEST), _STRONGEST)
