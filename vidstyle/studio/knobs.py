"""The settings that artists turn, with what they are called; every other one is left to the command."""

from typing import NamedTuple


class Knob(NamedTuple):
    """A setting that is turned: its key, what it is called, and the values that it goes through."""

    key: str
    title: str
    values: tuple[float, ...]


_TENTHS = tuple(count / 10 for count in range(11))
KNOBS = (
    Knob("style_weight", "Style", (1, 2, 5, 10, 15, 20, 30, 40, 60, 100, 200)),
    Knob("content_weight", "The clip's shapes", (0.1, 0.2, 0.5, 1, 2, 5, 10)),
    Knob("style_scale", "Size of the strokes", (0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4)),
    Knob("strength", "Strength", _TENTHS),
    Knob("style_subject", "The painting's subject", _TENTHS),
    Knob("detail_weight", "Fine shapes", (0, 100, 200, 400, 800, 1600)),
)
CHOSEN = {"colors": "Colours", "faces": "Faces"}
NUMBERS = {"size": "Width (long side, in pixels)"}
MORE = {
    "frames": "Only this part (10-40, 13s-17s)",
    "light": "Fades, flashes and nights",
    "bars": "Black bars",
    "temporal_weight": "Steadiness",
    "max_inbetweens": "In-betweens",
    "tv_weight": "Smoothness",
    "first_frame_steps": "Steps of a first frame",
    "steps": "Steps of a later frame",
    "seed": "Seed",
    "flow": "Motion by",
    "codec": "Codec",
    "crf": "Quality of the file (CRF)",
}
KEYS = frozenset({*(knob.key for knob in KNOBS), *CHOSEN, *NUMBERS, *MORE})
"""All that may be set here: nothing among it names a file or a program."""
