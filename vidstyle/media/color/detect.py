"""What a clip's numbers mean: as its tags and headers say, or as it is asked for."""

import dataclasses

from vidstyle.errors import UsageError
from vidstyle.media.color import ocio
from vidstyle.media.color.display import DisplayTransform
from vidstyle.media.color.tags import Color
from vidstyle.media.color.transfer import BT709, BT2020, CURVES, PRIMARIES
from vidstyle.settings import MediaSettings

_TRANSFERS = {
    "smpte2084": "pq",
    "arib-std-b67": "hlg",
    "linear": "linear",
    "log100": "log100",
    "log316": "log316",
}
_WORDS = {
    "linear": "scene-linear",
    "pq": "HDR (PQ)",
    "hlg": "HDR (HLG)",
    "log": "logarithmic (film)",
    "log100": "logarithmic",
    "log316": "logarithmic",
}
NAMES = ("auto", "srgb", "linear", "pq", "hlg", "log")
"""What ``--colorspace`` takes where no OpenColorIO configuration is named."""


def display_of(color: Color) -> DisplayTransform:
    """How a video with these tags is displayed."""
    transfer = _TRANSFERS.get(color.transfer or "", "srgb")
    if transfer == "srgb":
        return DisplayTransform()
    return DisplayTransform(transfer, PRIMARIES.get(color.primaries or "", BT709))


def asked_display(found: DisplayTransform, asked: MediaSettings) -> DisplayTransform:
    """The display transform that the user asks for; without that, the one that was found.

    Raises
    ------
    UsageError
        There is no colour space of that name.
    InputError, DependencyError
        OpenColorIO's configuration can't be read; OpenColorIO isn't installed.
    """
    if asked.ocio:
        if asked.colorspace == "auto":
            raise UsageError("--ocio needs --colorspace: name the colour space that the clip is in, such as ACEScg.")
        ocio.require_space(asked.ocio, asked.colorspace)
        return DisplayTransform("", config=asked.ocio, space=asked.colorspace, floating=found.floating)
    if asked.colorspace == "auto":
        return found
    if asked.colorspace not in NAMES:
        raise UsageError(
            f"--colorspace '{asked.colorspace}' is not known: take {', '.join(NAMES)}, or name the configuration "
            "that has it with --ocio."
        )
    assert asked.colorspace in CURVES
    wide = asked.colorspace in ("pq", "hlg") and found.primaries == BT709
    return dataclasses.replace(found, transfer=asked.colorspace, primaries=BT2020 if wide else found.primaries)


def display_warnings(display: DisplayTransform) -> tuple[str, ...]:
    """How a clip is shown to the painter, in words, unless it is as it is stored."""
    if display.is_plain:
        return ()
    what = f"in '{display.space}'" if display.config else _WORDS[display.transfer]
    return (
        f"the clip is {what}: it is painted as a screen shows it, with a shoulder for light above white, and the "
        "inverse of that gives the light back.",
    )
