"""Which shots a task is to paint: numbers, ranges, or the index that a scheduler sets."""

import re
from collections.abc import Iterable, Mapping

from vidstyle.errors import UsageError
from vidstyle.ranges import format_numbers

INDEX_VARIABLES: Mapping[str, int] = {
    "SLURM_ARRAY_TASK_ID": 0,
    "JOB_COMPLETION_INDEX": 1,  # Kubernetes counts from 0
    "CUE_IFRAME": 0,
}
"""Variable that holds a task's index, and what to add to count it from 1."""


def parse_shots(text: str, count: int) -> tuple[int, ...]:
    """Shot numbers of "7", "3-9", "1,4-6" or "1-20:5" (every fifth), in order, of a job with so many shots.

    That is how Open Job Description writes ranges.

    Raises
    ------
    UsageError
        The text is not understood, or there is no such shot.
    """
    numbers: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d+)(?:\s*-\s*(\d+)(?:\s*:\s*([1-9]\d*))?)?\s*", part)
        if match is None:
            raise UsageError(f"--shot '{text}' is not understood: write 7, 3-9, 1,4-6 or env.")
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last <= count:
            raise UsageError(f"--shot {text}: the shots of this job are 1 to {count}.")
        numbers.update(range(first, last + 1, int(match[3] or 1)))
    return tuple(sorted(numbers))


def format_shots(numbers: Iterable[int]) -> str:
    """Numbers as :func:`parse_shots` reads them, runs as ranges.

    >>> format_shots([1, 2, 3, 7])
    '1-3,7'
    """
    return format_numbers(numbers, ",")


def index_from(environment: Mapping[str, str]) -> int:
    """The index of this task, counted from 1, from the variable that its scheduler sets.

    Raises
    ------
    UsageError
        No variable is set, or it does not hold a number.
    """
    for name, offset in INDEX_VARIABLES.items():
        if text := environment.get(name):
            if not text.isdecimal():
                raise UsageError(f"--shot env: {name} is '{text}', which is no number.")
            return int(text) + offset
    raise UsageError(f"--shot env: none of {', '.join(INDEX_VARIABLES)} is set; name the shot, as in --shot 7.")


def block(index: int, size: int, count: int) -> tuple[int, ...]:
    """The shots of a task, counted from 1, where each task takes `size` of them.

    Raises
    ------
    UsageError
        There are no shots left for a task of this index.
    """
    first = (index - 1) * size + 1
    if not 1 <= first <= count:
        raise UsageError(f"task {index} has no shots: this job's {count} shots make tasks 1 to {-(-count // size)}.")
    return tuple(range(first, min(first + size, count + 1)))


def blocks_of(numbers: Iterable[int], size: int) -> tuple[int, ...]:
    """The tasks, each of `size` shots, that hold these shots."""
    return tuple(sorted({(number - 1) // size + 1 for number in numbers}))
