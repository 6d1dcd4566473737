"""What arguments name: a style picture and its weight, and the output."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from vidstyle.errors import UsageError
from vidstyle.paths import exists
from vidstyle.settings import Mask, StyleImage


def parse_style(text: str, folder: Path = Path()) -> StyleImage:
    """A style picture from ``IMG[:WEIGHT][@MASK]``; an existing file's name may hold colons and at signs of its own.

    A relative path starts from `folder`.

    Raises
    ------
    UsageError
        The weight is not a number above 0, or the mask is none.
    """
    if not text.strip():
        raise UsageError("--style is empty: name a picture.")
    picture, at, mask = text.rpartition("@")
    if at and not exists(folder / Path(text).expanduser()):
        return replace(parse_style(picture, folder), mask=parse_mask(mask, folder))
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


def parse_mask(text: str, folder: Path = Path()) -> Mask:
    """A mask from a file's name, ``alpha``, or frames with what is drawn on them, such as ``41=a.png,90=b.png``.

    Raises
    ------
    UsageError
        It is none of these.
    """
    if not text.strip():
        raise UsageError("the mask after '@' is empty: name a picture, a video, numbered pictures, or alpha.")
    if text == "alpha":
        return Mask()
    if not re.match(r"\s*\d+\s*=", text) or exists(folder / Path(text).expanduser()):
        return Mask(folder / Path(text).expanduser())
    drawn = {}
    for part in text.split(","):
        number, _, name = part.partition("=")
        if not (number.strip().isdecimal() and name.strip()):
            raise UsageError(f"'{part}' is no frame and its mask: write 41=a.png, or 41=a.png,90=b.png.")
        if int(number) in drawn:
            raise UsageError(f"'{text}' has two masks for frame {int(number)}.")
        drawn[int(number)] = folder / Path(name.strip()).expanduser()
    return Mask(drawn=tuple(sorted(drawn.items())))


def is_folder_name(output: str) -> bool:
    """Whether an output names a folder: an existing one, or by a slash at its end."""
    separators = tuple(filter(None, (os.sep, os.altsep)))
    target = Path(output).expanduser()
    return output.endswith(separators) or (exists(target) and target.is_dir())


def kept_apart(names: Sequence[str], files: Sequence[Path]) -> list[Path]:
    """Names made of those of `files`, of which equal ones keep as many of their folders as tell them apart.

    >>> files = [Path("/x/a.mp4"), Path("/y/a.mp4"), Path("/y/b.mp4")]
    >>> [path.as_posix() for path in kept_apart(["a", "a", "b"], files)]
    ['x/a', 'y/a', 'b']

    Raises
    ------
    UsageError
        Two are in one folder.
    """
    found = [Path(name) for name in names]
    for name in {name for name in names if names.count(name) > 1}:
        places = [place for place, other in enumerate(names) if other == name]
        folders = [files[place].resolve().parent.parts[1:] for place in places]
        if len(set(folders)) < len(folders):
            both = " and ".join(f"'{files[place]}'" for place in places)
            raise UsageError(
                f"two results would be named '{name}', of {both}: paint them apart, or, in a batch, give a variant of "
                "each another name."
            )
        deep = next(count for count in range(1, 1000) if len({folder[-count:] for folder in folders}) == len(folders))
        for place, folder in zip(places, folders, strict=True):
            found[place] = Path(*folder[-deep:], name)
    return found


def painted_in(words: object, folder: Path) -> object:
    """What a file says of painted frames, whose paths start from its folder; what makes no sense stays as it is."""
    if isinstance(words, str):
        words = words.split(",")
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        return words

    def placed(word: str) -> str:
        number, equals, name = word.partition("=")
        if not (equals and number.strip().isdecimal()):
            return str(folder / Path(word.strip()).expanduser())
        return f"{number.strip()}={folder / Path(name.strip()).expanduser()}"

    return [placed(word) for word in words]


def output_path(output: str | None, clip: Path, styles: Sequence[StyleImage], *, still: bool) -> Path:
    """Where the output goes: the file asked for, or ``clip.wave.mp4`` in the folder asked for or the current one.

    A folder is an existing one, or a name that ends in a slash. `still` says that the clip is a single picture.
    """
    if output == "":
        raise UsageError("--output is empty: name a file or a folder.")
    target = Path(output or "").expanduser()
    if output is not None and not is_folder_name(output):
        return target
    from vidstyle.media.encode.encoders import VIDEO_SUFFIXES
    from vidstyle.media.images.pattern import unpatterned
    from vidstyle.media.images.plates import PLATE_SUFFIXES
    from vidstyle.media.images.stills import WRITABLE_SUFFIXES

    writable, usual = (WRITABLE_SUFFIXES, ".png") if still else (VIDEO_SUFFIXES, ".mp4")
    clip, counter = clip.resolve(), ""
    if not exists(clip) or clip.is_dir():  # a folder of numbered pictures, or a pattern such as frames/%04d.png
        stem, suffix = (clip if exists(clip) else clip.parent).name, usual
        # These are written as pictures of the same kind, by number.
        if not exists(clip) and clip.suffix.lower() in PLATE_SUFFIXES:
            stem, suffix, counter = re.split(r"[._]?[%#@$*?\[]", clip.name)[0] or stem, clip.suffix.lower(), ".%04d"
    else:
        stem, suffix = clip.stem, clip.suffix.lower() if clip.suffix.lower() in writable else usual
    names = "+".join(style.path.stem for style in styles) or "painted"
    name = Path(unpatterned(f"{stem}.{names}{suffix}"))
    return target / f"{name.stem}{counter}{name.suffix}"
