"""One name for many files: ``out/%04d.png``, ``a.####.exr``, ``a_[####].exr``, ``a.@@@@.exr``, ``a.$F4.exr``."""

import re
from collections.abc import Sequence
from pathlib import Path

from vidstyle.paths import exists

# In C's and Houdini's patterns a number says how many digits there are, in the others the count of signs does. Other
# names may contain such signs, too, so that they count only in front of the suffix.
_COUNTER = re.compile(
    r"%0?(?P<c>[0-9]*)d|\$F(?P<houdini>[0-9]*)(?![A-Za-z])|(?:(?P<signs>#{2,}|@{2,}|(?<=[._])[#@])|\[(?P<boxed>#+)\])(?=\.\w+$)"
)


def is_pattern(path: Path) -> bool:
    """Whether a path stands for many files, with ``%04d``, ``####``, ``@@@@`` or ``$F4`` in its name, and is none."""
    return _COUNTER.search(path.name) is not None and not exists(path)


def unpatterned(name: str) -> str:
    """A file's name that is made of others' names, so that it stands for this file alone whatever signs they have.

    >>> unpatterned("take%d.wave##.png")
    'take_.wave_.png'
    """
    return _COUNTER.sub("_", name)


def split(pattern: Path) -> tuple[str, int, str]:
    """A pattern's name before the number, how many digits that has at least, and its name after it."""
    match = _COUNTER.search(pattern.name)
    assert match is not None
    signs = match["signs"] or match["boxed"]
    width = len(signs) if signs else int(match["c"] or match["houdini"] or 1)
    return pattern.name[: match.start()], width, pattern.name[match.end() :]


def numbered(pattern: Path, number: int) -> Path:
    """The file that a pattern names by a number."""
    before, width, after = split(pattern)
    return pattern.with_name(f"{before}{number:0{width}d}{after}")


def files_of(output: Path, numbers: Sequence[int]) -> tuple[Path, ...]:
    """The files that a result comes to: itself, or those that its pattern names by these numbers."""
    return tuple(numbered(output, number) for number in numbers) if is_pattern(output) else (output,)


def numbered_part(file: Path) -> Path:
    """The name that one of many files has until all are written."""
    return file.with_name(f".part-{file.name}")
