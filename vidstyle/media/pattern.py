"""One name for many files: ``out/%04d.png``."""

from __future__ import annotations

import re
from pathlib import Path

from vidstyle.paths import exists

COUNTER = re.compile(r"%0?(\d*)d")
"""Where the number goes in a name, and how many digits it has at least."""


def is_pattern(path: Path) -> bool:
    """Whether a path stands for many files, with ``%d`` or ``%04d`` in its name, and is none itself."""
    return COUNTER.search(path.name) is not None and not exists(path)


def numbered(pattern: Path, number: int) -> Path:
    """The file that a pattern names by a number."""
    return pattern.with_name(COUNTER.sub(lambda match: str(number).zfill(int(match[1] or 0)), pattern.name, count=1))


def files_of(output: Path, count: int) -> tuple[Path, ...]:
    """The files that a result of so many frames comes to: itself, or those that its pattern numbers from 1."""
    return tuple(numbered(output, number + 1) for number in range(count)) if is_pattern(output) else (output,)


def numbered_part(file: Path) -> Path:
    """The name that one of many files has until all are written."""
    return file.with_name(f".part-{file.name}")
