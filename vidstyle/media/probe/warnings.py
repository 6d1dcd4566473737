"""What is unusual about a clip, and what will be done about it, in words."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from vidstyle.media.frame_rate import Timing
from vidstyle.media.images.plate_header import Plate, Window


def clip_warnings(
    *,
    rotation: int,
    mirrored: bool,
    timing: Timing,
    sample_aspect_ratio: Fraction,
    other_videos: int,
    repaired: int = 0,
) -> tuple[str, ...]:
    """A sentence for each unusual thing about a video file."""
    rate = _rate(timing.frame_rate)
    sentences = {
        f"the frame rate varies (about {rate} a second): each frame keeps its own time.": timing.variable,
        "one frame has no time of its own: it is shown between its neighbours.": repaired == 1,
        f"{repaired} frames have no time of their own: they are shown between their neighbours.": repaired > 1,
        f"the frames are stored turned by {rotation}°: they are set upright and the mark is dropped.": rotation,
        "the frames are stored mirrored: they are mirrored back and the mark is dropped.": mirrored,
        f"the pixels are not square ({sample_aspect_ratio.numerator}:{sample_aspect_ratio.denominator}): "
        "the same shape is kept.": sample_aspect_ratio != 1,
        f"the clip has {other_videos + 1} video streams: only the main one is painted and kept.": other_videos,
    }
    return tuple(sentence for sentence, holds in sentences.items() if holds)


def picture_warnings(
    *,
    kind: str,
    rate: Fraction,
    stated: Fraction | None,
    asked: Fraction | None,
    strays: Sequence[Path],
    animated: bool,
) -> tuple[str, ...]:
    """A sentence for each unusual thing about pictures as a clip."""
    sequence = kind == "sequence"
    others = f" and {len(strays) - 3} more" if len(strays) > 3 else ""
    names = ", ".join(file.name for file in strays[:3]) + others
    sentences = {
        f"numbered pictures carry no frame rate: {rate} a second are taken; --fps sets another.": sequence
        and not (stated or asked),
        f"the pictures say {_rate(stated or rate)} a second: --fps {_rate(rate)} is taken.": sequence
        and stated
        and asked
        and stated != asked,
        f"{names}: left alone, since {'it is' if len(strays) == 1 else 'they are'} none of the numbered pictures.": (
            strays
        ),
        "the picture is animated: only its first frame is taken.": animated,
    }
    return tuple(sentence for sentence, holds in sentences.items() if holds)


def plate_warnings(plate: Plate, window: Window) -> tuple[str, ...]:
    """A sentence for each thing that an EXR or DPX file holds besides a picture, given what is painted of it."""
    frame, painted = (f"{area[2]}×{area[3]}" for area in (plate.display_window, window))
    sentences = {
        f"there are pixels beyond the frame of {frame}: all {painted} are painted, and stay where they were.": (
            window != plate.display_window
        ),
        f"the layer '{plate.layer}' is painted.": plate.layer,
        f"kept as they are: {', '.join(plate.kept)}.": plate.kept,
    }
    return tuple(sentence for sentence, holds in sentences.items() if holds)


def _rate(rate: Fraction) -> str:
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")
