"""How sound that can't be copied is encoded: lossless where it was, and with as many channels as it had."""

import re

from vidstyle.media.source import Stream

PCM = ("pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_u8")
"""Uncompressed sound as all that hold it do."""

_LOSSY_ENCODER = {".mp4": "aac", ".mov": "aac", ".mkv": "flac", ".webm": "libopus"}
WITH_SOUND = tuple(_LOSSY_ENCODER)
"""Containers that have sound."""

_LOSSLESS = ("pcm_", "flac", "alac", "tta", "wavpack", "truehd", "mlp", "ape", "tak", "mp4als", "shorten", "s302m")
# With more channels than this, no compressed kind knows which is which.
_MOST_CHANNELS = 8
# The channel layouts that an encoder takes, by ffmpeg's names; "5.1(side)" is the same as "5.1" but for a name.
_LAYOUTS = {
    "alac": ("mono", "stereo", "3.0", "4.0", "5.0", "5.1"),
    "flac": ("mono", "stereo", "3.0", "quad", "5.0", "5.1", "6.1", "7.1"),
    "libopus": ("mono", "stereo", "3.0", "quad", "5.0", "5.1", "6.1", "7.1"),
}
_USUAL_LAYOUT = dict(enumerate(("mono", "stereo", "3.0", "quad", "5.0", "5.1", "6.1", "7.1"), 1))
# Layouts that have a place for all channels of the others.
_LARGER = {"5.1": 6, "7.1": 8}


def sound_encoder(stream: Stream, suffix: str) -> str:
    """The encoder for a sound stream in a container."""
    lossless, many = stream.codec.startswith(_LOSSLESS), stream.channels > _MOST_CHANNELS
    if suffix == ".webm" or not (lossless or many):
        return _LOSSY_ENCODER[suffix]
    if not many:
        # A MOV holds PCM, which studios work with; in .mkv, PCM stays PCM, since FLAC doesn't hold all of its kinds.
        compressed = {".mp4": ("alac", "flac"), ".mov": (), ".mkv": () if _pcm_kind(stream) else ("flac",)}[suffix]
        for encoder in compressed:
            if _takes_layout(stream, encoder):
                return encoder
    return f"pcm_{_pcm_kind(stream) or 's24'}le"


def sound_filter(stream: Stream, encoder: str) -> str:
    """The filter that puts the channels where an encoder expects them; empty where they are."""
    layout, channels = _layout(stream), stream.channels
    if encoder.startswith(("copy", "pcm_")) or channels > _MOST_CHANNELS:
        return ""
    if not stream.layout:  # ffmpeg's guesses are others, and would be mixed
        order = "|".join(map(str, range(channels)))
        return f"channelmap=map={order}:channel_layout={layout}"
    if not _takes_layout(stream, encoder):
        return f"aformat=channel_layouts={_larger_layout(stream)}"
    return f"aformat=channel_layouts={layout}" if encoder in _LAYOUTS or layout != stream.layout else ""


def is_discrete(stream: Stream, encoder: str) -> bool:
    """Whether an encoder is given channels without places."""
    return encoder == "libopus" and stream.channels > _MOST_CHANNELS


def sound_change(stream: Stream, encoder: str, suffix: str) -> str:
    """What becomes of a stream that is not copied, or not as players expect; empty if that is nothing to speak of."""
    if suffix == ".mp4" and encoder.startswith("pcm_"):
        return (
            f"its {stream.channels} channels are kept uncompressed, which few players of .mp4 know; "
            ".mov and .mkv are read by more"
        )
    if encoder != "copy" and not is_discrete(stream, encoder) and not _takes_layout(stream, encoder):
        mixed = f"its {stream.channels} channels ({_layout(stream)}) are mixed into {_larger_layout(stream)}"
        return f"it is converted ({encoder}), and {mixed}"
    return "" if encoder == "copy" else f"it is converted ({encoder})"


def _takes_layout(stream: Stream, encoder: str) -> bool:
    return encoder not in _LAYOUTS or _layout(stream) in _LAYOUTS[encoder]


def _layout(stream: Stream) -> str:
    """The channels' layout: as the stream says, else as so many channels usually have it."""
    return stream.layout.removesuffix("(side)") or _USUAL_LAYOUT.get(stream.channels, "")


def _larger_layout(stream: Stream) -> str:
    return next(name for name, channels in _LARGER.items() if channels >= stream.channels)


def _pcm_kind(stream: Stream) -> str:
    """Of uncompressed sound, the kind of its samples; empty for other sound."""
    match = re.match(r"pcm_(s16|s24|s32|f32|f64)", stream.codec)
    return match[1] if match else ""
