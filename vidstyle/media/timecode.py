"""Timecode, by which editors name frames (SMPTE ST 12-1)."""

import re
from fractions import Fraction

_TIMECODE = re.compile(r"(\d+):(\d+):(\d+)([:;.])(\d+)")


def timecode_after(timecode: str, frames: int, rate: Fraction) -> str:
    """The timecode of a later frame; one that isn't understood is handed on.

    With drop frames ("01:00:00;00"), two numbers (of 59.94 a second, four) are skipped each minute but every tenth.

    >>> timecode_after("00:00:59;28", 2, Fraction(30000, 1001))
    '00:01:00;02'
    """
    match = _TIMECODE.fullmatch(timecode)
    if match is None or not frames:
        return timecode
    a_second = round(rate)
    dropped = a_second // 15 if match[4] in ";." else 0
    count = _count(match, a_second, dropped) + frames
    if dropped:
        minute, ten = 60 * a_second - dropped, 600 * a_second - 9 * dropped
        tens, rest = divmod(count, ten)
        count += dropped * (9 * tens + (max(rest - dropped, 0) // minute if rest >= dropped else 0))
    count, number = divmod(count, a_second)
    return f"{count // 3600 % 24:02d}:{count // 60 % 60:02d}:{count % 60:02d}{match[4]}{number:02d}"


def frames_from(timecode: str, later: str, rate: Fraction) -> int | None:
    """How many frames after a timecode a later one is, below 0 if it comes before; None where one isn't understood.

    Whether numbers are dropped, the first of the two says.

    >>> frames_from("00:00:59;28", "00:01:00:02", Fraction(30000, 1001))
    2
    """
    begin, end = _TIMECODE.fullmatch(timecode), _TIMECODE.fullmatch(later)
    a_second = round(rate)
    if begin is None or end is None or a_second == 0:
        return None
    dropped = a_second // 15 if begin[4] in ";." else 0
    day = 24 * (3600 * a_second - 54 * dropped)
    passed = (_count(end, a_second, dropped) - _count(begin, a_second, dropped)) % day  # a night's clock passes 24:00
    return passed if passed < day // 2 else passed - day


def _count(match: re.Match[str], a_second: int, dropped: int) -> int:
    """How many frames after 00:00:00:00."""
    hours, minutes, seconds, number = (int(match[group]) for group in (1, 2, 3, 5))
    passed = hours * 60 + minutes
    return (passed * 60 + seconds) * a_second + number - dropped * (passed - passed // 10)
