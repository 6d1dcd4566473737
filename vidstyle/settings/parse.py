"""Frames, rates, durations and pixel formats, as people write them."""

import re
import typing
from fractions import Fraction
from typing import Literal

from vidstyle.errors import UsageError

Chroma = Literal["420", "422", "444", "rgb"]


def parse_frames(text: str) -> tuple[int | None, int | None]:
    """First and last frame, inclusive, of "10-40", "10-", "-40" or "7"; None where one is left out."""
    match = re.fullmatch(r"\s*(?:([0-9]{1,16})|([0-9]{1,16})?\s*-\s*([0-9]{1,16})?)\s*", text)
    if match is None or not any(match.groups()):
        raise UsageError(
            f"--frames '{text}' is not understood: write 10-40, 10-, -40 or 7 (a film's first frame is 1)."
        )
    first, last = (int(end) if end else None for end in (match[1] or match[2], match[1] or match[3]))
    if first is not None and last is not None and last < first:
        raise UsageError(f"--frames '{text}' holds no frame: the last comes after the first.")
    return first, last


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
    text = text.strip().lower()
    if len(text) > 32:
        raise UsageError(f"--limit '{text}' is not understood: write 2s, 500ms, 1:30 or 48f.")
    if match := re.fullmatch(r"(\d+)\s*f(?:rames?)?", text):
        value: Fraction | int = int(match[1])
    elif match := re.fullmatch(r"(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)", text):
        value = int(match[1] or 0) * 3600 + int(match[2]) * 60 + Fraction(match[3])
    elif match := re.fullmatch(r"(\d+(?:\.\d+)?|\.\d+)\s*(ms|s|sec|m|min|h)?", text):
        units = {"ms": Fraction(1, 1000), "m": Fraction(60), "min": Fraction(60), "h": Fraction(3600)}
        value = Fraction(match[1]) * units.get(match[2], Fraction(1))
    else:
        raise UsageError(f"--limit '{text}' is not understood: write 2s, 500ms, 1:30 or 48f.")
    if value <= 0:
        raise UsageError(f"--limit '{text}' leaves no frame: it must be above 0.")
    return value


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
