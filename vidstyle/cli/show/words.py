"""Durations, sizes and counts as people read them."""


def duration(seconds: float) -> str:
    """A duration in two units at most: "0.42 s", "4.1 s", "48 s", "2 min 10 s", "12 min", "3 h 5 min"."""
    if seconds < 9.95:
        return f"{seconds:.2g} s" if seconds < 1 else f"{seconds:.1f} s"
    # From ten of a unit on, the smaller unit adds nothing.
    step = 1 if seconds < 600 else 60 if seconds < 36_000 else 3600 if seconds < 864_000 else 86_400
    rest, parts = round(seconds / step) * step, []
    for size, name in ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, rest = divmod(rest, size)
        parts += [f"{count} {name}"] if count else []
    return " ".join(parts)


def byte_count(count: float) -> str:
    """A number of bytes: "812 kB", "3.4 MB", "12 GB"."""
    units = iter(("bytes", "kB", "MB", "GB", "TB"))
    unit = next(units)
    while count >= 999.5 and unit != "TB":
        count, unit = count / 1000, next(units)
    return f"{count:.0f} {unit}" if unit == "bytes" or count >= 10 else f"{count:.1f} {unit}"


def plural(count: int, noun: str) -> str:
    """A count and its noun: "1 frame", "2 frames"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
