"""Ranges of numbers: as people read and write them, "3-5, 9", and some of them, spread evenly."""

from collections.abc import Iterable, Sequence


def format_numbers(numbers: Iterable[int], separator: str = ", ", most: int | None = None) -> str:
    """Numbers in order, runs as ranges; in place of what comes after `most` of those stands an ellipsis.

    >>> format_numbers([3, 4, 5, 9])
    '3-5, 9'
    """
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1] = runs[-1][0], number
        else:
            runs.append((number, number))
    return format_ranges(runs, separator, most)


def format_ranges(ranges: Sequence[tuple[int, int]], separator: str = ", ", most: int | None = None) -> str:
    """The same of ranges, each its first and its last number.

    >>> format_ranges([(3, 5), (9, 9), (11, 11)], most=2)
    '3-5, 9, …'
    """
    words = [f"{first}-{last}" if last > first else f"{first}" for first, last in ranges[:most]]
    return separator.join([*words, *(["…"] if most is not None and len(ranges) > most else [])])


def spread_evenly(numbers: range, count: int) -> list[int]:
    """So many of the numbers, each in the middle of its part of them; all of them where there are no more.

    >>> spread_evenly(range(10, 20), 2)
    [12, 17]
    """
    return sorted({numbers[int((part + 0.5) * len(numbers) / count)] for part in range(count)})
