"""Frames, rates, durations and pixel formats, as people write them."""

import re
import typing
from fractions import Fraction
from typing import Literal

from vidstyle.errors import UsageError
from vidstyle.settings.keys import Moment

Chroma = Literal["420", "422", "444", "rgb"]


def parse_frames(text: str) -> tuple[Moment | None, Moment | None]:
    """First and last moment of "10-40", "13s-17s", "10-", "-40" or "7"; None where one is left out.

    A frame's number and a timecode name the last frame itself. A time is when the last frame ends.
    """
    first, dash, last = text.partition("-")
    try:
        begin, end = (_whole(part) if part.strip() else None for part in (first, last if dash else first))
        if begin is None and end is None:
            raise UsageError("it is empty.")
    except UsageError:
        raise UsageError(
            f"--frames '{text}' is not understood: write 10-40, 10-, -40 or 7 (a film's first frame is 1), times such "
            "as 13s-17s or 00:01:10-00:01:14, or timecodes such as 01:00:12:05-01:00:14:00."
        ) from None
    if begin and end and begin.kind == end.kind and (end < begin or (dash and begin.in_seconds and end == begin)):
        raise UsageError(f"--frames '{text}' holds no frame: the last comes after the first.")
    return begin, end


def parse_start(text: str) -> Moment:
    """Where a part begins: a time, a timecode, or a frame's number."""
    try:
        return _whole(text)
    except UsageError:
        raise UsageError(f"--from '{text}' is not understood: write 13s, 1:30, 01:00:12:05 or 312.") from None


def _whole(text: str) -> Moment:
    """A moment that is not between two frames."""
    moment = Moment.parse(text)
    if moment.kind == "frame" and (moment.value.denominator > 1 or moment.value >= 10**16):
        raise UsageError(f"'{text}' is no frame.")
    return moment


def parse_rate(text: str) -> Fraction:
    """Frames a second of "24", "23.976" or "24000/1001"."""
    try:
        if not re.fullmatch(r"[0-9./]{1,32}", text.strip()):  # an exponent would be calculated
            raise ValueError
        rate = Fraction(text.strip())
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"--fps '{text}' is not understood: write 24, 23.976 or 24000/1001.") from None
    if not Fraction(1, 1000) <= rate <= 10_000:
        raise UsageError(f"--fps '{text}' is out of range: 0.001 to 10000 frames a second.")
    return rate


def parse_limit(text: str) -> Fraction | int:
    """Seconds (a `Fraction`) of "2s", "500ms", "2", "1:30" or "2m"; a number of frames (an `int`) of "48f"."""
    bare = re.fullmatch(r"\s*[0-9.]+\s*", text)
    try:
        moment = Moment.parse(f"{text.strip()}s" if bare else text)
        if moment.timecode or (not moment.in_seconds and moment.value.denominator > 1):
            raise UsageError(f"'{text}' is no length.")
    except UsageError:
        raise UsageError(f"--limit '{text}' is not understood: write 2s, 500ms, 1:30 or 48f.") from None
    if moment.value <= 0:
        raise UsageError(f"--limit '{text}' leaves no frame: it must be above 0.")
    return moment.value if moment.in_seconds else int(moment.value)


def parse_pixel_format(text: str) -> tuple[Chroma | None, int | None]:
    """Chroma subsampling and bits a channel of "422-10", "4:2:2 10 bit" or "yuv422p10le"; None where not given.

    >>> parse_pixel_format("422-10")
    ('422', 10)
    """
    written = re.sub(r"[\s:_-]|bit$", "", text.strip().lower())
    if written == "auto":
        return None, None
    if match := re.fullmatch(r"(?:yuv)?(420|422|444)(?:p?(8|10|12|16)|p)?(?:le|be)?", written):
        depth = 8 if "yuv" in written and match[2] is None else match[2]
        return typing.cast(Chroma, match[1]), int(depth) if depth else None
    if match := re.fullmatch(r"(?:rgb|gbrp?)(8|10|12|16)?(?:le|be)?", written):
        return "rgb", int(match[1]) if match[1] else None
    raise UsageError(
        f"--pixel-format '{text}' is not understood: write 420, 422, 444 or rgb, and the bits a channel if they "
        "matter, as in 422-10."
    )
