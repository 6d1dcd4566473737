"""Clips that are numbered pictures: a folder of them, or a pattern such as ``frames/%04d.png``."""

from __future__ import annotations

import re
from pathlib import Path

from vidstyle.errors import InputError
from vidstyle.media.pattern import COUNTER, is_pattern
from vidstyle.media.pictures import IMAGE_SUFFIXES, header_size


def find_pictures(path: Path) -> tuple[Path, ...]:
    """The pictures of a folder in natural order (9 before 10), or those a pattern names by number.

    Raises
    ------
    InputError
        None there, or they are of different sizes.
    """
    files = list_pictures(path)
    size = header_size(files[0])
    for file in files[1:]:
        if header_size(file) != size:
            found, first = "×".join(map(str, header_size(file))), "×".join(map(str, size))
            raise InputError(
                f"'{file}' is {found} pixels and '{files[0].name}' {first}: the pictures of a clip must be of one size."
            )
    return files


def stands_for_many(path: Path) -> bool:
    """Whether a path names a folder of pictures, or is a pattern."""
    return is_pattern(path) or path.is_dir()


def list_pictures(path: Path) -> tuple[Path, ...]:
    """The same files, none of them opened.

    Raises
    ------
    InputError
        None there.
    """
    return _by_pattern(path) if is_pattern(path) else _in_folder(path)


def gaps(files: tuple[Path, ...]) -> int:
    """How many numbers are missing between the first and the last of files that end in a number."""
    numbers = [_trailing_number(file) for file in files]
    if any(number is None for number in numbers):
        return 0
    known = [number for number in numbers if number is not None]
    return max(0, known[-1] - known[0] + 1 - len(known))


def natural_key(file: Path) -> list[tuple[int, str]]:
    """Sorts ``frame9`` before ``frame10``."""
    return [(int(part), "") if part.isdigit() else (-1, part.lower()) for part in re.split(r"([0-9]+)", file.name)]


def _in_folder(folder: Path) -> tuple[Path, ...]:
    files = sorted(
        (
            file
            for file in folder.iterdir()
            if file.suffix.lower() in IMAGE_SUFFIXES and not file.name.startswith(".") and file.is_file()
        ),
        key=natural_key,
    )
    if not files:
        raise InputError(
            f"'{folder}' is a folder without pictures: name a video file, or a folder of numbered frames "
            f"({', '.join(IMAGE_SUFFIXES[:3])}, …)."
        )
    return tuple(files)


def _by_pattern(pattern: Path) -> tuple[Path, ...]:
    before, after = COUNTER.split(pattern.name, maxsplit=1)[::2]
    width = int(COUNTER.search(pattern.name)[1] or 1)  # type: ignore[index]  # is_pattern holds
    name = re.compile(re.escape(before) + rf"([0-9]{{{width},}})" + re.escape(after))
    folder = pattern.parent
    found = [
        (int(match[1]), file)
        for file in (folder.iterdir() if folder.is_dir() else ())
        if (match := name.fullmatch(file.name))
    ]
    if not found:
        raise InputError(f"no file is named as '{pattern}' says: check the folder and the number of digits.")
    return tuple(file for _, file in sorted(found))


def _trailing_number(file: Path) -> int | None:
    match = re.search(r"([0-9]+)$", file.stem)
    return int(match[1]) if match else None
