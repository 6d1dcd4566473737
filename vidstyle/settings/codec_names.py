"""The names of codecs: ours, those of chips, and others that people know them by."""

from __future__ import annotations

CODECS = ("h264", "h265", "av1", "vp9", "prores", "dnxhr", "ffv1")
"""Codecs by name, beside "auto"."""
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
    **dict.fromkeys(("x264", "avc", "h.264", "libx264"), "h264"),
    **dict.fromkeys(("x265", "hevc", "h.265", "libx265"), "h265"),
    **dict.fromkeys(("av01", "libsvtav1", "svtav1"), "av1"),
    **dict.fromkeys(("dnxhd", "dnx", "vc3"), "dnxhr"),
    **dict.fromkeys(("libvpx-vp9", "vpx"), "vp9"),
    "prores_ks": "prores",
}
