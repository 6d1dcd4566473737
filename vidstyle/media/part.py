"""Which part of a clip a file shows: said in its comment, so that it is known whatever the file is called."""

import re
from collections.abc import Mapping

_SAID = re.compile(r"(?:^|; )vidstyle: frames (\d{1,16})-(\d{1,16}) of [^;]*$")


def comment_of_part(comment: str, numbers: tuple[int, int] | None, clip: str) -> str:
    """A clip's own comment, followed by the numbers of the first and the last frame; None: it is all of the clip.

    >>> comment_of_part("the bay", (312, 408), "clip.mp4")
    'the bay; vidstyle: frames 312-408 of clip.mp4'
    """
    own = _SAID.sub("", comment)  # a part of a part is of that one
    if numbers is None:
        return own
    name = clip.encode("utf-8", "replace").decode().replace(";", ",")
    said = f"vidstyle: frames {numbers[0]}-{numbers[1]} of {name}"
    return f"{own}; {said}" if own else said


def part_of(metadata: Mapping[str, str]) -> tuple[int, int] | None:
    """The numbers of the first and the last frame that a file's tags name; None if they name none."""
    found = (_SAID.search(text) for text in metadata.values())
    return next(((int(match[1]), int(match[2])) for match in found if match), None)
