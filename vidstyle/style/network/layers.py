"""The layers of a VGG network, under the names that its users know.

Three spellings mean the same tensor, the output of a convolution after its ReLU: ``relu4_2`` (Gatys et al. 2015
and Ruder et al. 2016), ``conv4_2`` (the Caffe model) and ``block4_conv2`` (Keras, whose layers include the ReLU).
"""

import difflib
import re
from collections.abc import Sequence

from vidstyle.errors import UsageError

CONVOLUTIONS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
"""Convolutions in each of the five blocks (Simonyan and Zisserman 2014, table 1, columns D and E)."""

CHANNELS = (64, 128, 256, 512, 512)
"""Channels of each block."""


# From the second block on a position sees 10 pixels and more, from the fourth on 68 and more.
_FIRST_STROKE_BLOCK, _FIRST_DEEP_BLOCK = 2, 4

# How many pixels of a preview across a layer of its enlargement sees at most. Without relu3_1, which sees 24 of the
# frame's own, frames of 1024 pixels and more had a weave of pixels for bristles; smaller ones have no room for any.
_FINER = 12

# What a style layer of each block counts. Colours and edges are soon as the painting's; by its strokes, 24 to 68 pixels
# across, people tell whether a frame is painted. On twelve pairs this comes nearer to the styles, by the sliced
# Wasserstein distance, with more of the clip kept.
STYLE_LAYER_WEIGHTS = (1.0, 1.0, 4.0, 2.0, 1.0)


def layer_names(network: str) -> list[str]:
    """All layers of `network`, shallow to deep, as ``relu1_1`` and so on."""
    return [f"relu{b}_{c}" for b, count in enumerate(CONVOLUTIONS[network], 1) for c in range(1, count + 1)]


def canonical(name: str, network: str) -> str:
    """The ``reluB_C`` spelling of a layer's name.

    Raises
    ------
    UsageError
        `network` has no such layer.
    """
    known = layer_names(network)
    match = re.fullmatch(r"(?:relu|conv)_?([1-5])_([1-4])|block([1-5])_conv([1-4])", name.strip().lower())
    if match:
        block, conv = (match[1], match[2]) if match[1] else (match[3], match[4])
        if f"relu{block}_{conv}" in known:
            return f"relu{block}_{conv}"
    close = difflib.get_close_matches(name.strip().lower(), known, 1, 0.5)
    raise UsageError(
        f"{network} has no layer '{name}'{f' (did you mean {close[0]}?)' if close else ''}: "
        f"write relu4_2, conv4_2 or block4_conv2, from {known[0]} to {known[-1]}."
    )


def canonical_all(names: Sequence[str], network: str) -> tuple[str, ...]:
    """The canonical spellings of several names; a layer named twice counts once."""
    return tuple(dict.fromkeys(canonical(name, network) for name in names))


def block(name: str) -> int:
    """The number of a canonical layer's block, from 1 on."""
    return int(name[4])


def is_deep(name: str) -> bool:
    """Whether a canonical layer sees enough at once to know things by their shape, an eye from a stroke."""
    return block(name) >= _FIRST_DEEP_BLOCK


def is_of_colours(name: str) -> bool:
    """Whether a canonical layer sees few pixels at once, and so knows colours and edges, but no strokes."""
    return block(name) < _FIRST_STROKE_BLOCK


def receptive_field(name: str, network: str) -> int:
    """How many pixels across one position of a canonical layer sees."""
    block, conv = int(name[4]), int(name[6])
    field, spacing = 1, 1
    for count in (*CONVOLUTIONS[network][: block - 1], conv):
        if field > 1:  # the pooling before each block but the first
            field, spacing = field + spacing, spacing * 2
        field += 2 * spacing * count
    return field


def finer_layers(layers: Sequence[str], network: str, times: float) -> list[str]:
    """Those of a frame's style layers that see what its preview, so many times smaller, has too few pixels for."""
    return [layer for layer in layers if not is_deep(layer) and receptive_field(layer, network) <= _FINER * times]


def layer_shares(layers: Sequence[str], network: str, size: tuple[int, int]) -> dict[str, float]:
    """What each style layer counts at a frame's (H, W), summing to 1.

    Those that see strokes count for most. Those that see more than half the frame's short side at once count less, by
    the square of how far they fit: such a layer knows where in the picture things are, and would paint the style's
    composition, its sun and its wave, instead of its strokes.
    """
    counted = {
        layer: STYLE_LAYER_WEIGHTS[int(layer[4]) - 1]
        * min(1.0, (min(size) / (2 * receptive_field(layer, network))) ** 2)
        for layer in layers
    }
    return {layer: count / sum(counted.values()) for layer, count in counted.items()}
