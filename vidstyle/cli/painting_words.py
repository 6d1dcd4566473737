"""The command that paints a clip so, in words."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from vidstyle.cli.flags import flag_name
from vidstyle.printable import path_word
from vidstyle.settings import StyleImage


def painting_words(
    clip: Path,
    styles: Sequence[StyleImage],
    asked: Mapping[str, object],
    preset: str | None = None,
    config: Path | None = None,
) -> list[str]:
    """The words of the command that paints a clip in these styles, with what is asked for besides, by its keys."""
    words = ["vidstyle", path_word(clip)]
    for style in styles:
        words += ["--style", style_word(style)]
    words += ["--preset", preset] if preset else []
    for key, value in asked.items():
        if isinstance(value, bool):
            words.append(flag_name(key if value else f"no_{key}"))
        elif str(value).startswith("-"):
            words.append(f"{flag_name(key)}={value}")
        else:
            words += [flag_name(key), str(value)]
    return words + (["--config", str(config)] if config else [])


def style_word(style: StyleImage) -> str:
    """A style as ``--style`` takes it: ``IMG[:WEIGHT][@MASK]``."""
    word = path_word(style.path)
    word += f":{style.weight:g}" if isinstance(style.weight, float | int) and style.weight != 1 else ""
    if style.mask is None:
        return word
    drawn = ",".join(f"{number}={path}" for number, path in style.mask.drawn)
    return f"{word}@{drawn or style.mask.path or 'alpha'}"
