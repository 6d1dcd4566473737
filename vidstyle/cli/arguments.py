"""What a shell makes of a command line: names with blanks in pieces, and lists of files where one was meant."""

from collections.abc import Collection, Sequence
from pathlib import Path

from vidstyle.errors import UsageError
from vidstyle.paths import exists

_STYLE = ("--style", "-s")
_OUTPUT = ("--output", "-o")
_SIGNS = set("%#@$*?[=:")
"""A word with any of these may stand for many files, or for more than a file."""
_PIECES = 6
"""Words that a name with blanks may have come to."""


def mended(words: Sequence[str], switches: Collection[str]) -> list[str]:
    """The words of a command, with ``--style`` before each picture that follows one; the `switches` take no value.

    Raises
    ------
    UsageError
        A name with blanks was not quoted, or nobody can tell whether a picture is a style or is to be painted.
    """
    _require_quotes(words)
    clips, styles = _positions(words, switches)
    if not styles or not clips:  # vidstyle --style wave.jpg a.jpg b.jpg: these are to be painted
        return list(words)
    first = words[styles[0]]
    if all(_is_picture(words[place]) for place in clips):
        raise UsageError(
            f"is '{first}' a style too, or a picture to be painted? A second style is --style {first}; what is to be "
            "painted comes before --style."
        )
    return [word for place, each in enumerate(words) for word in (["--style"] if place in styles else []) + [each]]


def _positions(words: Sequence[str], switches: Collection[str]) -> tuple[list[int], list[int]]:
    """Where the words are that belong to no flag, and of these the pictures that follow a ``--style`` and its value."""
    clips: list[int] = []
    styles: list[int] = []
    place = 0
    while place < len(words):
        word = words[place]
        place += 1
        if word == "--":
            clips += range(place, len(words))
            break
        if not word.startswith("-"):
            clips.append(place - 1)
            continue
        name, has_value, _ = word.partition("=")
        if name in switches:
            continue
        place += not has_value
        while name in _STYLE and place < len(words) and _is_style(words[place]):
            styles.append(place)
            place += 1
    return clips, styles


def _is_picture(word: str) -> bool:
    path = Path(word)
    if word.startswith("-") or not (exists(path) and path.is_file()):
        return False
    from vidstyle.media.images.pictures import IMAGE_SUFFIXES  # brings OpenCV, which takes a moment

    return path.suffix.lower() in IMAGE_SUFFIXES


def _is_style(word: str) -> bool:
    """Whether it is a picture, with a weight or a mask if there is one."""
    picture, at, _ = word.rpartition("@")
    name = (picture if at else word).rpartition(":")[0]
    return any(_is_picture(each) for each in (word, picture, name) if each)


def _require_quotes(words: Sequence[str]) -> None:
    for place, written in enumerate(words):
        if written == "--":
            return
        flag, equals, value = written.partition("=")
        word = value if equals and flag.startswith("--") else written  # --style=my wave.jpg
        if not word or word.startswith("-") or set(word) & _SIGNS or exists(Path(word)):
            continue
        for stop in range(place + 2, min(place + _PIECES, len(words)) + 1):
            if words[stop - 1].startswith("-"):
                break
            name = " ".join([word, *words[place + 1 : stop]])
            if exists(Path(name)):
                raise UsageError(f"a name with a blank in it goes in quotes: '{name}'.")
        before = words[max(place - 2, 0) : place]
        if len(before) == 2 and before[0] in _OUTPUT:
            raise UsageError(
                f"there is no '{word}'. If '{before[1]} {word}' is one name, it goes in quotes: a blank is in it."
            )
