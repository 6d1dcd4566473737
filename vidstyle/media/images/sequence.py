"""Clips that are numbered pictures: a folder of them, a pattern such as ``sh010.####.exr``, or a glob."""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from vidstyle.errors import InputError
from vidstyle.media.images.pattern import is_pattern, split
from vidstyle.media.images.pictures import IMAGE_SUFFIXES, header_size
from vidstyle.media.images.plates import holds_light, require_ends
from vidstyle.media.truncation import missing_bytes
from vidstyle.paths import exists

# If other numbered pictures beside a clip are more than this share of it, they are another clip, else strays.
_ANOTHER_CLIP = 0.1


class Found(NamedTuple):
    """The pictures of a clip, and what is wrong with those that can't be read."""

    files: tuple[Path, ...]
    broken: tuple[InputError, ...]


def find_pictures(path: Path) -> Found:
    """The pictures of a folder or a glob in natural order (9 before 10), or those a pattern names by number.

    Raises
    ------
    InputError
        No picture there can be read, they are of different sizes, or there are several clips.
    """
    sizes: dict[Path, tuple[int, int]] = {}
    broken = []
    for file in list_pictures(path):
        try:
            sizes[file] = _size_of_whole(file)
        except InputError as error:
            broken.append(error)
    if not sizes:
        raise broken[0]
    (first, size), *others = sizes.items()
    for file, found in others:
        if found != size:
            raise InputError(
                f"'{file}' is {found[0]}×{found[1]} pixels and '{first.name}' {size[0]}×{size[1]}: "
                "the pictures of a clip must be of one size."
            )
    return Found(tuple(sizes), tuple(broken))


def with_numbers(files: Iterable[Path], numbers: Sequence[int]) -> tuple[Path, ...]:
    """Those of a clip's pictures that have these numbers; without numbers, all."""
    wanted = set(numbers)
    return tuple(file for file in files if not wanted or wanted.intersection(numbers_of([file])))


def names_many_files(path: Path) -> bool:
    """Whether a path names a folder of pictures, or is a pattern or a glob."""
    return is_pattern(path) or _is_glob(path) or path.is_dir()


def list_pictures(path: Path) -> tuple[Path, ...]:
    """The files of :func:`find_pictures`, none of them opened; no two have one number.

    Raises
    ------
    InputError
        There is no picture, or there are several clips.
    """
    files = _by_pattern(path) if is_pattern(path) else _clip_among(path, _candidates(path))
    for earlier, later in itertools.pairwise(files):
        parts = _parts(earlier)
        if parts is not None and parts == _parts(later):
            raise InputError(
                f"'{earlier}' and '{later.name}' have one number: name those with as many digits as is meant, such as "
                f"'{earlier.with_name(parts[0])}####{parts[2]}', or take one away."
            )
    return files


def strays(path: Path, files: Sequence[Path]) -> tuple[Path, ...]:
    """Pictures that lie among those of a clip and are none of it."""
    if is_pattern(path):
        before, _, after = split(path)
        below_0 = re.compile(re.escape(before) + "-[0-9]+" + re.escape(after))
        return tuple(sorted(file for file in path.parent.iterdir() if below_0.fullmatch(file.name)))
    return tuple(sorted(set(_candidates(path)) - set(files), key=natural_key))


def numbers_of(files: Sequence[Path]) -> tuple[int, ...]:
    """The numbers in the names of a clip's pictures; empty where they don't count it through."""
    parts = [_parts(file) for file in files]
    numbers = [part[1] for part in parts if part is not None]
    alike = len({(part[0], part[2]) for part in parts if part is not None}) == 1
    rising = all(earlier < later for earlier, later in itertools.pairwise(numbers))
    return tuple(numbers) if len(numbers) == len(files) and alike and rising else ()


def missing_ranges(numbers: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """The first and the last of each run of numbers that are missing among these; every second or tenth is no gap."""
    if len({later - earlier for earlier, later in itertools.pairwise(numbers)}) == 1:
        return ()
    return tuple((earlier + 1, later - 1) for earlier, later in itertools.pairwise(numbers) if later > earlier + 1)


def natural_key(file: Path) -> list[tuple[int, str]]:
    """Sorts ``frame9`` before ``frame10``."""
    return [(int(part), "") if part.isdigit() else (-1, part.lower()) for part in re.split(r"([0-9]+)", file.name)]


def _size_of_whole(file: Path) -> tuple[int, int]:
    """Width and height of a picture that is all there, as far as its ends tell."""
    size = header_size(file)
    if holds_light(file):
        require_ends(file)
    elif missing_bytes(file).amount:
        raise InputError(f"'{file}' is cut short: save or download it again.")
    return size


def _is_glob(path: Path) -> bool:
    return any(sign in path.name for sign in "*?[") and not exists(path)


def _candidates(path: Path) -> list[Path]:
    """All pictures of a folder, or those that a glob names."""
    found = path.parent.glob(path.name) if _is_glob(path) else path.iterdir()
    return [
        file
        for file in found
        if file.suffix.lower() in IMAGE_SUFFIXES and not file.name.startswith(".") and file.is_file()
    ]


def _clip_among(path: Path, found: Iterable[Path]) -> tuple[Path, ...]:
    """The pictures that are counted through, be there others or not; without such, all."""
    rows: dict[tuple[str, str], list[Path]] = defaultdict(list)
    files = sorted(found, key=natural_key)
    for file in files:
        if (parts := _parts(file)) is not None:
            rows[parts[0], parts[2]].append(file)
    if not files:
        if _is_glob(path):
            raise InputError(f"no picture is named as '{path}' says: check the folder and the name.")
        raise InputError(
            f"'{path}' is a folder without pictures: name a video file, or a folder of numbered frames "
            f"({', '.join(IMAGE_SUFFIXES[:3])}, …)."
        )
    longest = sorted(rows.items(), key=lambda row: -len(row[1]))[:2]
    if not longest or len(longest[0][1]) < 2:
        return tuple(files)
    (_, clip), *rest = longest
    if rest and len(rest[0][1]) > max(1, _ANOTHER_CLIP * len(clip)):
        names = " or ".join(f"'{path if path.is_dir() else path.parent}/{a}%d{b}'" for (a, b), _ in longest)
        raise InputError(f"'{path}' holds several clips: name one of them, {names}.")
    return tuple(clip)


def _by_pattern(pattern: Path) -> tuple[Path, ...]:
    before, width, after = split(pattern)
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


def _parts(file: Path) -> tuple[str, int, str] | None:
    """A name before its last number, that number, and what follows."""
    match = re.fullmatch(r"(.*?)([0-9]+)([^0-9]*)", file.stem)
    return None if match is None else (match[1], int(match[2]), match[3] + file.suffix.lower())
