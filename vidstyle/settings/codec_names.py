"""The codecs that films are written with: their names here, in ffmpeg, and among people."""

ENCODERS = {
    "h264": ("libx264", ".mp4, .mkv, .mov"),
    "h265": ("libx265", "more than 8 bits"),
    "vp9": ("libvpx-vp9", ".webm"),
    "prores": ("prores_ks", "transparency in .mov, --codec prores"),
    "av1": ("libsvtav1", "--codec av1"),
    "dnxhr": ("dnxhd", "--codec dnxhr"),
    "ffv1": ("ffv1", "--codec ffv1"),
    "webp": ("libwebp_anim", ".webp"),
    "gif": ("gif", ".gif"),
}
"""Codec → its encoder in ffmpeg, and what can't be written without that.

What each holds, and by which options, is in :mod:`vidstyle.media.encode.codecs`."""

CODEC_NAMES = ("h264", "h265", "av1", "vp9", "prores", "dnxhr", "ffv1")
"""Those that can be asked for, beside "auto"; the others go with their suffix."""

HARDWARE_CODECS = tuple(
    f"{codec}_{maker}"
    for maker, codecs in {
        "nvenc": ("h264", "hevc", "av1"),
        "qsv": ("h264", "hevc", "av1"),
        "amf": ("h264", "hevc", "av1"),
        "videotoolbox": ("h264", "hevc", "prores"),
    }.items()
    for codec in codecs
)
"""The encoders of NVIDIA's, Intel's, AMD's and Apple's chips, by ffmpeg's names: faster, and at the same size worse."""

# Codecs by names of their encoders, their standards, and files that say so.
OTHER_NAMES = {
    **{ENCODERS[codec][0]: codec for codec in CODEC_NAMES if ENCODERS[codec][0] != codec},
    **dict.fromkeys(("x264", "avc", "h.264"), "h264"),
    **dict.fromkeys(("x265", "hevc", "h.265"), "h265"),
    **dict.fromkeys(("av01", "svtav1"), "av1"),
    **dict.fromkeys(("dnx", "vc3"), "dnxhr"),
    "vpx": "vp9",
}


def encoder_of(codec: str) -> str:
    """The encoder of a codec, or of a chip's own, as ffmpeg names it."""
    return codec if codec in HARDWARE_CODECS else ENCODERS[codec][0]
