"""How strongly the style must be asked for, so that all paintings come about as near to their styles.

What a weight comes to depends on the pair: a blurred clip is soon painted over, and a style whose parts differ is slow
to take. So a shot's first frame is measured on its way, twice, and the style gain set by what is found. What is
measured is what Gram matrices don't hold: the sliced Wasserstein distance from the style, over that of the clip's own
frame, by which people compare the tools. Where the Gram terms' weight alone would not bring a painting near, that
distance is minimised besides, along other directions than those that it is measured along.
"""

from collections.abc import Mapping, Sequence

from torch import Tensor

from vidstyle.settings import HALF_WEIGHT, FrameWeights, value_of_seen
from vidstyle.style.memory import StyleGain
from vidstyle.style.objective.sliced_wasserstein import STROKE_LAYERS, blended, project, quantiles, wasserstein

# The distance over the clip's own that a frame is to have by then where the style weighs 20 times the content, and how
# that falls as the style weighs more: by the power of -1/5, on twelve pairs. Left alone they come to 0.3 on average; a
# little nearer, each style has its strokes, and faces and lettering can still be read.
_AIM, _USUAL_BALANCE, _FALL = 0.26, 20.0, 0.2
# Most of what a pair lacks is made up for: for all of it, the most stubborn ones would lose their content. Of what one
# has beyond that less than half is taken back: busy strokes are what such a style is chosen for.
_MADE_UP, _TAKEN_BACK = 0.8 / _FALL, 0.5 / _FALL
_LEAST_GRAM, _MOST_GRAM = 0.125, 5.0
# The sliced term's weight, over the style's, for a painting that has come as near as it is to be, and the power by
# which that rises where Gram matrices leave more: of what they leave of the most stubborn pair, it takes away a third.
# A weight below the least changes nothing that is seen, and takes a tenth of the time.
_SLICED, _RISE, _LEAST_SLICED, _MOST_SLICED = 0.007, 7.0, 0.004, 0.4
# Share of a first frame's sliced weight that later frames need to keep what it has reached.
_LATER = 0.1
# A clip that is nearer than this to its style is as good as painted, and keeps its content.
_NEAR = 0.35


def style_quantiles(pictures: Sequence[tuple[Mapping[str, Tensor], float]]) -> dict[str, Tensor]:
    """The quantiles (L, K) by layer of a blend of pictures, each given by its features and its share."""
    return {
        layer: blended([(project(features[layer]), share) for features, share in pictures]) for layer in STROKE_LAYERS
    }


def style_distance(features: Mapping[str, Tensor], style: Mapping[str, Tensor]) -> float:
    """How far a frame with these `features`, (1, C, H, W), is from a style's :func:`style_quantiles`."""
    distances = [wasserstein(quantiles(project(features[layer])), style[layer]) for layer in STROKE_LAYERS]
    return sum(distances) / len(distances)


def measured_gain(clip: float, painted: float, balance: float, earlier: StyleGain | None = None) -> StyleGain:
    """How strongly a frame's style is to be asked for.

    Parameters
    ----------
    clip, painted
        The :func:`style_distance` of the clip's frame and of its painting, as far as it has come.
    balance
        The style's weight that settings ask for, over the content's.
    earlier
        What an earlier measurement of the same frame gave. The Gram terms' gain, 1/8 to 5, is only raised, since what
        is taken back twice is missed; the sliced term's weight, 0 to 0.4, is raised or lowered.
    """
    # How far the painting is from its style over how far it is to be.
    excess: float = painted / max(clip, _NEAR) / (_AIM * (balance / _USUAL_BALANCE) ** -_FALL)
    gram: float = excess ** (_MADE_UP if excess > 1 else _TAKEN_BACK)
    rise: float = excess**_RISE
    if earlier is None:
        sliced = rise * _SLICED
    else:
        gram = earlier.gram * max(gram, 1.0)
        sliced = rise * max(earlier.sliced, _LEAST_SLICED)
    return StyleGain(
        min(max(gram, _LEAST_GRAM), _MOST_GRAM), min(sliced, _MOST_SLICED) if sliced > _LEAST_SLICED else 0.0
    )


def gain_at(gain: StyleGain, weights: FrameWeights, strongest: FrameWeights) -> StyleGain:
    """How strongly the style is to be asked for with some weights, where a gain was measured with the `strongest`.

    So that it is seen by its weights' share of what is seen with those: with all of the gain, most of the way to the
    style would lie between nothing and the smallest of weights.
    """
    if weights.style <= 0 or weights.content <= 0 or strongest.style <= 0:
        return gain
    share = weights.seen_beside(strongest) * strongest.seen(gain.gram)
    gram = value_of_seen(share, HALF_WEIGHT) * weights.content / weights.style
    return StyleGain(gram, gain.sliced * gram / gain.gram)


def later_gain(first: StyleGain) -> StyleGain:
    """How strongly later frames' style is to be asked for, where the first frame's was with a gain."""
    sliced = _LATER * first.sliced
    return StyleGain(first.gram, sliced if sliced > _LEAST_SLICED else 0.0)
