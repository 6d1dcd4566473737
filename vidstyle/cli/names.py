"""What arguments name: a style picture and its weight, and the output."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from pathlib import Path

from vidstyle.errors import UsageError
from vidstyle.paths import exists
from vidstyle.settings import StyleImage


def parse_style(text: str, folder: Path = Path()) -> StyleImage:
    """A style picture from ``IMG`` or ``IMG:WEIGHT``; an existing file's name may hold colons of its own.

    A relative path starts from `folder`.

    Raises
    ------
    UsageError
        The weight is not a number above 0.
    """
    if not text.strip():
        raise UsageError("--style is empty: name a picture.")
    whole, (name, colon, weight) = folder / Path(text).expanduser(), text.rpartition(":")
    if not colon or exists(whole):
        return StyleImage(whole)
    path = folder / Path(name).expanduser()
    try:
        value = float(weight)
    except ValueError:
        if not (exists(path) and path.is_file()):  # no weight was meant: C:\wave.jpg, or a missing file
            return StyleImage(whole)
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise UsageError(f"--style {text}: the weight '{weight}' is no number above 0, such as 0.5.")
    return StyleImage(path, value)


def output_path(output: str | None, clip: Path, styles: Sequence[StyleImage], *, still: bool) -> Path:
    """Where the output goes: the file asked for, or ``clip.wave.mp4`` in the folder asked for or the current one.

    A folder is an existing one, or a name that ends in a slash. `still` says that the clip is a single picture.
    """
    if output == "":
        raise UsageError("--output is empty: name a file or a folder.")
    separators = tuple(filter(None, (os.sep, os.altsep)))
    target = Path(output or "").expanduser()
    if output is not None and not (output.endswith(separators) or (exists(target) and target.is_dir())):
        return target
    from vidstyle.media.encode.encoders import VIDEO_SUFFIXES
    from vidstyle.media.images.plates import PLATE_SUFFIXES
    from vidstyle.media.images.stills import WRITABLE_SUFFIXES

    writable, usual = (WRITABLE_SUFFIXES, ".png") if still else (VIDEO_SUFFIXES, ".mp4")
    clip = clip.resolve()
    if not exists(clip) or clip.is_dir():  # a folder of numbered pictures, or a pattern such as frames/%04d.png
        stem, suffix = (clip if exists(clip) else clip.parent).name, usual
        if (
            not exists(clip) and clip.suffix.lower() in PLATE_SUFFIXES
        ):  # written as pictures of the same kind, by number
            stem, suffix = re.split(r"[._]?[%#@$*?\[]", clip.name)[0] or stem, f".%04d{clip.suffix.lower()}"
    else:
        stem, suffix = clip.stem, clip.suffix.lower() if clip.suffix.lower() in writable else usual
    return target / f"{stem}.{'+'.join(style.path.stem for style in styles)}{suffix}"
