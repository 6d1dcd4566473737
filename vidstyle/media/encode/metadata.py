"""A clip's tags in the result: those of the file, of its picture, and its timecode."""

from vidstyle.media.encode.timeline import Timeline
from vidstyle.media.encode.viewing import viewing_tags
from vidstyle.media.part import comment_of_part
from vidstyle.media.source import Source
from vidstyle.media.timecode import timecode_after

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
    return arguments + made_tags(source, suffix, times)


def made_tags(source: Source, suffix: str, times: Timeline) -> list[str]:
    """Ffmpeg's arguments for what the result says of itself: which part of the clip it is, and how it is seen."""
    own = next((text for key, text in source.metadata if key.lower() == "comment"), "")
    ends = source.number(times.first), source.number(times.first + len(times.pts) - 1)
    comment = comment_of_part(own, None if times.whole else ends, source.path.name)
    said = ["-metadata", f"comment={comment}"] if comment != own else []
    for key, text in viewing_tags(suffix, source.viewing, dict(source.tags)).items():
        said += ["-metadata:s:v:0", f"{key}={text}"]
    return said + timecode_arguments(source, times)


def timecode_arguments(source: Source, times: Timeline) -> list[str]:
    """Ffmpeg's arguments for the timecode of the first frame, where the clip has one."""
    if not (source.timecode and times.rate):
        return []
    return ["-metadata:s:v:0", f"timecode={timecode_after(source.timecode, times.first, source.frame_rate)}"]
