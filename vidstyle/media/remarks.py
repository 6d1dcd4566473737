"""What is unusual about a clip, and what will be done about it, in words."""

from __future__ import annotations

from fractions import Fraction

from vidstyle.media.color import Color
from vidstyle.media.timing import Timing


def clip_remarks(
    *,
    rotation: int,
    mirrored: bool,
    timing: Timing,
    sample_aspect_ratio: Fraction,
    bit_depth: int,
    has_alpha: bool,
    interlaced: bool,
    color: Color,
    other_videos: int,
    mended: int = 0,
) -> tuple[str, ...]:
    """A sentence for each unusual thing about a video file."""
    rate = f"{float(timing.frame_rate):.3f}".rstrip("0").rstrip(".")
    said = {
        f"the frame rate varies (about {rate} a second): each frame keeps its own time.": timing.variable,
        "one frame has no time of its own: it is shown between its neighbours.": mended == 1,
        f"{mended} frames have no time of their own: they are shown between their neighbours.": mended > 1,
        f"the frames are stored turned by {rotation}°: they are set upright and the mark is dropped.": rotation,
        "the frames are stored mirrored: they are mirrored back and the mark is dropped.": mirrored,
        f"the pixels are not square ({sample_aspect_ratio.numerator}:{sample_aspect_ratio.denominator}): "
        "the same shape is kept.": sample_aspect_ratio != 1,
        "the clip is interlaced: it is deinterlaced, one frame for each.": interlaced,
        f"the clip is HDR ({color.transfer}): its values are painted as they are and tagged as before.": color.is_hdr,
        f"the clip has {bit_depth} bits a channel: the result is written with 10.": bit_depth > 10,
        "parts of the clip may be transparent: .mov and .webm keep that, other formats drop it.": has_alpha,
        f"the clip has {other_videos + 1} video streams: only the main one is painted and kept.": other_videos,
    }
    return tuple(sentence for sentence, holds in said.items() if holds)


def picture_remarks(kind: str, rate: Fraction, gaps: int, animated: bool) -> tuple[str, ...]:
    """A sentence for each unusual thing about pictures as a clip."""
    said = {
        f"numbered pictures carry no frame rate: {rate} a second are taken.": kind == "sequence",
        f"{gaps} numbers are missing between the pictures: the others follow one another.": gaps,
        "the picture is animated: only its first frame is taken.": animated,
    }
    return tuple(sentence for sentence, holds in said.items() if holds)
