"""How strongly the style must be asked for, and by what, so that all paintings come as near to their styles.

What a weight comes to depends on the pair: a blurred clip is soon painted over, and a style whose parts differ is
slow to take. So a first frame is looked at when it is begun, and once more on the way. The look is at what Gram
matrices don't hold: the sliced Wasserstein distance over the clip's own, by which people compare the tools. Where
their weight alone would not bring a painting near, that distance is asked for besides, from other sides than those
that are looked from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor

from vidstyle.style.objective.sliced_wasserstein import blended, project, quantiles, wasserstein

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
# How strongly a painting that has come as near as it is to be is pulled to the style's whole distribution, over the
# style's weight, and how that rises where Gram matrices leave more: of what they leave of the most stubborn pair, it
# takes away a third. A pull below the weakest changes nothing that is seen, and takes a tenth of the time.
_PULL, _RISE, _WEAKEST_PULL, _STRONGEST_PULL = 0.007, 7.0, 0.004, 0.4
# Share of a first frame's pull that later frames need to keep what it has reached.
_HOLDING = 0.1
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
    missed = _missed(clip, painted, balance)
    needed: float = missed ** (_MADE_UP if missed > 1 else _TAKEN_BACK)
    if earlier is not None:
        needed = earlier * max(needed, 1.0)
    return min(max(needed, _WEAKEST), _STRONGEST)


def pull(clip: float, painted: float, balance: float, earlier: float | None = None) -> float:
    """How much a :class:`vidstyle.style.objective.objective.SlicedTerm` is to weigh, over the style's weight, 0 to 0.4.

    Parameters as :func:`correction`'s; `earlier` is what was said then, which is raised or lowered.
    """
    rise: float = _missed(clip, painted, balance) ** _RISE
    needed = rise * (_PULL if earlier is None else max(earlier, _WEAKEST_PULL))
    return min(needed, _STRONGEST_PULL) if needed > _WEAKEST_PULL else 0.0


def holding(pulled: float) -> float:
    """How strongly later frames are to be pulled where the first one was `pulled`."""
    needed = _HOLDING * pulled
    return needed if needed > _WEAKEST_PULL else 0.0


def _missed(clip: float, painted: float, balance: float) -> float:
    """How far a painting is from its style over how far it is to be."""
    missed: float = painted / max(clip, _NEAR) / (_AIM * (balance / _USUAL_BALANCE) ** -_FALL)
    return missed
