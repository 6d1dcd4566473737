"""A clip's tags in the result: those of the file, of its picture, and its timecode."""

import re
from fractions import Fraction

from vidstyle.media.encode.timeline import Timeline
from vidstyle.media.source import Source

# Tags that tell of the clip's file, and not of the clip.
_OF_THE_FILE = ("major_brand", "minor_version", "compatible_brands", "encoder")
# The keys that ffmpeg writes as tags that all players know. Any other key needs QuickTime's newer kind of tags, which
# takes every key and which some players don't show.
_COMMON = ("title", "artist", "album", "comment", "copyright", "genre", "date", "location", "creation_time", "timecode")
_KNOWN = {
    ".mp4": {
        *_COMMON,
        *("album_artist", "composer", "grouping", "lyrics", "description", "synopsis", "show", "episode_id", "network"),
        *("keywords", "track", "disc", "compilation", "media_type", "hd_video", "season_number", "episode_sort"),
        "gapless_playback",
    },
    ".mov": {*_COMMON, "make", "model"},
}


def needs_free_keys(source: Source, suffix: str) -> bool:
    """Whether an MP4 or QuickTime file would lose some of the clip's tags without its newer kind of tags."""
    # Keys such as "location-eng" repeat "location".
    keys = {key.lower().split("-")[0] for key, _ in source.metadata} - {*_OF_THE_FILE}
    return suffix in _KNOWN and not keys <= _KNOWN[suffix]


def tag_arguments(source: Source, suffix: str, times: Timeline) -> list[str]:
    """Arguments of ffmpeg for the tags that don't go along by themselves."""
    arguments = []
    # Ffmpeg leaves the time of creation out of what it has encoded anew, and may say 1970 where there is none.
    arguments += ["-metadata", f"creation_time={dict(source.metadata).get('creation_time', '')}"]
    for key, _ in source.metadata:
        if key.lower() in _OF_THE_FILE and suffix not in _KNOWN:
            arguments += ["-metadata", f"{key}="]
    for key, text in source.tags:
        arguments += ["-metadata:s:v:0", f"{key}={text}"]
    return arguments + timecode_arguments(source, times)


def timecode_arguments(source: Source, times: Timeline) -> list[str]:
    """Ffmpeg's arguments for the timecode of the first frame, where the clip has one."""
    if not (source.timecode and times.rate):
        return []
    return ["-metadata:s:v:0", f"timecode={timecode_after(source.timecode, times.first, source.frame_rate)}"]


def timecode_after(timecode: str, frames: int, rate: Fraction) -> str:
    """The timecode of a later frame (SMPTE ST 12-1); one that isn't understood is handed on.

    With drop frames ("01:00:00;00"), two numbers (of 59.94 a second, four) are skipped each minute but every tenth.

    >>> timecode_after("00:00:59;28", 2, Fraction(30000, 1001))
    '00:01:00;02'
    """
    match = re.fullmatch(r"(\d+):(\d+):(\d+)([:;.])(\d+)", timecode)
    if match is None or not frames:
        return timecode
    hours, minutes, seconds, number = (int(match[group]) for group in (1, 2, 3, 5))
    a_second = round(rate)
    dropped = a_second // 15 if match[4] in ";." else 0
    count = ((hours * 60 + minutes) * 60 + seconds) * a_second + number
    passed = hours * 60 + minutes
    count += frames - dropped * (passed - passed // 10)
    if dropped:
        minute, ten = 60 * a_second - dropped, 600 * a_second - 9 * dropped
        tens, rest = divmod(count, ten)
        count += dropped * (9 * tens + (max(rest - dropped, 0) // minute if rest >= dropped else 0))
    count, number = divmod(count, a_second)
    return f"{count // 3600 % 24:02d}:{count // 60 % 60:02d}:{count % 60:02d}{match[4]}{number:02d}"
