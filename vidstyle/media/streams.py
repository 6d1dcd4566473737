"""Which of a clip's other streams go into the result: copied if the container allows, else converted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vidstyle.media import clip
from vidstyle.media.source import Source, Stream
from vidstyle.media.timeline import Timeline

_PCM = ("pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_u8")
_TEXT = ["subrip", "srt", "ass", "ssa", "webvtt", "mov_text", "text", "microdvd", "subviewer", "sami", "stl"]

# What players, not only muxers, take in each container.
_COPIED = {
    ".mp4": ["aac", "mp3", "mp2", "ac3", "eac3", "alac", "opus", "mov_text", "dvd_subtitle", "mjpeg", "png"],
    ".mov": ["aac", "mp3", "ac3", "eac3", "alac", *_PCM, "pcm_s16be", "pcm_s24be", "mov_text"],
    ".mkv": [
        *["aac", "mp1", "mp2", "mp3", "ac3", "eac3", "dts", "truehd", "mlp", "opus", "vorbis", "flac", "alac"],
        *["tta", "wavpack", *_PCM],
        *["subrip", "ass", "ssa", "webvtt", "hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle"],
    ],
    ".webm": ["opus", "vorbis", "webvtt"],
}
_AUDIO_ENCODER = {".mp4": "aac", ".mov": "aac", ".mkv": "flac", ".webm": "libopus"}
_SUBTITLE_ENCODER = {".mp4": "mov_text", ".mov": "mov_text", ".mkv": "subrip", ".webm": "webvtt"}


@dataclass(frozen=True)
class Track:
    """A stream of the clip that goes into the result.

    Attributes
    ----------
    stream
        The clip's own.
    encoder
        ffmpeg's encoder, or "copy".
    """

    stream: Stream
    encoder: str


def plan_tracks(source: Source, suffix: str) -> tuple[tuple[Track, ...], tuple[str, ...]]:
    """The streams to keep in a container, in their order, and a sentence for each that changes or is left out."""
    tracks, remarks = [], []
    for stream in source.streams:
        encoder = _encoder(stream, suffix)
        name = " ".join(part for part in (stream.language, stream.codec, stream.kind) if part)
        if encoder is not None:
            tracks.append(Track(stream, encoder))
            if encoder != "copy":
                remarks.append(f"{suffix} can't hold the {name} stream as it is: it is converted ({encoder}).")
        elif stream.kind != "video" and not (stream.kind == "data" and source.chapters):
            # MP4 shows its chapters as a data stream; they are written anew.
            keeper = ".mp4" if stream.kind == "cover" else ".mkv"
            remarks.append(f"{suffix} can't hold the {name} stream: it is left out; {keeper} may keep it.")
    return tuple(tracks), tuple(remarks)


def filled_tracks(source: Source, tracks: Sequence[Track], times: Timeline) -> tuple[Track, ...]:
    """The tracks without those sounds and subtitles that have nothing at these times.

    Some containers keep an empty stream and others don't; nobody misses it.
    """
    begin, end = times.zero, times.zero + times.end * times.time_base
    empty = {track.stream.index for track in tracks if track.stream.kind in ("audio", "subtitle")}
    if not empty:
        return tuple(tracks)
    with clip.opened(source.path) as container:
        for packet in container.demux([container.streams[index] for index in sorted(empty)]):
            if packet.pts is None or not packet.size:
                continue
            lasting = (packet.duration or 0) if packet.stream.type == "subtitle" else 0
            starts, stops = packet.pts * packet.time_base, (packet.pts + lasting) * packet.time_base
            if times.whole or (starts < end and stops >= begin):
                empty.discard(packet.stream_index)
                if not empty:
                    break
    return tuple(track for track in tracks if track.stream.index not in empty)


def _encoder(stream: Stream, suffix: str) -> str | None:
    if stream.codec in _COPIED[suffix] and stream.kind in ("audio", "subtitle", "cover"):
        return "copy"
    if stream.kind == "audio" and stream.codec:
        return _AUDIO_ENCODER[suffix]
    if stream.kind == "subtitle" and stream.codec in _TEXT:
        return _SUBTITLE_ENCODER[suffix]
    return "copy" if stream.kind == "attachment" and suffix == ".mkv" else None
