"""Frames as numbered pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from vidstyle.media.files import storage_error, sync_folder
from vidstyle.media.sequence import numbered, numbered_part
from vidstyle.media.stills import write_image


def write_numbered(images: Iterable[np.ndarray], pattern: Path, bit_depth: int) -> Iterator[int]:
    """Write images as picture files numbered from 1, yielding how many there are; they appear once all are written.

    Parameters
    ----------
    images
        (H, W, 3) or (H, W, 4) float32, 0..1.
    pattern
        Such as ``out/%04d.png``.
    bit_depth
        Above 8, formats that can hold 16 bits.

    Raises
    ------
    OutputError, StorageError
        As for :func:`vidstyle.media.stills.write_image`.
    """
    parts: list[Path] = []
    try:
        for number, image in enumerate(images, 1):
            target = numbered(pattern, number)
            parts.append(numbered_part(target))
            write_image(parts[-1], image, bit_depth)
            yield number
        for number, part in enumerate(parts, 1):
            part.replace(numbered(pattern, number))
        sync_folder(pattern.parent)
    except OSError as error:
        raise storage_error(pattern, error) from error
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
