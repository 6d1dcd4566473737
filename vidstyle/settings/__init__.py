"""Every choice a user can make, as frozen values.

A group of settings is a table of the TOML form (`[objective]`, `[solve]`, …) and every key is unique across the
groups, so that a flag, an environment variable and a config key share one name: ``style_weight`` is
``--style-weight``, ``VIDSTYLE_STYLE_WEIGHT`` and ``style_weight`` under ``[objective]``. Only that of ``start`` is
``--from``, which is no name in Python.
"""

from vidstyle.settings.codec_names import CODEC_NAMES, HARDWARE_CODECS
from vidstyle.settings.groups import (
    DELIVERY,
    HALF_WEIGHT,
    WHOLE_JOB,
    Deinterlace,
    FrameWeights,
    Hdr,
    Mask,
    MediaSettings,
    MotionSettings,
    ObjectiveSettings,
    OnDamage,
    RunSettings,
    StyleImage,
    Wrap,
)
from vidstyle.settings.keys import Keys, Moment, mean_of, value_at, value_of_seen, values_of
from vidstyle.settings.parse import Chroma, parse_frames, parse_limit, parse_pixel_format, parse_rate, parse_start
from vidstyle.settings.presets import PRESETS, preset
from vidstyle.settings.settings import (
    GROUP_OF,
    SWITCH,
    Settings,
    choices,
    did_you_mean,
    flatten,
    from_dict,
)

__all__ = [
    "CODEC_NAMES",
    "DELIVERY",
    "GROUP_OF",
    "HALF_WEIGHT",
    "HARDWARE_CODECS",
    "PRESETS",
    "SWITCH",
    "WHOLE_JOB",
    "Chroma",
    "Deinterlace",
    "FrameWeights",
    "Hdr",
    "Keys",
    "Mask",
    "MediaSettings",
    "Moment",
    "MotionSettings",
    "ObjectiveSettings",
    "OnDamage",
    "RunSettings",
    "Settings",
    "StyleImage",
    "Wrap",
    "choices",
    "did_you_mean",
    "flatten",
    "from_dict",
    "mean_of",
    "parse_frames",
    "parse_limit",
    "parse_pixel_format",
    "parse_rate",
    "parse_start",
    "preset",
    "value_at",
    "value_of_seen",
    "values_of",
]
