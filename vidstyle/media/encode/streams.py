"""Which of a clip's other streams go into the result: copied if the container allows, else converted."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import av

from vidstyle.errors import InputError, UsageError
from vidstyle.media import demuxer
from vidstyle.media.encode.sound import PCM, WITH_SOUND, sound_change, sound_encoder
from vidstyle.media.encode.timeline import Timeline
from vidstyle.media.probe.probe import describe_stream
from vidstyle.media.source import Source, Stream
from vidstyle.paths import exists

_TEXT = ["subrip", "srt", "ass", "ssa", "webvtt", "mov_text", "text", "microdvd", "subviewer", "sami", "stl"]

AUDIO_WORDS = ("auto", "copy", "convert", "none")
"""What the setting `audio` can say; everything else is a file's name."""

_KEEPERS = {
    "cover": "; .mp4 and .mkv keep it",
    "subtitle": "; .mkv may keep it",
    "audio": "; .mkv may keep it",
    "attachment": "; .mkv keeps it",
    "data": "; .mp4 and .mov may keep it",
}


def keepers(kind: str, suffix: str) -> str:
    """The words that name what would keep a stream of that kind, which a container won't; empty if nothing would."""
    words = _KEEPERS.get(kind, "")
    return "" if suffix in words else words


# The codecs that players, and not only muxers, take in each container.
_PLAYABLE = {
    ".mp4": ["aac", "mp3", "mp2", "ac3", "eac3", "alac", "opus", "mov_text", "dvd_subtitle", "mjpeg", "png"],
    ".mov": ["aac", "mp3", "ac3", "eac3", "alac", *PCM, "pcm_s16be", "pcm_s24be", "mov_text"],
    ".mkv": [
        *["aac", "mp1", "mp2", "mp3", "ac3", "eac3", "dts", "truehd", "mlp", "opus", "vorbis", "flac", "alac"],
        *["tta", "wavpack", *PCM],
        *["subrip", "ass", "ssa", "webvtt", "hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle"],
    ],
    ".webm": ["opus", "vorbis", "webvtt"],
}
_SUBTITLE_ENCODER = {".mp4": "mov_text", ".mov": "mov_text", ".mkv": "subrip", ".webm": "webvtt"}
_TIMECODED = (".mp4", ".mov", ".mkv", ".webm")
ATTACHED = "attach"
"""The encoder of a cover that becomes an attachment, as Matroska keeps covers."""


@dataclass(frozen=True)
class OutputTrack:
    """A stream that goes into the result, from a sound file or, where that is None, from the clip.

    The encoder is ffmpeg's, "copy" or "attach".
    """

    stream: Stream
    encoder: str
    file: Path | None = None

    def __str__(self) -> str:
        stream = self.stream
        return " ".join(part for part in (stream.language, stream.codec, stream.kind) if part)


def plan_tracks(source: Source, suffix: str, audio: str = "auto") -> tuple[tuple[OutputTrack, ...], tuple[str, ...]]:
    """The streams to keep in a container, in their order, and a sentence for each that changes or is left out.

    `audio` says what becomes of the sound: "auto", "copy", "convert", "none", or a file's name.

    Raises
    ------
    UsageError, InputError
        The container has no place for sound, or the sound file holds none.
    """
    tracks, warnings = [], []
    silent = suffix not in WITH_SOUND
    file = None if audio in AUDIO_WORDS else Path(audio)
    if silent and (file or audio in ("copy", "convert")):
        raise UsageError(f"--audio {audio}: {suffix} has no sound; take a video format such as .mp4, or --audio none.")
    for stream in source.streams:
        if stream.kind == "audio" and (file or audio == "none"):
            continue
        # The titles of chapters are such data, too; ffmpeg writes them anew, and other containers' data is no MP4's.
        foreign = stream.kind == "data" and (source.chapters or not source.container.startswith("mov"))
        track = OutputTrack(stream, "" if foreign else _encoder(stream, suffix, audio) or "")
        if track.encoder:
            tracks.append(track)
            warnings += _conversion(track, suffix, audio)
        elif stream.timecode or (stream.kind == "data" and source.chapters) or stream.kind == "video":
            pass  # a track of timecode, or of MP4's chapters, is written anew; of other videos the probe tells
        elif not (silent and stream.kind == "audio"):
            warnings.append(f"{suffix} can't hold the {track} stream: it is left out{keepers(stream.kind, suffix)}.")
    if silent and any(stream.kind == "audio" for stream in source.streams) and audio != "none":
        warnings.append(f"{suffix} has no sound: the clip's is left out.")
    if source.timecode and suffix not in _TIMECODED:
        warnings.append(f"{suffix} can't hold the timecode ({source.timecode}): it is left out; .mov and .mp4 keep it.")
    if file:
        sounds = [OutputTrack(stream, _encoder(stream, suffix, "auto") or "", file) for stream in sounds_of(file)]
        tracks += sounds
        if any(stream.kind == "audio" for stream in source.streams):
            warnings.append(f"the sound of {file.name} takes the place of the clip's own.")
        warnings += [sentence for track in sounds for sentence in _conversion(track, suffix, "auto")]
    return tuple(tracks), tuple(warnings)


def sounds_of(file: Path) -> tuple[Stream, ...]:
    """The sound streams of a file.

    Raises
    ------
    InputError
        The file can't be read, or holds no sound.
    """
    if not exists(file):
        raise InputError(
            f"--audio {file}: there is no such file; take auto, copy, convert, none, or a file with sound."
        )
    try:
        with demuxer.opened(file) as container:
            sounds = tuple(describe_stream(stream) for stream in container.streams.audio)
    except (av.FFmpegError, OSError) as error:
        raise demuxer.input_error(file, error) from error
    if not any(sound.codec for sound in sounds):
        raise InputError(f"'{file}' holds no sound: --audio takes auto, copy, convert, none, or a file with sound.")
    return tuple(sound for sound in sounds if sound.codec)


def converted(track: OutputTrack, suffix: str) -> OutputTrack:
    """The same sound or subtitles, not copied."""
    stream = track.stream
    return replace(track, encoder=_encoder(stream, suffix, "convert") or "")


def _conversion(track: OutputTrack, suffix: str, audio: str) -> list[str]:
    """A sentence for a stream that is not kept as it is."""
    if track.stream.kind == "audio":
        how = sound_change(track.stream, track.encoder, suffix)
    else:
        how = f"it is converted ({track.encoder})" if track.encoder not in ("copy", ATTACHED) else ""
    asked = track.stream.kind == "audio" and audio != "auto"
    why = (
        f"the {track} stream"
        if asked or track.encoder == "copy"
        else f"{suffix} can't hold the {track} stream as it is"
    )
    return [f"{why}: {how}."] if how else []


def nonempty_tracks(source: Source, tracks: Sequence[OutputTrack], times: Timeline) -> tuple[OutputTrack, ...]:
    """The tracks without those sounds and subtitles that have nothing at these times.

    Some containers keep an empty stream and others don't; nobody misses it.
    """
    begin, end = times.zero, times.zero + times.end * times.time_base
    clips = [track for track in tracks if track.file is None]
    empty = {track.stream.index for track in clips if track.stream.kind in ("audio", "subtitle")}
    if not empty:
        return tuple(tracks)
    # Packets after a place that can't be read are lost to ffmpeg, too.
    with demuxer.opened(source.path) as container, suppress(av.FFmpegError):
        for packet in demuxer.packets(container, *(container.streams[index] for index in sorted(empty))):
            if packet.pts is None or not packet.size:
                continue
            lasting = (packet.duration or 0) if packet.stream.type == "subtitle" else 0
            starts, stops = packet.pts * packet.time_base, (packet.pts + lasting) * packet.time_base
            if times.whole or (starts < end and stops >= begin):
                empty.discard(packet.stream_index)
                if not empty:
                    break
    return tuple(track for track in tracks if track.file or track.stream.index not in empty)


def _encoder(stream: Stream, suffix: str, audio: str) -> str | None:
    copied = _PLAYABLE.get(suffix, [])
    if stream.kind == "audio" and audio == "copy":
        return "copy"
    if stream.kind in ("audio", "subtitle", "cover") and stream.codec in copied and audio != "convert":
        return "copy"
    if stream.kind == "audio" and stream.codec and suffix in WITH_SOUND:
        return sound_encoder(stream, suffix)
    if stream.kind == "subtitle" and stream.codec in _TEXT:
        return _SUBTITLE_ENCODER.get(suffix)
    if stream.kind == "cover" and suffix == ".mkv" and stream.codec in ("mjpeg", "png"):
        return ATTACHED
    if stream.kind in ("subtitle", "cover") and stream.codec in copied:
        return "copy"
    if stream.kind == "data":  # what a camera measures beside the picture, such as GoPro's GPMF
        return "copy" if suffix in (".mp4", ".mov") and not stream.timecode else None
    return "copy" if stream.kind == "attachment" and suffix == ".mkv" else None
