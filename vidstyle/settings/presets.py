"""Sets of settings by name."""

import types
from collections.abc import Mapping
from typing import Any

from vidstyle.errors import UsageError
from vidstyle.settings.settings import Settings

PRESETS: Mapping[str, tuple[str, Mapping[str, Any]]] = types.MappingProxyType(
    {
        "draft": ("a quick look at the style", {"steps": 3, "first_frame_steps": 9}),
        "standard": ("the default", {}),
        "final": (
            "every frame solved, more steps and a longer memory",
            {
                "steps": 24,
                "first_frame_steps": 78,
                "temporal_frames": (1, 2, 4),
                "temporal_weight": 12000.0,
                "max_inbetweens": 0,
            },
        ),
    }
)
"""Name → what it is for, and the settings it changes."""


def preset(name: str) -> Settings:
    """The settings of a preset by its name."""
    if name not in PRESETS:
        raise UsageError(f"there is no preset named '{name}': take {', '.join(PRESETS)}.")
    return Settings().replace(**PRESETS[name][1])
