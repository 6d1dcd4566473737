"""The settings that an objective brings with it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from vidstyle.settings.groups import MotionSettings, NetworkSettings, ObjectiveSettings, SolveSettings

# Ruder et al. 2016: weights for their normalisation, all channels alike, VGG's padding, every frame solved.
_RUDER2016: Mapping[str, Any] = {
    "content_weight": 5.0,
    "style_weight": 100.0,
    "temporal_weight": 1000.0,
    "temporal_frames": (1,),
    "tv_weight": 1e-3,
    "detail_weight": 0.0,
    "style_subject": 1.0,
    "padding": "zeros",
    "steps": 12,
    "first_frame_steps": 36,
    "max_inbetweens": 0,
}
_DEFAULTS = {**vars(NetworkSettings()), **vars(ObjectiveSettings()), **vars(SolveSettings()), **vars(MotionSettings())}

OBJECTIVES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "vidstyle": MappingProxyType({key: _DEFAULTS[key] for key in _RUDER2016}),
        "ruder2016": MappingProxyType(_RUDER2016),
    }
)
"""Objective → the settings that it changes, unless they are given too."""
