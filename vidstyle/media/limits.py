"""How large a picture may be: a file of a few bytes can promise one that no memory holds."""

from __future__ import annotations

from pathlib import Path

from vidstyle.errors import InputError
from vidstyle.settings import MediaSettings

MAX_MEGAPIXELS = MediaSettings().max_megapixels


def require_size(path: Path, width: int, height: int, max_megapixels: int) -> None:
    """Make sure that a picture is not too large to be decoded.

    Parameters
    ----------
    path, width, height
        The file, and the pixels that its header promises.
    max_megapixels
        The limit, in millions of pixels; 0 sets none.

    Raises
    ------
    InputError
        It is.
    """
    if max_megapixels and width * height > max_megapixels * 1_000_000:
        needed = -(-width * height // 1_000_000)
        raise InputError(
            f"'{path}' says that it is {width}×{height} pixels, and more than {max_megapixels} million are refused, "
            "since a damaged or malicious file would fill the memory. If it is right, allow it with "
            f"--max-megapixels {needed}."
        )
